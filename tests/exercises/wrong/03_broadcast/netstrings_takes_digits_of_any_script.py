# told: Not right yet: what is no netstring raises `ValueError`, and what is not complete does not; but for b'\xd9\xa3:abc,' expected True, got False
# breaks: digits
class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        messages = []
        while True:
            size, colon, rest = self.unread.partition(b":")
            size = size.decode()
            if size and not size.isdigit():
                raise ValueError("the length is not digits")
            if not colon:
                return messages
            if not size:
                raise ValueError("there is no length")
            end = int(size)
            if len(rest) <= end:
                return messages
            if rest[end : end + 1] != b",":
                raise ValueError("there is no comma after the message")
            messages.append(rest[:end])
            self.unread = rest[end + 1 :]
