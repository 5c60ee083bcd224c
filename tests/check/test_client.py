"""One person of a check, against a bare socket: what they send, read, and miss.

The test plays the server by hand, so every failure comes about in one definite way.
"""

import socket

import pytest

from stages import phrases
from stages.check.client import Client
from stages.check.failure import FAREWELLS, Failure
from tests.check.wire import LONG, SHORT, connected, received, reset

IN_VAIN = f"{SHORT:g} s"


def failure_of(person: Client, *lines: str) -> Failure:
    """How reading `lines` fails."""
    with pytest.raises(Failure) as caught:
        person.reads(*lines)
    assert caught.value.reader == person.label
    return caught.value


def test_lines_are_read_however_they_are_packed() -> None:
    with connected() as (alice, server):
        server.sendall(b"one\ntw")
        alice.reads("one")
        server.sendall("o\n你".encode()[:-1])
        alice.reads("two")
        server.sendall("你好\n".encode()[2:])
        alice.reads("你好")
    assert alice.transcript.lines() == ["alice ← one", "alice ← two", "alice ← 你好"]


def test_a_line_is_sent_with_its_newline() -> None:
    with connected() as (alice, server):
        alice.send("你好")
        alice.send_bytes(b"a\r\nb")
        alice.half_close()
        assert received(server) == "你好\n".encode() + b"a\r\nb"
    assert alice.transcript.lines() == ["alice → 你好", r"alice → 'a\r\nb'", "alice ends its input"]


def test_an_address_is_as_the_server_sees_it() -> None:
    with connected() as (alice, server):
        assert alice.addr == alice.name == "{}:{}".format(*server.getpeername())
        assert alice.transcript.owners == {alice.addr: "alice"}
        assert alice.says("hi") == f"[{alice.addr}]{alice.addr}:hi"


def test_a_new_name_counts_from_the_answer_on() -> None:
    with connected() as (alice, server):
        answer = phrases.RENAMED.format(old=alice.addr, new="Alice")
        server.sendall(f"{answer}\n".encode())
        alice.take_name("Alice")
        assert server.recv(100) == b"rename|Alice\n"
        assert alice.says("hi") == f"[{alice.addr}]Alice:hi"


def test_nothing_comes() -> None:
    with connected(patience=SHORT) as (alice, _):
        failure = failure_of(alice, "hello")
    assert failure.cause == f"nothing came in {IN_VAIN}"
    assert (failure.expected, failure.got) == ("hello", None)


def test_the_line_comes_and_its_newline_does_not() -> None:
    with connected(patience=SHORT) as (alice, server):
        server.sendall(b"hello")
        failure = failure_of(alice, "hello")
    assert failure.cause == "no newline at the end"
    assert (failure.expected, failure.got) == ("hello", "hello")


def test_half_a_line_comes_and_no_newline() -> None:
    with connected(patience=SHORT) as (alice, server):
        server.sendall(b"hel")
        failure = failure_of(alice, "hello")
    assert failure.cause == f"no newline came in {IN_VAIN}"
    assert (failure.expected, failure.got) == ("hello", "hel")
    assert alice.transcript.lines() == ["alice ← hel"]


def test_the_server_hangs_up_instead() -> None:
    with connected() as (alice, server):
        server.close()
        failure = failure_of(alice, "hello")
    assert failure.cause == "the server closed the connection"
    assert failure.got is None


def test_the_last_line_before_the_end_has_no_newline() -> None:
    with connected() as (alice, server):
        server.sendall(b"hello")
        server.close()
        failure = failure_of(alice, "hello")
    assert failure.cause == "no newline at the end"


def test_the_server_vanishes_while_one_reads() -> None:
    with connected() as (alice, server):
        reset(server)
        assert failure_of(alice, "hello").cause == "the server cut the connection (reset)"


def test_the_server_has_vanished_when_one_speaks() -> None:
    with connected() as (alice, server):
        reset(server)
        with pytest.raises(Failure, match="the server cut the connection"):
            say_thrice(alice)


def say_thrice(person: Client) -> None:
    """The first line may still go out where the server has gone."""
    for _ in range(3):
        person.send("hello")


def test_the_server_takes_no_more_input() -> None:
    with connected(patience=SHORT) as (alice, _):
        with pytest.raises(Failure) as caught:
            alice.send_bytes(b"x" * (1 << 25))
        assert caught.value.cause == f"the server took no more input for {IN_VAIN}"


def test_another_line_comes() -> None:
    with connected() as (alice, server):
        server.sendall(b"two\n")
        failure = failure_of(alice, "one", "two", "three")
    assert (failure.expected, failure.got) == ("one", "two")
    assert failure.later == ("two", "three")


def test_bad_utf8_shows_and_does_not_raise() -> None:
    with connected() as (alice, server):
        server.sendall(b"caf\xe9\n")
        assert alice.next_line() == "caf\ufffd"
        server.sendall(b"caf\xe9\n")
        assert alice.next_bytes() == b"caf\xe9"


def test_lines_in_any_order_are_returned_as_they_came() -> None:
    with connected() as (alice, server):
        server.sendall(b"b\na\nb\n")
        assert alice.reads_in_any_order("a", "b", "b") == ["b", "a", "b"]


def test_whatever_lines_come_up_to_one_are_returned() -> None:
    with connected() as (alice, server):
        server.sendall(b"b\na\nend\nmore\n")
        assert alice.reads_up_to("end") == ["b", "a", "end"]
        assert alice.next_line() == "more"


