# told: Not what is expected: another line came instead
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        for other in self.online_map.values():
            other.send_message(f"welcome, you are number {len(self.online_map)}")
