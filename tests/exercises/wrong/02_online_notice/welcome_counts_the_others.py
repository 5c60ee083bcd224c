# told: Not what is expected: '0' where it should be '1'
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        user.send_message(f"welcome, you are number {len(self.online_map) - 1}")
