"""The load generator of `benchmarks/api.py`: keep-alive clients that each send the next request when answered.

It is a process of its own, one thread over plain sockets with requests put together by hand, so that it takes little of
the processor that the server needs. Orders come by line as JSON, a result goes back by line. `load.py echo` is the
trivial server that shows how fast the generator could go.

An order `{"open": {...}}` says whom to ask: port, bodies and clients; `{"job": name, "seconds": s}` runs one job.
"""

import contextlib
import json
import selectors
import socket
import sys
import time
from collections import Counter
from itertools import cycle
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
LONGEST_ANSWER = 10.0
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\ncontent-type: application/json\r\n\r\n"
CLOSED, MALFORMED = 0, -1
"""What stands for the status where there is none."""


class Save:
    """One case that is saved again and again; its version goes up with every save that was accepted."""

    def __init__(self, target: str, version: int, headers: str, bodies: list[str]) -> None:
        self._head = f"{target} HTTP/1.1\r\n{headers}Content-Type: application/json\r\nContent-Length: "
        self._bodies = bodies
        self.version = version

    def request(self) -> bytes:
        """Return the next request."""
        body = f'{{"version":{self.version},{self._bodies[self.version % len(self._bodies)]}'
        return f"{self._head}{len(body)}\r\n\r\n{body}".encode()

    def accept(self) -> None:
        """Take note that the save was accepted."""
        self.version += 1


class Get:
    """One address that is read."""

    def __init__(self, target: str, headers: str) -> None:
        self._bytes = f"{target} HTTP/1.1\r\n{headers}\r\n".encode()

    def request(self) -> bytes:
        """Return the request."""
        return self._bytes

    def accept(self) -> None:
        """Nothing changes by reading."""


Request = Save | Get


