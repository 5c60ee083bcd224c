"""What is said of a URL that cannot be that of a Redis, and what is shown of one that can."""

import inspect
from pathlib import Path

import pytest
from redis.asyncio import connection

from im_final.cluster import address
from im_final.settings import Settings
from tests.im_final.children import run


@pytest.mark.parametrize(
    ("url", "host", "port", "db"),
    [
        ("redis://127.0.0.1", "127.0.0.1", 6379, 0),
        ("redis://127.0.0.1:6379", "127.0.0.1", 6379, 0),
        ("redis://127.0.0.1:6379/", "127.0.0.1", 6379, 0),
        ("REDIS://h:1/15", "h", 1, 15),
        ("redis://h:1?db=3", "h", 1, 3),
        ("rediss://user:pass@[::1]:6380/0", "::1", 6380, 0),
        ("rediss://h/0?ssl_cert_reqs=none", "h", 6379, 0),
    ],
)
def test_one_server(url: str, host: str, port: int, db: int) -> None:
    [server] = address.read(url).servers
    assert (server.host, server.port, server.db) == (host, port, db)
    assert server.uses_tls == url.startswith("rediss")
    assert address.read(url).sentinels == ()


def test_a_socket_that_is_a_file() -> None:
    [server] = address.read("unix://user:pass@/run/redis%20here.sock?db=2").servers
    assert (server.path, server.db, server.username) == ("/run/redis here.sock", 2, "user")
    assert str(server) == "unix:///run/redis here.sock"


def test_several_servers_have_one_login() -> None:
    found = address.read("rediss://me:s%23%2Fret,x@a:6379,[::1]:6380,c/2?client_name=chat-1")
    assert [(one.host, one.port) for one in found.servers] == [
        ("a", 6379), ("::1", 6380), ("c", 6379),
    ]  # fmt: skip
    for server in found.servers:
        assert (server.db, server.username, server.password) == (2, "me", "s#/ret,x")
        assert (server.client_name, server.tls) == ("chat-1", {})
    assert str(found.servers[1]) == "rediss://[::1]:6380/2"


def test_sentinels_have_a_login_of_their_own() -> None:
    found = address.read(
        "rediss+sentinel://me:secret@a,b:26380/my-chat/2"
        "?sentinel_username=watch&sentinel_password=other&ssl_ca_certs=/ca.pem"
    )
    assert found.service == "my-chat"
    assert found.servers == ()
    assert [(one.host, one.port) for one in found.sentinels] == [("a", 26379), ("b", 26380)]
    for one in found.sentinels:
        assert (one.username, one.password, one.db) == ("watch", "other", 0)
        assert one.tls == {"ssl_ca_certs": "/ca.pem"}
    master = found.at("10.0.0.1", 6379)
    assert (master.username, master.password, master.db) == ("me", "secret", 2)
    assert master.tls == {"ssl_ca_certs": "/ca.pem"}
    assert str(master) == "rediss://10.0.0.1:6379/2"


def test_sentinels_without_a_password_are_not_told_that_of_redis() -> None:
    [sentinel] = address.read("redis+sentinel://me:secret@a/chat").sentinels
    assert (sentinel.username, sentinel.password) == ("", "")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("127.0.0.1:6379", "must be redis://"),
        ("http://127.0.0.1:6379/0", "must be redis://"),
        ("sentinel://127.0.0.1:6379/0", "must be redis://"),
        ("redis:127.0.0.1", "names no host"),
        ("redis://", "names no host"),
        ("redis:///0", "names no host"),
        ("redis://a:6379,/0", "names no host"),
        ("unix://", "names no file"),
        ("unix://run/redis.sock", "names no file"),
        ("redis://127.0.0.1:6379/lobby", "number of a database"),
        ("redis://127.0.0.1:6379/0/1", "number of a database"),
        ("redis://127.0.0.1:6379/-1", "number of a database"),
        ("redis://127.0.0.1:6379?db=x", "number of a database"),
        ("redis://127.0.0.1:6379/1?db=2", "two databases"),
        ("redis://127.0.0.1:99999/0", "port"),
        ("redis://127.0.0.1:0/0", "port"),
        ("redis://a:6379,b:99999/0", "port"),
        ("redis://:sec#ret@127.0.0.1:6379/0", "%23"),
        ("redis://:sec/ret@127.0.0.1:6379/0", "%2F"),
        ("redis://:sec?ret@127.0.0.1:6379/0", "%3F"),
        ("redis://me:12?sec=ret@127.0.0.1:6379/0", "%3F"),
        ("redis://me:12/sec@127.0.0.1:6379/0", "%2F"),
        ("redis://127.0.0.1:6379/0#x", "%23"),
        ("redis+sentinel://a:26379,b:26379", "no service"),
        ("redis+sentinel://a:26379/my chat/0", "no service"),
        ("redis+sentinel://a:26379/chat/lobby", "number of a database"),
        ("redis://a/0?sentinel_password=sec", "redis\\+sentinel:// only"),
        ("redis://a/0?ssl_ca_certs=ca.pem", "rediss:// only"),
        ("rediss://a/0?ssl_keyfile=key.pem", "without ssl_certfile"),
        ("rediss://a/0?ssl_check_hostname=perhaps", "one of yes, true, 1, no"),
        ("rediss://a/0?ssl_cert_reqs=maybe", "one of required, optional, none"),
        ("redis://a/0?password=", "without a value"),
        ("redis://a/0?password", "without a value"),
        ("redis://a?db=1&db=2", "db twice"),
        ("redis://a/0?client_name=our%20chat", "client_name"),
    ],
)
def test_what_cannot_is_refused_in_a_line_without_the_password(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refused:
        Settings(backplane=url)
    assert "sec" not in str(refused.value)
    assert "\n" not in str(refused.value)


OF_REDIS_PY = set(connection.URL_QUERY_ARGUMENT_PARSERS) | {
    name
    for kind in (connection.SSLConnection, connection.Connection, connection.AbstractConnection)
    for name in inspect.signature(kind.__init__).parameters
} - {"self", "kwargs", "host", "port"}
TAKEN = {*address.LOGIN, *address.FILES, *address.CHOICES, "db"}


@pytest.mark.parametrize("option", sorted(OF_REDIS_PY - TAKEN))
def test_what_redis_py_takes_and_a_link_cannot_have_is_refused_by_name(option: str) -> None:
    with pytest.raises(ValueError, match=f"cannot have the option '{option}'") as refused:
        address.read(f"rediss://127.0.0.1/0?{option}=1")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("option", "told"),
    [("socket_timeout=1", "half of --lease"), ("protocol=3", "RESP2"), ("colour=red", "it takes")],
)
def test_it_is_said_what_to_do_without_such_an_option(option: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        address.read(f"redis://127.0.0.1/0?{option}")


def test_the_password_is_not_shown() -> None:
    for url, shown in (
        ("redis://me:secret@[::1]:6379/0?client_name=b", "redis://[::1]:6379/0"),
        ("unix://me:secret@/run/redis.sock?password=x", "unix:///run/redis.sock"),
        ("redis+sentinel://:secret@a,b/chat?sentinel_password=x", "redis+sentinel://a,b/chat"),
    ):
        found = address.read(url)
        assert found.shown == shown
        assert "secret" not in repr(found)


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
