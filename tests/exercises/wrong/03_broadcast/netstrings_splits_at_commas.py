# told: Not right yet: a message is returned as soon as it is complete, and not before; but expected [[], [b'hello', b'a,b'], [b'ok']], got [[], [b'hello', b'a', b''], [b'ok']]
# breaks: any-bytes
class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        *complete, self.unread = self.unread.split(b",")
        return [message.partition(b":")[2] for message in complete]
