# told: Not right yet: if one is not there nobody reads it, and who is named twice reads it once; but expected 来自:[alice]的消息，内容是:at nine|or ten, got 来自:[alice]的消息，内容是:at eight
# breaks: all-or-nobody
class Several(stage8.User):
    async def tell(self, name_and_text):
        names, bar, text = name_and_text.partition("|")
        if "," not in names or not bar:
            await super().tell(name_and_text)
            return
        targets = [self.server.online_map.get(name) for name in dict.fromkeys(names.split(","))]
        if text:
            for target in targets:
                if target is None:
                    await self.answer(phrases.PRIVATE_NO_TARGET)
                    return
                target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))
            return
        if not text:
            await self.answer(phrases.PRIVATE_EMPTY)
        else:
            for target in targets:
                target.send_message(phrases.PRIVATE.format(sender=self.name, text=text))


class SeveralServer(stage8.Server):
    user_class = Several
