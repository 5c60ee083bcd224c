# %% [markdown]
# # Exercises 5: who
#
# You write stage 5 on top of stage 4; then a second command; and at last a check that finds other
# people's mistakes. Read [the lesson](../05_who.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/05_who.ipynb
# ```

# %%
import asyncio

from stages import phrases, stage4, stage5
from stages.exercises import catch
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `who`
#
# **What to do.** Exactly the line `who` is a command. Whoever sends it is answered with one line for
# each person online, in the order in which they joined: `[NAME] is online`. Nobody else reads the
# answer. Any other line is said to everyone, as before.
#
# **Expected.**
#
# ```text
# alice and bob are here
# bob → who
# bob ← [127.0.0.1:alice] is online
# bob ← [127.0.0.1:bob] is online
# bob →  who
# alice, bob ← [127.0.0.1:bob]127.0.0.1:bob: who
# ```
#
# **The rule that decides.** While you walk the roster nobody may come or go: no `await` in between.
#
# **Write** `do_message` and `who`.
#
# <details><summary>Hint 1: how do I know that it is the command?</summary>
#
# Compare the whole text: `text == "who"`. No `startswith`, and no `strip`.
# </details>
# <details><summary>Hint 2: how does everything else stay as it was?</summary>
#
# `await super().do_message(text)` does what stage 4 does.
# </details>
# <details><summary>Hint 3: who is online?</summary>
#
# `self.server.online_map.values()` are the users, in the order in which they joined. The line about
# one is `phrases.IS_ONLINE.format(name=user.name)`, and `self.send_message(line)` sends it.
# </details>


# %% task="who"
class User(stage4.User):
    async def do_message(self, text):
        ### BEGIN SOLUTION
        if text == "who":
            await self.who()
        else:
            await super().do_message(text)
        ### END SOLUTION

    async def who(self):
        ### BEGIN SOLUTION
        for user in self.server.online_map.values():
            self.send_message(phrases.IS_ONLINE.format(name=user.name))
        ### END SOLUTION


class Server(stage4.Server):
    user_class = User


# %% [markdown]
# Bob asks, and then says something that only looks like it:

# %% promise="`who` is answered with all who are online, in the order in which they joined, and ` who` is said"
room = Room(Server)
alice, bob = room.join("alice", "bob")
bob.send("who", " who")
bob.read(3)

# %% [markdown]
# Alice reads what he said, and no answer:

# %% promise="nobody but the one who asked reads the answer"
alice.read()

# %% [markdown]
# A line that is not exactly the command is said, and Alice reads it as well:

# %% promise="a line that is not exactly `who` is said"
lookalikes = ["who ", "WHO", "Who", "who?", "who is it", "whose", "\twho"]
bob.send(*lookalikes)
bob.read(len(lookalikes))

# %% promise="a line that is said is read by everyone"
alice.read(len(lookalikes))

# %% [markdown]
# The order is that of joining, neither that of names nor that of addresses:


# %% promise="the order is that in which they joined, not that of names or addresses"
class Elsewhere(User):
    addresses = iter(["10.0.0.2:7", "10.0.0.30:5", "10.0.0.1:9"])

    def online(self):
        self.addr = self.name = next(self.addresses)
        super().online()


class ElsewhereServer(Server):
    user_class = Elsewhere


elsewhere = Room(ElsewhereServer)
for label in ("mia", "zoe", "ann"):
    asker = elsewhere.connect(label)
    elsewhere.read()
asker.send("who")
asker.read(3)

# %% [markdown]
# Bob asks, and whenever the server lets another task have a turn, one more user comes. To drain his
# socket is such a turn:


# %% promise="a user who comes while the roster is walked does no harm, and is not in the answer"
class Draining:
    def __init__(self, writer):
        self.writer = writer

    def __getattr__(self, name):
        return getattr(self.writer, name)

    async def drain(self):
        await asyncio.sleep(0)


async def ask_while_people_come(server, user):
    user.writer = Draining(user.writer)
    asking = asyncio.create_task(user.do_message("who"))
    roster = dict(server.online_map)
    await asyncio.sleep(0)
    while not asking.done():
        server.online_map[f"late {len(server.online_map)}"] = user
        await asyncio.sleep(0)
    server.online_map = roster
    await asking


