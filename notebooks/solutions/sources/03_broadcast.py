# %% [markdown]
# # Exercises 3: broadcast
#
# You write stage 3 on top of stage 2; then a protocol that needs no newlines; and at last a check
# that finds other people's mistakes. Read [the lesson](../03_broadcast.ipynb) first.
#
# Write into the cells that say *your turn*, and run the page from top to bottom. Below every other
# cell you see what it should show when you are done. A run replaces that; *What it should show* keeps
# it. Only your answers and the cells that you add count: what you change in any other cell is not
# graded. Then save, and have it graded in a terminal
# (*File*, *New*, *Terminal*):
#
# ```console
# .venv/bin/python -m pytest --nbval notebooks/exercises/03_broadcast.ipynb
# ```

# %%
from stages import phrases, stage2
from stages.exercises import catch
from stages.lab import Room, check

# %% [markdown]
# ## 1. Build it: `lines`
#
# **What to do.** What a user says, line by line, goes to everyone online: `[IP:PORT]NAME:TEXT`. When
# they are gone, those who stay read `[IP:PORT]NAME:下线`.
#
# - A line is what ends with `\n`; a `\r` before it is dropped. An empty line is ignored.
# - What stands after the last newline when the input ends is a line, too.
# - A line of more than 4,096 bytes is refused: its sender reads `phrases.TOO_LONG`, is closed, and
#   the others read that they left. Nothing of the line is passed on.
# - Bytes that are not UTF-8 are replaced (`errors="replace"`), never passed on.
#
# **Expected.**
#
# ```text
# alice → b"hel"
# alice → b"lo\nhow are"
# alice → b" you\n"
# alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:hello
# alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:how are you
# ```
#
# **The rule that decides.** TCP is a stream. One `read` may bring half a line, ten lines, or half a
# character: keep what has come until a newline ends it.
#
# **Write** `read_line` of the user, which returns the next line as a text, or `None` when there are no
# more; and `handle` of the server.
#
# <details><summary>Hint 1: where do I keep what has come?</summary>
#
# In `self.unread`. While there is no `b"\n"` in it, and it is not too long:
# `chunk = await self.reader.read(4096)`, and `self.unread += chunk`. An empty chunk is the end.
# </details>
# <details><summary>Hint 2: how do I take one line out?</summary>
#
# `line, newline, self.unread = self.unread.partition(b"\n")`. If there was no newline, `newline` is
# `b""`. Decode the line only now, when it is whole.
# </details>
# <details><summary>Hint 3: what does handle do?</summary>
#
# What it does in stage 2; in the middle `while (line := await user.read_line()) is not None:`, and in
# `finally`, after the user is out of `self.online_map`, `self.broadcast(user, phrases.OFFLINE)` and
# `user.goodbye()`, which sends what still waits for them.
# </details>

# %% task="lines"
MAX_LINE = 4096  # Bytes before the newline.


class User(stage2.User):
    unread = b""

    async def read_line(self):
        ### BEGIN SOLUTION
        while b"\n" not in self.unread and len(self.unread) <= MAX_LINE:
            chunk = await self.reader.read(4096)
            if not chunk:
                break
            self.unread += chunk
        line, newline, self.unread = self.unread.partition(b"\n")
        if len(line) > MAX_LINE:
            self.send_message(phrases.TOO_LONG)
            return None
        if not line and not newline:
            return None
        return line.removesuffix(b"\r").decode(errors="replace")
        ### END SOLUTION


class Server(stage2.Server):
    async def handle(self, reader, writer):
        ### BEGIN SOLUTION
        user = User(reader, writer)
        self.online_map[user.name] = user
        self.broadcast(user, phrases.ONLINE)
        try:
            while (line := await user.read_line()) is not None:
                if line:
                    self.broadcast(user, line)
        finally:
            self.online_map.pop(user.name, None)
            self.broadcast(user, phrases.OFFLINE)
            user.goodbye()
        ### END SOLUTION


# %% [markdown]
# Alice's words arrive in pieces:

