"""Other numbers in the finished server, without a change to it."""

import sys

import pytest

from benchmarks import knob
from benchmarks.contenders import Running, from_option
from benchmarks.run import load
from im_final import fanout, hearing


def test_a_constant_and_a_buffer_are_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "SLICE", fanout.SLICE)
    monkeypatch.setattr(hearing, "RECEIVE", hearing.RECEIVE)
    knob.turn("fanout.SLICE=7")
    knob.turn("hearing.RECEIVE=4096")
    assert fanout.SLICE == 7
    assert isinstance(hearing.RECEIVE, memoryview)
    assert len(hearing.RECEIVE) == 4096


@pytest.mark.parametrize(
    ("setting", "error"),
    [("SLICE=7", ValueError), ("fanout.SLICE", ValueError), ("fanout.SLICES=7", AttributeError)],
)
def test_what_there_is_not_cannot_be_set(setting: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        knob.turn(setting)


@pytest.mark.skipif(sys.platform != "linux", reason="the load uses epoll")
def test_it_serves_as_a_guest() -> None:
    words = f"{sys.executable} -m benchmarks.knob fanout.SLICE=2 -- serve --port {{port}}"
    with Running(from_option(f"small slices={words}")) as server:
        order = {"do": "conversation", "talkers": 1, "readers": 5, "size": 64, "seconds": 0.3}
        figures = load(server, order)
    assert figures["lines_per_second"] > 0
