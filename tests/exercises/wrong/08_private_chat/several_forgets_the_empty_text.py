# told: Not right yet: mistakes are answered to who made them, and read by nobody else; but alice: nothing came in 2 s
# breaks: what-else
class Several(stage8.User):
    async def tell(self, name_and_text):
        names, bar, text = name_and_text.partition("|")
        if "," not in names or not bar:
            await super().tell(name_and_text)
            return
        targets = [self.server.online_map.get(name) for name in dict.fromkeys(names.split(","))]
        if None in targets:
            await self.answer(phrases.PRIVATE_NO_TARGET)
        else:
            for target in targets:
                target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class SeveralServer(stage8.Server):
    user_class = Several
