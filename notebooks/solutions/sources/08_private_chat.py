# %% [markdown]
# # Exercises 8: private chat
#
# You write stage 8 on top of stage 7; then letters to several people; and at last you catch those who
# get it wrong. Read [the lesson](../08_private_chat.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/08_private_chat.ipynb
# ```

# %%
from stages import phrases, stage7, stage8
from stages.exercises import catch
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `private`
#
# **What to do.** `to|NAME|TEXT` is read by the user called NAME, and by nobody else:
# `phrases.PRIVATE.format(sender=..., text=...)`, with the sender's name of today. The sender reads
# nothing, if all is well. What is wrong is told to the sender alone, in this order:
#
# - no name, or no bar after it (`to|`, `to|bob`, `to||x`): `phrases.PRIVATE_FORMAT`;
# - nobody of that name: `phrases.PRIVATE_NO_TARGET`;
# - no text (`to|bob|`): `phrases.PRIVATE_EMPTY`.
#
# A text may have bars in it. `to` and `to bob hi` are chat.
#
# **Expected.**
#
# ```text
# alice → to|bob|dinner at 8|or 9?
# bob   ← 来自:[alice]的消息，内容是:dinner at 8|or 9?
# alice → to|bob
# alice ← 发送私聊消息格式错误,正确格式:to|张三|你好呀
# ```
#
# **The rule that decides.** Whatever somebody types, it takes nothing away from anyone else; a
# mistake costs its author a line.
#
# **Write** `do_message` and `tell`.
#
# <details><summary>Hint 1: how do I take it apart?</summary>
#
# After `text.removeprefix("to|")` there is `name, bar, text = ....partition("|")`. It never fails:
# what is not there is empty. `split("|")` fails, or loses bars.
# </details>
# <details><summary>Hint 2: who is it for?</summary>
#
# `self.server.online_map.get(name)` is the user, or `None`.
# </details>
# <details><summary>Hint 3: how do I send it?</summary>
#
# To the target with `target.send_message(line)`, which waits for nobody; to oneself with
# `await self.answer(line)`.
# </details>


# %% task="private"
class User(stage7.User):
    async def do_message(self, text):
        ### BEGIN SOLUTION
        if text.startswith("to|"):
            await self.tell(text.removeprefix("to|"))
        else:
            await super().do_message(text)
        ### END SOLUTION

    async def tell(self, name_and_text):
        ### BEGIN SOLUTION
        name, bar, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if not name or not bar:
            await self.answer(phrases.PRIVATE_FORMAT)
        elif target is None:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))
        ### END SOLUTION


class Server(stage7.Server):
    user_class = User


# %% [markdown]
# Three people with names, and a letter:

# %% promise="a private line is read by the one whom it is for, bars and all"
room = Room(Server)
alice, bob, carol = room.join("alice", "bob", "carol")
for person in (alice, bob, carol):
    person.send(f"rename|{person.label}")
    person.read()
alice.send("to|bob|dinner at 8|or 9?")
bob.read()

# %% [markdown]
# Alice makes every mistake there is:

# %% promise="each mistake is answered to who made it, with the first rule that it breaks"
alice.send("to|bob", "to|", "to||x", "to|dave", "to||", "to|dave|hi", "to|dave|", "to|bob|")
alice.send("to|Bob|hi", "to|bob |hi", "to|bo|hi", "still here")
alice.read(12)

# %% [markdown]
# The others have read none of it:

# %% promise="nobody else reads the private line, nor the mistakes"
bob.read(), carol.read()

# %% [markdown]
# A text is passed on as it is, and a line that only looks like the command is said:

# %% promise="a text is passed on as it is, bars and spaces and all"
alice.send("to|bob| two  spaces ", "to|bob||", "to|bob| ", "to|bob|to|carol|x")
bob.read(4)

# %% promise="`to`, and a line that does not begin with `to|` exactly, is said"
alice.send("to", "to bob hi", "To|bob|hi", " to|bob|hi")
bob.read(4)

# %% [markdown]
# And the checks of stage 8. With `since=8` those of the stages before are left out, which take their
# time:

# %%
check(8, Server, since=8)

