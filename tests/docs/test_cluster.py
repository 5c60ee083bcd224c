"""`docs/cluster.md`: its three nodes, its two people and its texts, with other ports."""

import contextlib
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from im_final import phrases
from im_final.cluster import address
from im_final.metrics import of_link
from im_final.statistics import LinkStatistics
from stages.check.program import becomes_true, free_port
from tests.docs.pages import CLUSTER, ROOT, Step, sessions, text
from tests.docs.terminals import (
    PATIENCE,
    Page,
    Person,
    Terminal,
    play,
    port_in,
    serve_words,
    terminal,
)
from tests.needs import need
from tools.soak.house import Store

NODES, TALK, LOOK = sessions(text(CLUSTER))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The Redis that Debian has started."""
    need("redis-server")
    running = Store(tmp_path)
    try:
        running.start()
        yield running
    finally:
        running.stop()


def words(step: Step, store: Store, metrics: int) -> list[str]:
    """The command of a page, at other ports."""
    command = step.command.replace(".venv/bin/python", "python3")
    command = command.replace("127.0.0.1:6379", f"127.0.0.1:{store.port}")
    return serve_words(re.sub(r"--metrics \d+", f"--metrics {metrics}", command))


def talk_of(label: str) -> list[str]:
    """What one of the people types and reads."""
    [block] = re.findall(rf"^{label}:\n\$ nc .*\n((?:(?!```).+\n)+)", text(CLUSTER), re.M)
    return str(block).splitlines()


def test_three_nodes_and_two_people(store: Store) -> None:
    with contextlib.ExitStack() as stack:
        nodes: list[Terminal] = []
        ports: list[int] = []
        for step in NODES:
            metrics = free_port()
            nodes.append(stack.enter_context(terminal(words(step, store, metrics), ROOT)))
            begun = nodes[-1].line()
            ports.append(port_in(begun))
            assert step.lines[0].partition("127")[0][24:] == begun.partition("127")[0][24:]
            assert becomes_true(lambda port=metrics: is_well(port), PATIENCE)
            told = nodes[-1].line().replace(f":{store.port}/", ":6379/")
            assert told[24:].rpartition(" ")[0] == step.lines[1][24:].rpartition(" ")[0]
        page, [first, *alices], [second, *bobs] = Page(0), talk_of("alice"), talk_of("bob")
        alice = stack.enter_context(Person(ports[0]))
        play([first], alice, page)
        bob = stack.enter_context(Person(ports[1]))
        play([second, *bobs[:2]], bob, page)
        play(alices[:5], alice, page)
        play(bobs[2:], bob, page)
        play(alices[5:6], alice, page)
        nodes[1].process.kill()
        play(alices[6:], alice, page)


def is_well(port: int) -> bool:
    """Whether a node says so."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE) as page:
            return page.status == 200
    except OSError:
        return False


def test_the_texts_are_those_that_are_sent() -> None:
    quoted = [one for one in re.findall(r"`([^`\n]+)`", text(CLUSTER)) if re.search("[一-鿿]", one)]
    assert set(quoted) == {
        phrases.AWAY, phrases.BACK, phrases.MISSED, phrases.NOT_SENT, phrases.PRIVATE_LOST,
        phrases.NAME_INVALID,
    }  # fmt: skip


def test_the_metrics_are_those_of_the_link() -> None:
    said = dict(re.findall(r"^\| `(im_\w+)` \| (.*) \|$", text(CLUSTER), re.M))
    made = of_link(LinkStatistics("up", 0, 0.0, 0, 0, 1, 1, 0))
    assert set(said) == {one.name + "_total" * (one.type == "counter") for one in made}


def test_the_options_of_a_url_are_those_that_are_taken() -> None:
    [said] = re.findall(r"^\* Options stand behind a .*?(?=^\* )", text(CLUSTER), re.M | re.S)
    taken = {*address.LOGIN, *address.SENTINEL_LOGIN, *address.FILES, *address.CHOICES, "db"}
    refused = {"socket_timeout", "protocol"}
    assert set(re.findall(r"`([a-z_]+)[=`]", said)) - {"rediss"} == taken | refused


def test_the_urls_can_be_read() -> None:
    found = re.findall(r"(?:rediss?|unix)(?:\+sentinel)?://[^\s`\"]+", text(CLUSTER))
    assert len(found) > 10
    for url in found:
        address.read(url.replace("PORT", "6379").rstrip(","))


def test_the_compose_file_is_for_this_program() -> None:
    options = re.findall(r"(?<= )--[a-z-]+", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    assert {"--backplane", "--host", "--metrics"} <= set(options)
