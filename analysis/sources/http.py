"""One exchange with a server: bounded in time, size and detours, and told in one sentence when it fails."""

from __future__ import annotations

import queue
import re
import socket
import threading
from collections.abc import Collection
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from analysis import __version__
from analysis.schema import SettingsError, SourceError
from analysis.sources.addresses import check_hop, is_this_machine, server

AGENT = f"paper-themes/{__version__}"
MOST_BYTES = 1_000_000
PACKINGS = ("gzip", "deflate")
_CHUNK = 65_536
_PAUSE = (429, 503)
"""Statuses by which a server asks to be left alone for a while."""


class BrokenAnswer(SourceError):
    """An answer that did not come, or not whole: asking again may help."""


@dataclass(frozen=True)
class Reply:
    """What a server answered, whole.

    Parameters
    ----------
    body : bytes
        Unpacked, no longer than was allowed.
    content_type : str
        As printable text; empty where the server did not say.
    """

    body: bytes
    content_type: str


def fetch(
    url: str, payload: Any = None, *, timeout_s: float, key: str = "", key_header: str = "",
    most_bytes: int = MOST_BYTES, accepted: Collection[str] = (), most_redirects: int = 0, agent: str = AGENT,
) -> Reply:
    """Return what `url` answers to one GET, or to one POST of `payload` as JSON.

    Parameters
    ----------
    timeout_s : float
        For the whole exchange, the name look-up and the last byte included.
    key : str
        Sent as a bearer token, or in the header `key_header`; shown in no message, and sent to no other address.
    most_bytes : int
        Bound on the body, after unpacking.
    accepted : collection of str
        Content types that may come, such as ``application/json``; empty for any.
    most_redirects : int
        How many are followed, each held to `check_hop`; none where a key is sent.
    agent : str
        Who we say that we are.

    Raises
    ------
    SourceError
        No answer, one that is late, too long or cut off, of another type, a status other than 200, or a redirect that
        is not followed. It is a `BrokenAnswer` where asking again may help.
    SettingsError
        `key` cannot be sent, or would be sent in the clear.
    """
    check_key(url, key)
    done: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()

    ask = _Asking(timeout_s, _Key(key, key_header), most_bytes, frozenset(accepted), agent)

    def work() -> None:
        try:
            done.put(_follow(url, payload, ask, 0 if key else most_redirects))
        except Exception as error:
            done.put(error)

    # The library's timeout starts anew at every byte. This clock does not, so a server cannot keep us by dripping.
    threading.Thread(target=work, daemon=True).start()
    try:
        result = done.get(timeout=timeout_s)
    except queue.Empty:
        raise BrokenAnswer(f"{server(url)} gave no whole answer within {timeout_s:g} s; allow more time, or try again "
                           "later") from None
    if isinstance(result, Exception):
        raise result
    return result


def check_key(url: str, key: str) -> None:
    """Raise a `SettingsError` where `key` is no bearer token, or would go to another machine in the clear."""
    if not key:
        return
    if not re.fullmatch(r"[!-~]+", key):
        raise SettingsError(f"the key for {server(url)} holds a space, a line end or a letter outside ASCII; "
                            "expected one word of ASCII; set it anew")
    if urlsplit(url).scheme != "https" and not is_this_machine(url):
        raise SettingsError(f"the key for {server(url)} would travel in the clear; use an https address, or unset "
                            "the key")


@dataclass(frozen=True)
class _Asking:
    timeout_s: float
    key: _Key
    most_bytes: int
    accepted: frozenset[str]
    agent: str


class _Key(requests.auth.AuthBase):
    """The key, or none: with this in place the library does not look for passwords in a .netrc file."""

    def __init__(self, key: str, header: str) -> None:
        self._key, self._header = key, header

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key and self._header:
            request.headers[self._header] = self._key
        elif self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


