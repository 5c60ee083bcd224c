# %% [markdown]
# # Exercises 1: a basic server
#
# You write stage 1 yourself, and then a first server that says something. Read
# [the lesson](../01_basic_server.ipynb) first.
#
# Write into the cells that say *your turn*, then run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show*
# keeps it. Add cells, prints and experiments wherever you like; they do not change your grade. Only
# your answers and the cells that you add count: what you change in any other cell is not graded.
# Then save, and have it graded in a terminal (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/01_basic_server.ipynb
# ```
#
# (on Windows `.venv\Scripts\python`). It says of each task whether it is solved, and what is
# probably wrong if not. `.venv/bin/python -m stages progress` says what is next.

# %%
import asyncio

from stages import stage1
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `server`
#
# **What to do.** A server that accepts connections. Each one is a conversation, the method `handle`,
# which is given: it ends when the caller has said something. Your part is the life around it.
#
# - `start` listens on `self.host` and `self.port`, and returns at once. Afterwards `self.port` is the
#   real port, since 0 means *any free one*.
# - `serve` is one connection, from accept to close. It awaits `handle`, and closes the connection
#   afterwards, **whatever happened in it**. Of a connection that is closed nothing is kept.
# - `stop` accepts nobody more, and ends the conversations that are still going on.
#
# **Expected.** Alice says nothing. Bob comes after her, says `bye` and is let go, while she still
# sits there:
#
# ```text
# alice connects
# bob connects
# bob   → bye
# bob   ← (the end)
# ```
#
# **The rule that decides.** Nobody waits for somebody else's conversation, and every connection that
# was accepted is closed.
#
# **Write** `start`, `stop` and `serve`.
#
# <details><summary>Hint 1: who accepts?</summary>
#
# `await asyncio.start_server(self.serve, self.host, self.port)` listens, and calls `self.serve` in a
# task of its own for each connection. Keep what it returns: `listener.close()` ends the accepting,
# and `listener.sockets[0].getsockname()` is the real host and port.
# </details>
# <details><summary>Hint 2: whatever happened?</summary>
#
# `try: await self.handle(reader, writer)`, and `writer.close()` under `finally:`.
# </details>
# <details><summary>Hint 3: how does a conversation end from outside?</summary>
#
# Keep the writers of all open conversations in a set: added in `serve`, discarded under `finally`.
# `stop` closes each of them; whoever reads from such a connection reads its end.
# </details>


# %% task="server"
class Server:
    def __init__(self, host="127.0.0.1", port=9999):
        self.host = host
        self.port = port
        self.writers = set()

    async def start(self):
        ### BEGIN SOLUTION
        self.listener = await asyncio.start_server(self.serve, self.host, self.port)
        self.host, self.port = self.listener.sockets[0].getsockname()[:2]
        ### END SOLUTION

    async def stop(self):
        ### BEGIN SOLUTION
        self.listener.close()
        for writer in list(self.writers):
            writer.close()
        ### END SOLUTION

    async def serve(self, reader, writer):
        ### BEGIN SOLUTION
        self.writers.add(writer)
        try:
            await self.handle(reader, writer)
        finally:
            self.writers.discard(writer)
            writer.close()
        ### END SOLUTION

    async def handle(self, reader, writer):
        await reader.readline()


# %% [markdown]
# Alice says nothing, and her conversation goes on. Here the connections are kept in mind elsewhere, so
# that none is closed by luck, because Python throws it away:


# %% promise="a connection is not closed before `handle` is done"
remembered = []


class Remembering(Server):
    async def handle(self, reader, writer):
        remembered.append(writer)
        await super().handle(reader, writer)


room = Room(Remembering)
alice = room.connect("alice")
alice.listen(0.2), alice.is_here()

# %% [markdown]
# Bob need not wait for her:

# %% promise="Bob is let go while Alice still sits there and says nothing"
bob = room.connect("bob")
bob.send("bye")
bob.read_end()

# %% [markdown]
# Nor does Alice wait for ever, if the server stops:

# %% promise="`stop` ends the conversations that are still going on"
room.background.call(room.server.stop(), 5)
alice.read_end()

# %% [markdown]
# And nobody is let in any more:

# %% promise="after `stop` nobody is let in any more"
room.lets_in()


# %% [markdown]
# A conversation that fails is closed like any other, whatever it is that fails:


