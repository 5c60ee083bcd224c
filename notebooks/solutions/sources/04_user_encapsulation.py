# %% [markdown]
# # Exercises 4: user encapsulation
#
# You bring stage 3 into the form of stage 4, and then write a rule of your own. Read
# [the lesson](../04_user_encapsulation.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/04_user_encapsulation.ipynb
# ```

# %%
import asyncio
from collections import deque

from stages import phrases, stage3, stage4
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `verbs`
#
# **What to do.** Nothing changes on the wire. What a user does moves into verbs of the user:
#
# - `online`: enter the roster, then tell everyone, oneself included;
# - `do_message`: act on one line, that is, say it to everyone;
# - `converse`: act on every line that is not empty, until there are no more;
# - `offline`: leave the roster, then tell everyone who is still there.
#
# The server's `handle` is left with a visit, told in these verbs. It makes the user with
# `self.user_class(self, reader, writer)`, so that a later stage can bring its own kind.
#
# **Expected.** A subclass changes a rule, and no line of the server:
#
# ```text
# alice → hello
# alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:HELLO
# ```
#
# **The rule that decides.** However a visit ends, `offline` runs, once. Who has left is on no list.
#
# **Write** the four verbs, and `handle`.
#
# <details><summary>Hint 1: where is the roster?</summary>
#
# `self.server.online_map[self.name] = self` enters it, `self.server.online_map.pop(self.name, None)`
# leaves it.
# </details>
# <details><summary>Hint 2: how do I tell everyone?</summary>
#
# `self.server.broadcast(self, phrases.ONLINE)`: a line about `self`. In the same way with
# `phrases.OFFLINE`, and with what was said.
# </details>
# <details><summary>Hint 3: what does handle look like?</summary>
#
# The user is made and goes `online`; then `try: await user.converse()`, and under `finally`
# `user.offline()` and `user.goodbye()`, which sends what still waits for them.
# </details>


# %% task="verbs"
class User(stage3.User):
    def __init__(self, server, reader, writer):
        super().__init__(reader, writer)
        self.server = server

    def online(self):
        ### BEGIN SOLUTION
        self.server.online_map[self.name] = self
        self.server.broadcast(self, phrases.ONLINE)
        ### END SOLUTION

    def offline(self):
        ### BEGIN SOLUTION
        self.server.online_map.pop(self.name, None)
        self.server.broadcast(self, phrases.OFFLINE)
        ### END SOLUTION

    async def converse(self):
        ### BEGIN SOLUTION
        while (line := await self.read_line()) is not None:
            if line:
                await self.do_message(line)
        ### END SOLUTION

    async def do_message(self, text):
        ### BEGIN SOLUTION
        self.server.broadcast(self, text)
        ### END SOLUTION


class Server(stage3.Server):
    user_class = User

    async def handle(self, reader, writer):
        ### BEGIN SOLUTION
        user = self.user_class(self, reader, writer)
        user.online()
        try:
            await user.converse()
        finally:
            user.offline()
            user.goodbye()
        ### END SOLUTION


# %% [markdown]
# A kind of user that shouts, and a server of such users:


# %% promise="what `do_message` of the subclass makes of a line, everyone reads"
class Loud(User):
    async def do_message(self, text):
        await super().do_message(text.upper())


class LoudServer(Server):
    user_class = Loud


room = Room(LoudServer)
alice, bob = room.join("alice", "bob")
alice.send("hello")
alice.read(), bob.read()

# %% [markdown]
# Somebody whose visit ends with a failure has left like everyone else:


# %% promise="a visit that ends with a failure runs `offline`, once: those who stay are told, and it is off the roster"
class Fragile(User):
    async def do_message(self, text):
        raise {"vanish": ConnectionResetError, "bug": ZeroDivisionError}.get(
            text, asyncio.CancelledError
        )


class FragileServer(Server):
    user_class = Fragile


room = Room(FragileServer)
alice, bob, carol, dave = room.join("alice", "bob", "carol", "dave")
heard = []
for person, text in ((bob, "vanish"), (carol, "bug"), (dave, "stop")):
    person.send(text)
    heard += [alice.read(), *alice.listen(0.1)]
heard, room.roster()


# %% [markdown]
# The verbs work on paper too, without a socket:


