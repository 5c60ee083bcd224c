"""The page about speed says what the run that lies beside it has found, and nothing else."""

import re
from collections import Counter

import pytest

from benchmarks import goals
from benchmarks.page import page
from benchmarks.record import Record
from benchmarks.report import Table, grid
from benchmarks.scenarios import Case, make
from tests.docs.pages import DOCS, README, anchors, links, text

PAGE = DOCS / "benchmarks.md"
FOLDER = DOCS / "benchmarks"
RECORD = Record.read(FOLDER / "results.json")
SCENARIOS = make(RECORD.seconds)
TABLE = Table(RECORD.results)


def case(scenario: str, name: str) -> Case:
    """One of those that were measured."""
    [found] = [
        one for many in SCENARIOS for one in many.cases if (many.name, one.name) == (scenario, name)
    ]
    return found


def in_the_readme() -> list[str]:
    """The three figures that it quotes."""
    flood, talk = case("flood", "1,000 readers"), case("conversation", "20 talkers, 100 readers")
    lines = TABLE.median(flood, "im_final") or 0.0
    times = TABLE.advantage(flood, "im_final", "redis") or 0.0
    echo = TABLE.median(talk, "im_final", "p50") or 0.0
    return [f"{lines / 1e6:.3g} million lines", f"{times:.3g} times", f"{echo * 1000:.2g} ms"]


def test_it_was_measured_five_times() -> None:
    assert RECORD.rounds == 5
    rounds = Counter(
        (one.scenario, one.case, one.contender) for one in RECORD.results if one.figures
    )
    finished = [count for key, count in rounds.items() if key not in TABLE.errors]
    assert set(finished) == {5}


def test_the_report_is_that_of_the_results() -> None:
    assert text(FOLDER / "report.md") == page(RECORD)


def test_every_plot_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", page(RECORD))
    assert pictures
    assert all((FOLDER / name).is_file() for name in pictures)


def test_the_claim_is_what_was_reached() -> None:
    assert grid("", goals.OURS, goals.rows(SCENARIOS, TABLE)) in text(PAGE)


def test_what_was_missed_is_explained_and_nothing_else() -> None:
    missed = {row[0] for row in goals.rows(SCENARIOS, TABLE) if "not reached" in "".join(row)}
    explained = set(re.findall(r"^\* \*\*(.*?)\.\*\*", text(PAGE), re.M))
    names = {name for one in explained for name in one.split("; ")}
    assert names == missed


def test_links_lead_somewhere() -> None:
    for link in links(text(PAGE)):
        path, _, anchor = link.partition("#")
        target = (PAGE.parent / path).resolve() if path else PAGE
        assert target.exists(), link
        assert not anchor or anchor in anchors(text(target)), link


@pytest.mark.parametrize("number", range(3))
def test_what_the_readme_quotes_was_measured(number: int) -> None:
    assert in_the_readme()[number] in re.sub(r"\s+", " ", text(README))