# %% promise="a conversation that fails is closed like any other"
class Failing(Server):
    async def handle(self, reader, writer):
        match await reader.readline():
            case b"vanish\n":
                raise ConnectionResetError
            case b"bug\n":
                raise ZeroDivisionError
        raise asyncio.CancelledError


def kept(server):
    collections = [part for part in vars(server).values() if isinstance(part, set | list | dict)]
    return sum(map(len, collections))


room = Room(Failing)
tasks, entries = room.tasks(), kept(room.server)
ends = {}
for word in ("vanish", "bug", "stop"):
    person = room.connect(word)
    person.send(word)
    ends[word] = person.read_end()
ends

# %% [markdown]
# Nothing is kept of them: no task of theirs runs, and no set, list or dict has them in it.

# %% promise="nothing is kept of a connection that is closed"
{"tasks": room.tasks() - tasks, "kept": kept(room.server) - entries}

# %% [markdown]
# The address is the one that was asked for. A second server cannot have the port of the first, and
# none can listen at an address of another machine:


# %% promise="the host and port are those that were asked for"
def starts(**address):
    server = Server(**address)
    try:
        room.background.call(server.start(), 5)
    except OSError:
        return False
    room.background.call(server.stop(), 5)
    return True


[starts(port=0), starts(port=room.server.port), starts(host="192.0.2.1", port=0)]


# %% [markdown]
# And one in which nothing happens passes the checks of stage 1:


# %%
class Silent(Server):
    async def handle(self, reader, writer):
        pass


check(1, Silent)

# %% [markdown]
# ## 2. Go further: `echo`
#
# **What to do.** On top of the finished stage 1, a conversation in which everything that comes is
# sent back, byte for byte, as soon as it comes, until there is no more. From a user who sends and
# never reads, it takes no more than it can send back.
#
# **Expected.**
#
# ```text
# alice → hello
# alice ← hello
# alice → how are you
# alice ← how are you
# alice (ends her input)
# alice ← (the end)
# ```
#
# **The rule that decides.** What comes is bytes, not text: half a line, two lines, or half a
# character. You need not know which.
#
# **Write** the method `handle` of `Echo`.
#
# <details><summary>Hint 1: how do I get what has come?</summary>
#
# `await reader.read(4096)` returns as soon as there is anything: at most 4096 bytes, and `b""` when
# there will be no more.
# </details>
# <details><summary>Hint 2: how do I send it back?</summary>
#
# `writer.write(data)` takes it, and `await writer.drain()` waits while too much is on its way.
# </details>
# <details><summary>Hint 3: until there is no more?</summary>
#
# `while data := await reader.read(4096):`
# </details>


# %% task="echo"
class Echo(stage1.Server):
    async def handle(self, reader, writer):
        ### BEGIN SOLUTION
        while data := await reader.read(4096):
            writer.write(data)
            await writer.drain()
        ### END SOLUTION


# %% promise="what Alice sends comes back"
room = Room(Echo)
alice = room.connect("alice")
alice.send("hello")
alice.read()

# %% promise="all that Alice sends comes back, spaces and all"
alice.send("  how are you?  ")
alice.read()

# %% [markdown]
# Half a line comes back at once, a character may be cut in two, and not everything is text:


# %% promise="half a line comes back at once, without its end"
def received(person, count):
    data = b""
    while len(data) < count and (more := person.sock.recv(count - len(data))):
        data += more
    return data


alice.send_bytes(b"half")
received(alice, 4)

# %% promise="both halves of a character come back, as they came"
alice.send_pieces(b"\xe4\xbd", b"\xa0\xe5\xa5\xbd\n")
alice.read()

# %% promise="what is no text comes back as it came"
alice.send_bytes(b"\xff\xfe\r\n")
alice.next_bytes()

# %% promise="nothing is changed on the way, not even what stands in a line"
alice.send_bytes(b"\x00\t one\rtwo \n")
alice.next_bytes()

# %% promise="when no more can come, the conversation ends"
alice.half_close()
alice.read_end()

# %% [markdown]
# Mallory sends and never reads. When nothing more can be sent back to her, she has to wait, too:

# %% promise="from a user who never reads, no more is taken than can be sent back"
mallory = room.connect("mallory", reads=False)
mallory.sock.settimeout(0.5)
mebibyte = bytes(2**20)
try:
    for _ in range(32):
        mallory.sock.sendall(mebibyte)
    end = "took 32 MiB, and keeps them"
except TimeoutError:
    end = "made her wait"
end

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 2](02_online_notice.ipynb).
