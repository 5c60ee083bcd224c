"""The soak's checker finds every kind of violation, and nothing in a history that is right."""

from collections.abc import Callable

import pytest

from im_final import phrases
from tools.soak import checker
from tools.soak.checker import Costs
from tools.soak.history import Record

ADDRESS = {"a": "192.0.2.1:50001", "b": "192.0.2.2:50002", "c": "192.0.2.3:50003"}
IDLE = 3.0
Change = Callable[[dict[str, list[str]], dict[str, Record]], None]


def said(text: str, name: str = "") -> str:
    """A line of the person whose label the text begins with."""
    label = text[0]
    return phrases.SAID.format(addr=ADDRESS[label], name=name or label, text=text)


def about(label: str, text: str, name: str = "") -> str:
    return phrases.SAID.format(addr=ADDRESS[label], name=name or label, text=text)


def came(label: str) -> str:
    return about(label, phrases.ONLINE, ADDRESS[label])


def named(label: str) -> str:
    return phrases.RENAMED.format(old=ADDRESS[label], new=label)


def secret(text: str) -> str:
    return phrases.PRIVATE.format(sender=text[0], text=text)


def listed(*names: str) -> list[str]:
    return [phrases.IS_ONLINE.format(name=name) for name in names]


def a_good_round() -> tuple[dict[str, list[str]], dict[str, Record]]:
    """The lines that three people read, and their records, still without these lines.

    c's connection ends before the others have said their last lines.
    """
    lines = {
        "a": [
            came("a"), named("a"), came("b"), came("c"),
            said("a#1"), said("b#1"), *listed("a", "b", "c"), said("a#2"), said("c#1"),
            said("b#2"), about("c", phrases.OFFLINE), *listed("a", "b"), said("a#3"),
            said("a#0"), said("b#0"),
        ],
        "b": [
            came("b"), named("b"), came("c"), said("a#1"), said("b#1"), secret("a>b!2"),
            said("a#2"), said("c#1"), phrases.PRIVATE_NO_TARGET, said("b#2"),
            about("c", phrases.OFFLINE), said("a#3"), said("a#0"), said("b#0"),
        ],
        "c": [came("c"), named("c"), said("a#1"), said("b#1"), said("a#2"), said("c#1")],
    }  # fmt: skip
    records = {label: Record(label) for label in lines}
    sent = {
        "a": ["rename|a", "a#1", "who", "to|b|a>b!2", "a#2", "who", "a#3", "a#0"],
        "b": ["rename|b", "b#1", "to|c|b>c!2", "b#2", "b#0"],
        "c": ["rename|c", "c#1", "c#2"],
    }
    for label, one in records.items():
        one.addr, one.is_gone = ADDRESS[label], label == "c"
        one.sent = list(enumerate(sent[label]))
    return lines, records


def broken(change: Change, costs: Costs | None = None) -> set[str]:
    """The promises that are not kept in the good round with a change."""
    lines, records = a_good_round()
    change(lines, records)
    for label, one in records.items():
        one.lines, one.times = lines[label], [float(at) for at in range(len(lines[label]))]
    known = costs or Costs(buried={"c"}, cut={"c"}, idle=IDLE)
    return {one.promise for one in checker.violations(list(records.values()), known)}


def without(label: str, line: str) -> Change:
    return lambda lines, _: lines[label].remove(line)


def with_more(label: str, *more: str, after: str) -> Change:
    def change(lines: dict[str, list[str]], _: object) -> None:
        at = lines[label].index(after) + 1
        lines[label][at:at] = more

    return change


def instead(label: str, old: str, *new: str) -> Change:
    def change(lines: dict[str, list[str]], _: object) -> None:
        at = lines[label].index(old)
        lines[label][at : at + 1] = new

    return change


def swapped(label: str, one: str, other: str) -> Change:
    def change(lines: dict[str, list[str]], _: object) -> None:
        here = lines[label]
        at, there = here.index(one), here.index(other)
        here[at], here[there] = here[there], here[at]

    return change


def is_cut(label: str) -> Change:
    def change(_: object, records: dict[str, Record]) -> None:
        records[label].is_gone = True

    return change


