"""What may be asked of an address, followed to, and shown of it. Pure: names are looked up by who is given."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from analysis.schema import SettingsError, SourceError

_SECRET = re.compile(r"key|token|secret|passw|auth|sign|sig$|cred", re.I)
"""Names of parameters whose values are not shown."""


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


def without_secrets(url: str) -> str:
    """Return an address without a password, and without the values of parameters that are named like a secret."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    if any(_SECRET.search(name) for name, _ in pairs):
        pairs = [(name, "hidden" if _SECRET.search(name) else value) for name, value in pairs]
        parts = parts._replace(query=urlencode(pairs))
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def check_address(url: str, what: str) -> None:
    """Raise a `SettingsError` where `url` is no plain http or https address. `what` names it; nothing of it is shown.

    A user name or a password in it is refused: it would stand in the open in a settings file.
    """
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not re.fullmatch(r"[!-~]+", url):
        raise SettingsError(f"{what} is no http or https address; expected one such as https://example.org/feed.xml")
    if "@" in parts.netloc or parts.fragment:
        raise SettingsError(f"{what} holds a user name, a password or a fragment; expected an address without them")


def check_hop(home: str, here: str, location: str, look_up: Callable[[str], Iterable[str]]) -> str:
    """Return the address that a server sends us to, where it is one that we may go to.

    A server on the open network must not make us ask machines that only we can reach, nor read our disk.

    Parameters
    ----------
    home : str
        Address that a person named. Where that is on this machine, others on this machine may be gone to.
    here : str
        Address that answered with the redirect.
    location : str
        What it said.
    look_up : callable
        Host name → its IP addresses; none where it is not known.

    Raises
    ------
    SourceError
        It leads to another kind of address, from https to http, or to a machine inside a private network.
    """
    try:
        url = urljoin(here, location)
        parts = urlsplit(url)
        host = parts.hostname if parts.port != 0 else None
    except ValueError:
        host, url, parts = None, "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[!-~]+", url) or "@" in parts.netloc:
        raise SourceError(f"{server(here)} leads to something that is no http or https address, which is not followed; "
                          "check the address")
    if urlsplit(here).scheme == "https" and parts.scheme == "http":
        raise SourceError(f"{server(here)} leads from https to http, where anyone may change what is sent; it is not "
                          "followed; if you trust it, name that address instead")
    if is_this_machine(home) and is_this_machine(url):
        return url
    if is_this_machine(url) or not all(map(_is_public, look_up(host))):
        raise SourceError(f"{server(here)} leads to a machine in a private network, which is not followed; if you "
                          "trust it, name that address instead")
    return url


def _is_public(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped if mapped is not None else address
    return address.is_global and not address.is_multicast
