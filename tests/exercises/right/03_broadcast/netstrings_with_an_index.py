class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        found = []
        start = 0
        while True:
            at = start
            while at < len(self.unread) and self.unread[at : at + 1] in b"0123456789":
                at += 1
            if at == len(self.unread):
                break
            if self.unread[at] != ord(":") or at == start:
                raise ValueError(f"no length: {self.unread[start : at + 1]!r}")
            end = at + 1 + int(self.unread[start:at])
            if end >= len(self.unread):
                break
            if self.unread[end] != ord(","):
                raise ValueError("no comma")
            found.append(self.unread[at + 1 : end])
            start = end + 1
        self.unread = self.unread[start:]
        return found
