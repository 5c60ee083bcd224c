"""What the program can be told, on the command line and in a file; and what it says in return."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from im_final import phrases
from tests.im_final.certificates import Certificate
from tests.im_final.children import PATIENCE, POSIX, events, logs, run, running

MODULE_IS_MISSING = """
import sys
sys.modules[{name!r}] = None
from im_final.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def without(module: str, *words: str) -> subprocess.CompletedProcess[str]:
    """The program where a library is not installed; it ends by itself."""
    code = MODULE_IS_MISSING.format(name=module)
    return subprocess.run(
        [sys.executable, "-c", code, "serve", "--port", "0", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )


def test_options_come_from_a_file_and_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    config = tmp_path / "chat.toml"
    config.write_text('max_connections = 1\nidle_timeout = 60\nlog = "json"\nexempt = []\n')
    with running("--config", config) as room:
        room.join("alice")
        room.connect("bob").reads(phrases.FULL)
        assert events(list(room.own_program().stdout.lines))[0]["event"].startswith(phrases.READY)
    with running("--config", config, "--max-connections", "2", "--log", "text") as room:
        room.join("alice", "bob")
        room.connect("carol").reads(phrases.FULL)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_conections = 1", "there is no option max_conections; see serve --help"),
        ("[limits]\nmax_line = 100", "there is no option limits"),
        ("config = 'x'", "there is no option config"),
        ('max_line = "long"', "max_line must be a whole number, not 'long'"),
        ("drain = true", "drain must be a number, not True"),
        ("exempt = '::1'", "exempt must be a list of texts, not '::1'"),
        ("max_line = 1", "max_line must be at least 64, not 1"),
        ("sockets = []", "there is no option sockets"),
        ("max_line 100", "is not TOML"),
        ("\xff", "is not TOML"),
    ],
)
def test_what_the_file_should_not_have_is_refused_by_name(
    tmp_path: Path, text: str, words: str
) -> None:
    config = tmp_path / "chat.toml"
    config.write_text(text, encoding="latin-1")
    done = run("serve", "--config", str(config))
    assert done.returncode == 2
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--config", "nowhere.toml"], "cannot read nowhere.toml: No such file or directory"),
        (["--idle-timeout", "0"], "idle_timeout must be at least 0.1, not 0.0"),
        (["--idle-timeout", "soon"], "argument --idle-timeout: invalid float value: 'soon'"),
        (["--port", "65536"], "port must be at most 65535, not 65536"),
        (["--metrics", "65536"], "metrics must be at most 65535, not 65536"),
        (["--exempt", "home"], "exempt: 'home' does not appear to be an IPv4 or IPv6 network"),
        (["--log", "xml"], "log must be text or json"),
        (["--tls-key", "key.pem"], "tls_key is of no use without tls_cert"),
        (["--max-lines", "1"], "unrecognized arguments: --max-lines 1"),
        (["--flood-rat", "5"], "unrecognized arguments: --flood-rat 5"),
        (["--conf", "chat.toml"], "unrecognized arguments: --conf chat.toml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_is_a_line_and_status_2(options: list[str], words: str) -> None:
    done = run("serve", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tls-cert", "nowhere"], "no certificate and key in nowhere: No such file or directory"),
        (["--tls-cert", os.devnull], f"no certificate and key in {os.devnull}: "),
        (["--password-file", "nowhere"], "cannot read nowhere: No such file or directory"),
        (["--password-file", os.devnull], "is empty; it must be the password"),
        (["--host", "203.0.113.1"], "cannot listen on 203.0.113.1:0: "),
        (["--host", "no.such.host.invalid"], "cannot listen on no.such.host.invalid:0: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_used_is_one_line_and_status_1(options: list[str], words: str) -> None:
    done = run("serve", "--port", "0", *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("im_final: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_password_file_in_utf_16_is_one_line_and_status_1(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("sesame\r\n", encoding="utf-16")
    done = run("serve", "--port", "0", "--password-file", file)
    reason = "it is in UTF-16, or no text; save it as UTF-8"
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"im_final: cannot use {file} as password file: {reason}\n"


def test_a_key_of_another_certificate_is_one_line_and_status_1(
    tmp_path: Path, certificate: Certificate
) -> None:
    wrong = tmp_path / "wrong.key"
    wrong.write_text("-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----\n")
    done = run("serve", "--port", "0", "--tls-cert", certificate.cert, "--tls-key", wrong)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"im_final: no certificate and key in {certificate.cert} and ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        ("uvloop", ["--loop", "uvloop"], "uvloop is not installed; install it, or use --loop"),
        ("prometheus_client", ["--metrics", "9"], "--metrics needs prometheus_client; install it"),
    ],
)
def test_a_library_that_is_missing_is_one_line_and_status_1(
    module: str, options: list[str], words: str
) -> None:
    done = without(module, *options)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


@POSIX
@pytest.mark.parametrize("module", ["uvloop", "prometheus_client"])
def test_without_the_extras_the_standard_library_is_enough(module: str) -> None:
    code = MODULE_IS_MISSING.format(name=module)
    words = [sys.executable, "-c", code, "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8") as child:
        assert child.stdout
        assert phrases.READY in child.stdout.readline()
        child.terminate()
        assert child.wait(PATIENCE) == 0


def test_help_names_every_option_with_its_default() -> None:
    done = run("serve", "--help")
    assert done.returncode == 0
    for word in ("--max-backlog BYTES", "--exempt NETWORK", "(default: 127.0.0.0/8, ::1/128)"):
        assert word in " ".join(done.stdout.split())


def test_in_json_every_line_of_the_log_is_an_event() -> None:
    with running("--log", "json", "--max-connections", "1") as room:
        (alice,) = room.join("alice")
        alice.take_name("爱丽丝")
        refused = room.connect("bob")
        refused.reads(phrases.FULL)
        refused.reads_end()
        alice.close()
        logs(room, '"reason": "left"')
        program = room.own_program()
        seen = events([*program.stdout.lines, *program.stderr.lines])
    assert [event["event"].split(" 127")[0] for event in seen] == [
        phrases.READY,
        phrases.CONNECTED,
        *["left", "left"],
    ]
    assert [event.get("reason") for event in seen][2:] == ["refused", "left"]
    assert seen[-1]["user"] == "爱丽丝"
    assert seen[-1]["addr"] == alice.addr
    assert {event["level"] for event in seen} == {"info"}
