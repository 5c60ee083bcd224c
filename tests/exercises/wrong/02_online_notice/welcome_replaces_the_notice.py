# told: Not right yet: whoever joins reads their join line, then how many are online, themselves included; but alice: nothing came in 2 s
# breaks: second-line
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        user.send_message(f"welcome, you are number {len(self.online_map)}")
