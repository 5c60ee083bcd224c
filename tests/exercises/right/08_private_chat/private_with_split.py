class User(stage7.User):
    async def do_message(self, text):
        if not text.startswith("to|"):
            await super().do_message(text)
        else:
            await self.tell(text[3:])

    async def tell(self, name_and_text):
        parts = name_and_text.split("|", 1)
        if len(parts) < 2 or parts[0] == "":
            return await self.answer(phrases.PRIVATE_FORMAT)
        name, text = parts
        if name not in self.server.online_map:
            return await self.answer(phrases.PRIVATE_NO_TARGET)
        if text == "":
            return await self.answer(phrases.PRIVATE_EMPTY)
        line = phrases.PRIVATE.format(sender=self.name, text=text)
        return self.server.online_map[name].send_message(line)


class Server(stage7.Server):
    user_class = User
