"""A server that answers byte by byte what it is told, right or wrong."""

import contextlib
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

Step = bytes | float
"""Bytes to send, or seconds to be silent."""

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def answer(
    body: bytes = b"", *headers: str, status: str = "200 OK", length: bool = True, version: str = "HTTP/1.1"
) -> bytes:
    """The bytes of an answer, with its length unless that is left out."""
    lines = [
        f"{version} {status}",
        "Connection: close",
        *headers,
        *([f"Content-Length: {len(body)}"] if length else []),
    ]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1") + b"\r\n" + body


@dataclass
class OddServer:
    """What is answered to each address, and what was asked: `(address, headers)`."""

    address: str = ""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _told: dict[str, list[tuple[Step, ...]]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, url: str, *answers: bytes | tuple[Step, ...]) -> None:
        """Answer an address with these in turn, then with the last one again."""
        self._told[url] = [one if isinstance(one, tuple) else (one,) for one in answers]

    def answer(self, url: str) -> tuple[Step, ...]:
        with self._lock:
            told = self._told.get(url, [])
            return (told.pop(0) if len(told) > 1 else told[0]) if told else (NOT_FOUND,)

    def count(self, url: str) -> int:
        return sum(asked == url for asked, _ in self.asked)


def _serve(server: OddServer, listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_talk, args=(server, connection), daemon=True).start()


def _talk(server: OddServer, connection: socket.socket) -> None:
    # A client that has heard enough hangs up: that is not an error here.
    with connection, contextlib.suppress(OSError):
        head = b""
        while b"\r\n\r\n" not in head:
            more = connection.recv(65536)
            if not more:
                return
            head += more
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        url = f"https://{headers['host']}{first.split(' ')[1]}"
        server.asked.append((url, headers))
        for step in server.answer(url):
            if isinstance(step, bytes):
                connection.sendall(step)
            else:
                time.sleep(step)


@contextlib.contextmanager
def odd_server() -> Iterator[OddServer]:
    """Serve on loopback."""
    server = OddServer()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=_serve, args=(server, listener), daemon=True).start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
