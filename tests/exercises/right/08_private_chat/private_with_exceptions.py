class Wrong(Exception):
    pass


class User(stage7.User):
    async def do_message(self, text):
        command = "to|"
        if text[: len(command)] == command:
            await self.tell(text.replace(command, "", 1))
        else:
            await super().do_message(text)

    async def tell(self, name_and_text):
        try:
            target, text = self.parse(name_and_text)
        except Wrong as wrong:
            self.send_message(str(wrong))
            return
        target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))

    def parse(self, name_and_text):
        at = name_and_text.find("|")
        if at < 1:
            raise Wrong(phrases.PRIVATE_FORMAT)
        for user in self.server.online_map.values():
            if user.name == name_and_text[:at]:
                break
        else:
            raise Wrong(phrases.PRIVATE_NO_TARGET)
        if name_and_text[at + 1 :] == "":
            raise Wrong(phrases.PRIVATE_EMPTY)
        return user, name_and_text[at + 1 :]


class Server(stage7.Server):
    user_class = User
