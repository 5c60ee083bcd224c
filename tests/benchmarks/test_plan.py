"""What is measured, in which order, for how long, and what becomes of an interrupted run."""

import argparse
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import __main__ as command
from benchmarks import contenders as contenders_module
from benchmarks import run as run_module
from benchmarks.contenders import (
    CONTENDERS,
    LIMIT,
    CannotRun,
    Contender,
    Running,
    filled,
    from_option,
    tutorial,
)
from benchmarks.record import Record, Result
from benchmarks.run import Benchmark, turned
from benchmarks.scenarios import Case, case_name, chosen, make, suits

BY_NAME = {one.name: one for one in (*CONTENDERS, LIMIT, tutorial("./server"))}
GUEST = from_option("mine=./my-server {port}")
ONE, TWO = Contender("one", ["true"]), Contender("two", ["true"])


class Rehearsal(Benchmark):
    """Measures nothing; who is in `fails` cannot do anything."""

    def __init__(self, rounds: int, fails: tuple[str, ...] = (), stop_after: int = 1000) -> None:
        super().__init__(list(chosen(make(1.0), ["flood"])), [ONE, TWO], rounds)
        self.fails = fails
        self.stop_after = stop_after
        self.seen: list[tuple[int, str, str]] = []

    def measure(self, case: Case, contender: Contender, number: int) -> Result:
        if len(self.seen) == self.stop_after:
            raise KeyboardInterrupt
        self.seen.append((number, case.name, contender.name))
        error = "no" if contender.name in self.fails else ""
        figures = {} if error else {"lines_per_second": 1.0}
        return Result(case.scenario, case.name, contender.name, number, figures, error)


def cases(name: str) -> list[Case]:
    (scenario,) = chosen(make(1.0), [name])
    return scenario.cases


def test_contenders_follow_each_other_in_each_case_and_another_begins_each_round() -> None:
    rehearsal = Rehearsal(2)
    rehearsal.run()
    first, second = (
        [(case, name) for number, case, name in rehearsal.seen if number == n] for n in (0, 1)
    )
    names = [case.name for case in cases("flood")]
    assert first == [(case, name) for case in names for name in ("one", "two")]
    assert second == [(case, name) for case in names for name in ("two", "one")]
    assert turned([], 3) == []


def test_what_could_not_be_finished_once_is_not_tried_again_and_costs_no_time() -> None:
    rehearsal = Rehearsal(3, fails=("two",))
    plan = list(rehearsal.plan())
    rehearsal.run()
    assert [number for number, _, name in rehearsal.seen if name == "two"] == [0] * 4
    tried = [number for number, _, name in rehearsal.seen if name == "one"]
    assert tried == [*[0] * 4, *[1] * 4, *[2] * 4]
    step = next(step for step in plan if step[1] is TWO)
    assert rehearsal.seconds([step]) == 0.0


def test_the_estimate_learns_how_long_a_case_takes() -> None:
    rehearsal = Rehearsal(1)
    plan = list(rehearsal.plan())
    assert rehearsal.seconds(plan) == sum(case.seconds for case, _, _ in plan) > 0
    case, contender, _ = plan[0]
    rehearsal.took[case, contender.name] = 100.0
    assert rehearsal.seconds(plan[:1]) == 100.0


def test_what_was_measured_before_ctrl_c_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsal = Rehearsal(5, stop_after=3)
    monkeypatch.setattr(command, "Benchmark", lambda *_: rehearsal)
    options = argparse.Namespace(rounds=5, seconds=1.0, out=tmp_path / "out")
    options.out.mkdir()
    assert command.measure(rehearsal.scenarios, rehearsal.contenders, options, None) == 130
    assert len(Record.read(tmp_path / "out" / "results.json").results) == 3
    assert "## a. Flood" in (tmp_path / "out" / "report.md").read_text()
    assert (tmp_path / "out" / "flood.svg").exists()
    told = capsys.readouterr().err
    assert "interrupted; what was measured is written" in told
    (tmp_path / "out" / "report.md").unlink()
    assert command.main(["report", str(tmp_path / "out")]) == 0
    assert "## a. Flood" in (tmp_path / "out" / "report.md").read_text()


def test_who_is_not_installed_is_named_with_the_package_and_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(
        contenders_module.shutil, "which", lambda word: None if word == "redis-server" else word
    )
    monkeypatch.setattr(Benchmark, "run", lambda _: None)
    options = argparse.Namespace(rounds=1, seconds=1.0, out=tmp_path)
    redis = BY_NAME["redis"]
    assert command.measure(list(make(1.0)), [redis], options, None) == 0
    told = " ".join(capsys.readouterr().err.split())
    assert "without redis: redis-server is not installed; Debian's package is redis-server" in told
    assert Benchmark(list(make(1.0)), [redis], 1).contenders == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run", "--only", "flud"], "there is no scenario flud; there are flood, conversation"),
        (
            ["run", "--peers", "rediss"],
            "there is no contender rediss; there are im_final; im_final",
        ),
        (["run", "--peer", "mine"], "'mine' is not NAME=COMMAND with {port} in it"),
        (["report", "nowhere"], "No such file or directory: 'nowhere/results.json'"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(words)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("scenario", "at", "name", "takes_part"),
    [
        ("flood", 0, "ngircd", True),
        ("size", 0, "ngircd", True),
        ("size", 2, "ngircd", False),
        ("private", 0, "ngircd", False),
        ("private", 0, "limit", False),
        ("flood", 3, "limit", True),
        ("tls", 0, "im_final, TLS", True),
        ("flood", 0, "im_final, TLS", False),
        ("tls", 0, "im_final", False),
        ("join storm", 0, "tutorial (Go)", True),
        ("join storm", 1, "tutorial (Go)", False),
    ],
)
def test_who_takes_part_where(scenario: str, at: int, name: str, takes_part: bool) -> None:
    assert suits(cases(scenario)[at], BY_NAME[name]) is takes_part


