class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        if text == phrases.ONLINE:
            number = sum(1 for _ in self.online_map)
            user.send_message("welcome, you are number {}".format(number))
