"""Who is online, under which name. No I/O, and no `await`: to check and to change are one step."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from im_final import names, phrases, wire


class Named(Protocol):
    """What can be on a roster."""

    name: str


Member = TypeVar("Member", bound=Named)


class Roster(Generic[Member]):
    """The members, in the order they joined and by name. Names with one `names.key` are one.

    A key is given with a name where it was decided elsewhere: it is never computed again.
    """

    def __init__(self) -> None:
        self._members: dict[Member, str] = {}  # In order, with the keys of their names.
        self._by_key: dict[str, Member] = {}
        self._listing: bytes | None = None

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def enter(self, member: Member, key: str | None = None, *, reachable: bool = True) -> None:
        """Add a member under an address; one who had the same before can be reached no more.

        That is one whose system has forgotten the connection, which we do not know yet. A member
        who is not `reachable` is such a one already.
        """
        self._members[member] = names.key(member.name) if key is None else key
        if reachable:
            self._by_key[self._members[member]] = member
        self._listing = None

    def leave(self, member: Member) -> bool:
        """Take a member off; whether they were on."""
        if member not in self._members:
            return False
        self._free(member)
        del self._members[member]
        self._listing = None
        return True

    def rename(self, member: Member, new: str, key: str | None = None) -> bool:
        """Give a member the name `new`, unless it is somebody's; whether that was done.

        One's own name is somebody's, but for its case: `bob` may become `Bob`.
        """
        key = names.key(new) if key is None else key
        if self._by_key.get(key, member) is not member or new == member.name:
            return False
        self._free(member)
        member.name = new
        self._members[member] = key
        self._by_key[key] = member
        self._listing = None
        return True

    def _free(self, member: Member) -> None:
        """The name of a member is free, if it is theirs."""
        if self.is_reachable(member):
            del self._by_key[self._members[member]]

    def find(self, name: str) -> Member | None:
        """The member of that name."""
        return self.holder(names.key(name))

    def holder(self, key: str) -> Member | None:
        """The member whose name has that key."""
        return self._by_key.get(key)

    def key(self, member: Member) -> str:
        """The key of a member's name."""
        return self._members[member]

    def is_reachable(self, member: Member) -> bool:
        """Whether the name of a member leads to them."""
        return self._by_key.get(self._members[member]) is member

    @property
    def reachable(self) -> int:
        """How many members can be found by their names."""
        return len(self._by_key)

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
