# told: Not right yet: whoever joins reads their join line, then how many are online, themselves included; but '0' where it should be '1': expected welcome, you are number 1, got welcome, you are number 0
# breaks: included
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        user.send_message(f"welcome, you are number {len(self.online_map) - 1}")
