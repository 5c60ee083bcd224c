"""Who is online, under which name. No I/O, and no `await`: to check and to change are one step."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from im_final import names, phrases, wire


class Named(Protocol):
    """What can be on a roster."""

    name: str


Member = TypeVar("Member", bound=Named)


class Roster(Generic[Member]):
    """The members, in the order they joined and by name. Names with one `names.key` are one."""

    def __init__(self) -> None:
        self._members: dict[Member, None] = {}  # A set that keeps its order.
        self._by_key: dict[str, Member] = {}
        self._listing: bytes | None = None

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def enter(self, member: Member) -> None:
        """Add a member under an address; one who had the same before can be reached no more.

        That is one whose system has forgotten the connection, which we do not know yet.
        """
        self._members[member] = None
        self._by_key[names.key(member.name)] = member
        self._listing = None

    def leave(self, member: Member) -> bool:
        """Take a member off; whether they were on."""
        if member not in self._members:
            return False
        del self._members[member]
        self._free(member)
        self._listing = None
        return True

    def rename(self, member: Member, new: str) -> bool:
        """Give a member the name `new`, unless it is somebody's; whether that was done.

        One's own name is somebody's, but for its case: `bob` may become `Bob`.
        """
        if self._by_key.get(names.key(new), member) is not member or new == member.name:
            return False
        self._free(member)
        member.name = new
        self._by_key[names.key(new)] = member
        self._listing = None
        return True

    def _free(self, member: Member) -> None:
        """The name of a member is free, if it is theirs."""
        if self._by_key.get(names.key(member.name)) is member:
            del self._by_key[names.key(member.name)]

    def find(self, name: str) -> Member | None:
        """The member of that name."""
        return self._by_key.get(names.key(name))

    def listing(self) -> bytes:
        """The answer to `who`, the same for all until the roster changes."""
        if self._listing is None:
            self._listing = wire.encode(
                *[phrases.IS_ONLINE.format(name=member.name) for member in self._members]
            )
        return self._listing

    def clear(self) -> None:
        """All leave at once."""
        self._members.clear()
        self._by_key.clear()
        self._listing = None
