# told: Not what is expected: "'" where it should be , (comma)
class Netstrings:
    def __init__(self):
        self.unread = b""

    def feed(self, chunk):
        self.unread += chunk
        *complete, self.unread = self.unread.split(b",")
        return [message.partition(b":")[2] for message in complete]
