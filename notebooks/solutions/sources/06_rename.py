# %% [markdown]
# # Exercises 6: rename
#
# You write stage 6 on top of stage 5; then you let everyone know; and at last you catch those who get
# it wrong. Read [the lesson](../06_rename.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/06_rename.ipynb
# ```

# %%
import ipaddress
import unicodedata

from stages import phrases, stage5, stage6
from stages.exercises import catch
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `rename`
#
# **What to do.** `rename|NEW` gives whoever sends it the name NEW, and answers
# `phrases.RENAMED.format(old=old, new=new)` to them alone. From then on `who`, chat and the leave line
# have the new name, and the old one is free.
#
# - A name that somebody has, one's own included, is refused with `phrases.NAME_TAKEN`. Names that
#   differ only in case are two names.
# - A name that is not valid is refused with `phrases.NAME_INVALID`. Valid is: 1 to 32 characters, no
#   `|`, `[` or `]`, no white space, no control or format character (`unicodedata.category` is `Cc` or
#   `Cf`); not one of the commands `who`, `rename`, `to`; and nothing that looks like `IP:PORT`.
# - In the roster, a renamed user keeps their place.
#
# A line that does not begin with `rename|` exactly is said, as before.
#
# **Expected.**
#
# ```text
# alice → rename|alice
# alice ← 用户名修改成功,[127.0.0.1:alice]->[alice]
# bob   → rename|alice
# bob   ← 用户名已存在，修改失败
# bob   → rename|who
# bob   ← 用户名不合法，修改失败
# ```
#
# **The rule that decides.** Asking whether a name is free and taking it is one step: no `await` in
# between, or two people get one name.
#
# **Write** `valid_name`, and `do_message` and `rename` of the user. `looks_like_address` is given.
#
# <details><summary>Hint 1: what is after the bar?</summary>
#
# `text.startswith("rename|")`, then `text.removeprefix("rename|")`. There may be nothing after it.
# </details>
# <details><summary>Hint 2: how do I keep the place in the roster?</summary>
#
# Build the roster anew, in the same order, under today's names:
# `{user.name: user for user in self.server.online_map.values()}`.
# </details>
# <details><summary>Hint 3: how do I answer?</summary>
#
# `await self.answer(line)`, but only when the name is taken and the roster is as it has to be.
# </details>


# %% task="rename"
def looks_like_address(name):
    host, _, port = name.rpartition(":")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return port.isdecimal()


def valid_name(name):
    ### BEGIN SOLUTION
    return (
        1 <= len(name) <= 32
        and name not in ("who", "rename", "to")
        and not looks_like_address(name)
        and not any(
            char in "|[]" or char.isspace() or unicodedata.category(char) in ("Cc", "Cf")
            for char in name
        )
    )
    ### END SOLUTION


class User(stage5.User):
    async def do_message(self, text):
        ### BEGIN SOLUTION
        if text.startswith("rename|"):
            await self.rename(text.removeprefix("rename|"))
        else:
            await super().do_message(text)
        ### END SOLUTION

    async def rename(self, new):
        ### BEGIN SOLUTION
        if not valid_name(new):
            await self.answer(phrases.NAME_INVALID)
        elif new in self.server.online_map:
            await self.answer(phrases.NAME_TAKEN)
        else:
            old, self.name = self.name, new
            users = self.server.online_map.values()
            self.server.online_map = {user.name: user for user in users}
            await self.answer(phrases.RENAMED.format(old=old, new=new))
        ### END SOLUTION


class Server(stage5.Server):
    user_class = User


# %% [markdown]
# Alice takes a name, and Bob would like to have it, too:

# %% promise="who asks for a free and valid name is answered with the old and the new one"
room = Room(Server)
alice, bob = room.join("alice", "bob")
alice.send("rename|alice")
alice.read()

# %% promise="names that are taken or not valid are refused, and in `who` everyone keeps their place"
bob.send("rename|alice", "rename|who", "rename|", "rename|bob", "who")
bob.read(6)

# %% [markdown]
# Nobody else reads any of this, and what is said has the new name:

# %% promise="what is said has the new name, and nobody else reads the answers"
bob.send("hello")
alice.read()

# %% [markdown]
# Names, valid and not:

# %% promise="`valid_name` knows which names are valid"
names = ["bob", "张三", "C#", "o'neil-2.0", "x" * 32, "名" * 32, "Who", "todd", "1.2.3.4", "bob:42"]
names += ["", "x" * 33, "a b", "a\tb", "a\u3000b", " a", "a|b", "a[b", "a]b", "a\x00b", "a\x7fb"]
names += ["a\u200bb", "who", "rename", "to", "1.2.3.4:5", "::1:9999"]
{name: valid_name(name) for name in names}

# %% [markdown]
# `Alice` is not `alice`. Alice goes, and her name is free. A line that only looks like the command is
# said:

# %% promise="names that differ in case are two, and the name of a user who has gone is free"
bob.send("rename|Alice")
heard = bob.read(2)
alice.leave()
[*heard, bob.read()], room.roster()

