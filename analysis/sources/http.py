"""One exchange with a server: bounded in time and size, led nowhere else, and told in one sentence when it fails."""

from __future__ import annotations

import ipaddress
import queue
import re
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from analysis import __version__
from analysis.schema import SettingsError, SourceError

MOST_BYTES = 1_000_000
_CHUNK = 65_536
_PAUSE = (429, 503)
"""Statuses by which a server asks to be left alone for a while."""


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
    url: str, payload: Any = None, *, timeout_s: float, key: str = "", most_bytes: int = MOST_BYTES,
) -> Reply:
    """Return what `url` answers to one GET, or to one POST of `payload` as JSON.

    Parameters
    ----------
    timeout_s : float
        For the whole exchange, the name look-up and the last byte included.
    key : str
        Sent as a bearer token, and shown in no message.
    most_bytes : int
        Bound on the body, after unpacking.

    Raises
    ------
    SourceError
        No answer, one that is late, too long or cut off, a status other than 200, or a redirect, which is not followed.
    SettingsError
        `key` cannot be sent, or would be sent in the clear.
    """
    check_key(url, key)
    done: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            done.put(_exchange(url, payload, timeout_s, key, most_bytes))
        except Exception as error:
            done.put(error)

    # The library's timeout starts anew at every byte. This clock does not, so a server cannot keep us by dripping.
    threading.Thread(target=work, daemon=True).start()
    try:
        result = done.get(timeout=timeout_s)
    except queue.Empty:
        raise SourceError(f"{server(url)} gave no whole answer within {timeout_s:g} s; allow more time, or try again "
                          "later") from None
    if isinstance(result, Exception):
        raise result
    return result


def check_key(url: str, key: str) -> None:
    """Raise a `SettingsError` where `key` is no bearer token, or would go to another machine in the clear."""
    if not key:
        return
    if not re.fullmatch(r"[!-~]+", key):
        raise SettingsError("the key for the language model holds a space, a line end or a letter outside ASCII; "
                            "expected one word of ASCII; set it anew")
    if urlsplit(url).scheme != "https" and not is_this_machine(url):
        raise SettingsError(f"the key for {server(url)} would travel in the clear; use an https address, or unset "
                            "the key")


def is_this_machine(url: str) -> bool:
    """Return whether an address names the machine that we run on."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def server(url: str) -> str:
    """Return scheme, host and port of an address: what may be shown of it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class _Bearer(requests.auth.AuthBase):
    """The key, or none: with this in place the library does not look for passwords in a .netrc file."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _exchange(url: str, payload: Any, timeout_s: float, key: str, most_bytes: int) -> Reply:
    """Ask once. Messages are our own words: the library's may quote what was sent, and so the key."""
    with requests.Session() as session:
        session.trust_env = not is_this_machine(url)  # no proxy stands between us and ourselves
        try:
            with session.request(
                "GET" if payload is None else "POST", url, json=payload, auth=_Bearer(key), timeout=timeout_s + 1,
                headers={"User-Agent": f"paper-themes/{__version__}"}, stream=True, allow_redirects=False,
            ) as response:
                _check_status(response, url)
                return Reply(_read_body(response, url, most_bytes), plain(response.headers.get("Content-Type", "")))
        except requests.exceptions.SSLError:
            raise SourceError(f"{server(url)} could not prove who it is; expected a valid certificate; check the "
                              "address and this machine's clock") from None
        except requests.exceptions.ChunkedEncodingError:
            raise SourceError(f"{server(url)} broke off in the middle of its answer; try again later") from None
        except requests.ConnectionError:
            raise SourceError(f"{server(url)} cannot be reached or closed the connection; check that the server runs "
                              "and that the address is right") from None
        except (OSError, ValueError) as error:  # the library's own errors are of these kinds
            raise SourceError(f"{server(url)} gave an answer that is no HTTP ({type(error).__name__}); check the "
                              "address") from None


def _check_status(response: requests.Response, url: str) -> None:
    status = response.status_code
    if status == 200:
        return
    if 300 <= status < 400:
        raise SourceError(f"{server(url)} leads to another address (status {status}), which is not followed; if you "
                          "trust it, name that address instead", status)
    if status in _PAUSE:
        told = response.headers.get("Retry-After", "")
        wait_s = float(told) if re.fullmatch(r"[0-9]{1,6}", told) else None
        pause = f" for {wait_s:g} s" if wait_s is not None else ""
        raise SourceError(f"{server(url)} asks to be left alone{pause} (status {status}); try again later", status,
                          wait_s, pause=True)
    if status in (401, 403):
        raise SourceError(f"{server(url)} does not let us in (status {status}); check the key", status)
    raise SourceError(f"{server(url)} answered with status {status}, expected 200; check the address, or try again "
                      "later", status)


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
