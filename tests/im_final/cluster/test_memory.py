"""What Redis keeps of what was said: so many bytes, private lines included."""

import pytest

from im_final import phrases
from tests.im_final.cluster import desks
from tests.im_final.cluster.desks import Desk, Person
from tools.soak.house import Store

TEXT = "x" * 1000


def test_private_lines_are_kept_as_long_as_the_entries_they_belong_to(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "KEEP", 2**16)
    here, there = Desk(store.client), Desk(store.client)
    for desk in (here, there):
        desk.enter()
    alice = Person(here.room, "192.0.2.1:50001")
    bob = Person(there.room, "192.0.2.2:50001")
    for person, desk in ((alice, here), (bob, there)):
        person.online()
        desk.send()
        there.read()
    for number in range(300):
        alice.do_message(f"to|{bob.addr}|{number}{TEXT}")
        here.send()
        there.read()
        assert bob.hears()[-1:] == [
            phrases.PRIVATE.format(sender=alice.addr, text=f"{number}{TEXT}")
        ]
    private = f"{there.prefix}:private:{there.node.decode()}"
    assert 2**15 < store.client.memory_usage(private, samples=0) < 2 * 2**16
    entries = store.client.xlen(f"{there.prefix}:log")
    assert 0 < entries < 100 + 2**16 / len(TEXT)


def test_entries_that_are_small_go_as_fast_as_they_come(store: Store) -> None:
    desk = Desk(store.client)
    desk.enter()
    before = store.client.config_get("stream-node-max-entries")
    store.client.config_set("stream-node-max-entries", 1)  # Redis stops a trim at 100 times that.
    keep, entries = 2**22, 20_000
    try:
        with store.client.pipeline(transaction=False) as pipe:
            for number in range(1, entries + 1):
                desk.script(
                    keys=[desk.prefix],
                    args=["turn", desk.node, desks.LEASE, keep, number, "who"],
                    client=pipe,
                )
            pipe.execute()
    finally:
        store.client.config_set(*before.popitem())
    smallest = 256  # What an entry counts at least.
    assert store.client.xlen(f"{desk.prefix}:log") < (1 + 2 / 64) * keep / smallest
