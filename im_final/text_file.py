"""What is in a text file, whichever system has written it. No I/O."""


def text_in(data: bytes) -> str:
    """The text of a UTF-8 file, without the byte order mark that Windows puts before it.

    Raises ValueError, in a line, for other encodings: Windows PowerShell 5 writes UTF-16 with `>`.
    """
    if b"\0" in data:
        raise ValueError("it is in UTF-16, or no text; save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line} is not in UTF-8; save the file as UTF-8") from None
