"""Asked to end, it closes at once: what did not fit into the system's buffers is lost."""

from stages import command, stage3

STAGE = 3
CAUGHT_BY = "delivers-before-the-end"


class Server(stage3.Server):
    async def stop(self) -> None:
        for user in self.online_map.values():
            user.writer.transport.abort()
        await super().stop()


if __name__ == "__main__":
    command.main(Server)
