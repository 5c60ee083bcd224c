# %% [markdown]
# # Exercises 2: online notice
#
# You write stage 2 on top of stage 1, and then a word of welcome. Read
# [the lesson](../02_online_notice.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/02_online_notice.ipynb
# ```

# %%
import asyncio

from stages import phrases, stage1, stage2
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `notice`
#
# **What to do.** Whoever connects is announced to everyone online, themselves included:
# `[IP:PORT]IP:PORT:已上线`. What they say is not heard yet; it is read, and forgotten. A user who has
# gone is off the roster, and nobody is told of it.
#
# Each user has an outbox, a queue, and a task that moves lines from it to the socket. Both are made
# in `__init__`, which is given. The task ends when its user is gone.
#
# **Expected.**
#
# ```text
# alice connects
# alice ← [127.0.0.1:alice]127.0.0.1:alice:已上线
# bob connects
# bob   ← [127.0.0.1:bob]127.0.0.1:bob:已上线
# alice ← [127.0.0.1:bob]127.0.0.1:bob:已上线
# ```
#
# **The rule that decides.** `broadcast` waits for nobody. Only the task of a user waits, and only for
# that user's own socket. An outbox has an end: a user ten thousand lines behind is dropped.
#
# **Write** `send_message` and `listen_message` of the user, `broadcast` and `handle` of the server.
#
# <details><summary>Hint 1: how do lines get from the outbox to the socket?</summary>
#
# `listen_message` does three things, for ever: `await self.outbox.get()`, `self.writer.write(...)`
# with the line, its newline, and `.encode()`, and `await self.writer.drain()`.
# </details>
# <details><summary>Hint 2: how do I put a line in without waiting?</summary>
#
# `self.outbox.put_nowait(text)`. It raises `asyncio.QueueFull` when the outbox is full; then
# `self.writer.transport.abort()` ends the connection there and then.
# </details>
# <details><summary>Hint 3: what does handle do?</summary>
#
# Make the `User`, put it into `self.online_map` under its name, broadcast about it, and then
# `while await reader.read(4096): pass`. Under `finally`: out of the map again, and
# `user.listening.cancel()`.
# </details>


# %% task="notice"
class User:
    def __init__(self, reader, writer):
        self.addr = self.name = "{}:{}".format(*writer.get_extra_info("peername"))
        self.writer = writer
        self.outbox = asyncio.Queue(10_000)
        self.listening = asyncio.create_task(self.listen_message())

    def send_message(self, text):
        ### BEGIN SOLUTION
        try:
            self.outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.writer.transport.abort()
        ### END SOLUTION

    async def listen_message(self):
        ### BEGIN SOLUTION
        try:
            while True:
                text = await self.outbox.get()
                self.writer.write(f"{text}\n".encode())
                await self.writer.drain()
        except OSError:
            pass  # The peer is gone.
        ### END SOLUTION


class Server(stage1.Server):
    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.online_map = {}

    def broadcast(self, user, text):
        ### BEGIN SOLUTION
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        for other in self.online_map.values():
            other.send_message(line)
        ### END SOLUTION

    async def handle(self, reader, writer):
        ### BEGIN SOLUTION
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while await reader.read(4096):
                pass
        finally:
            del self.online_map[user.name]
            user.listening.cancel()
        ### END SOLUTION


# %% [markdown]
# Two people, and what each of them reads:

# %% promise="who joins reads their own join line"
room = Room(Server)
alice = room.connect("alice")
alice.read()

# %% promise="newcomer and everyone online read the join line of the newcomer"
of_alice_alone = room.tasks()
bob = room.connect("bob")
bob.read(), alice.read()

# %% [markdown]
# Bob goes. Nobody is told, that comes with stage 3; but he is not online any more:

# %% promise="a user who has gone is off the roster, and nobody is told of it"
bob.leave()
alice.listen(0.3), room.roster()

# %% [markdown]
# Dave says something, and nobody hears it:

