# told: Not right yet: Alice reads the join lines of the two who came, and no welcome but her own; but 2 lines are too much: welcome, you are number 2
# breaks: one-person
class Welcoming(stage2.Server):
    def broadcast(self, user, text):
        super().broadcast(user, text)
        for other in self.online_map.values():
            other.send_message(f"welcome, you are number {len(self.online_map)}")
