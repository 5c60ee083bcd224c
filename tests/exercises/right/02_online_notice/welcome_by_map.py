class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        stage2.Server.broadcast(self, user, text)
        self.online_map[user.name].send_message(
            "welcome, you are number " + str(len(self.online_map))
        )
