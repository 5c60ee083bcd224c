"""TLS as an operator and a user have it: `openssl s_client`, SIGHUP, files that are no good."""

import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pexpect
import pytest

from im_final import phrases
from stages.check.client import Client
from stages.check.room import Room
from tests.im_final.certificates import Certificate, make_certificate
from tests.im_final.children import PATIENCE, POSIX, logs, running, serve
from tests.im_final.conftest import need_loop
from tests.needs import need

every_loop = pytest.mark.parametrize("loop", ["asyncio", "uvloop"])


def comes(room: Room, certificate: Certificate, label: str) -> Client:
    """Somebody joins over TLS, trusting this certificate only. Raises ssl.SSLError."""
    sock = socket.create_connection(room.address, PATIENCE)
    try:
        wrapped = certificate.client().wrap_socket(sock, server_hostname="localhost")
    except BaseException:
        sock.close()
        raise
    client = Client(label, wrapped, room.transcript, PATIENCE)
    room.everybody.append(client)
    room.online.append(client)
    room.all_read(client.says(phrases.ONLINE), first=client)
    return client


def s_client(room: Room, certificate: Certificate, *options: str) -> list[str]:
    """The command of a user who has nothing but openssl."""
    where = ["-connect", f"127.0.0.1:{room.address[1]}", "-servername", "localhost"]
    trust = ["-CAfile", str(certificate.cert), "-verify_return_error"]
    return [need("openssl"), "s_client", "-quiet", *where, *trust, *options]


def test_openssl_is_a_client(certificate: Certificate) -> None:
    with running(*certificate.words) as room:
        alice = comes(room, certificate, "alice")
        command, *words = s_client(room, certificate)
        screen = pexpect.spawn(command, words, timeout=PATIENCE, encoding="utf-8", echo=False)
        try:
            screen.expect(rf"\[127\.0\.0\.1:(\d+)\]127\.0\.0\.1:\d+:{phrases.ONLINE}\r\n")
            addr = f"127.0.0.1:{screen.match.group(1)}"
            assert alice.next_line().startswith(f"[{addr}]")
            screen.sendline("rename|bob")
            screen.expect_exact(f"{phrases.RENAMED.format(old=addr, new='bob')}\r\n")
            alice.send("to|bob|你好呀")
            screen.expect_exact(phrases.PRIVATE.format(sender=alice.addr, text="你好呀"))
            screen.sendline("hello")
            alice.reads(phrases.SAID.format(addr=addr, name="bob", text="hello"))
        finally:
            screen.close(force=True)
        alice.reads(phrases.SAID.format(addr=addr, name="bob", text=phrases.OFFLINE))


@every_loop
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_piped_into_openssl_the_lines_are_said_before_the_end(
    certificate: Certificate, loop: str, version: str
) -> None:
    need_loop(loop)
    with running("--loop", loop, *certificate.words) as room:
        alice = comes(room, certificate, "alice")
        command = [word for word in s_client(room, certificate, version) if word != "-quiet"]
        said = "rename|bob\n" + "".join(f"{number}\n" for number in range(100))
        subprocess.run(
            command, input=said.encode(), capture_output=True, timeout=PATIENCE, check=True
        )
        addr = alice.next_line()[1:].partition("]")[0]
        for text in [*map(str, range(100)), phrases.OFFLINE]:
            alice.reads(phrases.SAID.format(addr=addr, name="bob", text=text))
        assert room.own_program().stderr.count == 0