# %% promise="a line is what ends with a newline, in however many pieces it came"
room = Room(Server)
alice, bob = room.join("alice", "bob")
alice.send_pieces(b"hel", b"lo\nhow are", b" you\n")
bob.read(2)

# %% [markdown]
# A character is cut in two, and a line ends as on Windows:

# %% promise="a character that was cut in two is whole, and the carriage return is dropped"
alice.send_pieces(b"\xe4\xbd", b"\xa0\xe5\xa5\xbd\r\n")
bob.read()

# %% [markdown]
# One carriage return, not more, is dropped. An empty line is nothing, and bytes that are not UTF-8
# are replaced:

# %% promise="one carriage return is dropped, and no other character"
alice.send_bytes(b" one\rtwo \r\r\n")
bob.read()

# %% promise="an empty line is ignored, and bytes that are not UTF-8 are replaced"
alice.send_bytes(b"\n\r\ncaf\xe9 \xff!\n")
bob.read()

# %% [markdown]
# The limit is in bytes, not in characters. Of Carol's line, nothing is passed on:

# %% promise="a line of more than 4,096 bytes is refused, its sender closed, and nothing of it passed on"
carol = room.join("carol")
carol.send("长" * 1366)
carol.read(), carol.read_end(), bob.read()

# %% [markdown]
# Alice goes in the middle of a line. What she had to say counts:

# %% promise="what stands after the last newline is said, then those who stay read who left"
alice.send_bytes(b"good night")
alice.half_close()
bob.read(2)

# %% [markdown]
# And the checks of stages 1 to 3:

# %%
check(3, Server)

# %% [markdown]
# ## 2. Go further: `netstrings`
#
# Lines are one way to cut a stream into messages. Another is to say beforehand how long the message
# is: a *netstring* is the length in decimal digits, a colon, so many bytes, and a comma.
# `5:hello,` is the message `hello`, and `0:,` an empty one. The message may have any bytes in it,
# newlines and commas too.
#
# **What to do.** A decoder that is fed with chunks, however the stream was cut, and returns the
# messages that are complete now. No sockets here: bytes go in, messages come out.
#
# **Expected.**
#
# ```python
# stream = Netstrings()
# stream.feed(b"5:hel")          # []
# stream.feed(b"lo,3:a,b,2:")    # [b"hello", b"a,b"]
# stream.feed(b"ok,")            # [b"ok"]
# ```
#
# **The rule that decides.** The messages do not depend on where the stream was cut. What is no
# netstring raises `ValueError`: a length that is not digits, or no comma after the message.
#
# **Write** `feed`.
#
# <details><summary>Hint 1: what do I keep?</summary>
#
# All bytes that belong to no complete message yet, in `self.unread`, as for lines.
# </details>
# <details><summary>Hint 2: when is a message complete?</summary>
#
# When there is a colon, and after it at least as many bytes as the length says, and one more. Until
# then, return what you have, and wait for the next chunk.
# </details>
# <details><summary>Hint 3: how do I take one out?</summary>
#
# `size, colon, rest = self.unread.partition(b":")`. What is there of `size` must be digits
# (`size.isdigit()`), even if there is no colon yet. Without a colon, or with fewer bytes in `rest`
# than `int(size) + 1`, the message is not complete: return. Else it is `rest[: int(size)]`, the byte
# after it must be `b","`, and what follows that is still unread. Do this in a loop: one chunk may
# complete several messages.
# </details>


# %% task="netstrings"
class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        ### BEGIN SOLUTION
        self.unread += chunk
        messages = []
        while True:
            size, colon, rest = self.unread.partition(b":")
            if size and not size.isdigit():
                raise ValueError("the length is not digits")
            if not colon:
                return messages
            if not size:
                raise ValueError("there is no length")
            end = int(size)
            if len(rest) <= end:
                return messages
            if rest[end : end + 1] != b",":
                raise ValueError("there is no comma after the message")
            messages.append(rest[:end])
            self.unread = rest[end + 1 :]
        ### END SOLUTION


