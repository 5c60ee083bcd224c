class Several(stage8.User):
    async def tell(self, name_and_text):
        names, bar, text = name_and_text.partition("|")
        online = self.server.online_map
        several = list(dict.fromkeys(names.split(",")))
        if bar and "," in names and not all(name in online for name in several):
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif bar and text and "," in names:
            for name in several:
                await super().tell(f"{name}|{text}")
        elif bar and "," in names:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            await super().tell(name_and_text)


class SeveralServer(stage8.Server):
    user_class = Several
