"""TLS 1.2 or newer, from a certificate and its key."""

import ssl


def make_context(cert: str, key: str) -> ssl.SSLContext:
    """A server's context. Raises ValueError, in a line, when the files cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # A client could have us compute for nothing.

    def no_pass_phrase() -> str:  # Without this, OpenSSL asks for it on the terminal, and waits.
        advice = "remove it (openssl pkey -in OLD -out NEW)"
        raise ValueError(f"the key in {key or cert} has a pass phrase: {advice}")

    try:
        context.load_cert_chain(cert, key or None, no_pass_phrase)
    except OSError as error:  # An SSLError is one, too.
        which = f"{cert} and {key}" if key else cert
        raise ValueError(f"no certificate and key in {which}: {reason(error)}") from None
    return context


def reason(error: OSError) -> str:
    """What is wrong, without OpenSSL's internals."""
    if isinstance(error, ssl.SSLError):
        return (error.reason or "unreadable").replace("_", " ").lower()
    return error.strerror or str(error)
