"""What the pages say of the code is so: names, links, options, metrics, texts."""

import asyncio
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from im_final import phrases, settings, workers
from im_final.metrics import Numbers
from im_final.options import Options
from im_final.server import Server
from tests.docs.pages import (
    CLUSTER,
    DOCS,
    README,
    ROOT,
    RUNNING,
    WALK,
    anchors,
    blocks,
    links,
    names_in,
    sessions,
    text,
    without_blocks,
)
from tests.needs import need

PAGES = [RUNNING, WALK, CLUSTER, README]
WORDS = {"hello", "await"}  # In code type, and no names of code.
CODE = [*(ROOT / "im_final").glob("*.py"), *(ROOT / "stages").glob("*.py")]
NAME = r"[A-Za-z_]\w+(?:\.[a-z_]\w+)?"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_links_lead_somewhere(page: Path) -> None:
    assert links(text(page))
    for link in links(text(page)):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(text(target)), link


def test_all_that_the_walk_names_is_in_the_code() -> None:
    known = WORDS.union(*[names_in(path) for path in CODE])
    named = re.findall(rf"`({NAME})`", without_blocks(text(WALK)))
    assert len(named) > 100
    assert set(named) - known == set()


def test_what_is_named_beside_a_file_is_in_that_file() -> None:
    link = r"\[\w+\.py\]\((\S+?\.py)\)"
    after = re.findall(rf"{link} ((?:`{NAME}`(?:, )?)+)", text(WALK))
    before = re.findall(rf"((?:`{NAME}`(?:, )?)+) \({link}\)", text(WALK))
    pairs = after + [(path, names) for names, path in before]
    assert len(pairs) > 40
    for path, names in pairs:
        for name in re.findall(NAME, names):
            assert name in names_in(DOCS / path), f"{name} is not in {path}"


def test_the_picture_names_code() -> None:
    known = set[str]().union(*[names_in(path) for path in (ROOT / "im_final").glob("*.py")])
    picture = blocks(text(WALK), "")[0]
    assert set(re.findall(r"[A-Z]\w+\.\w+", picture)) - known == set()


def test_every_known_mistake_is_held_by_something() -> None:
    done = run("-m", "stages.check", "8", "--list")
    listed = {
        one
        for found in re.findall(r"\[([A-Z]\d(?:, [A-Z]\d)*)\]", done)
        for one in found.split(", ")
    }
    rows = re.findall(r"^\| ([A-Z]\d(?:(?:, |–)[A-Z]\d)*) \|", text(WALK), re.M)
    held = set()
    for row in rows:
        first, dash, last = row.partition("–")
        held |= (
            {f"{first[0]}{number}" for number in range(int(first[1]), int(last[1]) + 1)}
            if dash
            else set(row.split(", "))
        )
    assert listed
    assert listed - held == set()


def run(*words: str) -> str:
    """What a Python command prints."""
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, check=True, capture_output=True, encoding="utf-8",
        timeout=30,
    ).stdout  # fmt: skip


def test_the_table_of_options_is_that_of_the_code() -> None:
    assert run("tools/options_table.py") in text(RUNNING), "run tools/options_table.py --write"


def test_the_file_of_options_is_accepted_and_has_the_defaults_that_it_says() -> None:
    path = DOCS / "im-final.toml"
    assert settings.settle({"config": str(path)}).port == 9999
    limits = text(path).partition("at their defaults.")[2]
    defaults = {one.name: one.default for one in fields(Options)}
    said = tomllib.loads(limits)
    assert said.items() <= defaults.items()
    assert set(said) == {name for name in defaults if isinstance(defaults[name], int | float)} - {
        "port"
    }


def test_what_the_file_of_options_leaves_to_choose_is_accepted(tmp_path: Path) -> None:
    chosen = re.sub(r"^# (\w+ = )", r"\1", text(DOCS / "im-final.toml"), flags=re.M)
    for twice in ("max_per_address", "max_connections", "arrival_rate"):
        chosen = re.sub(rf"^{twice} = \d+\n", "", chosen, count=1, flags=re.M)
    path = tmp_path / "all.toml"
    path.write_text(chosen, encoding="utf-8")
    assert settings.settle({"config": str(path)}).exempt == ()


def test_texts_are_those_of_the_server() -> None:
    sent = {value for name, value in vars(phrases).items() if name.isupper()}
    quoted = [
        one
        for one in re.findall(r"`([^`\n]+)`", text(RUNNING))
        if re.search(r"[\u4e00-\u9fff]", one)
    ]
    assert len(quoted) > 8
    assert set(quoted) - sent == set()
    tells_of = {phrases.FULL, phrases.TOO_MANY, phrases.TOO_LONG, phrases.KICKED, phrases.NOT_UTF8,
                phrases.NAME_INVALID, phrases.NAME_TAKEN, phrases.TRIED_TOO_LATE,
                phrases.TRIED_TOO_OFTEN}  # fmt: skip
    assert tells_of <= set(quoted)


def test_every_reason_is_explained() -> None:
    code = "".join(text(path) for path in (ROOT / "im_final").glob("*.py"))
    reasons = set(re.findall(r'(?:leave|drop)\("([a-z ]+)"', code))
    reasons |= set(re.findall(r'refusals\["([a-z]+)"', code)) | {"lost", "address"}
    assert len(reasons) > 10
    for reason in reasons:
        assert f"`{reason}`" in text(RUNNING), reason


def test_metrics_are_those_of_the_server() -> None:
    async def ask() -> dict[str, str]:
        async with Server(port=0) as server:
            found = Numbers(server.statistics).collect()
            return {
                one.name + "_total" * (one.type == "counter"): one.documentation for one in found
            }

    said = dict(re.findall(r"^\| `(im_\w+)` \| (.*) \|$", text(RUNNING), re.M))
    made = asyncio.run(ask())
    assert list(said) == list(made)
    for name, explanation in made.items():
        assert said[name].startswith(explanation)


def test_one_who_takes_all_would_cost_what_the_page_says() -> None:
    page = text(RUNNING)
    name, around = 32 * 4, len(phrases.IS_ONLINE.format(name="").encode()) + 1
    assert f"is {name + around}\nbytes for each user" in page
    assert f"up to {(name + around) * 10_000 / 1e6:.1f} MB" in page
    assert f"{16 * 5 * 4096 * 10_000 / 1e9:.1f} GB/s" in page


def test_units_are_accepted_by_systemd() -> None:
    done = subprocess.run(
        [need("systemd-analyze"), "verify", "docs/im-final.service", "docs/im-final.socket"],
        cwd=ROOT, check=False, capture_output=True, encoding="utf-8", timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_allows_what_the_defaults_need() -> None:
    unit = dict(re.findall(r"^(\w+)=(.*)$", text(DOCS / "im-final.service"), re.M))
    assert int(unit["LimitNOFILE"]) > settings.Settings().max_connections + 64
    assert float(unit["TimeoutStopSec"]) > settings.Settings().drain + workers.END


def test_the_snippet_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    [snippet] = [one for one in blocks(text(README), "python") if "im_final" in one]
    indented = "".join(f"    {line}\n" for line in snippet.splitlines())
    namespace: dict[str, Any] = {}
    exec(f"async def embedded():\n{indented}", namespace)  # noqa: S102 - it is our own page
    asyncio.run(namespace["embedded"]())
    assert re.fullmatch(r"\d+ 0\n", capsys.readouterr().out)


def test_the_command_in_the_readme_is_the_one_that_starts_it() -> None:
    [command] = [one for one in blocks(text(README), "console") if "im_final" in one]
    assert command.strip() == sessions(text(RUNNING))[0][0].command
