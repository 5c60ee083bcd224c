# told: Not right yet: a text is passed on as it is, bars and spaces and all; but bob: nothing came in 2 s
# breaks: bars
class User(stage7.User):
    async def do_message(self, text):
        if text.startswith("to|"):
            await self.tell(text.removeprefix("to|"))
        else:
            await super().do_message(text)

    async def tell(self, name_and_text):
        name, bar, text = name_and_text.partition("|")
        target = self.server.online_map.get(name)
        if not name or not bar:
            await self.answer(phrases.PRIVATE_FORMAT)
        elif target is None:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text.strip():
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class Server(stage7.Server):
    user_class = User
