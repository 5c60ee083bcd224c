# %% [markdown]
# # Exercises 7: idle timeout
#
# You write stage 7 on top of stage 6, and then a warning for those who have dozed off. Read
# [the lesson](../07_idle_timeout.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/07_idle_timeout.ipynb
# ```
#
# Limits take time: all cells of this page together run for about ten seconds.

# %%
import asyncio

from stages import phrases, stage6, stage7
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `idle`
#
# **What to do.** Who has not sent a line for `self.server.idle_timeout` seconds reads `phrases.KICKED`
# and is closed; those who stay read that they left, as always. Every line moves the limit, an empty
# one too. Reading does not, and half a line does not.
#
# **Expected.** The limit is one second. Alice says nothing, and Bob sends an empty line now and then:
#
# ```text
# alice ← 你已超时，将被踢出下线
# alice ← (the end)
# bob   ← [127.0.0.1:alice]127.0.0.1:alice:下线
# ```
#
# **The rule that decides.** The limit belongs to the conversation, not to a name, and ends with it:
# nothing is left running when somebody goes.
#
# **Write** `converse` and `read_line`.
#
# <details><summary>Hint 1: how does a conversation end after so many seconds?</summary>
#
# `async with asyncio.timeout(seconds) as self.deadline:` around `await super().converse()`. What is
# inside is cancelled, and `TimeoutError` comes out.
# </details>
# <details><summary>Hint 2: how does a line move it?</summary>
#
# In `read_line`, after `await super().read_line()`:
# `self.deadline.reschedule(asyncio.get_running_loop().time() + self.server.idle_timeout)`.
# </details>
# <details><summary>Hint 3: and the kick?</summary>
#
# `except TimeoutError: self.send_message(phrases.KICKED)`. Then the method is over, and stage 4 does
# the rest: `offline`, and the goodbye.
# </details>


# %% task="idle"
class User(stage6.User):
    async def converse(self):
        ### BEGIN SOLUTION
        try:
            async with asyncio.timeout(self.server.idle_timeout) as self.deadline:
                await super().converse()
        except TimeoutError:
            self.send_message(phrases.KICKED)
        ### END SOLUTION

    async def read_line(self):
        ### BEGIN SOLUTION
        line = await super().read_line()
        now = asyncio.get_running_loop().time()
        self.deadline.reschedule(now + self.server.idle_timeout)
        return line
        ### END SOLUTION


class Server(stage6.Server):
    user_class = User

    def __init__(self, host="127.0.0.1", port=9999, idle_timeout=10.0):
        super().__init__(host, port)
        self.idle_timeout = idle_timeout


# %% [markdown]
# Alice says nothing. Bob gives a sign of life:

# %% promise="who is idle for the limit reads why, and is closed"
room = Room(Server, idle_timeout=1)
tasks, timers = room.tasks(), room.timers()
alice, bob = room.join("alice", "bob")
bob.listen(0.5)
bob.send("")
alice.read(), alice.read_end()

# %% promise="Bob, whose empty line moved his limit, reads that Alice left"
bob.read()

# %% [markdown]
# Erin is called `x`, but not for long. After half of the limit Bob asks, Dave takes her old name, Erin
# says something, and Carol reads it and types half a line. So it is Carol who is closed at the limit,
# and nobody else:

# %% promise="every line moves the limit, and only its sender's; reading does not, and half a line does not"
carol, dave, erin = room.join("carol", "dave", "erin")
bob.send("")
erin.send("rename|x", "rename|erin")
carol.listen(0.6)
carol.send_bytes(b"half a line")
bob.send("who")
dave.send("rename|x")
erin.send("hello")
dave.listen(0.7)
room.roster(), carol.read_rest()[-1]

# %% [markdown]
# All are gone now: one was idle, one hung up, one vanished, all long before their limits. No task is
# left, and no timer that has still to ring:

# %% promise="nothing of those who have gone is left running"
erin.reset()
bob.leave()
carol.leave()
dave.leave()
room.wait_until(lambda server: not server.online_map)
{"tasks left": room.tasks() > tasks, "timers left": room.timers() > timers}

# %% [markdown]
# And the checks of stage 7. With `since=7` those of the stages before are left out, whose servers
# yours stands on:

# %%
check(7, Server, since=7)

# %% [markdown]
# ## 2. Go further: `warning`
#
# **What to do.** On top of the finished stage 7: at half of the limit, who has said nothing reads
# `still there?`. A line, even an empty one, puts the warning off, as it does the kick.
#
# **Expected.** The limit is three seconds:
#
# ```text
# alice (reads nothing for 1.5 s)
# alice ← still there?
# alice (reads nothing for 1.5 s)
# alice ← 你已超时，将被踢出下线
# ```
#
# **The rule that decides.** Only who is idle is warned, and nothing is left running when they go.
#
# **Write** `converse` and `read_line` of `Warned`.
#
# <details><summary>Hint 1: how do I do something later?</summary>
#
# `asyncio.get_running_loop().call_later(seconds, self.send_message, "still there?")` returns a timer,
# whose `cancel()` takes it back.
# </details>
# <details><summary>Hint 2: when does it begin?</summary>
#
# Before `await super().converse()`, and again after each line: cancel the timer, start a new one. A
# method of its own, for instance `watch`, does both.
# </details>
# <details><summary>Hint 3: when does it end?</summary>
#
# `try: await super().converse()`, and `self.timer.cancel()` under `finally`.
# </details>


# %% task="warning"
class Warned(stage7.User):
    async def converse(self):
        ### BEGIN SOLUTION
        self.watch()
        try:
            await super().converse()
        finally:
            self.timer.cancel()
        ### END SOLUTION

    async def read_line(self):
        ### BEGIN SOLUTION
        line = await super().read_line()
        self.timer.cancel()
        self.watch()
        return line

    def watch(self):
        half = self.server.idle_timeout / 2
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(half, self.send_message, "still there?")
        ### END SOLUTION


class WarnedServer(stage7.Server):
    user_class = Warned


# %% [markdown]
# The limit is one second. Both are warned, each by themselves; Bob answers:

# %% promise="who has said nothing for half of the limit is warned, each by themselves"
room = Room(WarnedServer, idle_timeout=1)
alice, bob = room.join("alice", "bob")
alice.read(), bob.read()

# %% promise="what Bob says is the next that both read, and Alice is not warned again"
bob.send("yes")
bob.read(), alice.read()

# %% [markdown]
# Alice does not, and is shown out. There was one warning:

# %% promise="who stays silent is warned once, then shown out at the limit"
alice.read(), alice.read_end()

# %% [markdown]
# Carol has three seconds. She sends an empty line after one, so nothing comes for one more; then she
# is warned:

# %% promise="an empty line puts the warning off"
room = Room(WarnedServer, idle_timeout=3)
tasks, timers = room.tasks(), room.timers()
carol = room.join("carol")
carol.listen(1.0)
carol.send("")
carol.listen(1.0)

# %% promise="half of the limit after her last line, and not later, Carol is warned"
carol.listen(1.0)

# %% [markdown]
# Dave comes and hangs up, Erin comes and vanishes, and Carol goes, too. No task is left, and no timer:

# %% promise="nothing of those who have gone is left running"
dave, erin = room.join("dave", "erin")
dave.leave()
erin.reset()
carol.leave()
room.wait_until(lambda server: not server.online_map)
{"tasks left": room.tasks() > tasks, "timers left": room.timers() > timers}

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 8](08_private_chat.ipynb).