# %% promise="a line that a user sends is read, and forgotten"
dave = room.connect("dave")
dave.send("hello?")
dave.read(), alice.read(), dave.listen(0.2), alice.listen(0.1)

# %% [markdown]
# Dave goes, as Bob went. Their tasks have ended, too:

# %% promise="the task of a user who has gone has ended"
dave.leave()
room.wait_until(lambda server: dave.addr not in server.online_map)
{"tasks of Bob and Dave": room.tasks() - of_alice_alone}

# %% [markdown]
# Somebody connects who never reads anything. The others read on, also who comes after them:

# %% promise="one who does not read keeps nobody else from reading"
room.connect("sleepy", reads=False)
carol = room.connect("carol")
alice.read(2), carol.read()

# %% [markdown]
# Two thousand visitors come and go, and Alice and Carol read a line about each:

# %% promise="Alice and Carol read a line about each of two thousand visitors"
heard = 0
for _ in range(20):
    room.visit(100)
    heard += len(alice.read(100)) + len(carol.read(100))
heard

# %% [markdown]
# Sleepy is behind with reading. Five thousand lines more, which are for him alone, and he is still
# here:


# %% promise="a user who is behind with reading, but not ten thousand lines, is still online"
async def send(user, count):
    for number in range(count):
        user.send_message(f"line {number}")
        if number % 100 == 0:
            await asyncio.sleep(0)  # The user's task has a turn.


sleepy = room.server.online_map[room.people["sleepy"].addr]
room.background.call(send(sleepy, 5_000), 5)
room.roster()

# %% [markdown]
# But an outbox has an end. Forty thousand lines are more than it holds, and more than the socket
# takes; then the others are alone:

# %% promise="a user ten thousand lines behind is dropped, and nobody else is"
room.background.call(send(sleepy, 40_000), 5)
room.pause()
room.roster()

# %% [markdown]
# And the checks of stages 1 and 2:

# %%
check(2, Server)

# %% [markdown]
# ## 2. Go further: `welcome`
#
# **What to do.** On top of the finished stage 2: whoever joins reads a second line after their own
# join line, how many are online now, themselves included. Nobody else reads it.
#
# **Expected.**
#
# ```text
# alice ← [127.0.0.1:alice]127.0.0.1:alice:已上线
# alice ← welcome, you are number 1
# bob   ← [127.0.0.1:bob]127.0.0.1:bob:已上线
# bob   ← welcome, you are number 2
# alice ← [127.0.0.1:bob]127.0.0.1:bob:已上线
# ```
#
# **The rule that decides.** What is for one person goes to one person.
#
# **Write** the method `broadcast` of `Welcoming`, which is called when somebody has joined.
#
# <details><summary>Hint 1: and the join line?</summary>
#
# `super().broadcast(user, text)` sends it to everyone, as before.
# </details>
# <details><summary>Hint 2: who is it for?</summary>
#
# For `user`, about whom the broadcast is: `user.send_message(...)`.
# </details>
# <details><summary>Hint 3: how many?</summary>
#
# `len(self.online_map)`; the newcomer is in it already.
# </details>


# %% task="welcome"
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        ### BEGIN SOLUTION
        super().broadcast(user, text)
        user.send_message(f"welcome, you are number {len(self.online_map)}")
        ### END SOLUTION


# %% promise="whoever joins reads their join line, then how many are online, themselves included"
room = Room(Welcoming)
alice = room.connect("alice")
alice.read(2)

# %% promise="whoever joins reads their join line, then how many are online, themselves included"
bob = room.connect("bob")
bob.read(2)

# %% promise="whoever joins reads their join line, then how many are online, themselves included"
carol = room.connect("carol")
carol.read(2)

# %% [markdown]
# Alice has read of both, and nothing else:

# %% promise="Alice reads the join lines of the two who came, and no welcome but her own"
alice.read(2), alice.listen(0.3)

# %% [markdown]
# Bob goes, and Dave comes. He is number 3, not number 4:

# %% promise="a user who has gone is not counted"
bob.leave()
dave = room.connect("dave")
dave.read(2)

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 3](03_broadcast.ipynb).
