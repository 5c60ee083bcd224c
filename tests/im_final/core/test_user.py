"""The rules of the wire contract, line by line, for users without a socket."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from im_final import names, phrases, wire
from im_final.log import Log
from im_final.room import Room
from im_final.user import User
from tests.im_final.core.readers import Reader
from tests.im_final.core.wide import wide
from tests.stages.any_input import any_input


class House:
    """A room, how often it asked to be written out, and how many came."""

    def __init__(self) -> None:
        self.wakes = 0
        self.room = Room(Log(), self.wake)
        self.count = 0

    def wake(self) -> None:
        """The log has grown."""
        self.wakes += 1


class Guest(User):
    """A user, and what they hear."""

    def __init__(self, house: House) -> None:
        house.count += 1
        self.reader = Reader(house.room.log)
        super().__init__(house.room, self.reader.outbox, f"192.0.2.1:{50000 + house.count}")

    def says(self, *lines: str) -> None:
        """Type these lines."""
        for line in lines:
            self.do_message(line)

    def hears(self) -> list[str]:
        """The lines since the last time."""
        self.room.log.seal()
        self.reader.pump()
        data = self.reader.read()
        self.reader.writes.clear()
        assert data.endswith(b"\n") or not data
        return data.decode().split("\n")[:-1]


def people(*called: str) -> tuple[Guest, ...]:
    """Some who are in one room under these names, and have heard all about each other."""
    house = House()
    guests = [Guest(house) for _ in called]
    for guest, name in zip(guests, called, strict=True):
        guest.online()
        guest.says(f"rename|{name}")
    for guest in guests:
        guest.hears()
    return tuple(guests)


def about(guest: User, text: str) -> str:
    """What everyone reads of somebody."""
    return phrases.SAID.format(addr=guest.addr, name=guest.name, text=text)


def online(*called: str) -> list[str]:
    """The answer to `who`."""
    return [phrases.IS_ONLINE.format(name=name) for name in called]


# They come, talk and go.


def test_who_comes_is_called_as_their_address_and_hears_so_first() -> None:
    house = House()
    alice, bob = Guest(house), Guest(house)
    alice.online()
    bob.online()
    assert alice.name == alice.addr
    assert alice.hears() == [about(alice, "已上线"), about(bob, "已上线")]
    assert bob.hears() == [about(bob, "已上线")]


def test_who_has_not_come_hears_nothing_and_is_not_online() -> None:
    house = House()
    alice, guest = Guest(house), Guest(house)
    alice.online()
    alice.says("hi", "who")
    assert guest.hears() == []
    assert alice.hears()[-1:] == online(alice.addr)


def test_what_is_said_everyone_hears_the_one_who_says_it_too() -> None:
    alice, bob = people("alice", "bob")
    alice.says("你好")
    assert alice.hears() == bob.hears() == [f"[{alice.addr}]alice:你好"]


def test_all_hear_the_same_in_the_same_order() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    alice.says("1")
    bob.says("2")
    alice.says("3")
    carol.says("4")
    heard = alice.hears()
    assert [line.rpartition(":")[2] for line in heard] == ["1", "2", "3", "4"]
    assert bob.hears() == carol.hears() == heard


def test_who_leaves_is_off_the_roster_and_the_others_hear_of_it() -> None:
    alice, bob = people("alice", "bob")
    bob.offline()
    alice.says("who")
    assert alice.hears() == [about(bob, "下线"), *online("alice")]
    assert bob.hears() == []


def test_to_leave_twice_is_to_leave_once() -> None:
    alice, bob = people("alice", "bob")
    bob.offline()
    bob.offline()
    assert alice.hears() == [about(bob, "下线")]


def test_who_leaves_without_having_come_is_not_spoken_of() -> None:
    house = House()
    alice, guest = Guest(house), Guest(house)
    alice.online()
    guest.offline()
    assert alice.hears() == [about(alice, "已上线")]


def test_who_leaves_still_hears_what_was_said_before_and_nothing_after() -> None:
    alice, bob = people("alice", "bob")
    alice.says("before")
    bob.offline()
    alice.says("after")
    assert bob.hears() == [about(alice, "before")]


def test_a_line_that_is_empty_or_of_nothing_but_controls_says_nothing() -> None:
    (alice,) = people("alice")
    alice.says("", "\x00\x1b\u202e")
    assert alice.hears() == []


def test_controls_are_dropped_from_what_is_said_and_no_line_can_be_forged() -> None:
    alice, bob = people("alice", "bob")
    alice.says(f"x\n{about(bob, 'I quit')}\u2028\x1b[2J\ty")
    assert bob.hears() == [about(alice, f"x{about(bob, 'I quit')}[2J\ty")]


def test_spaces_are_part_of_what_is_said() -> None:
    (alice,) = people("alice")
    alice.says(" ", "  a  ")
    assert alice.hears() == [about(alice, " "), about(alice, "  a  ")]


@pytest.mark.parametrize(
    "text",
    [
        "WHO",
        " who",
        "who ",
        "who|",
        "whom",
        "rename",
        "rename bob",
        "RENAME|bob",
        " to|bob|hi",
        "to",
    ],
)
def test_what_is_not_exactly_a_command_is_chat(text: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(text)
    assert alice.hears() == bob.hears() == [about(alice, text)]
    assert alice.name == "alice"


# who


def test_who_lists_everyone_as_they_came_to_the_asker_alone() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    alice.says("rename|zoe")
    alice.hears()
    bob.says("who")
    assert bob.hears() == online("zoe", "bob", "carol")
    assert alice.hears() == carol.hears() == []


def test_an_answer_stands_between_what_was_said_before_and_after() -> None:
    alice, bob = people("alice", "bob")
    alice.says("before")
    bob.says("who")
    alice.says("after")
    assert bob.hears() == [about(alice, "before"), *online("alice", "bob"), about(alice, "after")]


# rename


def test_a_new_name_is_told_to_the_renamer_alone_and_used_from_then_on() -> None:
    alice, bob = people("alice", "bob")
    alice.says("rename|张三", "hi")
    assert alice.hears() == ["用户名修改成功,[alice]->[张三]", f"[{alice.addr}]张三:hi"]
    assert bob.hears() == [f"[{alice.addr}]张三:hi"]
    alice.offline()
    assert bob.hears() == [f"[{alice.addr}]张三:下线"]


@pytest.mark.parametrize("name", ["bob", "BOB", wide("bob"), "b\ufe0fob", "alice"])
def test_a_name_that_somebody_has_is_taken_ones_own_too(name: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(f"rename|{name}")
    assert alice.hears() == ["用户名已存在，修改失败"]
    assert (alice.name, bob.name) == ("alice", "bob")


@pytest.mark.parametrize(
    "name",
    ["", "|x", " ", "who", wide("who"), "a]b", "\x1b[31m", "n" * 33, "127.0.0.1:5", "\u3164"],
)
def test_a_name_that_is_not_valid_changes_nothing(name: str) -> None:
    (alice,) = people("alice")
    alice.says(f"rename|{name}", "who")
    assert alice.hears() == ["用户名不合法，修改失败", *online("alice")]


def test_a_name_is_shown_as_it_was_typed() -> None:
    (alice,) = people("alice")
    alice.says("rename|Alice", "who")
    assert alice.hears() == ["用户名修改成功,[alice]->[Alice]", *online("Alice")]


def test_of_two_who_want_the_same_name_the_first_gets_it() -> None:
    alice, bob = people("alice", "bob")
    alice.says("rename|root")
    bob.says("rename|root")
    assert alice.hears()[-1].endswith("->[root]")
    assert bob.hears() == ["用户名已存在，修改失败"]


def test_the_name_of_one_who_left_is_free() -> None:
    alice, bob = people("alice", "bob")
    bob.offline()
    alice.hears()
    alice.says("rename|bob")
    assert alice.hears() == ["用户名修改成功,[alice]->[bob]"]


# to


def test_a_private_line_is_for_the_target_alone() -> None:
    alice, bob, carol = people("alice", "bob", "carol")
    alice.says("to|bob|你好")
    assert bob.hears() == ["来自:[alice]的消息，内容是:你好"]
    assert alice.hears() == carol.hears() == []


@pytest.mark.parametrize("text", ["a|b", "|", "||", " ", "to|alice|x", "who", "a\tb"])
def test_a_private_line_is_passed_on_with_bars_and_all(text: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(f"to|bob|{text}")
    assert bob.hears() == [f"来自:[alice]的消息，内容是:{text}"]


def test_a_private_line_stands_where_it_was_said() -> None:
    alice, bob = people("alice", "bob")
    alice.says("before", "to|bob|psst", "after")
    assert bob.hears() == [
        about(alice, "before"),
        "来自:[alice]的消息，内容是:psst",
        about(alice, "after"),
    ]


def test_one_can_talk_to_oneself_by_address_or_by_another_form_of_the_name() -> None:
    house = House()
    alice = Guest(house)
    alice.online()
    alice.says(f"to|{alice.addr}|1", "rename|alice", f"to|{wide('ALICE')}|2")
    heard = alice.hears()
    assert heard[1] == f"来自:[{alice.addr}]的消息，内容是:1"
    assert heard[3] == "来自:[alice]的消息，内容是:2"


@pytest.mark.parametrize("line", ["to|", "to||", "to||x", "to|bob", "to|nobody", "to|who"])
def test_without_a_name_or_a_second_bar_the_format_is_explained(line: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(line)
    assert alice.hears() == ["发送私聊消息格式错误,正确格式:to|张三|你好呀"]
    assert bob.hears() == []


@pytest.mark.parametrize("line", ["to|nobody|hi", "to|nobody|", "to| bob|hi", "to|bo|b|hi"])
def test_who_is_not_there_cannot_be_told_anything(line: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(line)
    assert alice.hears() == ["目标对象不存在，请仔细检查"]
    assert bob.hears() == []


@pytest.mark.parametrize("name", ["\ufdfa" * 33, "\u0315\u0300" * 500, "a" * 46], ids=len)
def test_a_name_that_nobody_can_have_is_not_looked_up(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (alice,) = people("alice")
    monkeypatch.delattr(names, "key")
    alice.says(f"to|{name}|hi", f"to|{name}|", f"to|{name}", f"rename|{name}")
    told = [phrases.PRIVATE_NO_TARGET] * 2 + [phrases.PRIVATE_FORMAT, phrases.NAME_INVALID]
    assert alice.hears() == told


def test_who_has_left_cannot_be_told_anything() -> None:
    alice, bob = people("alice", "bob")
    bob.offline()
    alice.hears()
    alice.says("to|bob|hi")
    assert alice.hears() == ["目标对象不存在，请仔细检查"]


@pytest.mark.parametrize("text", ["", "\x00", "\x1b\u202e\u2066"])
def test_a_private_line_without_a_text_is_not_sent(text: str) -> None:
    alice, bob = people("alice", "bob")
    alice.says(f"to|bob|{text}")
    assert alice.hears() == ["消息内容格式错误"]
    assert bob.hears() == []


def test_controls_are_dropped_from_a_private_line_too() -> None:
    alice, bob = people("alice", "bob")
    alice.says(f"to|bob|x\n{about(bob, 'hi')}\x1b[2J")
    assert bob.hears() == [f"来自:[alice]的消息，内容是:x{about(bob, 'hi')}[2J"]


# Whose bytes wait.


def test_answers_count_for_the_asker_and_private_lines_for_the_others() -> None:
    alice, bob = people("alice", "bob")
    alice.says("who", "rename|", "to|", "to|nobody|x")
    assert alice.outbox.owed == 0
    assert alice.outbox.answers > 0
    alice.says("to|bob|psst")
    assert bob.outbox.owed > 0
    assert bob.outbox.answers == 0


def test_the_room_is_woken_by_what_all_hear_and_by_nothing_else() -> None:
    house = House()
    alice = Guest(house)
    alice.online()
    alice.says("hi")
    assert house.wakes == 2
    alice.says("who", "rename|alice", f"to|{alice.addr}|x", "to|alice|x", "")
    assert house.wakes == 2
    alice.say_lines(b"many\nlines\n", 2)
    assert house.wakes == 3
    alice.offline()
    assert house.wakes == 4


# Any lines.

commands = st.sampled_from(["", "who", "rename|", "rename|bob", "to|", "to|bob|", "to|alice|", "|"])
lines = st.builds("{}{}".format, commands, st.text(max_size=12))


@any_input
@given(st.lists(st.tuples(st.integers(0, 2), lines), max_size=12))
def test_whatever_is_said_everyone_hears_whole_lines_and_the_roster_is_right(
    said: list[tuple[int, str]],
) -> None:
    guests = people("alice", "bob", "carol")
    for who, line in said:
        guests[who].says(line)
    room = guests[0].room
    assert [user.name for user in room.roster] == [guest.name for guest in guests]
    assert len({names.key(guest.name) for guest in guests}) == 3
    for guest in guests:
        assert guest.prefix.decode() == about(guest, "")
        assert room.roster.find(guest.name) is guest
        for line in guest.hears():
            assert line
            assert wire.clean(line) == line