# %% [markdown]
# ## 2. Go further: `several`
#
# **What to do.** On top of the finished stage 8: in `to|bob,carol|TEXT`, the line goes to all who are
# named. If one of them is not online, nobody reads it, and the sender is told so, as in stage 8; and
# so is what else is wrong, no text or no second bar. A user who is named twice reads it once.
#
# **Expected.**
#
# ```text
# alice → to|bob,carol|dinner?
# bob   ← 来自:[alice]的消息，内容是:dinner?
# carol ← 来自:[alice]的消息，内容是:dinner?
# alice → to|bob,dave|dinner?
# alice ← 目标对象不存在，请仔细检查
# ```
#
# **The rule that decides.** All or nobody: look first whether everyone is there, and only then send.
# And as always, wait for nobody who does not read.
#
# **Write** `tell` of `Several`. What has no comma in its names is none of its business.
#
# <details><summary>Hint 1: which part is whose?</summary>
#
# `names, bar, text = name_and_text.partition("|")`. If there is no comma in `names`, or no bar,
# `await super().tell(name_and_text)` knows what to do.
# </details>
# <details><summary>Hint 2: each of them once?</summary>
#
# `dict.fromkeys(names.split(","))` has each name once, in order.
# </details>
# <details><summary>Hint 3: is everyone there?</summary>
#
# `[self.server.online_map.get(name) for name in ...]` has a `None` in it if not.
# </details>


# %% task="several"
class Several(stage8.User):
    async def tell(self, name_and_text):
        ### BEGIN SOLUTION
        names, bar, text = name_and_text.partition("|")
        if "," not in names or not bar:
            await super().tell(name_and_text)
            return
        targets = [self.server.online_map.get(name) for name in dict.fromkeys(names.split(","))]
        if None in targets:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            for target in targets:
                target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))
        ### END SOLUTION


class SeveralServer(stage8.Server):
    user_class = Several


# %% promise="all who are named read the line"
room = Room(SeveralServer)
alice, bob, carol = room.join("alice", "bob", "carol")
for person in (alice, bob, carol):
    person.send(f"rename|{person.label}")
    person.read()
alice.send("to|bob,carol|dinner?")
bob.read(), carol.read()

# %% [markdown]
# Dave is not there, so Bob reads nothing; then Bob is named twice, and reads it once:

# %% promise="if one is not there nobody reads it, and who is named twice reads it once"
alice.send("to|bob,dave|at eight", "to|bob,carol,bob|at nine|or ten", "to|bob|see you")
alice.read(), bob.read(2), carol.read()

# %% promise="mistakes are answered to who made them, and read by nobody else"
alice.send("to|bob,carol|", "to|bob,carol", "to|dave|hello?", "to|bob,|hi", "bye, all")
alice.read(5), bob.read(), carol.read()

# %% [markdown]
# Sleepy reads nothing, and soon nothing more fits into his socket. Bob reads all that is for both:

# %% promise="a user who is named and does not read keeps nobody from reading"
sleepy = room.connect("sleepy", reads=False)
bob.read(), alice.read()
alice.send(*[f"to|{sleepy.addr},bob|{'x' * 4000}"] * 100, "still here")
bob.read(100)
alice.read()

# %% [markdown]
# ## 3. Catch it: `catch`
#
# **What to do.** Six servers claim to be stage 8, and each has one mistake in its `to`. Write a check
# that finds them all, and does not accuse the one that is right.
#
# **Expected.**
#
# ```text
# the right server   passes
# suspect 1          caught: alice: one or more lines before this one are missing
# suspect 2          not caught
# ```
#
# **The rule that decides.** A check is as good as the wrong servers that it catches, and worth
# nothing if it accuses a right one. At the end the right one is tried once more: what your check
# remembers of other servers must not mislead it.
#
# **Write** `my_check`. What stage 8 promises stands above, in *What to do* of the first exercise.
#
# <details><summary>Hint 1: who is there?</summary>
#
# You need three people, since somebody has to read nothing. `alice.take_name("alice")` gives one a
# name.
# </details>
# <details><summary>Hint 2: what has to come?</summary>
#
# `bob.reads(phrases.PRIVATE.format(sender="alice", text="hi"))`, and what is wrong is answered to
# Alice: `alice.reads(phrases.PRIVATE_FORMAT)`.
# </details>
# <details><summary>Hint 3: what have I not tried?</summary>
#
# A text with bars; `to|bob` and `to|bob|`; somebody who is not there; and at the end a line to all,
# to see that nobody has read more than they should.
# </details>


# %% task="catch"
def my_check(room):
    ### BEGIN SOLUTION
    alice, bob, carol = room.join("alice", "bob", "carol")
    alice.take_name("alice")
    bob.take_name("bob")
    alice.send("to|bob|one|two")
    bob.reads(phrases.PRIVATE.format(sender="alice", text="one|two"))
    alice.send("to|bob", "to|nobody|hi", "to|bob|", "To|bob|hi")
    alice.reads(phrases.PRIVATE_FORMAT, phrases.PRIVATE_NO_TARGET, phrases.PRIVATE_EMPTY)
    for person in (alice, bob, carol):
        person.reads(alice.says("To|bob|hi"))
    ### END SOLUTION


# %%
catch(8, my_check)

# %% [markdown]
# Solved and saved? Then have it graded. `.venv/bin/python -m stages progress` shows what you have
# done: if it says that all is solved, you have written a chat server that holds.