def test_a_line_too_many_is_none_of_those_that_were_due() -> None:
    with connected() as (alice, server):
        server.sendall(b"b\nb\n")
        with pytest.raises(Failure) as caught:
            alice.reads_in_any_order("a", "b")
    assert caught.value.cause == "not one of the lines that were due"
    assert caught.value.got == "b"


def test_the_end_of_the_stream_is_read() -> None:
    with connected() as (alice, server):
        server.sendall(b"bye\n")
        server.close()
        alice.reads("bye")
        alice.reads_end()
    assert alice.transcript.lines() == ["alice ← bye", "alice ← end of the stream"]


def test_a_line_comes_where_the_end_should() -> None:
    with connected() as (alice, server):
        server.sendall(b"bye\nand\n")
        alice.reads("bye")
        with pytest.raises(Failure) as caught:
            alice.reads_end()
    assert caught.value.cause == "a line came where the stream should have ended"
    assert caught.value.got == "and"


def test_the_stream_does_not_end() -> None:
    with connected(patience=SHORT) as (alice, _):
        for ends in (alice.reads_end, alice.rest):
            with pytest.raises(Failure) as caught:
                ends()
            assert caught.value.cause == f"the connection was not closed in {IN_VAIN}"


def test_the_rest_is_waited_for_as_long_as_is_said() -> None:
    with connected() as (alice, _):
        with pytest.raises(Failure) as caught:
            alice.rest(SHORT)
        assert caught.value.cause == f"the connection was not closed in {IN_VAIN}"


@pytest.mark.parametrize(
    ("data", "lines"),
    [(b"", []), (b"a\n", ["a"]), (b"a\n\nb\n", ["a", "", "b"]), (b"a\nb", ["a", "b"])],
)
def test_the_rest_is_every_line_to_the_end(data: bytes, lines: list[str]) -> None:
    with connected() as (alice, server):
        server.sendall(data)
        server.close()
        assert alice.rest() == lines
        assert [str(event) for event in alice.transcript.events] == [
            f"alice ← {line}" for line in lines
        ]
        assert alice.rest() == []


def test_listening_takes_in_what_comes_and_tells_the_end() -> None:
    with connected(patience=SHORT) as (alice, server):
        server.sendall(b"hello\n")
        assert not alice.listens(SHORT)
        server.close()
        assert alice.listens(SHORT)
        alice.reads("hello")


def test_leaving_is_an_end_of_the_stream_for_the_server() -> None:
    with connected() as (alice, server):
        alice.close()
        assert received(server) == b""
    assert alice.transcript.lines() == ["alice leaves"]


def test_vanishing_is_a_reset_for_the_server() -> None:
    with connected() as (alice, server):
        alice.reset()
        with pytest.raises(ConnectionResetError):
            server.recv(1)
    assert alice.transcript.lines() == ["alice vanishes (connection reset)"]


def test_one_who_is_cut_off_cannot_end_their_input() -> None:
    with connected() as (alice, server):
        reset(server)
        alice.sock.settimeout(LONG)
        with pytest.raises(ConnectionResetError):
            alice.sock.recv(1, socket.MSG_WAITALL)
        with pytest.raises(Failure, match="the server cut the connection"):
            alice.half_close()


def test_lines_about_people_of_before_are_skipped_wherever_they_come() -> None:
    def about(addr: str, text: str) -> bytes:
        return f"[{addr}]{text}\n".encode()

    with connected() as (alice, server):
        alice.past = {"127.0.0.1:1", "127.0.0.1:2"}
        server.sendall(about("127.0.0.1:1", "127.0.0.1:1:下线") + about("127.0.0.1:3", "bob:hi"))
        alice.reads("[127.0.0.1:3]bob:hi")
        server.sendall(about("127.0.0.1:2", " is online") + b"[alice] is online\n[127.0.0.1:1")
        alice.reads("[alice] is online")
        server.sendall(b"]bob:\xe4\xb8\x8b\xe7\xba\xbf\n")
        server.shutdown(socket.SHUT_WR)
        alice.reads_end()
    assert "127.0.0.1:1" not in "".join(alice.transcript.lines())


def test_the_last_lines_are_without_those_about_people_of_before() -> None:
    with connected() as (alice, server):
        alice.past = {"127.0.0.1:1"}
        server.sendall(b"one\n[127.0.0.1:1]bob:x\n[127.0.0.1:11]bob:x\n\n")
        server.shutdown(socket.SHUT_WR)
        assert alice.rest() == ["one", "[127.0.0.1:11]bob:x", ""]


@pytest.mark.parametrize("last", [phrases.KICKED, phrases.TOO_LONG])
def test_what_was_there_to_read_when_the_connection_was_cut_is_the_cause(last: str) -> None:
    with connected() as (alice, server):
        server.sendall(f"hello\n{last}\n".encode())
        reset(server)
        with pytest.raises(Failure) as caught:
            alice.send("anybody there?")
    assert caught.value.cause == f"{FAREWELLS[last]}, and cut the connection"
    assert caught.value.got == last


def test_lines_are_read_until_all_that_are_due_have_come() -> None:
    with connected() as (alice, server):
        server.sendall(b"a\nx\nb\na\nc\n")
        assert alice.reads_until_all("b", "a", "a") == ["a", "x", "b", "a"]
        alice.reads("c")


def test_one_who_was_cut_off_has_come_to_the_end() -> None:
    with connected() as (alice, server):
        server.sendall(b"last\n")
        reset(server)
        assert alice.listens(LONG)
        assert alice.rest() == ["last"]