# %% promise="the verbs tell everyone on the roster, and who has left is not on it"
class PaperWriter:
    transport = property(lambda self: self)

    def get_extra_info(self, what):
        return "the house of", "paper"

    def set_write_buffer_limits(self, high):
        pass


class Paper(User):
    def __init__(self, server, name):
        super().__init__(server, asyncio.StreamReader(), PaperWriter())
        self.name, self.heard = name, []

    def send_message(self, text):
        self.heard.append(text)


server = Server()
ann, ben = Paper(server, "ann"), Paper(server, "ben")
ann.online()
ben.online()
await ben.do_message("no socket here")
ben.offline()
ann.heard, ben.heard

# %% [markdown]
# And the checks of stages 1 to 4:

# %%
check(4, Server)

# %% [markdown]
# ## 2. Go further: `replay`
#
# **What to do.** On top of the finished stage 4: newcomers read, after their own join line, what was
# said last, three lines at most, exactly as the others have read them, the oldest first.
#
# **Expected.** Alice has said one, two, three, four. Then Bob comes:
#
# ```text
# bob ← [127.0.0.1:bob]127.0.0.1:bob:已上线
# bob ← [127.0.0.1:alice]127.0.0.1:alice:two
# bob ← [127.0.0.1:alice]127.0.0.1:alice:three
# bob ← [127.0.0.1:alice]127.0.0.1:alice:four
# ```
#
# **The rule that decides.** Only what was *said* is kept, not who came and went; only the newcomer
# reads it again.
#
# **Write** `online` and `do_message` of `Replaying`. The server has `self.server.said`, a
# `deque(maxlen=3)`, which forgets the oldest by itself.
#
# <details><summary>Hint 1: what do I keep?</summary>
#
# The whole line: `phrases.SAID.format(addr=self.addr, name=self.name, text=text)`. Names change in
# later stages; the line stays as it was read.
# </details>
# <details><summary>Hint 2: when do I keep it?</summary>
#
# In `do_message`: append the line to `self.server.said`, then `await super().do_message(text)`.
# </details>
# <details><summary>Hint 3: and the newcomer?</summary>
#
# In `online`: `super().online()` first, then `self.send_message(line)` for each line that was kept.
# </details>


# %% task="replay"
class Replaying(stage4.User):
    def online(self):
        ### BEGIN SOLUTION
        super().online()
        for line in self.server.said:
            self.send_message(line)
        ### END SOLUTION

    async def do_message(self, text):
        ### BEGIN SOLUTION
        self.server.said.append(phrases.SAID.format(addr=self.addr, name=self.name, text=text))
        await super().do_message(text)
        ### END SOLUTION


class ReplayServer(stage4.Server):
    user_class = Replaying

    def __init__(self, host="127.0.0.1", port=9999):
        super().__init__(host, port)
        self.said = deque(maxlen=3)


# %% promise="Alice, who is alone, reads what she says"
room = Room(ReplayServer)
alice = room.join("alice")
alice.send("one")
alice.read()

# %% [markdown]
# Zoe comes when only one line was said, and goes again. Then Alice says more:

# %% promise="a newcomer reads what was said, even if it is less than three lines"
zoe = room.connect("zoe")
zoe.read(2)

# %% promise="Alice reads what she says, and who comes and goes"
zoe.leave()
alice.read(2)
alice.send("two", "three", "four")
alice.read(3)

# %% promise="a newcomer reads their own join line, then the last three that were said, the oldest first"
bob = room.connect("bob")
bob.read(4)

# %% [markdown]
# Alice reads that he came, and nothing again:

# %% promise="nobody but the newcomer reads again what was said"
alice.read(), alice.listen(0.3)

# %% [markdown]
# Bob says something, which nobody reads twice; then Carol comes:

# %% promise="what is said now is read once"
bob.send("five")
bob.read(), bob.listen(0.3)

# %% promise="what was said is kept for the next newcomer, and who came and went is not"
carol = room.connect("carol")
carol.read(4)

# %% [markdown]
# Names will change in a later stage. A line stays as it was read:


# %% promise="a line is read again exactly as it was read, whatever its speaker is called by now"
async def rename_everyone(server):
    for user in server.online_map.values():
        user.name = "somebody else"


room.background.call(rename_everyone(room.server), 5)
room.connect("erin").read(4)

# %% [markdown]
# Solved and saved? Then have it graded, and go on with [the exercises for stage 5](05_who.ipynb).