@every_loop
def test_openssl_with_tls_1_1_is_refused(certificate: Certificate, loop: str) -> None:
    need_loop(loop)
    with running("--loop", loop, *certificate.words) as room:
        command = s_client(room, certificate, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 1
        logs(room, "handshake failed")
        comes(room, certificate, "alice")
        assert room.own_program().stderr.count == 0


@POSIX
@every_loop
def test_at_sighup_the_certificate_is_read_again_and_nobody_is_dropped(
    tmp_path: Path, loop: str
) -> None:
    need_loop(loop)
    used, newer = make_certificate(tmp_path, "used"), make_certificate(tmp_path, "newer")
    with running("--loop", loop, *used.words) as room:
        alice = comes(room, used, "alice")
        program = room.own_program()
        newer.replaces(used)
        program.process.send_signal(signal.SIGHUP)
        logs(room, "certificate and password were read again")
        bob = comes(room, newer, "bob")
        bob.send("hello")
        room.all_read(bob.says("hello"))
        assert program.stderr.count == 0

        used.key.write_text("nonsense")
        program.process.send_signal(signal.SIGHUP)
        logs(room, f"all stays as it was: no certificate and key in {used.cert}")
        used.cert.unlink()
        program.process.send_signal(signal.SIGHUP)
        logs(room, "all stays as it was: ", 2)
        assert program.stderr.count == 2
        carol = comes(room, newer, "carol")
        carol.send("hello")
        room.all_read(carol.says("hello"))
        alice.send("who")
        alice.reads(*[phrases.IS_ONLINE.format(name=one.addr) for one in (alice, bob, carol)])


@pytest.fixture
def locked(tmp_path: Path) -> Certificate:
    """A certificate whose key has a pass phrase."""
    made = make_certificate(tmp_path, "locked")
    words = ["pkey", "-in", str(made.key), "-aes256", "-passout", "pass:sesame"]
    done = subprocess.run([need("openssl"), *words], check=True, capture_output=True, timeout=20)
    made.key.write_bytes(done.stdout)
    return made


@POSIX
@pytest.mark.parametrize("is_one_file", [False, True], ids=["two files", "one file"])
def test_a_key_with_a_pass_phrase_is_refused_and_nobody_is_asked_for_it(
    locked: Certificate, is_one_file: bool
) -> None:
    words = locked.words
    key = locked.key
    if is_one_file:
        key = locked.cert
        key.write_bytes(locked.cert.read_bytes() + locked.key.read_bytes())
        words = words[:2]
    command, *rest = serve(*words)
    screen = pexpect.spawn(command, [word.replace("{port}", "0") for word in rest])
    try:
        screen.expect(pexpect.EOF, timeout=PATIENCE)
        shown = screen.before.decode()
        assert shown.startswith(
            f"im_final: the key in {key} has a pass phrase: remove it (openssl "
        )
        assert shown.count("\n") == 1
        screen.close()
        assert screen.exitstatus == 1
    finally:
        screen.close(force=True)


@POSIX
@every_loop
def test_at_sighup_a_key_with_a_pass_phrase_stops_nobody(
    tmp_path: Path, locked: Certificate, loop: str
) -> None:
    need_loop(loop)
    used = make_certificate(tmp_path, "used")
    command, *rest = serve("--loop", loop, *used.words)
    screen = pexpect.spawn(
        command, [word.replace("{port}", "0") for word in rest], encoding="utf-8", timeout=PATIENCE
    )
    try:
        screen.expect(rf"{phrases.READY} 127\.0\.0\.1:(\d+)\r\n")
        port = int(screen.match.group(1))
        locked.replaces(used)
        screen.kill(signal.SIGHUP)
        screen.expect_exact(f"all stays as it was: the key in {used.key} has a pass phrase")
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as sock:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(sock) as alice:
                assert alice.recv(1000).decode().endswith(f"{phrases.ONLINE}\n")
        screen.kill(signal.SIGTERM)
        screen.expect(pexpect.EOF)
        screen.close()
        assert screen.exitstatus == 0
    finally:
        screen.close(force=True)


@POSIX
def test_at_sighup_the_password_is_read_again_or_stays(tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("first\n")
    with running("--password-file", secret) as room:
        alice = room.connect("alice")
        alice.send("first")
        alice.reads(alice.says(phrases.ONLINE))
        secret.write_text("second\n")
        room.own_program().process.send_signal(signal.SIGHUP)
        logs(room, "certificate and password were read again")
        secret.unlink()
        room.own_program().process.send_signal(signal.SIGHUP)
        logs(room, "all stays as it was: ")
        bob = room.connect("bob")
        bob.send("first")
        bob.reads(phrases.TRY_AGAIN)
        carol = room.connect("carol")
        carol.send("second")
        carol.reads(carol.says(phrases.ONLINE))
        alice.reads(carol.says(phrases.ONLINE))


@every_loop
def test_a_client_who_trusts_another_certificate_goes_and_nobody_is_harmed(
    certificate: Certificate, tmp_path: Path, loop: str
) -> None:
    need_loop(loop)
    stranger = make_certificate(tmp_path, "stranger")
    with running("--loop", loop, *certificate.words) as room:
        alice = comes(room, certificate, "alice")
        with pytest.raises(ssl.SSLCertVerificationError):
            comes(room, stranger, "bob")
        alice.send("who")
        while (line := alice.next_line()) != phrases.IS_ONLINE.format(name=alice.addr):
            assert line.endswith((phrases.ONLINE, phrases.OFFLINE))
        assert room.own_program().stderr.count == 0
