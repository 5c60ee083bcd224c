# told: Not right yet: all messages are returned, whatever bytes are in them; but expected [b'\nhello\nworld! \n', b'', b'\xff\xfe\xfd', b'hello again', b'1:a,,'], got [b'\nhello\nworld! \n', b'\xff\xfe\xfd', b'hello again', b'1:a,,']
# breaks: empty
class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        messages = []
        while True:
            size, colon, rest = self.unread.partition(b":")
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
            if end:
                messages.append(rest[:end])
            self.unread = rest[end + 1 :]
