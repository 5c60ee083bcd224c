class Several(stage8.User):
    async def tell(self, name_and_text):
        head, bar, text = name_and_text.partition("|")
        names = set(head.split(","))
        if "," not in head or not bar:
            await super().tell(name_and_text)
        elif not names <= set(self.server.online_map):
            await self.answer(phrases.PRIVATE_NO_TARGET)
        elif not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            for name in names:
                self.server.online_map[name].send_message(
                    phrases.PRIVATE.format(sender=self.name, text=text)
                )


class SeveralServer(stage8.Server):
    user_class = Several
