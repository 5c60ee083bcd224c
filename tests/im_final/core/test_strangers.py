"""What comes to the wrong door is told so in its own language; who chats is not."""

import io
import ssl
from http.client import HTTPResponse

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import strangers
from im_final.strangers import ALERT, BAD_REQUEST
from tests.stages.any_input import any_input

LONGEST = 4096
REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    b"GET / HTTP/1.0\n",
    b"POST /to|bob|hi HTTP/1.1\r\n",
    b"OPTIONS * HTTP/1.1\r\n",
    b"CONNECT example.org:443 HTTP/1.1\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET /\xff\xfe HTTP/1.1\r\n",
]
CHAT = [
    b"",
    b"hello\n",
    b"GET / HTTP/1.1 is a request line\n",
    b"get / HTTP/1.1\n",
    b"I said GET / HTTP/1.1\n",
    b"GET the milk\n",
    b"GET HTTP/1.1\n",
    b"A / HTTP/1.1\n",
    b"HELLO\nGET / HTTP/1.1\n",
    b"\nGET / HTTP/1.1\n",
    b"\x16\n",
    b"\x15\x03\x01\n",
]


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_a_browser_is_told_by_http(request_: bytes) -> None:
    assert strangers.answer_to(request_, LONGEST) == BAD_REQUEST


@pytest.mark.parametrize("chat", CHAT, ids=repr)
def test_who_chats_is_no_stranger(chat: bytes) -> None:
    assert strangers.answer_to(chat, LONGEST) is None


@pytest.mark.parametrize("request_", REQUESTS, ids=repr)
def test_half_a_request_line_may_become_chat_and_is_not_answered(request_: bytes) -> None:
    line = request_[: request_.index(b"\n")]
    assert {strangers.answer_to(line[:end], LONGEST) for end in range(len(line) + 1)} == {None}


def client_hello() -> tuple[ssl.SSLObject, ssl.MemoryBIO, bytes]:
    """A TLS client that has begun, where it hears, and what it says."""
    hears, says = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(hears, says, server_hostname="example.org")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return client, hears, says.read()


def test_a_client_that_wants_tls_is_told_by_tls() -> None:
    client, hears, hello = client_hello()
    answer = strangers.answer_to(hello, LONGEST)
    assert answer == ALERT
    hears.write(answer)
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        client.do_handshake()


@pytest.mark.parametrize("version", [0, 1, 3, 4])
def test_a_hello_is_known_by_its_first_two_bytes_whatever_comes_then(version: int) -> None:
    assert strangers.answer_to(b"\x16\x03", LONGEST) == ALERT
    assert strangers.answer_to(bytes([0x16, 3, version]) + b"\n\n", LONGEST) == ALERT
    assert strangers.answer_to(b"\x16", LONGEST) is None


class Wire:
    """Where a browser reads our answer."""

    def makefile(self, _: str) -> io.BytesIO:
        return io.BytesIO(BAD_REQUEST)


def test_the_answer_is_one_that_a_browser_can_show() -> None:
    with HTTPResponse(Wire()) as response:  # type: ignore[arg-type]
        response.begin()
        assert response.status == 400
        assert response.headers["Connection"] == "close"
        assert response.headers.get_content_type() == "text/plain"
        assert response.read() == b"This is a chat server. Use nc or telnet.\n"


@any_input
@given(st.one_of(st.sampled_from([*REQUESTS, *CHAT]), st.binary(max_size=40)), st.binary())
def test_once_the_first_line_is_whole_the_rest_changes_nothing(line: bytes, rest: bytes) -> None:
    beginning = line.partition(b"\n")[0] + b"\n"
    assert strangers.answer_to(beginning + rest, LONGEST) == strangers.answer_to(beginning, LONGEST)
