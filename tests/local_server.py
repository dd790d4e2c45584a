"""A real HTTP server on the loopback, which answers as it is told: well, wrongly, slowly, or not to the end."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Behaviour = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Keeps what was asked, and leaves the answer to the server's behaviour."""

    server: LocalServer

    def do_POST(self) -> None:
        self.asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.path, dict(self.headers), self.asked))
        # The other side may have gone: that is what some of the tests are about.
        with contextlib.suppress(OSError):
            self.server.behaviour(self)

    do_GET = do_POST

    def say(self, body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": content_type, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay quiet."""


class LocalServer(ThreadingHTTPServer):
    daemon_threads = True
    behaviour: Behaviour
    requests: list[tuple[str, dict[str, str], bytes]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


@contextmanager
def local_server(behaviour: Behaviour, tls: ssl.SSLContext | None = None) -> Iterator[LocalServer]:
    server = LocalServer(("127.0.0.1", 0), Handler)
    server.behaviour, server.requests = behaviour, []
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def completion(answer: str) -> bytes:
    """Return a chat completion as a server words it."""
    message = {"role": "assistant", "content": answer}
    return json.dumps({"object": "chat.completion", "choices": [{"index": 0, "message": message}]}).encode()


def answers(name: Callable[[dict[str, Any]], str]) -> Behaviour:
    """Answer with the name that `name` makes of the terms and titles."""
    def behave(handler: Handler) -> None:
        question = json.loads(json.loads(handler.asked)["messages"][1]["content"])
        handler.say(completion(name(question)))
    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave in one way after the other; the last one stays."""
    left = list(behaviours)

    def behave(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)
    return behave


def by_query(answer: Callable[[str, dict[str, str]], bytes], content_type: str = "application/json") -> Behaviour:
    """Answer with what `answer` makes of the path and the parameters; a `LookupError` is a 404."""
    def behave(handler: Handler) -> None:
        parts = urlsplit(handler.path)
        try:
            body = answer(parts.path, dict(parse_qsl(parts.query)))
        except LookupError:
            handler.say(b"no such page", "text/plain", 404)
        else:
            handler.say(body, content_type)
    return behave


def endless(handler: Handler) -> None:
    """Send without an end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65_536)


def _slowly(handler: Handler) -> None:
    time.sleep(1.0)
    handler.say(completion("Too late"))


def _drips(handler: Handler) -> None:
    """Send a byte now and then: no single wait is long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(20):
        handler.wfile.write(b"{")
        handler.wfile.flush()
        time.sleep(0.05)


def _breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')


def _closes(handler: Handler) -> None:
    handler.close_connection = True


BAD: dict[str, tuple[Behaviour, str]] = {
    "no JSON": (lambda h: h.say(b"Dense retrieval"), "no chat completion"),
    "another shape": (lambda h: h.say(b'{"choices": []}'), "no chat completion"),
    "no text": (lambda h: h.say(b'{"choices": [{"message": {"content": null}}]}'), "no chat completion"),
    "nested": (lambda h: h.say(b"[" * 200_000), "no chat completion"),
    "HTML": (lambda h: h.say(b"<html>Log in</html>", "text/html"), "answered text/html that is no chat completion"),
    "escapes": (lambda h: h.say(b"", "\x1b[31mred"), r"answered \?\[31mred that is no chat completion"),
    "too long": (lambda h: h.say(b" " * 2_000_000), "more than the 1,000,000 bytes"),
    "slow": (_slowly, "no whole answer within 0.3 s"),
    "dripping": (_drips, "no whole answer within 0.3 s"),
    "error": (lambda h: h.say(b"{}", status=500), "answered with status 500"),
    "no entry": (lambda h: h.say(b"{}", status=401), "does not let us in"),
    "too many": (lambda h: h.say(b"{}", status=429, Retry_After="7"), r"left alone for 7 s \(status 429\)"),
    "elsewhere": (lambda h: h.say(b"", status=307, Location="http://127.0.0.1:9/"), "which is not followed"),
    "broken off": (_breaks_off, "broke off in the middle"),
    "closed": (_closes, "cannot be reached or closed the connection"),
    "no HTTP": (lambda h: h.wfile.write(b"\x00\x01\x02 hello\r\n\r\n") and None, "cannot be reached"),
}
"""Behaviours that give no answer, each with the sentence that it is told in."""
