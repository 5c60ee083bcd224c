"""The texts are those of the tutorial, to the character."""

import unicodedata

import pytest

from im_final import phrases
from stages import phrases as of_the_stages

WIRE = {
    "SAID": "[{addr}]{name}:{text}",
    "ONLINE": "已上线",
    "OFFLINE": "下线",
    "IS_ONLINE": "[{name}] is online",
    "RENAMED": "用户名修改成功,[{old}]->[{new}]",
    "NAME_TAKEN": "用户名已存在，修改失败",
    "NAME_INVALID": "用户名不合法，修改失败",
    "KICKED": "你已超时，将被踢出下线",
    "PRIVATE": "来自:[{sender}]的消息，内容是:{text}",
    "PRIVATE_FORMAT": "发送私聊消息格式错误,正确格式:to|张三|你好呀",
    "PRIVATE_NO_TARGET": "目标对象不存在，请仔细检查",
    "PRIVATE_EMPTY": "消息内容格式错误",
    "TOO_LONG": "消息过长，连接将被关闭",
    "READY": "Server 运行成功~~~",
    "CONNECTED": "链接建立成功！！！",
}


def texts_of(module: object) -> dict[str, str]:
    """The texts in a module, by name."""
    return {name: text for name, text in vars(module).items() if name.isupper()}


@pytest.mark.parametrize("name", WIRE)
def test_every_text_of_the_wire_contract_is_there_to_the_character(name: str) -> None:
    assert texts_of(phrases)[name] == WIRE[name]


def test_the_stages_say_the_same_in_the_same_words() -> None:
    common = texts_of(of_the_stages)
    assert common == {name: texts_of(phrases)[name] for name in common}


def test_no_two_texts_are_the_same() -> None:
    texts = texts_of(phrases)
    assert len(set(texts.values())) == len(texts)


@pytest.mark.parametrize("name", texts_of(phrases))
def test_every_text_is_one_line_that_any_terminal_can_show(name: str) -> None:
    text = texts_of(phrases)[name]
    assert text.isprintable()
    assert text == text.strip()
    assert unicodedata.is_normalized("NFC", text)
