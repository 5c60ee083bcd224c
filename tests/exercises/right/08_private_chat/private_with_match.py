class User(stage7.User):
    async def do_message(self, text):
        match text.split("|", 2):
            case ["to", name, words]:
                await self.tell(name + "|" + words)
            case ["to", name]:
                await self.tell(name)
            case _:
                await super().do_message(text)

    async def tell(self, name_and_text):
        name, bar, text = name_and_text.partition("|")
        problem = self.problem(name, bar, text)
        if problem:
            await self.answer(problem)
        else:
            self.server.online_map[name].send_message(f"来自:[{self.name}]的消息，内容是:{text}")

    def problem(self, name, bar, text):
        if name == "" or bar == "":
            return phrases.PRIVATE_FORMAT
        if name not in self.server.online_map:
            return phrases.PRIVATE_NO_TARGET
        return None if text else phrases.PRIVATE_EMPTY


class Server(stage7.Server):
    user_class = User
