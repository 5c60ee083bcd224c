"""`python -m stages.check` as it is typed: what it prints, and its exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stages.check import catalogue
from stages.check.__main__ import main
from stages.check.program import Program, becomes_true
from stages.check.suite import select
from tests.check.wire import LONG, nobody_listens

STAGE_2 = ("--", sys.executable, "-m", "stages.stage2", "--port", "{port}")
README = Path(__file__).parents[2] / "README.md"
GOLDEN = Path(__file__).parents[1] / "wrong_servers" / "golden"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stages.check", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_all_hold() -> None:
    done = run("1", "--only", "connects", *STAGE_2)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("stage 1: basic server\n  ✓ ")
    assert done.stdout.endswith("1 of 1 checks for stage 1 hold.\n")


def test_one_fails_and_the_rest_is_not_run() -> None:
    done = run("3", *STAGE_2)
    assert (done.returncode, done.stderr) == (1, "")
    planned = len(select(catalogue.CHECKS, 3))
    assert "  ✗ " in done.stdout
    assert "      hint      " in done.stdout
    last, again = done.stdout.splitlines()[-2:]
    assert last.startswith(f"1 of {planned} checks for stage 3 failed, ")
    assert again == f"To run one again: --only {last.rpartition(' ')[2]}"


def test_it_goes_on_after_a_failure_when_told_to() -> None:
    done = run("3", "--keep-going", "--only", "chat", "--only", "connects", *STAGE_2)
    assert done.returncode == 1
    assert "1 of 2 checks for stage 3 failed: chat" in done.stdout


def test_json_is_for_programs() -> None:
    done = run("3", "--json", "--keep-going", "--only", "chat", "--only", "connects", *STAGE_2)
    assert (done.returncode, done.stderr) == (1, "")
    report = json.loads(done.stdout)
    assert (report["stage"], report["planned"], report["passed"]) == (3, 2, False)
    connects, chat = report["results"]
    assert (connects["check"], connects["status"]) == ("connects", "passed")
    assert (chat["check"], chat["status"], chat["stage"]) == ("chat", "failed", 3)
    for key in ("transcript", "expected", "cause", "hint", "seconds", "title"):
        assert chat[key]


@pytest.mark.parametrize("stage", range(1, 9))
def test_the_list_shows_the_checks_of_a_stage_and_runs_none(stage: int) -> None:
    done = run(str(stage), "--list")
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line.split()[0] for line in done.stdout.splitlines() if line.startswith("  ")]
    assert listed == [check.name for check in select(catalogue.CHECKS, stage)]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "the following arguments are required: STAGE"),
        (["9"], "argument STAGE: invalid choice: 9"),
        (["2"], "say where the server is: either --connect HOST:PORT or -- COMMAND"),
        (["2", "--"], "say where the server is"),
        (["2", "--connect", "1.2.3.4:5", "--", "server", "{port}"], "say where the server is"),
        (["2", "--connect", "9999"], "'9999' is not HOST:PORT, as in 127.0.0.1:9999"),
        (["2", "--connect", "127.0.0.1:99999"], "port 99999 is out of range: use 1 to 65535"),
        (["2", "--connect", "127.0.0.1:0"], "port 0 is out of range: use 1 to 65535"),
        (["2", "--patience", "nan", *STAGE_2], "'nan' is not a number of seconds: above 0, to"),
        (["2", "--patience", "inf", *STAGE_2], "'inf' is not a number of seconds: above 0, to"),
        (["2", "--idle", "-1", *STAGE_2], "argument --idle: '-1' is not a number of seconds"),
        (["2", "--start", "soon", *STAGE_2], "argument --start: 'soon' is not a number of seco"),
        (["2", "--connect", "127.0.0.1:" + 5000 * "9"], "is out of range: use 1 to 65535"),
        (["2", "--idle", "1e300", *STAGE_2], "above 0, to"),
        (["2", "--pat", "3", *STAGE_2], "unrecognized arguments: --pat 3"),
        (["2", "--", "server"], "the command needs {port} in it"),
        (["2", "--only", "chat", *STAGE_2], "no check of stages 1 to 2 is called 'chat'"),
    ],
)
def test_a_wrong_command_line_is_told_what_is_right(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    usage, _, last = capsys.readouterr().err.strip().rpartition("\n")
    assert usage.startswith("usage: python -m stages.check STAGE")
    assert message in last


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["no-such-program", "{port}"], "cannot run no-such-program: No such file or directory"),
        (
            [sys.executable, "-c", "raise SystemExit('ouch')", "{port}"],
            "the server ended at once, with status 1: ouch",
        ),
    ],
)
def test_a_command_that_does_not_run_is_told_in_one_line(command: list[str], message: str) -> None:
    done = run("1", "--", *command)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"python -m stages.check: {message}\n"


def test_where_nobody_listens_the_first_check_fails() -> None:
    done = run("1", "--connect", "{}:{}".format(*nobody_listens()))
    assert done.returncode == 1
    assert "no connection: connection refused" in done.stdout


def test_a_server_that_runs_already_is_checked_where_it_is() -> None:
    server = Program([*STAGE_2[1:]], idle=0)
    try:
        server.wait_until_listening(LONG)
        done = run("2", "--connect", f"127.0.0.1:{server.port}")
        assert server.wait_end(0) is None
    finally:
        server.stop()
    assert (done.returncode, done.stderr) == (0, "")
    assert "skipped)." in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_ctrl_c_ends_it_and_the_server_it_started(tmp_path: Path) -> None:
    silent = tmp_path / "silent.py"
    silent.write_text(
        "import os, socket, sys, time\n"
        "with open(sys.argv[2], 'a') as file: print(os.getpid(), file=file)\n"
        "listener = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "listener.accept()[0].close()\n"
        "time.sleep(60)\n"
    )
    pids = tmp_path / "pids"
    command = [sys.executable, "-m", "stages.check", "2", "--patience", "50", "--"]
    command += [sys.executable, str(silent), "{port}", str(pids)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as process:
        assert process.stdout
        process.stdout.readline()  # The heading: the first check is over.
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr == "interrupted\n"
    for started in pids.read_text().split():
        with pytest.raises(ProcessLookupError):
            os.kill(int(started), 0)


def test_the_failure_in_the_readme_is_one_that_is_shown() -> None:
    _, _, shown = (GOLDEN / "x_full_width_comma.txt").read_text(encoding="utf-8").partition("\n")
    assert f"```\n{shown}```" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_when_the_terminal_is_closed_the_server_ends_too(number: int, tmp_path: Path) -> None:
    told = tmp_path / "pid"
    server = f"echo $$ > {told}; exec {sys.executable} -m stages.stage3 --port {{port}}"
    command = [sys.executable, "-m", "stages.check", "3", "--", "sh", "-c", server]
    checks = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert becomes_true(lambda: told.exists() and told.read_text().endswith("\n"), LONG)
        checks.send_signal(number)
        assert checks.wait(LONG) == 130
    finally:
        checks.kill()
        checks.wait()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