def kicked(label: str, *moments: float) -> Change:
    """A user is kicked at second 20, and has sent lines at these moments."""

    def change(lines: dict[str, list[str]], records: dict[str, Record]) -> None:
        lines[label] += [*[came("c")] * (20 - len(lines[label])), phrases.KICKED]
        records[label].sent += [(at, "") for at in moments]
        records[label].is_gone = True

    return change


ONCE = "a line is read once"
DELIVERED = "a line that anyone has read reaches everyone who stays"
ORDER = "all read one order"
SENDERS = "a sender's lines keep their order"
LOSSES = "nobody is told that lines are lost"
NOISE = "every line has a meaning"
SECRETS = "a private line is read once, or told as lost"
CONFIDENTIAL = "a private line is for its target alone"
PLACES = "private lines keep their place"
ANSWERS = "a command is answered once, before the next line"
NAMES = "a name is one user's"
ROSTER = "who agrees with join and leave lines"
IDLENESS = "an active user is never idle"
CUT = "a connection does not end without a reason"
BURIED = "nobody who stays is said to leave"
NOTICES = "notices are told where they are due"

CASES: list[tuple[str, str, Change]] = [
    ("a line twice", ONCE, with_more("b", said("a#2"), after=said("a#2"))),
    ("a line is missing", DELIVERED, without("b", said("c#1"))),
    ("the last line is missing", DELIVERED, without("a", said("b#0"))),
    ("an own line is missing", DELIVERED, without("a", said("a#2"))),
    ("two orders", ORDER, swapped("b", said("a#1"), said("b#1"))),
    ("a sender's lines in another order", SENDERS, swapped("c", said("a#1"), said("a#2"))),
    ("an own line is left out", SENDERS, without("a", said("a#2"))),
    ("lines may be missing", LOSSES, with_more("a", phrases.MISSED, after=said("a#2"))),
    ("a line was not sent", LOSSES, with_more("b", phrases.NOT_SENT, after=said("b#1"))),
    ("a line that nobody said", NOISE, with_more("a", about("b", "?"), after=said("a#2"))),
    ("half a line", NOISE, with_more("a", "[192.0.2.2:50002]b", after=said("a#2"))),
    ("a private line is lost, untold", SECRETS, without("b", secret("a>b!2"))),
    ("a private line twice", SECRETS, with_more("b", secret("a>b!2"), after=secret("a>b!2"))),
    ("a private line told as lost, and read", SECRETS,
     with_more("b", phrases.PRIVATE_LOST, after=said("a#2"))),
    ("a private line refused, and read", SECRETS,
     with_more("a", phrases.PRIVATE_NO_TARGET, after=said("b#1"))),
    ("the target is told to be away", SECRETS,
     lambda lines, _: (lines["b"].remove(secret("a>b!2")),
                       lines["a"].insert(5, phrases.PRIVATE_NO_TARGET))),
    ("a private line reaches another", CONFIDENTIAL,
     with_more("c", secret("a>b!2"), after=said("b#1"))),
    ("a private line too late", PLACES, swapped("b", secret("a>b!2"), said("a#2"))),
    ("a private line too early", PLACES,
     lambda lines, _: (lines["b"].remove(said("a#1")), lines["b"].insert(6, said("a#1")))),
    ("no answer to a rename", ANSWERS, without("b", named("b"))),
    ("two answers to a rename", ANSWERS, with_more("b", phrases.NAME_TAKEN, after=named("b"))),
    ("an answer too late", ANSWERS, swapped("b", named("b"), said("b#1"))),
    ("no answer to who", ANSWERS,
     lambda lines, _: [lines["a"].remove(line) for line in listed("a", "b", "c")]),
    ("an answer to a private line that was not sent", ANSWERS,
     with_more("a", phrases.PRIVATE_NO_TARGET, after=named("a"))),
    ("two of one name", NAMES, instead("a", said("b#1"), said("b#1", "a"))),
    ("two of one name in another case", NAMES, instead("a", said("b#1"), said("b#1", "A"))),
    ("a name is listed twice", NAMES, instead("a", listed("c")[0], listed("B")[0])),
    ("an old name", NAMES, instead("a", said("a#2"), said("a#2", ADDRESS["a"]))),
    ("somebody who has left is listed", ROSTER,
     with_more("a", listed("c")[0], after=about("c", phrases.OFFLINE))),
    ("somebody who is there is not listed", ROSTER, without("a", listed("c")[0])),
    ("an active user is kicked", IDLENESS, kicked("b", *range(6, 20, 2))),
    ("a connection ends", CUT, is_cut("a")),
    ("somebody who stays leaves", BURIED,
     with_more("a", about("b", phrases.OFFLINE), after=said("b#2"))),
    ("a name is lost", NOTICES,
     with_more("a", phrases.NAME_LOST.format(addr=ADDRESS["a"]), after=said("a#2"))),
    ("a private line is lost", NOTICES, instead("b", secret("a>b!2"), phrases.PRIVATE_LOST)),
    ("away twice", NOTICES, with_more("b", phrases.AWAY, phrases.AWAY, after=said("a#1"))),
    ("away for ever", NOTICES, with_more("b", phrases.AWAY, after=said("a#1"))),
    ("back from nowhere", NOTICES, with_more("b", phrases.BACK, after=said("a#1"))),
]  # fmt: skip


