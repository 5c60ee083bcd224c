"""Checks are chosen by stage and name, run in order, and stop at the first failure.

The target is a stub: what the stories do is said in the test.
"""

from collections.abc import Iterator

import pytest

from stages.check import suite
from stages.check.failure import Failure, Skip, TooBusy
from stages.check.room import Kind, Room
from stages.check.stage7 import in_time
from stages.check.suite import Check, Checks, Result, blame_a_crash, run, select


class StubTarget:
    """A target without a server; notes for which kinds of server it was asked."""

    def __init__(self) -> None:
        self.opened: list[Kind] = []
        self.reusable: list[bool] = []

    def open(self, kind: Kind, stage: int) -> Room:
        self.opened.append(kind)
        return Room(("127.0.0.1", 1), stage, idle=60, patience=1)

    def close_room(self, room: Room, *, reusable: bool) -> None:  # noqa: ARG002
        self.reusable.append(reusable)

    def close(self) -> None:
        """Nothing to do."""


@pytest.fixture
def checks() -> Checks:
    """Four of stage 5: holds, fails, skips, holds."""
    made = Checks(5)

    @made.add("it holds", "H1")
    def holds(room: Room) -> None:
        """Do it   right."""
        room.transcript.note("all is well")

    @made.add("it fails", "H1", "C4", server="fresh", until=6)
    def fails_now(room: Room) -> None:
        """Do not fail."""
        room.transcript.note("something happens")
        raise Failure("something is wrong", "a", "b", "alice")

    @made.add("it cannot be made", server="idle")
    def skips(room: Room) -> None:
        """Have what it needs."""
        room.transcript.note("a try")
        raise Skip("no such thing here")

    @made.add("the last one")
    def last(room: Room) -> None:
        """Be last."""

    return made


def names(found: list[Check]) -> list[str]:
    return [check.name for check in found]


def statuses(results: Iterator[Result]) -> list[str]:
    return [result.status for result in results]


def test_a_story_becomes_a_check(checks: Checks) -> None:
    holds, fails, *_ = checks.checks
    assert holds.hint == "Do it right."
    assert (fails.name, fails.title, fails.hazards) == ("fails-now", "it fails", ("H1", "C4"))
    assert (fails.stage, fails.until, fails.server) == (5, 6, "fresh")
    assert (holds.until, holds.server) == (suite.LAST_STAGE, "shared")


@pytest.mark.parametrize(
    ("stage", "found"),
    [
        (4, []),
        (5, ["holds", "fails-now", "skips", "last"]),
        (6, ["holds", "fails-now", "skips", "last"]),
        (7, ["holds", "skips", "last"]),
    ],
)
def test_a_check_is_for_servers_of_its_stage_and_later_ones(
    checks: Checks, stage: int, found: list[str]
) -> None:
    assert names(select(checks.checks, stage)) == found


def test_only_those_that_are_named_in_their_own_order(checks: Checks) -> None:
    assert names(select(checks.checks, 5, ["last", "holds", "last"])) == ["holds", "last"]


@pytest.mark.parametrize("unknown", ["hold", "Holds", "", "fails_now"])
def test_an_unknown_name_is_refused(checks: Checks, unknown: str) -> None:
    with pytest.raises(ValueError, match=f"no check of stages 1 to 5 is called '{unknown}'"):
        select(checks.checks, 5, ["holds", unknown])


def test_a_name_of_another_stage_is_unknown(checks: Checks) -> None:
    with pytest.raises(ValueError, match="stages 1 to 7 is called 'fails-now'"):
        select(checks.checks, 7, ["fails-now"])


def test_it_stops_at_the_first_failure(checks: Checks) -> None:
    target = StubTarget()
    assert statuses(run(checks.checks, target, 5)) == ["passed", "failed"]
    assert target.opened == ["shared", "fresh"]


def test_it_goes_on_when_told_so(checks: Checks) -> None:
    results = run(checks.checks, StubTarget(), 5, keep_going=True)
    assert statuses(results) == ["passed", "failed", "skipped", "passed"]


def test_after_a_failure_the_server_is_not_used_again(checks: Checks) -> None:
    target = StubTarget()
    list(run(checks.checks, target, 5, keep_going=True))
    assert target.reusable == [True, False, True, True]


def test_a_result_tells_what_happened(checks: Checks) -> None:
    holds, fails, skips, _ = run(checks.checks, StubTarget(), 5, keep_going=True)
    assert holds.transcript == ["all is well"]
    assert (holds.failure, holds.reason, holds.stderr) == (None, "", "")
    assert fails.transcript == ["something happens"]
    assert fails.failure is not None
    assert (fails.failure.cause, fails.failure.at) == ("something is wrong", 0)
    assert skips.reason == "no such thing here"
    assert all(result.seconds >= 0 for result in (holds, fails, skips))


def busy_for(times: int) -> Checks:
    """A check for which this machine is too busy so often."""
    made = Checks(1)
    tries = []

    @made.add("it needs its time")
    def waits(room: Room) -> None:
        """Be quick."""
        tries.append(room)
        if len(tries) <= times:
            raise TooBusy("not now")

    return made


def test_what_this_machine_was_too_busy_for_is_tried_again() -> None:
    target = StubTarget()
    assert statuses(run(busy_for(2).checks, target, 1)) == ["passed"]
    assert target.opened == ["shared"] * 3


def test_but_not_for_ever() -> None:
    (result,) = run(busy_for(3).checks, StubTarget(), 1)
    assert (result.status, result.reason) == ("skipped", "not now")


@pytest.mark.parametrize(("idle", "error"), [(60.0, Failure), (0.0, TooBusy)])
def test_who_was_idle_for_too_long_through_our_own_fault_blames_nobody(
    idle: float, error: type[Exception]
) -> None:
    room = Room(("127.0.0.1", 1), 7, idle, patience=0.1)
    with pytest.raises(error), in_time(room):
        raise Failure("the connection was closed")


def test_a_mistake_in_a_story_is_not_blamed_on_the_server() -> None:
    broken = Checks(1)

    @broken.add("it is broken")
    def divides(room: Room) -> None:
        """Do not divide by nothing."""
        assert room.stage / 0

    target = StubTarget()
    with pytest.raises(ZeroDivisionError):
        list(run(broken.checks, target, 1))
    assert target.reusable == [True]  # Everybody has left all the same.


class Ended:
    """A process that has ended, or not."""

    def __init__(self, status: int | None, *, asked_to_end: bool = False) -> None:
        self.status = status
        self.asked_to_end = asked_to_end

    def wait_end(self, seconds: float) -> int | None:
        assert seconds > 0  # A crash needs a moment to show.
        return self.status

    def how_it_ended(self) -> str:
        return f"with status {self.status}"


@pytest.mark.parametrize(
    ("program", "cause"),
    [
        (None, "nothing came"),
        (Ended(None), "nothing came"),
        (Ended(1), "the server's process ended with status 1"),
        (Ended(0), "the server's process ended with status 0"),
        (Ended(1, asked_to_end=True), "nothing came"),
    ],
    ids=["not ours", "still runs", "crashed", "ended by itself", "was asked to end"],
)
def test_a_crash_is_the_cause_whatever_was_expected(program: Ended | None, cause: str) -> None:
    room = Room(("127.0.0.1", 1), 5, 60, 1, program)  # type: ignore[arg-type]
    assert blame_a_crash(Failure("nothing came", "a line"), room).cause == cause
