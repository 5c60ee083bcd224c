"""/metrics for Prometheus and /healthz for whoever watches, in a thread of their own.

The thread asks the server in its own loop, so numbers belong together, and /healthz tells whether
that loop still turns. Nothing is counted for this on the way of a line. Needs `prometheus_client`.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from im_final import listeners
from im_final.fanout import TURN_SECONDS
from im_final.server import Server
from im_final.statistics import LinkStatistics, Statistics

PATIENCE = 2.0  # Seconds that the loop has to answer.
REQUEST = 5.0  # Seconds that somebody has to send a request.
BACKLOG_BYTES = (0, 2**10, 2**14, 2**16, 2**18, 2**20)  # Upper ends of a histogram.

Start = Callable[..., Any]
App = Callable[[dict[str, Any], Start], Iterable[bytes]]


class Numbers(Collector):
    """The server's statistics, as Prometheus calls them."""

    def __init__(self, ask: Callable[[], Statistics]) -> None:
        self.ask = ask

    def collect(self) -> Iterator[Metric]:
        """Ask once, and tell it all."""
        now = self.ask()
        counts = now.counts
        for name, text, value in (
            ("im_users", "users online", now.users),
            ("im_connections", "connections, whatever their state", now.connections),
        ):
            yield GaugeMetricFamily(name, text, value)
        for name, text, value in (
            ("im_lines_in", "lines received", counts.lines_in),
            ("im_lines_said", "lines said in the room, joins and leaves too", now.log_lines),
            ("im_lines_out", "lines said, times those who were to read them", now.deliveries),
            ("im_direct_writes", "answers and private messages", counts.directs),
            ("im_bytes_in", "bytes received", counts.bytes_in),
            ("im_bytes_out", "bytes sent", counts.bytes_out),
        ):
            yield CounterMetricFamily(name, text, value)
        yield by_reason("im_departures", "connections that ended", counts.departures)
        yield by_reason("im_refusals", "connections that were not let in", counts.refusals)
        backlogs = [sum(owed <= end for owed in now.backlogs) for end in BACKLOG_BYTES]
        yield histogram(
            "im_backlog_bytes",
            "what others said and a connection has not taken",
            BACKLOG_BYTES,
            [*backlogs, len(now.backlogs)],
            sum(now.backlogs),
        )
        turns = [sum(now.turns[: place + 1]) for place in range(len(now.turns))]
        yield histogram(
            "im_turn_seconds", "writing of one turn", TURN_SECONDS, turns, now.turn_seconds
        )
        if now.link:
            yield from of_link(now.link)


def of_link(link: LinkStatistics) -> Iterator[Metric]:
    """What there is to know about the link to other nodes."""
    for name, text, value in (
        ("im_link_up", "1 while this node is in the room of all", link.state == "up"),
        ("im_link_behind", "entries of the stream that were not read yet", link.entries_behind),
        ("im_link_round_trip_seconds", "time that the last batch took", link.round_trip),
        ("im_link_waiting", "operations that were not sent yet", link.operations_waiting),
        ("im_link_held_bytes", "what is not decided yet, by its cost", link.bytes_held),
        ("im_nodes", "nodes with a lease", link.nodes),
    ):
        yield GaugeMetricFamily(name, text, value)
    yield CounterMetricFamily("im_link_sessions", "times this node came in", link.sessions)
    yield CounterMetricFamily("im_link_burials", "times taken for dead", link.burials)


def by_reason(name: str, text: str, counts: dict[str, int]) -> Metric:
    """A counter for each reason."""
    family = CounterMetricFamily(name, text, labels=["reason"])
    for reason, count in counts.items():
        family.add_metric([reason], count)
    return family


def histogram(
    name: str, text: str, ends: Iterable[float], counts: Iterable[int], total: float
) -> Metric:
    """A histogram from cumulative counts, the last of which is of all."""
    labels = [*[f"{end:.10g}" for end in ends], "+Inf"]
    buckets = list(zip(labels, [float(count) for count in counts], strict=True))
    return HistogramMetricFamily(name, text, buckets=buckets, sum_value=total)


class Quiet(WSGIRequestHandler):
    """Does not log requests, and does not wait for them for ever."""

    timeout = REQUEST

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Pages(ThreadingMixIn, WSGIServer):
    """A thread for each request, so that one who asks nothing keeps nobody else waiting."""

    daemon_threads = True

    def __init__(self, sock: socket.socket, app: App) -> None:
        super().__init__(sock.getsockname()[:2], Quiet, bind_and_activate=False)
        self.socket.close()  # Of IPv4, whatever the address.
        self.socket = sock
        self.socket.setblocking(True)
        self.server_name, self.server_port = sock.getsockname()[:2]
        self.setup_environ()
        self.set_app(app)

    def handle_error(self, *_: object) -> None:
        """Nothing: whoever asked is gone, or asks too slowly."""


class Metrics:
    """Serves the two pages on `port` of each address of `host` until `stop`. Raises OSError."""

    def __init__(self, server: Server, host: str, port: int) -> None:
        self.server = server
        self.loop = asyncio.get_running_loop()
        registry = CollectorRegistry()
        registry.register(Numbers(self.ask))
        self.metrics_app: App = make_wsgi_app(registry)
        self.pages = [Pages(sock, self.app) for sock in listeners.listen(host, port)]
        self.port = self.pages[0].server_port
        for pages in self.pages:
            threading.Thread(target=pages.serve_forever, name="metrics", daemon=True).start()

    def stop(self) -> None:
        """Close the port."""
        for pages in self.pages:
            threading.Thread(target=pages.shutdown, daemon=True).start()
            pages.socket.close()

    def ask(self) -> Statistics:
        """The statistics, from the server's own loop. Raises TimeoutError if that stands still."""

        async def answer() -> Statistics:
            return self.server.statistics()

        return asyncio.run_coroutine_threadsafe(answer(), self.loop).result(PATIENCE)

    def app(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """The pages (WSGI)."""
        if environ["PATH_INFO"] not in ("/metrics", "/healthz"):
            return page(start, "404 Not Found", "there are /metrics and /healthz")
        try:
            if environ["PATH_INFO"] == "/metrics":
                return self.metrics_app(environ, start)
            link = self.ask().link
        except TimeoutError:
            return page(start, "503 Service Unavailable", "the event loop does not answer")
        if link and link.state != "up":
            return page(start, "503 Service Unavailable", "this node is not in the room")
        return page(start, "200 OK", "ok")


def page(start: Start, status: str, text: str) -> Iterable[bytes]:
    """A line of text."""
    start(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{text}\n".encode()]