def test_a_round_in_which_all_was_kept_breaks_no_promise() -> None:
    assert broken(lambda *_: None) == set()


@pytest.mark.parametrize(("promise", "change"), [case[1:] for case in CASES],
                         ids=[case[0] for case in CASES])  # fmt: skip
def test_a_violation_is_found(promise: str, change: Change) -> None:
    assert promise in broken(change)


def test_every_promise_can_be_broken() -> None:
    assert {promise for _, promise, _ in CASES} == set(checker.ALL)


def test_what_a_fault_may_cost_is_no_violation() -> None:
    both = {"b", "c"}
    assert broken(is_cut("b"), Costs(both, both, idle=IDLE)) == set()
    lost = instead("b", secret("a>b!2"), phrases.PRIVATE_LOST)
    assert broken(lost, Costs({"c"}, {"c"}, forgets=True, idle=IDLE)) == set()
    leaves = with_more("b", about("b", phrases.OFFLINE), about("b", phrases.ONLINE),
                       after=said("b#1"))  # fmt: skip
    assert broken(leaves) == {BURIED}
    assert broken(leaves, Costs(both, {"c"}, idle=IDLE)) == set()


def test_of_one_who_is_told_of_losses_nothing_more_is_asked() -> None:
    for change in (
        instead("b", said("c#1"), phrases.MISSED),
        instead("a", about("c", phrases.OFFLINE), phrases.MISSED),
        lambda lines, _: lines["a"].__setitem__(slice(6, 9), [phrases.MISSED]),
    ):
        assert broken(change) == {LOSSES}


def test_of_one_whose_connection_has_ended_the_rest_is_not_known() -> None:
    assert broken(lambda *_: None, Costs(cut={"c"}, idle=IDLE)) == set()
    assert broken(without("b", phrases.PRIVATE_NO_TARGET)) == set()
    assert broken(with_more("c", phrases.AWAY, after=said("c#1"))) == set()
    lost = with_more("c", phrases.PRIVATE_LOST, after=said("c#1"))
    assert broken(lost, Costs({"c"}, {"c"}, forgets=True, idle=IDLE)) == set()


def test_a_fault_costs_what_was_said_of_it_and_no_more() -> None:
    assert broken(lambda *_: None, Costs(idle=IDLE)) == {CUT, SECRETS}
    told = with_more("b", phrases.AWAY, phrases.BACK, after=said("a#1"))
    assert broken(told) == set()


def test_of_a_round_without_an_end_the_last_lines_are_not_judged() -> None:
    stuck = Costs({"c"}, {"c"}, idle=IDLE, has_no_end=True)
    assert broken(without("a", said("b#0")), stuck) == set()
    assert broken(with_more("b", phrases.AWAY, after=said("b#0")), stuck) == set()
    assert broken(without("b", said("c#1")), stuck) == {DELIVERED}
    assert broken(without("b", secret("a>b!2")), stuck) == set()


def test_a_user_who_was_silent_may_be_kicked() -> None:
    assert IDLENESS not in broken(kicked("b", *range(6, 16, 2)))
    assert CUT not in broken(kicked("b", *range(6, 16, 2)))
