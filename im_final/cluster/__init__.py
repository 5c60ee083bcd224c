"""One room on many nodes, over Redis: what is said anywhere, all read, in one order.

    here  user ─▶ Outgoing ─▶ a batch ─▶ room.lua ─▶ the room's stream
                                         decides        │ the same entries, in the same order,
    here  Log, Roster ◀── Replica ◀── Reading ◀─────────┤ to every node
    there Log, Roster ◀── Replica ◀── Reading ◀─────────┘

**One order.** On one node, a line is said when it is appended to the log; nothing happens beside
it, so nothing can meet half way. On many nodes there has to be such a moment, too. It is one call
of a script in Redis (`log.lua` and `room.lua`), which runs alone. A node sends all that its people
did in a turn of its loop as one batch (`outgoing.py`); the script decides who gets which name, and
appends one entry with all events to a stream. Every node reads that stream and does what it says
(`replica.py`). Nothing is done before it has come back: a line that its sender sees has its place
in the order, and a `who` is answered with the roster as it is in its place. So what is on a node is
a function of the entries that it has read. The room's log does not know whether it is fed by itself
or by a stream.

**Exactly once.** Batches have numbers, and the script does a number once. What was not yet read in
the stream is sent again after any trouble; what is in it already, is not done twice. Each entry has
a number, too, and a chain, a digest of all before it (`entries.py`): nothing can be left out or be
exchanged unseen.

**Who is who.** Names that are too alike have one key (`names.py`), and that depends on what a
Python knows of Unicode. So a key is decided once, at the node where the name is asked for, and goes
with the name: to the script, in the events, in what a new node is told. A replica computes none.
Where something was decided that cannot happen in a replica, such as a name that it takes for
somebody's, the replica has diverged; its node begins anew (`place.py`).

**Who is alive.** A node has a lease in Redis, by Redis's clock, which each batch and each heartbeat
renews. When it is over, the first other node to come by has the script bury it: its people leave
and its names are free, in one entry. So a node that only stood still finds out from the stream
itself, in its place: its people left. They come in again, under their names where these are still
free, and what the node held back for them is said after that (`place.py`).

**What time it is.** Leases are measured by Redis's clock, but only from one call of the script to
the next, and at most a quarter of a lease at once (`log.lua`). While Redis stands still, nobody can
be heard, so no more time than that passes, and nobody is buried for it. It is the same when the
clock of Redis is set, forward or back, or when a Redis with another clock takes over.

**What Redis forgets.** A Redis that was restarted may know less than the nodes: nothing at all, or
not the last second. The nodes keep their last entries, and, since their state is a function of the
entries, the state. Whoever knows more gives it back, as one advances a branch in git: only if what
Redis knows is the beginning of it. (Where that ended longer ago than the nodes keep entries, they
cannot tell; then it has to be the same log, to which this run of Redis has added nothing.) Until
all nodes have come back, or a moment has passed, nothing new is added. The node that came too late
with what nobody else knew finds that the chain is not its own; it begins anew, and tells its people
that lines may be missing.

**What another program takes out.** With each heartbeat Redis says how many users and names it has.
A node that has read as far as Redis had written compares that with its own, and says all of them
again if they are not as many. What is full has to heal by itself, too: where Redis refuses the
first write of a call for want of memory, the oldest part of the log goes, and the call goes on
(`log.lua`).

**Doubts.** Does a slow Redis not slow every line? Yes, by a round trip, and by one more when a
batch is on its way: this is the price of one order. Do lines get lost between Redis and its replica
when that takes over? As with a restart: the nodes give back what the replica had not been told.
They find the new master by themselves, and leave an old one that goes on as a master (`master.py`).
And if two masters cannot reach each other (a split brain)? Then each half of the nodes follows its
own, until they meet again, and one half begins anew. It is not promised that this cannot be.

`link.py` is where it begins; what has no I/O is in `entries`, `operations`, `outgoing`, `member`
and `replica`. The ideas are old: a replicated state machine (Schneider 1990), leases (Gray and
Cheriton 1989), a log with positions for everyone who reads (Kafka 2011).
"""