# %% promise="a message is returned as soon as it is complete, and not before"
stream = Netstrings()
[stream.feed(chunk) for chunk in (b"5:hel", b"lo,3:a,b,2:", b"ok,")]

# %% [markdown]
# Byte by byte, or all at once:


# %% promise="byte by byte, the messages are the same as all at once"
def messages(*chunks):
    stream = Netstrings()
    return [message for chunk in chunks for message in stream.feed(chunk)]


whole = b"15:\nhello\nworld! \n,0:,3:\xff\xfe\xfd,11:hello again,5:1:a,,,"
messages(*(whole[at : at + 1] for at in range(len(whole)))) == messages(whole)

# %% promise="all messages are returned, whatever bytes are in them"
messages(whole)

# %% [markdown]
# In two pieces, wherever the cut is:

# %% promise="in two pieces, the messages are the same wherever the cut is"
all(messages(whole[:cut], whole[cut:]) == messages(whole) for cut in range(len(whole)))


# %% [markdown]
# And what is no netstring is refused:


# %% promise="what is no netstring raises `ValueError`, and what is not complete does not"
def refused(chunk):
    try:
        messages(chunk)
    except ValueError:
        return True
    return False


wrong = (b"hello,", b"5:hello;", b"5:hello,x", b":,", b"-1:,", b"+5:hello,", b" 5:hello,")
wrong += (b"5 :hello,", b"1_0:0123456789,", "٣:abc,".encode(), b"5.:hello,")
{chunk: refused(chunk) for chunk in (*wrong, b"", b"5", b"5:", b"5:hell", b"5:hello")}

# %% [markdown]
# ## 3. Catch it: `catch`
#
# **What to do.** Six servers claim to be stage 3, and each has one mistake. Write a check that finds
# them all, and does not accuse the one that is right. A check is a function of an open room: people
# join, talk, and read; it raises something when the server is wrong, as `reads` does when another
# line comes than expected.
#
# **Expected.** `catch` runs your check on the right server and on the six suspects, and says who was
# caught:
#
# ```text
# the right server   passes
# suspect 1          caught: bob: two lines glued: there is no newline between them
# suspect 2          not caught
# ```
#
# **The rule that decides.** A check is as good as the wrong servers that it catches, and worth
# nothing if it accuses a right one. At the end the right one is tried once more: what your check
# remembers of other servers must not mislead it.
#
# **Write** `my_check`. What stage 3 promises stands above, in *What to do* of the first exercise.
#
# <details><summary>Hint 1: how do I say what has to come?</summary>
#
# `bob.reads(alice.says("hello"))`: the next line that Bob reads is Alice saying hello. `alice.says`
# makes the line, with address and name. Several lines: `bob.reads(one, two)`.
# </details>
# <details><summary>Hint 2: how do I cut what is sent?</summary>
#
# `alice.send_pieces(b"hel", b"lo\n")` sends each piece so that the server reads it by itself;
# `alice.send_bytes(b"one\ntwo\n")` sends two lines at once.
# </details>
# <details><summary>Hint 3: whom have I forgotten?</summary>
#
# Half a line; two lines at once; a character cut in two; `\r\n`; an empty line; somebody who leaves
# (`bob.leave()`, then `alice.reads(bob.says(phrases.OFFLINE))`). To see that nothing came, say
# something and see that it comes next.
# </details>


# %% task="catch"
def my_check(room):
    ### BEGIN SOLUTION
    alice, bob = room.join("alice", "bob")
    alice.send_pieces(b"hel", b"lo\n")
    alice.send_bytes(b"one\ntwo\r\n\n")
    alice.send_pieces(b"\xe4\xbd", b"\xa0\n")
    expected = [alice.says(text) for text in ("hello", "one", "two", "你")]
    alice.reads(*expected)
    bob.reads(*expected)
    bob.leave()
    alice.reads(bob.says(phrases.OFFLINE))
    ### END SOLUTION


# %%
catch(3, my_check)

# %% [markdown]
# Solved and saved? Then have it graded, and go on with
# [the exercises for stage 4](04_user_encapsulation.ipynb).
