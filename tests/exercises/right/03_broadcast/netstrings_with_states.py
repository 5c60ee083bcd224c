import re


def refused(why):
    raise ValueError(why)


class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        return list(self.messages())

    def messages(self):
        while self.unread:
            head = re.match(rb"([0-9]+):", self.unread)
            if head is None:
                if not re.fullmatch(rb"[0-9]*", self.unread):
                    refused("what stands there is no length")
                return
            size, begin = int(head[1]), head.end()
            if len(self.unread) < begin + size + 1:
                return
            if self.unread[begin + size] != 44:
                refused("where the comma should be is something else")
            message = self.unread[begin : begin + size]
            self.unread = self.unread[begin + size + 1 :]
            yield message
