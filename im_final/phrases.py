"""Every text that the server sends or logs, under an English name.

The texts are those of the tutorial, to the character: mind which commas are full width (，) and
which are ASCII (,). Those under "New" answer what its program did not think of. A text with
`{fields}` is filled in with `str.format`.
"""

# The server's log.
READY = "Server 运行成功~~~"
CONNECTED = "链接建立成功！！！"

# What everyone reads: SAID, about a chat line or one of the two events.
SAID = "[{addr}]{name}:{text}"
ONLINE = "已上线"
OFFLINE = "下线"

# Refused input.
TOO_LONG = "消息过长，连接将被关闭"

# Answers to `who` and `rename|NEW`.
IS_ONLINE = "[{name}] is online"
RENAMED = "用户名修改成功,[{old}]->[{new}]"
NAME_TAKEN = "用户名已存在，修改失败"
NAME_INVALID = "用户名不合法，修改失败"

# The idle limit.
KICKED = "你已超时，将被踢出下线"

# `to|NAME|TEXT`: what the target reads, and what can be wrong.
PRIVATE = "来自:[{sender}]的消息，内容是:{text}"
PRIVATE_FORMAT = "发送私聊消息格式错误,正确格式:to|张三|你好呀"
PRIVATE_NO_TARGET = "目标对象不存在，请仔细检查"
PRIVATE_EMPTY = "消息内容格式错误"

# New: why somebody is not let in, or has to go.
FULL = "服务器已满，请稍后再试"
TOO_MANY = "来自你的地址的连接过多，请稍后再试"
TOO_FAST = "来自你的地址的连接过于频繁，请稍后再试"
CLOSING = "服务器即将关闭，再见"
TRY_AGAIN = "密码错误，请重试"
TRIED_TOO_OFTEN = "密码错误次数过多，连接将被关闭"
TRIED_TOO_LATE = "未在时限内输入密码，连接将被关闭"

# New: a room on several machines, when they cannot reach each other.
AWAY = "暂时无法连接聊天室，你的消息将在恢复后发送"
BACK = "已重新连接聊天室"
MISSED = "与聊天室的连接曾中断，期间的消息可能缺失"
NAME_LOST = "你的用户名已被他人使用，现改为[{addr}]"
NOT_SENT = "你的部分消息可能未能发送"
PRIVATE_LOST = "有一条发给你的私聊消息已丢失"

# New: input that cannot be passed on.
NOT_UTF8 = "消息不是有效的 UTF-8 文本，未发送"
