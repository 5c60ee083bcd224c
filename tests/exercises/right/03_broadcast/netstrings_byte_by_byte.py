class Netstrings:
    def __init__(self):
        self.length = ""
        self.left = None
        self.message = bytearray()

    def feed(self, chunk):
        messages = []
        for number in chunk:
            if self.left is None:
                self.head(chr(number))
            elif self.left:
                self.message.append(number)
                self.left -= 1
            elif number != ord(","):
                raise ValueError("a comma was due")
            else:
                messages.append(bytes(self.message))
                self.message.clear()
                self.length, self.left = "", None
        return messages

    def head(self, char):
        if char == ":" and self.length:
            self.left = int(self.length)
        elif char in tuple("0123456789"):
            self.length += char
        else:
            raise ValueError("a digit was due")