room.background.call(ask_while_people_come(room.server, room.server.online_map[bob.addr]), 5)
bob.read(2), bob.listen(0.1)

# %% [markdown]
# And the checks of stages 1 to 5:

# %%
check(5, Server)

# %% [markdown]
# ## 2. Go further: `count`
#
# **What to do.** On top of the finished stage 5, a command `count`: whoever sends it is answered with
# one line, how many people are online, as in `2 online`. Nobody else reads it, and `who` still works.
#
# **Expected.**
#
# ```text
# alice → count
# alice ← 2 online
# ```
#
# **The rule that decides.** A command is exactly its word: `counting is fun` is said to everyone.
#
# **Write** `do_message` of `Counting`.
#
# <details><summary>Hint 1: and the first command?</summary>
#
# The second stands on top of it: `await super().do_message(text)` knows `who`.
# </details>
# <details><summary>Hint 2: how many are there?</summary>
#
# `len(self.server.online_map)`
# </details>
# <details><summary>Hint 3: how do I answer?</summary>
#
# `await self.answer(f"{number} online")`: as `send_message`, and it waits until the answer is on its
# way, so that whoever asks without reading slows only themselves.
# </details>


# %% task="count"
class Counting(stage5.User):
    async def do_message(self, text):
        ### BEGIN SOLUTION
        if text == "count":
            await self.answer(f"{len(self.server.online_map)} online")
        else:
            await super().do_message(text)
        ### END SOLUTION


class CountingServer(stage5.Server):
    user_class = Counting


# %% promise="`count` is answered with how many are online, `who` as before, and `counting is fun` is said"
room = Room(CountingServer)
alice, bob = room.join("alice", "bob")
alice.send("count", "who", "counting is fun")
alice.read(4)

# %% promise="Bob reads what Alice said, and no answer of hers"
bob.read()

# %% promise="those who stay read who left, and nothing else"
bob.leave()
alice.read()

# %% promise="who has left is not counted"
alice.send("count")
alice.read()

# %% [markdown]
# A line that is not exactly the command is said:

# %% promise="a line that is not exactly `count` is said"
lookalikes = [" count", "count ", "Count", "COUNT", "count me in", "counts"]
alice.send(*lookalikes)
alice.read(len(lookalikes))

# %% [markdown]
# ## 3. Catch it: `catch`
#
# **What to do.** Six servers claim to be stage 5, and each has one mistake in its `who`. Write a check
# that finds them all, and does not accuse the one that is right.
#
# **Expected.**
#
# ```text
# the right server   passes
# suspect 1          caught: alice: expected [127.0.0.1:bob]127.0.0.1:bob: who, got [127.0.0.1:alice] is online
# suspect 2          not caught
# ```
#
# **The rule that decides.** A check is as good as the wrong servers that it catches, and worth
# nothing if it accuses a right one. At the end the right one is tried once more: what your check
# remembers of other servers must not mislead it.
#
# **Write** `my_check`, a function of an open room. It raises something when the server is wrong, as
# `reads` does when another line comes than expected.
#
# <details><summary>Hint 1: what has to come?</summary>
#
# `alice, bob = room.join("alice", "bob")`, then `bob.send("who")`, and
# `bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")`.
# </details>
# <details><summary>Hint 2: how do I see that something did not come?</summary>
#
# Say something, and see that it is what comes next: `bob.send("anything else?")`, and
# `alice.reads(bob.says("anything else?"))`.
# </details>
# <details><summary>Hint 3: what else is not the command?</summary>
#
# ` who`, `who `, `WHO` and `who is it` are chat, and everyone reads them.
# </details>


# %% task="catch"
def my_check(room):
    ### BEGIN SOLUTION
    alice, bob = room.join("alice", "bob")
    bob.send("who")
    bob.reads(f"[{alice.addr}] is online", f"[{bob.addr}] is online")
    for chat in (" who", "who ", "WHO", "who is it"):
        bob.send(chat)
        bob.reads(bob.says(chat))
        alice.reads(bob.says(chat))
    ### END SOLUTION


# %%
catch(5, my_check)

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 6](06_rename.ipynb).