class Client:
    """One connection, one request at a time."""

    def __init__(self, port: int, jobs: dict[str, list[Request]]) -> None:
        self._address = (HOST, port)
        self._saves = [one for one in jobs["save"] if isinstance(one, Save)]
        self._turns = {name: cycle(requests) for name, requests in jobs.items()}
        self._turn: Iterator[Request] = iter(())
        self._answer = bytearray()
        self.started = 0.0
        self.asked: Request | None = None

    def connect(self) -> None:
        """Open a connection in place of any other."""
        self.socket = socket.create_connection(self._address, LONGEST_ANSWER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def choose(self, job: str) -> None:
        """Go on with a job where it stopped."""
        self._turn = self._turns[job]

    def send(self) -> None:
        """Send the next request."""
        self._answer.clear()
        self.asked = next(self._turn)
        request = self.asked.request()
        self.started = time.perf_counter()
        # A connection that the server has closed is noticed when the answer does not come.
        with contextlib.suppress(OSError):
            self.socket.sendall(request)

    def receive(self) -> int | None:
        """Take what has come; return the status once the answer is whole."""
        try:
            part = self.socket.recv(1 << 18)
        except OSError:
            part = b""
        if not part:
            return CLOSED
        self._answer += part
        whole = answer_length(self._answer)
        if whole is None or 0 <= len(self._answer) < whole:
            return None
        return int(self._answer[9:12]) if len(self._answer) == whole else MALFORMED

    @property
    def versions(self) -> int:
        """The versions of all cases of this client together."""
        return sum(save.version for save in self._saves)

    @property
    def answer(self) -> str:
        """The answer as text, cut to what an error message can hold."""
        return bytes(self._answer[:2000]).decode(errors="replace")


def answer_length(answer: bytearray) -> int | None:
    """Return the bytes of an answer with its head; None until the head is whole, -1 where it does not say."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(answer[: end + 2]).lower()
    if head[9:12] == b"204":
        return end + 4
    at = head.find(b"\r\ncontent-length:")
    if at < 0:
        return -1
    return end + 4 + int(head[at + 17 : head.index(b"\r\n", at + 17)])


class Window:
    """One job for so many seconds: what came back, and how long each answer took."""

    def __init__(self, clients: list[Client]) -> None:
        self._clients = clients
        self._selector = selectors.DefaultSelector()
        self.statuses: Counter[int] = Counter()
        self.latencies: list[float] = []
        self.refusal = ""

    def run(self, job: str, seconds: float) -> dict[str, Any]:
        """Open the connections, then let all clients work until the time is over and the last answer is in."""
        for client in self._clients:
            client.connect()
            client.choose(job)
            self._selector.register(client.socket, selectors.EVENT_READ, client)
        began, worked = time.perf_counter(), time.process_time()
        waiting, last = self._work(began + seconds), time.perf_counter()
        worked = time.process_time() - worked
        self.statuses[CLOSED] += waiting
        for client in self._clients:
            client.socket.close()
        self._selector.close()
        return {
            "seconds": last - began,
            "cpu": worked,
            "statuses": {str(status): count for status, count in self.statuses.items() if count},
            "latencies": [round(1000 * one, 3) for one in self.latencies],
            "refusal": self.refusal,
            "versions": sum(client.versions for client in self._clients),
        }

    def _work(self, deadline: float) -> int:
        """Let the clients work; return how many were never answered."""
        for client in self._clients:
            client.send()
        waiting = len(self._clients)
        while waiting:
            ready = self._selector.select(LONGEST_ANSWER)
            if not ready:
                return waiting
            for key, _ in ready:
                client: Client = key.data
                status = client.receive()
                if status is None:
                    continue
                now = time.perf_counter()
                self._note(client, status, now)
                if now < deadline:
                    client.send()
                else:
                    waiting -= 1
                    self._selector.unregister(client.socket)
        return 0

    def _note(self, client: Client, status: int, now: float) -> None:
        self.statuses[status] += 1
        if 200 <= status < 300 and client.asked is not None:
            self.latencies.append(now - client.started)
            client.asked.accept()
            return
        self.refusal = self.refusal or client.answer or "connection closed"
        if status in (CLOSED, MALFORMED):
            self._selector.unregister(client.socket)
            client.socket.close()
            client.connect()
            self._selector.register(client.socket, selectors.EVENT_READ, client)


def open_clients(order: dict[str, Any]) -> list[Client]:
    """Return the clients of an order; every job is a list of requests, `mix` a list that goes round all jobs."""
    return [Client(order["port"], make_jobs(order, one)) for one in order["clients"]]


def make_jobs(order: dict[str, Any], client: dict[str, Any]) -> dict[str, list[Request]]:
    """Return the requests of one client by job."""
    headers = f"Host: {HOST}:{order['port']}\r\n{client['headers']}"
    saves: list[Request] = [Save(save["target"], save["version"], headers, order["bodies"]) for save in client["saves"]]
    gets: dict[str, list[Request]] = {
        job: [Get(target, headers) for target in targets] for job, targets in client["gets"].items()
    }
    turns = [cycle(saves), *(cycle(requests) for requests in gets.values())]
    mix = [next(turn) for _ in saves for turn in turns]
    return {"save": saves, **gets, "mix": mix}


def serve_orders() -> None:
    """Answer orders until there are no more."""
    clients: list[Client] = []
    for line in sys.stdin:
        order = json.loads(line)
        result: dict[str, Any] = {}
        if "open" in order:
            clients = open_clients(order["open"])
        else:
            result = Window(clients).run(order["job"], order["seconds"])
        print(json.dumps(result), flush=True)


def echo() -> None:
    """Answer everything that comes with the same few bytes; the port is the first line."""
    selector = selectors.DefaultSelector()
    listener = socket.create_server((HOST, 0))
    selector.register(listener, selectors.EVENT_READ)
    print(listener.getsockname()[1], flush=True)
    answer = OK + b'{"version":1  }'
    while True:
        for key, _ in selector.select():
            if key.fileobj is listener:
                selector.register(listener.accept()[0], selectors.EVENT_READ)
            elif key.fileobj.recv(1 << 16):
                key.fileobj.sendall(answer)
            else:
                selector.unregister(key.fileobj)
                key.fileobj.close()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        echo() if sys.argv[1:] == ["echo"] else serve_orders()
