def welcome(count):
    return f"welcome, you are number {count}"


class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        line = phrases.SAID.format(addr=user.addr, name=user.name, text=text)
        for other in tuple(self.online_map.values()):
            other.send_message(line)
            if other is user:
                other.send_message(welcome(len(self.online_map.keys())))
