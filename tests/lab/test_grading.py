"""The checks inside a notebook: the same words as the command line, whatever the class does."""

import asyncio
import importlib
import threading
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from stages import phrases, stage2, stage5, stage6, stage7
from stages.check import catalogue, report
from stages.check.failure import Failure
from stages.check.program import CannotStart
from stages.check.suite import Result, select
from stages.lab import grading, room
from stages.lab.grading import check


class SilentUser(stage5.User):
    """One who is not answered."""

    async def who(self) -> None:
        """Answer nothing."""


class Silent(stage5.Server):
    """A server with a mistake."""

    user_class = SilentUser


class FailingUser(stage5.User):
    """One whose question ends in an error."""

    async def who(self) -> None:
        """Fail."""
        raise KeyError("<bob>")


class Failing(stage5.Server):
    """A server with a bug."""

    user_class = FailingUser


BELL = threading.Event()


class BlockingUser(stage5.User):
    """One whose question stops everything."""

    async def who(self) -> None:
        """Block."""
        BELL.wait(30)


class Blocking(stage5.Server):
    """A server that blocks its loop."""

    user_class = BlockingUser


@pytest.mark.parametrize("stage", range(1, 7))
def test_our_own_stages_hold(stage: int) -> None:
    server: Any = importlib.import_module(f"stages.stage{stage}").Server
    graded = check(stage, server)
    assert graded.passed
    assert graded.failure is None
    assert len(graded.results) == len(select(catalogue.CHECKS, stage))
    assert f"checks for stage {stage} hold; " in graded.summary()


def test_the_limit_is_short_where_a_check_waits_for_it() -> None:
    assert check(7, stage7.Server, "kicked", "chat").passed
    with pytest.raises(CannotStart, match=r"does not start: TypeError: .*'idle_timeout'"):
        check(7, stage5.Server, "chat")


def test_checks_that_wait_for_a_limit_wait_together(monkeypatch: pytest.MonkeyPatch) -> None:
    alone = grading.run_in_turn
    all_wait = threading.Barrier(2, timeout=20)

    def waits(*some: Any) -> list[Result]:
        all_wait.wait()
        return alone(*some)

    monkeypatch.setattr(grading, "run_in_turn", waits)
    graded = check(7, stage7.Server, "kicked", "idle-together")
    assert [result.check.name for result in graded.results] == ["kicked", "idle-together"]
    assert graded.passed


def test_what_fails_among_others_is_tried_once_more_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = grading.run_in_turn
    tried: list[str] = []

    def fails_at_first(checks: Any, *more: Any) -> list[Result]:
        results = alone(checks, *more)
        if checks[0].name == "kicked":
            tried.append("kicked")
            if len(tried) == 1:
                results[0].status, results[0].failure = "failed", Failure("another was in its way")
        return results

    monkeypatch.setattr(grading, "run_in_turn", fails_at_first)
    assert check(7, stage7.Server, "kicked", "idle-together").passed
    assert len(tried) == 2


def test_the_first_that_fails_is_the_last_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Patient(stage6.Server):
        def __init__(self, *, port: int, idle_timeout: float) -> None:
            super().__init__(port=port)
            assert idle_timeout  # It is of no account here.

    monkeypatch.setattr(grading, "PATIENCE", 0.2)
    graded = check(7, Patient, "chat", "kicked", "kick-is-a-leave")
    ends = [(result.check.name, result.status) for result in graded.results]
    assert ends == [("chat", "passed"), ("kicked", "failed")]


def test_a_mistake_is_told_in_the_words_of_the_command_line() -> None:
    graded = check(5, Silent)
    assert not graded.passed
    last = graded.results[-1]
    assert last.check.name == "who-alone"
    text = repr(graded)
    assert report.explanation(last) in text
    assert "stage 5: who" in text
    assert "hint      The line `who` is a command" in text
    assert text.splitlines()[-1].startswith("1 of ")


def test_an_error_in_the_class_is_told_with_the_check() -> None:
    graded = check(5, Failing, "who-alone")
    assert "stderr    KeyError: '<bob>'" in repr(graded)


def test_the_page_is_safe_and_shows_what_failed() -> None:
    shown = check(5, Failing)._repr_html_()
    root = ET.fromstring(f"<div>{shown}</div>".replace("<details open>", "<details open='open'>"))  # noqa: S314
    folded = [node.get("open") for node in root.iter("details")]
    assert folded == [None, None, None, None, "open"]
    assert "KeyError: '<bob>'" in "".join(root.itertext())


def test_a_server_that_stands_still_is_told_and_holds_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grading, "PATIENCE", 0.2)
    monkeypatch.setattr(room, "END", 0.1)
    try:
        graded = check(5, Blocking, "who-alone")
    finally:
        BELL.set()
    assert not graded.passed
    assert "stands still: something in it waits without `await`" in repr(graded)


def test_who_waits_before_they_take_a_name_is_caught_every_time() -> None:
    class Waits(stage6.User):
        async def rename(self, new: str) -> None:
            if new in self.server.online_map:
                return await self.answer(phrases.NAME_TAKEN)
            await asyncio.sleep(0)
            old, self.name = self.name, new
            users = self.server.online_map.values()
            self.server.online_map = {user.name: user for user in users}
            return await self.answer(phrases.RENAMED.format(old=old, new=new))

    class WaitsServer(stage6.Server):
        user_class = Waits

    for _ in range(10):
        failure = check(6, WaitsServer, "race-for-a-name").failure
        assert failure
        assert failure.cause == "more than one was told that they are bob now"


def test_a_check_that_there_is_not_is_an_error() -> None:
    with pytest.raises(ValueError, match="no check of stages 1 to 2 is called 'who-alone'"):
        check(2, stage2.Server, "who-alone")


def test_a_wrong_text_is_located() -> None:
    class Polite(stage5.User):
        async def who(self) -> None:
            users = self.server.online_map.values()
            await self.answer(*[phrases.IS_ONLINE.format(name=u.name) + "!" for u in users])

    class PoliteServer(stage5.Server):
        user_class = Polite

    failure = check(5, PoliteServer, "who-alone").failure
    assert failure is not None
    assert failure.got == "[127.0.0.1:alice] is online!"
    assert failure.at == len("[127.0.0.1:alice] is online")
