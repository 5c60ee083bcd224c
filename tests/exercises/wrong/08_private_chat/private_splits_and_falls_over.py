# told: Not right yet: a private line is read by the one whom it is for, bars and all; but expected 来自:[alice]的消息，内容是:dinner at 8|or 9?, got [127.0.0.1:alice]alice:下线
# breaks: harmless
class User(stage7.User):
    async def do_message(self, text):
        if text.startswith("to|"):
            await self.tell(text.removeprefix("to|"))
        else:
            await super().do_message(text)

    async def tell(self, name_and_text):
        name, text = name_and_text.split("|")
        bar = "|"
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
