"""Notebooks as people use them: cells run twice, all again, side by side, interrupted."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from jupyter_client.manager import start_new_kernel

from tests.notebooks.kernels import (
    ALL,
    FOLDER,
    LESSONS,
    code_cells,
    errors,
    new_cell,
    run,
    run_each,
    shown,
)

IMPATIENT = new_cell("import stages.lab.room\nstages.lab.room.PATIENCE = 0.3")
TOLD_IN_WORDS = {"Failure"}  # Reading a line that was read already is an error, in one line.

LONGEST_FIRST = ALL[::-1]  # They are run and waited for in this order, so no test waits for all.
every_notebook = pytest.mark.parametrize("path", LONGEST_FIRST, ids=lambda path: path.stem)


def each_cell_twice_and_then_all(path: Path) -> list[Any]:
    cells = code_cells(path)
    twice = [again for cell in cells for again in (cell, cell)]
    return [IMPATIENT, *twice, new_cell("stages.lab.room.PATIENCE = 2.0"), *cells]


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[Path, Future[list[Any]]]]:
    """Each notebook in such a run."""
    yield from run_each({path: each_cell_twice_and_then_all(path) for path in LONGEST_FIRST})


@every_notebook
def test_a_cell_run_twice_does_no_harm_and_run_all_works_after_it(
    path: Path, runs: dict[Path, Future[list[Any]]]
) -> None:
    cells = code_cells(path)
    done = runs[path].result()
    assert set(errors(done)) <= TOLD_IN_WORDS
    after = done[-len(cells) :]
    assert errors(after) == []
    assert [shown(cell) for cell in after] == [shown(cell) for cell in cells]


@pytest.mark.parametrize("path", LESSONS[:3], ids=lambda path: path.stem)
def test_two_kernels_on_one_notebook_know_nothing_of_each_other(path: Path) -> None:
    cells = code_cells(path)
    with ThreadPoolExecutor(2) as pool:
        for done in pool.map(run, [cells, cells]):
            assert [shown(cell) for cell in done] == [shown(cell) for cell in cells]


def test_a_cell_that_raises_leaves_the_room_as_it_is() -> None:
    cells = [
        new_cell(source)
        for source in (
            "from stages import stage3\nfrom stages.lab import Room",
            "room = Room(stage3.Server)\nalice, bob = room.join('alice', 'bob')",
            "alice.send('before')\nraise RuntimeError('oh')",
            "room.read()",
        )
    ]
    done = run(cells)
    assert errors(done) == ["RuntimeError"]
    assert "alice, bob ← [127.0.0.1:alice]127.0.0.1:alice:before" in shown(done[-1])[0]


def test_a_wait_in_vain_is_told_in_one_line_without_a_traceback() -> None:
    cells = [
        new_cell("from stages import stage3\nfrom stages.lab import Room"),
        IMPATIENT,
        new_cell("alice = Room(stage3.Server).join('alice')\nalice.read()"),
    ]
    (output,) = run(cells)[-1].outputs
    assert output.ename == "Failure"
    assert output.traceback == ["alice: nothing came in 0.3 s"]


def test_an_error_at_the_start_is_shown_in_the_cell() -> None:
    cells = [
        new_cell("from stages import stage3\nfrom stages.lab import Room"),
        new_cell(
            "class Broken(stage3.Server):\n"
            "    async def start(self):\n"
            "        raise OSError('no port today')\n"
            "Room(Broken)"
        ),
    ]
    assert shown(run(cells)[-1]) == ["OSError: no port today"]


def test_an_interrupted_cell_leaves_everything_usable() -> None:
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(FOLDER))
    try:

        def result(code: str, *, interrupt: bool = False) -> str:
            """Run a cell to its end; returns the exception it ended with, or nothing."""
            ended = []
            if interrupt:

                def stop_when_it_waits(message: dict[str, object]) -> None:
                    if message["msg_type"] == "stream":
                        manager.interrupt_kernel()

                reply = client.execute_interactive(code, timeout=30, output_hook=stop_when_it_waits)
            else:
                reply = client.execute_interactive(code, timeout=30, output_hook=ended.append)
            return str(reply["content"].get("ename", ""))

        setup = "from stages import stage3\nfrom stages.lab import Room\n"
        setup += "room = Room(stage3.Server)\nalice, bob = room.join('alice', 'bob')"
        assert result(setup) == ""
        assert result("print('now', flush=True)\nalice.listen(25)", interrupt=True) == (
            "KeyboardInterrupt"
        )
        assert result("bob.send('still there?')\nroom.read()") == ""
        assert result(setup) == ""
        assert result("room.close()\nRoom.close_all()") == ""
    except Empty:
        pytest.fail("the kernel does not answer")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
