"""What there is to reach: a bare loop that writes the same bytes to the same sockets.

It stands in for a server: it lets people in and echoes what they say until somebody floods. Then it
reads no more and decides nothing: it writes one block, from memory that is hot, to every socket
that takes it, again and again. What is left is the cost of the system's own calls and copies.
"""

import argparse
import select
import socket

FLOOD = 2**14  # Bytes in one read that are no longer a line of somebody's.
READ = 2**16  # Bytes that a server reads at once, and then passes on in one write.
PREFIX = b"[127.0.0.1:54321]127.0.0.1:54321:"  # What a chat puts before each line.


def main() -> None:
    """Serve one measurement, until everybody has gone."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", options.port), backlog=4096)
    people, flooder, line = chat(listener)
    with flooder:
        write_for_ever(people, (PREFIX + line) * (READ // len(line)))


def chat(listener: socket.socket) -> tuple[list[socket.socket], socket.socket, bytes]:
    """Let people in, and pass on what they say, until one floods.

    Returns the others, that one, and a line of the flood.
    """
    epoll = select.epoll()
    epoll.register(listener.fileno(), select.EPOLLIN)
    people: dict[int, socket.socket] = {}
    while True:
        for descriptor, _ in epoll.poll():
            if descriptor == listener.fileno():
                sock, _ = listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                people[sock.fileno()] = sock
                epoll.register(sock.fileno(), select.EPOLLIN)
                sock.sendall(b"\n")
                continue
            try:
                data = people[descriptor].recv(READ)
            except ConnectionError:
                data = b""
            if not data:
                people.pop(descriptor).close()
                continue
            if len(data) >= FLOOD:
                flooder = people.pop(descriptor)
                return list(people.values()), flooder, data[: data.index(b"\n") + 1]
            text = b"".join(PREFIX + line for line in data.splitlines(keepends=True))
            for sock in people.values():
                sock.sendall(text)


def write_for_ever(people: list[socket.socket], block: bytes) -> None:
    """Write the block to everyone who takes it; ends when nobody is there any more.

    Whoever takes a part of it is offered as much as all others the next time.
    """
    epoll = select.epoll()
    endless, size = memoryview(block * 2), len(block)
    by_fd = {}
    for sock in people:
        sock.setblocking(False)
        by_fd[sock.fileno()] = sock
        epoll.register(sock.fileno(), select.EPOLLOUT)
    places = dict.fromkeys(by_fd, 0)
    while by_fd:
        for descriptor, _ in epoll.poll():
            place = places[descriptor]
            try:
                sent = by_fd[descriptor].send(endless[place : place + size])
            except BlockingIOError:
                continue
            except OSError:
                epoll.unregister(descriptor)
                del by_fd[descriptor]
                continue
            places[descriptor] = (place + sent) % size


if __name__ == "__main__":
    main()
