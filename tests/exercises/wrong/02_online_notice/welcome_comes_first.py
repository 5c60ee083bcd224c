# told: Not what is expected: the right lines, but not in this order
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        user.send_message(f"welcome, you are number {len(self.online_map)}")
        super().broadcast(user, text)
