# told: Not right yet: `to`, and a line that does not begin with `to|` exactly, is said; but expected [127.0.0.1:alice]alice:To|bob|hi, got 来自:[alice]的消息，内容是:hi
# breaks: said
class User(stage7.User):
    async def do_message(self, text):
        if text.lower().startswith("to|"):
            await self.tell(text[3:])
        else:
            await super().do_message(text)

    async def tell(self, name_and_text):
        name, bar, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if not name or not bar:
            await self.answer(phrases.PRIVATE_FORMAT)
        elif target is None:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class Server(stage7.Server):
    user_class = User
