"""The report: medians over rounds, ratios within a round, slopes, and nothing left out silently."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.page import page
from benchmarks.plots import plot
from benchmarks.record import Record, Result
from benchmarks.report import Table, exponent, shown
from benchmarks.scenarios import Scenario, make

VERSIONS = {"im_final": "Python 3", "redis": "Redis 7", "ngircd": "ngIRCd 26"}


def scenario(name: str) -> Scenario:
    return next(one for one in make(1.0) if one.name == name)


def flood(contender: str, number: int, rate: float, case: int = 1, **more: Any) -> Result:
    """A result of the flood; case 1 is the one with 100 readers."""
    figures = {"lines_per_second": rate, **more}
    return Result("flood", scenario("flood").cases[case].name, contender, number, figures)


def record(*results: Result) -> Record:
    return Record("2 x CPU", VERSIONS, 3, 1.0, list(results))


def section(text: str, name: str) -> list[list[str]]:
    """The rows of the table after a line that begins so, cell by cell."""
    lines = text[text.index(f"\n{name}") :].split("\n\n")[1].split("\n")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line]


def test_a_figure_is_the_median_of_its_rounds() -> None:
    table = Table([flood("im_final", number, rate) for number, rate in enumerate((1, 90, 3))])
    case = scenario("flood").cases[1]
    assert table.median(case, "im_final") == 3
    assert table.median(case, "redis") is None


def test_a_ratio_is_taken_within_a_round_and_only_there() -> None:
    rounds = [(10, 1), (200, 100), (30, 10)]  # The machine was slow in the first.
    results = [flood("im_final", n, ours) for n, (ours, _) in enumerate(rounds)]
    results += [flood("redis", n, theirs) for n, (_, theirs) in enumerate(rounds)]
    results += [flood("redis", 7, 1000.0), flood("im_final", 8, 1000.0)]
    assert Table(results).advantage(scenario("flood").cases[1], "im_final", "redis") == 3


def test_where_less_is_better_the_smaller_is_so_many_times_better() -> None:
    case = scenario("idle").cases[0]
    results = [
        Result("idle", case.name, name, 0, {"bytes_per_connection": value})
        for name, value in (("im_final", 2.0), ("redis", 10.0))
    ]
    assert Table(results).advantage(case, "im_final", "redis") == 5


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0, 2.0])
def test_a_slope_is_the_power_with_which_the_cost_grows(power: float) -> None:
    cases = scenario("flood").cases
    results = [
        flood("im_final", 0, 1.0, at, cpu_per_line_said=3e-6 * case.order["readers"] ** power)
        for at, case in enumerate(cases)
    ]
    assert exponent(cases, "readers", "im_final", Table(results)) == pytest.approx(power)


def test_one_point_has_no_slope() -> None:
    table = Table([flood("im_final", 0, 1.0, cpu_per_line_said=1.0)])
    assert exponent(scenario("flood").cases, "readers", "im_final", table) is None


def test_conversations_have_a_slope_for_each_number_of_readers() -> None:
    cases = scenario("conversation").cases
    results = [
        Result(
            "conversation",
            case.name,
            "im_final",
            0,
            {"lines_per_second": 1.0, "cpu_per_line_said": 1 / case.order["talkers"]},
        )
        for case in cases
    ]
    rows = section(page(record(*results)), "The processor time of a line")
    assert rows[2:] == [["64 bytes, 100 readers", "-1"], ["64 bytes, 1,000 readers", "-1"]]


def test_the_page_has_what_it_was_run_on_and_every_table() -> None:
    results = [
        flood("im_final", 0, 2e6, cpu_per_million=0.5, cpu=1.0, load_cpu=0.25),
        flood("redis", 0, 4e5, cpu_per_million=2.5, cpu=0.5, load_cpu=0.125, lost=3),
        Result("flood", "5,000 readers", "ngircd", 0, error="nothing came of it within 60 s"),
    ]
    text = page(record(*results))
    assert text.startswith("2 x CPU. 3 rounds, medians; each measurement took 1 s.\n\n")
    assert "- redis: Redis 7\n" in text
    assert section(text, "In lines/s")[0] == ["lines/s", "im_final", "redis"]
    assert ["100 readers", "2 M", "400 k"] in section(text, "In lines/s")
    assert ["100 readers", "5"] in section(text, "How many times better im_final is")
    assert ["100 readers", "0.5", "2.5"] in section(text, "Processor seconds")
    assert ["100 readers", "1 / 0.25", "0.5 / 0.125"] in section(text, "How busy the server's")
    assert "- im_final, 100 readers: measured in 1 of 3 rounds\n" in text
    assert "- redis, 100 readers: 3 connections were dropped, in all rounds together\n" in text
    assert "- ngircd, 5,000 readers: nothing came of it within 60 s\n" in text
    assert "![a. Flood](flood.svg)\n" in text
    assert "## b." not in text


def test_latencies_are_milliseconds() -> None:
    case = scenario("conversation").cases[0]
    figures = {"lines_per_second": 1e3, "p50": 0.0005, "p99": 0.002, "p999": None}
    text = page(record(Result("conversation", case.name, "im_final", 0, figures)))
    assert ["1 talker, 100 readers", "0.5 / 2 /"] in section(text, "p50 / p99 / p99.9")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "s", ""),
        (26_500_000.0, "lines/s", "26.5 M"),
        (880.0, "lines/s", "0.88 k"),
        (2716.4, "bytes", "2,716"),
        (0.01234, "s", "0.0123"),
        (1490.2, "", "1,490"),
    ],
)
def test_figures_have_three_digits_that_mean_something(
    value: float | None, unit: str, text: str
) -> None:
    assert shown(value, unit) == text


def test_a_record_can_be_read_again(tmp_path: Path) -> None:
    whole = record(flood("im_final", 0, 2e6), Result("flood", "10 readers", "redis", 1, error="no"))
    whole.write(tmp_path / "results.json")
    assert Record.read(tmp_path / "results.json") == whole


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"results": [{"x": 1}]}'])
def test_what_is_no_record_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "results.json").write_text(text)
    with pytest.raises(ValueError, match="is no record of a run"):
        Record.read(tmp_path / "results.json")


def test_each_scenario_that_was_measured_has_a_picture_and_the_same_each_time(
    tmp_path: Path,
) -> None:
    whole = record(flood("im_final", 0, 2e6), flood("redis", 0, 1e6), flood("redis", 0, 1e6, 2))
    pictures = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        assert [path.name for path in plot(whole, folder)] == ["flood.svg"]
        pictures.append((folder / "flood.svg").read_text())
    assert pictures[0] == pictures[1]
    assert "100 readers" in pictures[0]
