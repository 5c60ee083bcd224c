# told: Not right yet: a user who has gone is not counted; but '4' where it should be '3': expected welcome, you are number 3, got welcome, you are number 4
# breaks: now
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        self.came = getattr(self, "came", 0) + 1
        user.send_message(f"welcome, you are number {self.came}")
