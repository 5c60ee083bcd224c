# told: Not what is expected: alice: nothing came in 2 s
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        user.send_message(f"welcome, you are number {len(self.online_map)}")
