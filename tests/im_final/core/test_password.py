"""The password of a closed room: what is in the file's first line, compared without haste."""

import hmac
from pathlib import Path

import pytest

from im_final.password import ATTEMPTS, Password


@pytest.mark.parametrize("line", [b"open sesame", b"open sesame\r", b"\xef\xbb\xbfopen sesame\r"])
def test_the_password_matches_with_telnets_carriage_return_and_windows_mark_too(
    line: bytes,
) -> None:
    assert Password(b"open sesame").matches(line)


@pytest.mark.parametrize(
    "line",
    [b"", b"\r", b"open", b"open sesame ", b" open sesame", b"OPEN SESAME", b"open sesame\r\r"],
)
def test_nothing_else_does(line: bytes) -> None:
    assert not Password(b"open sesame").matches(line)


def test_bytes_that_are_no_text_are_only_wrong() -> None:
    assert not Password("你好".encode()).matches(b"\xff\xfe")
    assert Password("你好".encode()).matches("你好".encode())


def test_it_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append({one, other})
        return True

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert Password(b"secret").matches(b"guess")
    assert compared == [{b"secret", b"guess"}]


def test_there_are_three_attempts() -> None:
    assert ATTEMPTS == 3


@pytest.mark.parametrize(
    "content",
    [
        *[b"secret", b"secret\n", b"secret\r\n", b"secret\nand a note\n"],
        *[b"\xef\xbb\xbfsecret\r\n", b"\xef\xbb\xbfsecret"],  # As Windows writes it.
    ],
    ids=repr,
)
def test_it_is_the_first_line_of_a_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    assert Password.read(str(file), 100).matches(b"secret")


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\r\n", b"\nsecret\n", b"\xef\xbb\xbf\r\n"], ids=repr
)
def test_an_empty_password_is_refused_with_the_name_of_the_file(
    tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="is empty") as refusal:
        Password.read(str(file), 100)
    assert str(file) in str(refusal.value)


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Password.read(str(tmp_path / "none"), 100)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("secret\r\n".encode("utf-16"), "it is in UTF-16, or no text; save it as UTF-8"),
        ("secret\r\n".encode("utf-16-be"), "it is in UTF-16, or no text; save it as UTF-8"),
        ("secret\r\n".encode("utf-16-le"), "it is in UTF-16, or no text; save it as UTF-8"),
        ("密码\n".encode("gbk"), "line 1 is not in UTF-8; save the file as UTF-8"),
    ],
    ids=["UTF-16", "UTF-16-BE", "UTF-16-LE", "GBK"],
)
def test_a_password_that_no_client_can_send_is_refused_in_a_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "password"
    file.write_bytes(content)
    with pytest.raises(ValueError, match="as password file: ") as refusal:
        Password.read(str(file), 100)
    assert str(refusal.value) == f"cannot use {file} as password file: {reason}"


def test_a_password_may_be_as_long_as_a_line_and_no_longer(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(100 * "x")
    assert Password.read(str(file), 100).matches(100 * b"x")
    with pytest.raises(ValueError, match="has 100 bytes, and a line has at most 99") as refusal:
        Password.read(str(file), 99)
    assert "\n" not in str(refusal.value)
