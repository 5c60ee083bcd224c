"""What is said of a URL that cannot be that of a Redis, and what is shown of one that can."""

from pathlib import Path

import pytest

from im_final.cluster import address
from im_final.settings import Settings
from tests.im_final.children import run


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1", "redis://127.0.0.1:6379", "redis://127.0.0.1:6379/", "redis://h:1/15",
        "redis://:s%23%2Fret@h:1/0", "rediss://user:pass@[::1]:6380/0", "unix:///run/redis.sock",
        "unix://user:pass@/run/redis.sock?db=2", "rediss://h/0?ssl_cert_reqs=none",
    ],
)  # fmt: skip
def test_what_can_be_one(url: str) -> None:
    address.check(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("127.0.0.1:6379", "must be redis://"),
        ("http://127.0.0.1:6379/0", "must be redis://"),
        ("redis:127.0.0.1", "names no host"),
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("unix://", "names no file"),
        ("redis://127.0.0.1:6379/lobby", "number of a database"),
        ("redis://127.0.0.1:6379/0/1", "number of a database"),
        ("redis://127.0.0.1:99999/0", "port"),
        ("redis://127.0.0.1:0/0", "port"),
        ("redis://a:6379,b:6380/0", "port"),
        ("redis://:sec#ret@127.0.0.1:6379/0", "%23"),
        ("redis://:sec/ret@127.0.0.1:6379/0", "%2F"),
        ("redis://127.0.0.1:6379/0#x", "%23"),
    ],
)
def test_what_cannot_is_refused_in_a_line_without_the_password(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        Settings(backplane=url)
    assert "sec" not in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_password_is_not_shown() -> None:
    assert address.shown("redis://me:secret@[::1]:6379/0?a=b") == "redis://[::1]:6379/0"
    assert address.shown("unix://me:secret@/run/redis.sock?password=x") == "unix:///run/redis.sock"


def test_without_the_library_there_is_no_backplane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "redis.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    done = run("serve", "--port", "0", "--backplane", "redis://127.0.0.1")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "install the extra cluster" in done.stderr


def test_an_address_that_is_none_of_redis_is_refused_in_a_line() -> None:
    done = run("serve", "--port", "0", "--backplane", "http://127.0.0.1")
    assert (done.returncode, done.stderr.count("\n")) == (2, 2)