class _Pinned(requests.adapters.HTTPAdapter):
    """Connects to where a name was found, and does not look it up again: it could lead elsewhere the second time."""

    def __init__(self, url: str, address: str) -> None:
        parts = urlsplit(url)
        self._address = f"[{address}]" if ":" in address else address
        self._name: dict[str, Any] = {"server_hostname": parts.hostname} if parts.scheme == "https" else {}
        super().__init__()

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, **(more | self._name))

    def send(self, request: requests.PreparedRequest, *how: Any, **more: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.headers["Host"] = parts.netloc
        port = "" if parts.port is None else f":{parts.port}"
        request.url = parts._replace(netloc=self._address + port).geturl()
        return super().send(request, *how, **more)


def _follow(url: str, payload: Any, ask: _Asking, most_redirects: int) -> Reply:
    home, found = url, dict[str, list[str]]()

    def look_up(host: str) -> list[str]:
        found[host] = _look_up(host)
        return found[host]

    for hop in range(most_redirects + 1):
        reply = _exchange(url, payload, ask, found.get(urlsplit(url).hostname or ""), last=hop == most_redirects)
        if isinstance(reply, Reply):
            return reply
        url = check_hop(home, url, reply, look_up)
    raise AssertionError("the last hop answers or raises")


def _exchange(url: str, payload: Any, ask: _Asking, found: list[str] | None, *, last: bool) -> Reply | str:
    """Ask once; a text is where to ask next. Messages are our own words: the library's may quote what was sent.

    `found` is where the name was found when that was checked, None where it is not asked; a proxy looks for itself.
    """
    with requests.Session() as session:
        session.trust_env = not is_this_machine(url)  # no proxy stands between us and ourselves
        if found is not None and requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url)) is None:
            if not found:
                raise BrokenAnswer(f"{server(url)} cannot be reached: no address is known for it; try again later")
            session.mount(f"{urlsplit(url).scheme}://", _Pinned(url, found[0]))
        try:
            with session.request(
                "GET" if payload is None else "POST", url, json=payload, auth=ask.key, timeout=ask.timeout_s + 1,
                headers={"User-Agent": ask.agent, "Accept-Encoding": ", ".join(PACKINGS)}, stream=True,
                allow_redirects=False,
            ) as response:
                if not last and response.is_redirect:
                    return response.headers["Location"]
                _check_status(response, url)
                _check_packing(response, url)
                kind = response.headers.get("Content-Type", "")
                _check_kind(kind, url, ask.accepted)
                return Reply(_read_body(response, url, ask.most_bytes), plain(kind))
        except requests.exceptions.SSLError:
            raise SourceError(f"{server(url)} could not prove who it is; expected a valid certificate; check the "
                              "address and this machine's clock") from None
        except requests.exceptions.ChunkedEncodingError:
            raise BrokenAnswer(f"{server(url)} broke off in the middle of its answer; try again later") from None
        except requests.exceptions.ContentDecodingError:
            raise BrokenAnswer(f"{server(url)} packed its answer in a way that cannot be unpacked; try again "
                               "later") from None
        except requests.ConnectionError:
            raise BrokenAnswer(f"{server(url)} cannot be reached or closed the connection; check that the server runs "
                               "and that the address is right") from None
        except (OSError, ValueError) as error:  # the library's own errors are of these kinds
            raise SourceError(f"{server(url)} gave an answer that is no HTTP ({type(error).__name__}); check the "
                              "address") from None


def _look_up(host: str) -> list[str]:
    """Return a host's IP addresses; none where this machine knows none: then only a proxy can reach it."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, ValueError):
        return []


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if 300 <= status < 400:
        raise SourceError(f"{server(url)} leads to another address (status {status}), which is not followed; if you "
                          "trust it, name that address instead", status)
    if status in _PAUSE:
        wait_s = _wait_s(response)
        pause = f" for {wait_s:g} s" if wait_s is not None else ""
        raise SourceError(f"{server(url)} asks to be left alone{pause} (status {status}); try again later", status,
                          wait_s, pause=True)
    if status in (401, 403):
        raise SourceError(f"{server(url)} does not let us in (status {status}); check the key", status)
    raise SourceError(f"{server(url)} answered with status {status}, expected 200; check the address, or try again "
                      "later", status)


def _wait_s(response: requests.Response) -> float | None:
    """Return for how long a server asks to be left alone: it names seconds, or a date, read by its own clock."""
    told = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,6}", told):
        return float(told)
    try:
        until, now = (parsedate_to_datetime(date) for date in (told, response.headers["Date"]))
        return max((until - now).total_seconds(), 0.0)
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def _check_kind(kind: str, url: str, accepted: frozenset[str]) -> None:
    named = kind.partition(";")[0].strip().lower()
    if accepted and named and named not in accepted:
        raise SourceError(f"{server(url)} answered {plain(named)}, expected {' or '.join(sorted(accepted))}; check "
                          "the address, or try again later")


def _check_packing(response: requests.Response, url: str) -> None:
    """Refuse an answer that is packed in another way than we asked for: packed twice, a few bytes fill the memory."""
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", *PACKINGS):
        raise SourceError(f"{server(url)} packed its answer as {plain(packing)}, expected {' or '.join(PACKINGS)}; "
                          "check the address")


def _read_body(response: requests.Response, url: str, most_bytes: int) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > most_bytes:
            raise SourceError(f"{server(url)} answered more than the {most_bytes:,} bytes that we take; check the "
                              "address")
    return bytes(body)


def plain(text: str) -> str:
    """Return the start of what a server says of itself, fit for a message: printable ASCII, at most 60 characters."""
    return re.sub(r"[^ -~]", "?", text)[:60]
