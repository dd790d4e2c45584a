"""Where a server may send us: on, by http or https, to the open network, a few times."""

from __future__ import annotations

import socket

import pytest
from local_server import Behaviour, in_turn, local_server

from analysis.schema import SettingsError, SourceError
from analysis.sources.addresses import check_address, check_hop, without_secrets
from analysis.sources.http import fetch

OPEN = {"a.example": ["93.184.215.14"], "b.example": ["93.184.215.15", "2606:2800:21f::1"]}


def look_up(host: str) -> list[str]:
    inside = {"router.example": ["192.168.1.1"], "mixed.example": ["93.184.215.14", "10.0.0.1"],
              "me.example": ["127.0.0.1"], "mapped.example": ["::ffff:127.0.0.1"], "2130706433": ["127.0.0.1"],
              "169.254.169.254": ["169.254.169.254"], "10.1.2.3": ["10.1.2.3"], "fe80::1": ["fe80::1%eth0"],
              "100.64.0.1": ["100.64.0.1"], "0.0.0.0": ["0.0.0.0"], "224.0.0.1": ["224.0.0.1"]}
    return {**OPEN, **inside}.get(host, [])


@pytest.mark.parametrize(("location", "to"), [
    ("/feed.xml", "https://a.example/feed.xml"), ("https://b.example/x?y=z", "https://b.example/x?y=z"),
    ("//b.example/x", "https://b.example/x"),
])
def test_a_hop_on_the_open_network_is_followed(location: str, to: str) -> None:
    assert check_hop("https://a.example/old", "https://a.example/old", location, look_up) == to


@pytest.mark.parametrize("location", [
    "https://router.example/", "https://mixed.example/", "https://me.example/", "https://mapped.example/",
    "https://2130706433/", "https://169.254.169.254/latest/meta-data", "https://10.1.2.3/", "https://[fe80::1]/",
    "https://100.64.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://127.0.0.1/", "https://localhost/",
    "https://[::1]/",
])
def test_a_hop_into_a_private_network_is_not_followed(location: str) -> None:
    with pytest.raises(SourceError, match="private network"):
        check_hop("https://a.example/", "https://a.example/", location, look_up)


@pytest.mark.parametrize("location", [
    "file:///etc/passwd", "ftp://b.example/", "gopher://b.example", "javascript:alert(1)", "data:,x", "http:///x",
    "https://me:secret@b.example/", "https://b.example:0/", "https://b.exa mple/", "https://[::1", "https://b.example:99999/",
])
def test_a_hop_to_no_plain_address_is_not_followed(location: str) -> None:
    with pytest.raises(SourceError, match="no http or https address"):
        check_hop("https://a.example/", "https://a.example/", location, look_up)


def test_a_hop_into_the_clear_is_not_followed() -> None:
    with pytest.raises(SourceError, match="from https to http"):
        check_hop("https://a.example/", "https://a.example/", "http://b.example/", look_up)


def to(location: str) -> Behaviour:
    return lambda handler: handler.say(b"", status=302, Location=location)


def test_a_source_on_this_machine_may_send_us_on_here() -> None:
    with local_server(in_turn(to("/there"), lambda h: h.say(b"[]"))) as there:
        assert fetch(there.url, timeout_s=5, most_redirects=5).body == b"[]"
    assert [path for path, _, _ in there.requests] == ["/v1", "/there"]


@pytest.mark.parametrize("location", ["http://10.0.0.1/", "http://169.254.169.254/", "file:///etc/passwd"])
def test_but_not_elsewhere(location: str) -> None:
    with local_server(to(location)) as there:
        with pytest.raises(SourceError, match="not followed"):
            fetch(there.url, timeout_s=5, most_redirects=5)


def test_a_source_elsewhere_may_not_send_us_to_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: real(
        "127.0.0.1" if host == "papers.example" else host, *rest, **more))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with local_server(lambda h: h.say(b"", status=302, Location=f"http://127.0.0.1:{h.server.server_port}/")) as there:
        with pytest.raises(SourceError, match="private network"):
            fetch(f"http://papers.example:{there.server_port}/", timeout_s=5, most_redirects=5)
    assert len(there.requests) == 1


def test_five_hops_are_enough() -> None:
    with local_server(to("/again")) as there:
        with pytest.raises(SourceError, match="leads to another address"):
            fetch(there.url, timeout_s=5, most_redirects=5)
    assert len(there.requests) == 6


def test_a_key_is_sent_to_one_address_alone() -> None:
    with local_server(to("/again")) as there:
        with pytest.raises(SourceError, match="is not followed"):
            fetch(there.url, timeout_s=5, most_redirects=5, key="planted-4711", key_header="x-api-key")
    assert len(there.requests) == 1 and there.requests[0][1]["x-api-key"] == "planted-4711"


def test_secrets_are_taken_out_of_addresses() -> None:
    assert without_secrets("https://a:b@c.example/f?api_key=s3&q=x&Token=t") == (
        "https://c.example/f?api_key=hidden&q=x&Token=hidden")
    assert without_secrets("https://c.example/f?q=a%20b") == "https://c.example/f?q=a%20b"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "feed.xml", "https://", "https://a.example:0/", "http://a b/",
                                 "https://u:p@a.example/", "https://a.example/#x", "https://a\nb.example/"])
def test_a_declared_address_is_plain(url: str) -> None:
    with pytest.raises(SettingsError, match="url of source x") as error:
        check_address(url, "url of source x")
    assert "u:p" not in str(error.value)
