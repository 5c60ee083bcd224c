class Several(stage8.User):
    async def tell(self, name_and_text):
        parts = name_and_text.split("|", maxsplit=1)
        if len(parts) == 1 or "," not in parts[0]:
            return await super().tell(name_and_text)
        users = []
        for name in parts[0].split(","):
            try:
                user = self.server.online_map[name]
            except KeyError:
                return await self.answer(phrases.PRIVATE_NO_TARGET)
            if user not in users:
                users.append(user)
        if not parts[1]:
            return await self.answer(phrases.PRIVATE_EMPTY)
        for user in users:
            user.send_message(phrases.PRIVATE.format(sender=self.name, text=parts[1]))
        return None


class SeveralServer(stage8.Server):
    user_class = Several