# %% promise="a name that was given up is free, and what is left has the new name"
bob.send("rename|alice", "rename|Alice", "who")
bob.read(3)

# %% promise="a line that does not begin with `rename|` exactly is said"
bob.send("rename", "rename bob", "Rename|bob", " rename|bob")
bob.read(4)

# %% [markdown]
# And the checks of stages 1 to 6:

# %%
check(6, Server)

# %% [markdown]
# ## 2. Go further: `announce`
#
# **What to do.** On top of the finished stage 6: when somebody has changed their name, everyone reads
# who they were. First comes the answer to the one who asked, then a line to all, as if the renamed
# user had said `was OLD`.
#
# **Expected.**
#
# ```text
# alice → rename|ann
# alice ← 用户名修改成功,[127.0.0.1:alice]->[ann]
# alice, bob ← [127.0.0.1:alice]ann:was 127.0.0.1:alice
# ```
#
# **The rule that decides.** Only what has happened is announced: a refused name changes nothing, and
# nobody but the one who asked reads of it. And as always, an announcement waits for nobody.
#
# **Write** `rename` of `Announcing`.
#
# <details><summary>Hint 1: what is there already?</summary>
#
# `await super().rename(new)` does all that stage 6 does, the answer included.
# </details>
# <details><summary>Hint 2: how do I know that it has happened?</summary>
#
# Remember `self.name` before, and compare.
# </details>
# <details><summary>Hint 3: how do I tell everyone?</summary>
#
# `self.server.broadcast(self, f"was {old}")`
# </details>


# %% task="announce"
class Announcing(stage6.User):
    async def rename(self, new):
        ### BEGIN SOLUTION
        old = self.name
        await super().rename(new)
        if self.name != old:
            self.server.broadcast(self, f"was {old}")
        ### END SOLUTION


class AnnouncingServer(stage6.Server):
    user_class = Announcing


# %% promise="after the answer to the one who asked, everyone reads the old name"
room = Room(AnnouncingServer)
alice, bob = room.join("alice", "bob")
alice.send("rename|ann")
alice.read(2), bob.read()

# %% promise="after the answer to the one who asked, everyone reads the old name"
alice.send("rename|anna")
alice.read(2), bob.read()

# %% [markdown]
# Refused names are nobody's business:

# %% promise="a refused name is told to the one who asked, and announced to nobody"
alice.send("rename|anna", "rename|a b", "rename|")
alice.read(3), alice.listen(0.3), bob.listen(0.1)

# %% [markdown]
# Sleepy was here before them. He reads nothing, and soon nothing more fits into his socket:

# %% promise="an announcement waits for nobody: a user who does not read keeps it from no other"
room = Room(AnnouncingServer)
room.connect("sleepy", reads=False)
alice, bob = room.join("alice", "bob")
alice.send(*["x" * 4000] * 100)
alice.read(100), bob.read(100)
bob.send("rename|bob")
bob.read(2), alice.read()

# %% [markdown]
# ## 3. Catch it: `catch`
#
# **What to do.** Six servers claim to be stage 6, and each has one mistake in its `rename`. Write a
# check that finds them all, and does not accuse the one that is right.
#
# **Expected.**
#
# ```text
# the right server   passes
# suspect 1          caught: bob: expected 用户名已存在，修改失败, got 用户名修改成功,[127.0.0.1:bob]->[alice]
# suspect 2          not caught
# ```
#
# **The rule that decides.** A check is as good as the wrong servers that it catches, and worth
# nothing if it accuses a right one. At the end the right one is tried once more: what your check
# remembers of other servers must not mislead it.
#
# **Write** `my_check`. What stage 6 promises stands above, in *What to do* of the first exercise.
#
# <details><summary>Hint 1: how does somebody take a name?</summary>
#
# `alice.take_name("alice")` sends the line and reads the right answer; from then on
# `alice.says("...")` has the new name.
# </details>
# <details><summary>Hint 2: what is refused?</summary>
#
# `bob.send("rename|alice")`, and `bob.reads(phrases.NAME_TAKEN)`. A name with a bar or a space in it,
# one of 33 characters, and one like `1.2.3.4:5` are refused with `phrases.NAME_INVALID`.
# </details>
# <details><summary>Hint 3: what must be the same afterwards?</summary>
#
# The place in the answer to `who`; and a name that was given up is free: somebody else can take it.
# </details>


# %% task="catch"
def my_check(room):
    ### BEGIN SOLUTION
    alice, bob = room.join("alice", "bob")
    alice.take_name("alice")
    bob.send("rename|alice")
    bob.reads(phrases.NAME_TAKEN)
    for name in ("a b", "a|b", "x" * 33, "1.2.3.4:5"):
        bob.send(f"rename|{name}")
        bob.reads(phrases.NAME_INVALID)
    alice.take_name("ann")
    bob.send("who")
    bob.reads("[ann] is online", f"[{bob.addr}] is online")
    bob.take_name("alice")
    ### END SOLUTION


# %%
catch(6, my_check)

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 7](07_idle_timeout.ipynb).