def test_a_guest_takes_part_in_all_but_tls() -> None:
    assert {case.scenario for one in make(1.0) for case in one.cases if not suits(case, GUEST)} == {
        "tls"
    }


def test_a_guest_comes_with_those_who_are_chosen() -> None:
    options = argparse.Namespace(
        peers=["redis"], peer=["mine=./my-server {port}"], tutorial="./server"
    )
    assert [one.name for one in command.choose(options)] == ["redis", "mine"]


def test_a_case_is_called_by_its_numbers() -> None:
    assert (
        case_name({"talkers": 1, "readers": 1000, "size": 16})
        == "1 talker, 1,000 readers, 16 bytes"
    )


def test_the_share_is_of_what_the_same_server_delivers_just_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def load(running: object, order: dict[str, Any]) -> dict[str, float]:
        asked.append((running, order))
        return {"lines_per_second": 5000.0}

    monkeypatch.setattr(run_module, "load", load)
    monkeypatch.setattr(run_module, "Running", nullcontext)
    quarter = cases("steady")[0]
    Benchmark([], [], 1).measure(quarter, ONE, 0)
    (where, flood), (same, steady) = asked
    assert where is same
    assert (flood["do"], flood["readers"]) == ("flood", steady["readers"])
    assert steady["rate"] == 0.25 * 5000 / flood["readers"]


def test_what_was_measured_before_a_bug_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsal = Rehearsal(1)
    rehearsal.results = [Result("flood", "10 readers", "one", 0, {"lines_per_second": 1.0})]
    monkeypatch.setattr(rehearsal, "run", lambda: 1 / 0)
    monkeypatch.setattr(command, "Benchmark", lambda *_: rehearsal)
    options = argparse.Namespace(rounds=1, seconds=1.0, out=tmp_path)
    with pytest.raises(ZeroDivisionError):
        command.measure(rehearsal.scenarios, rehearsal.contenders, options, None)
    assert Record.read(tmp_path / "results.json").results == rehearsal.results


def test_who_stops_at_once_keeps_what_the_folder_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "results.json").write_text("an old run", encoding="utf-8")
    rehearsal = Rehearsal(1, stop_after=0)
    monkeypatch.setattr(command, "Benchmark", lambda *_: rehearsal)
    options = argparse.Namespace(rounds=1, seconds=1.0, out=tmp_path)
    assert command.measure(rehearsal.scenarios, rehearsal.contenders, options, None) == 130
    assert (tmp_path / "results.json").read_text(encoding="utf-8") == "an old run"
    assert "nothing is written" in capsys.readouterr().err


def test_two_contenders_have_two_names() -> None:
    options = argparse.Namespace(peers=[], peer=["redis=./my-server {port}"], tutorial=None)
    with pytest.raises(ValueError, match="two contenders are called redis"):
        command.choose(options)


def test_only_what_is_known_is_put_in() -> None:
    assert filled("${HOME} {port} {x}", {"port": 7}) == "${HOME} 7 {x}"


def test_one_that_cannot_tell_its_version_has_its_note() -> None:
    assert replace(tutorial("./server"), ask=["/nowhere/go"]).version() == tutorial("x").note


def test_what_cannot_be_run_does_not_take_part(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_bytes(b"no program")
    program.chmod(0o755)
    with pytest.raises(CannotRun, match="server: "):
        Running(Contender("mine", [str(program)]))


def test_what_is_measured_again_takes_the_place_of_what_was_and_no_more(tmp_path: Path) -> None:
    old = [Result(name, "a case", "one", 0) for name in ("flood", "private")]
    Record("machine", {"one": "1"}, 2, 1.0, old).write(tmp_path / "results.json")
    options = argparse.Namespace(out=tmp_path, rounds=2, seconds=1.0)
    kept = command.keep(options, list(chosen(make(1.0), ["private"])))
    assert kept.results == old[:1]
    options.rounds = 3
    with pytest.raises(ValueError, match="has 2 rounds of 1 s"):
        command.keep(options, [])


def test_every_contender_says_what_it_is() -> None:
    assert BY_NAME["im_final"].version().startswith("Python 3.")
    assert "uvloop" in BY_NAME["im_final, uvloop"].version()
    assert GUEST.version() == "./my-server '{port}'"


def test_a_version_does_not_say_where_on_this_machine_the_program_is() -> None:
    program = "/home/me/server"
    said = replace(tutorial(program), ask=["echo", f"{program}: go1.19.8"]).version()
    assert said.startswith("go1.19.8; ")
