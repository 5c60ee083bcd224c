"""The table of what a turn costs: a row for each number of lines, a cell for each of readers."""

import pytest

from benchmarks import turn


def test_every_read_and_turn_has_its_figure(capsys: pytest.CaptureFixture[str]) -> None:
    turn.main(["--repeat", "2"])
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head.count("|") == 3 + len(turn.READERS)
    assert [row.split("|")[1].strip() for row in rows] == ["1", "10", "1,000"]
    for row in rows:
        assert all(float(cell.replace(",", "")) > 0 for cell in row.split("|")[2:-1])


def test_what_is_said_is_written_to_each_reader() -> None:
    got: list[bytes] = []

    class Kept(turn.Sink):
        def write(self, data: bytes) -> None:
            got.append(data)

    house = turn.House(3, Kept)
    got.clear()
    house.hears(0, turn.LINE * 1000)
    house.run()
    assert [data.count(b"\n") for data in got] == [1000] * 3
