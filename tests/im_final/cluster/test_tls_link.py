"""TLS to Redis: a private certificate authority, and servers that do not prove who they are."""

import asyncio
import signal
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from im_final.cluster import address
from im_final.cluster.link import Link
from im_final.cluster.master import Master
from im_final.cluster.redis import Away
from tests.im_final.certificates import Certificate, make_certificate
from tests.im_final.children import POSIX
from tests.im_final.cluster.nodes import comes, nodes
from tests.im_final.cluster.sentinel import liar
from tests.im_final.conftest import Run
from tests.needs import need
from tools.soak.house import Store

pytestmark = POSIX
PATIENCE = 5.0


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate that nobody here trusts."""
    return make_certificate(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Store]:
    """A Redis that speaks TLS only, and asks nodes for a certificate."""
    need("redis-server")
    running = Store(tmp_path_factory.mktemp("redis"))
    running.command += [
        "--port", "0", "--tls-port", str(running.port), "--tls-auth-clients", "yes",
        "--tls-cert-file", str(certificate.cert), "--tls-key-file", str(certificate.key),
        "--tls-ca-cert-file", str(certificate.cert),
    ]  # fmt: skip
    running.client = redis.Redis(
        port=running.port, ssl=True, ssl_ca_certs=str(certificate.cert), protocol=2,
        ssl_certfile=str(certificate.cert), ssl_keyfile=str(certificate.key),
    )  # fmt: skip
    try:
        running.start()
        yield running
    finally:
        running.stop()


def trusting(certificate: Certificate, *, client: bool = True) -> str:
    """Options for who trusts that one, and has it."""
    own = f"&ssl_certfile={certificate.cert}&ssl_keyfile={certificate.key}"
    return f"ssl_ca_certs={certificate.cert}{own * client}"


async def opened(url: str) -> None:
    """Find the master, and leave it. Raises what that raises."""
    found = await Master(address.read(url), "im:{lobby}", PATIENCE).connect()
    await found.close()


def test_a_room_over_tls(run: Run, secure: Store, certificate: Certificate) -> None:
    async def story() -> None:
        url = f"rediss://localhost:{secure.port}/0?{trusting(certificate)}"
        async with nodes(url, 2) as (here, there):
            alice = await comes(here)
            bob = await comes(there, alice)
            bob.says("hello")
            await alice.reads(bob.line("hello"))

    run(story())


def test_hanging_up_does_not_wait_for_a_redis_that_stands_still(
    run: Run, secure: Store, certificate: Certificate
) -> None:
    async def story() -> None:
        url = f"rediss://localhost:{secure.port}/0?{trusting(certificate)}"
        found = await Master(address.read(url), "im:{lobby}", PATIENCE).connect()
        secure.signal(signal.SIGSTOP)
        await found.close()

    try:
        run(story())  # The loop would not close with a transport that is open.
    finally:
        secure.signal(signal.SIGCONT)


def test_sentinels_and_the_master_that_they_name_speak_tls(
    run: Run, secure: Store, certificate: Certificate
) -> None:
    async def story() -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert, certificate.key)
        async with liar(secure.port, context) as port:
            await opened(f"rediss+sentinel://localhost:{port}/chat?{trusting(certificate)}")
            with pytest.raises(Away):
                await opened(f"redis+sentinel://localhost:{port}/chat")

    run(story())


def test_to_ask_sentinels_again_makes_no_new_context_until_a_file_has_changed(
    run: Run,
    certificate: Certificate,
    other: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, make = 0, ssl.create_default_context

    def counted(*purpose: ssl.Purpose) -> ssl.SSLContext:
        nonlocal made
        made += 1
        return make(*purpose)

    trusted = tmp_path / "ca.pem"

    def write(of: Certificate) -> None:
        anew = tmp_path / "new.pem"
        anew.write_bytes(of.cert.read_bytes())
        anew.replace(trusted)

    async def story() -> None:
        context = make(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.cert, certificate.key)
        monkeypatch.setattr(ssl, "create_default_context", counted)
        async with liar(1, context) as port:
            url = f"rediss+sentinel://localhost:{port}/chat?ssl_ca_certs={trusted}"
            write(certificate)
            master = Master(address.read(url), "im:{lobby}", PATIENCE)
            for _ in range(3):
                await master.named()
            assert made == 1
            write(other)
            with pytest.raises(Away, match="certificate verify failed"):
                await master.named()
            write(certificate)
            for _ in range(3):
                await master.named()
            assert made == 3

    run(story())


@pytest.mark.parametrize("case", ["unknown", "another name", "no certificate of our own"])
def test_who_does_not_prove_it_is_refused(
    run: Run, secure: Store, certificate: Certificate, other: Certificate, case: str
) -> None:
    host, options = {
        "unknown": ("localhost", trusting(other, client=False)),
        "another name": ("127.0.0.2", trusting(certificate)),
        "no certificate of our own": ("localhost", trusting(certificate, client=False)),
    }[case]
    if case == "another name":
        secure.client.config_set("bind", "127.0.0.1 127.0.0.2")

    async def story() -> None:
        url = f"rediss://{host}:{secure.port}/0?{options}"
        with pytest.raises(Away):
            await opened(url)
        if case == "another name":
            await opened(f"{url}&ssl_check_hostname=no")
            await opened(f"{url}&ssl_cert_reqs=none")

    run(story())


def test_files_that_are_missing_or_want_a_pass_phrase_are_refused_in_a_line(
    tmp_path: Path, certificate: Certificate
) -> None:
    sealed = tmp_path / "sealed.key"
    words = ["ec", "-in", certificate.key, "-aes256", "-passout", "pass:x", "-out", sealed]
    subprocess.run([need("openssl"), *words], check=True, capture_output=True, timeout=20)
    for option, told in (
        ("ssl_ca_certs=/nowhere.pem", "ssl_ca_certs is /nowhere.pem: "),
        ("ssl_ca_path=/nowhere", "ssl_ca_path is /nowhere: "),
        (f"ssl_ca_certs={certificate.key}", "ssl_ca_certs is "),
        ("ssl_certfile=/nowhere.pem", "ssl_certfile is /nowhere.pem: "),
        (f"ssl_certfile={certificate.cert}&ssl_keyfile={sealed}", "has a pass phrase"),
    ):
        for scheme in ("rediss://h", "rediss+sentinel://h/chat"):
            with pytest.raises(ValueError, match=told) as refused:
                Link(f"{scheme}?{option}")
            assert "\n" not in str(refused.value)


def test_a_file_that_is_missing_later_is_no_bug(
    run: Run, store: Store, tmp_path: Path, certificate: Certificate
) -> None:
    trusted = tmp_path / "ca.pem"
    trusted.write_bytes(certificate.cert.read_bytes())
    link = Link(f"rediss://127.0.0.1:{store.port}?ssl_ca_certs={trusted}")
    trusted.unlink()

    async def story() -> None:
        with pytest.raises(Away, match="ssl_ca_certs is "):
            await asyncio.wait_for(link.master.connect(), PATIENCE)

    run(story())
