"""Answers of servers that mean no good: packed without end, in the name of another, with orders in every part."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from local_server import Handler, LocalServer, local_server

from analysis.schema import SourceError
from analysis.sources.http import fetch


def packed(size: int, times: int) -> bytes:
    """Return zeros, packed again and again."""
    packer = zlib.compressobj(9, wbits=31)
    body = b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()
    for _ in range(times - 1):
        body = gzip.compress(body)
    return body


@pytest.mark.parametrize("packing", ["gzip, gzip", "gzip,gzip,gzip", "br", "zstd", "x-unknown", "\x1b[31mgzip"])
def test_only_what_we_ask_for_is_unpacked(packing: str) -> None:
    body = packed(50_000_000, 2)
    assert len(body) < 1000
    with local_server(lambda h: h.say(body, Content_Encoding=packing)) as there:
        with pytest.raises(SourceError, match="packed its answer as .*expected gzip or deflate") as error:
            fetch(there.url, timeout_s=10)
    assert str(error.value).isprintable() and there.requests[0][1]["Accept-Encoding"] == "gzip, deflate"


def test_a_bomb_is_left_before_it_fills_the_memory() -> None:
    body = packed(200_000_000, 1)
    with local_server(lambda h: h.say(body, Content_Encoding="gzip")) as there:
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match="more than the 1,000,000 bytes"):
                fetch(there.url, timeout_s=20)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 100_000_000


def test_headers_without_end_are_refused() -> None:
    def behave(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + b"\r\n{}")

    def line(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 500_000 + b"\r\n\r\n{}")

    for behaviour in (behave, line):
        with local_server(behaviour) as there:
            with pytest.raises(SourceError) as error:
                fetch(there.url, timeout_s=5)
        assert str(error.value).isprintable() and len(str(error.value)) < 400


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine, so there is no certificate to test with")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                    "certificate.pem", "-days", "1", "-subj", "/CN=another.example", "-addext",
                    "subjectAltName=DNS:another.example"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def another(certificate: Path) -> Iterator[LocalServer]:
    """A server on this machine that calls itself another.example, and proves it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    with local_server(lambda handler: handler.say(b"{}"), context) as server:
        yield server


def test_a_server_that_cannot_prove_who_it_is_is_refused(another: LocalServer) -> None:
    with pytest.raises(SourceError, match="could not prove who it is; expected a valid certificate"):
        fetch(f"https://127.0.0.1:{another.server_port}/", timeout_s=10, key="planted-4711")
    assert another.requests == []


@pytest.fixture
def looked_up_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """another.example is found on this machine the first time, which is taken for the open network, and never again."""
    real, asked = socket.getaddrinfo, []

    def look_up(host: str, *how: object, **more: object) -> object:
        if host != "another.example":
            return real(host, *how, **more)
        asked.append(host)
        assert len(asked) == 1, "it was looked up again"
        return real("127.0.0.1", *how, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr("analysis.sources.addresses._is_public", lambda address: True)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    yield asked
    assert asked == ["another.example"]


@pytest.mark.usefixtures("looked_up_once")
def test_a_name_that_a_server_leads_to_is_looked_up_once(
    another: LocalServer, certificate: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "certificate.pem"))
    there = f"https://another.example:{another.server_port}/feed?x=y"
    with local_server(lambda handler: handler.say(b"", status=302, Location=there)) as home:
        assert fetch(home.url, timeout_s=10, most_redirects=5).body == b"{}"
    ((path, headers, _),) = another.requests
    assert path == "/feed?x=y" and headers["Host"] == f"another.example:{another.server_port}"


@pytest.mark.usefixtures("looked_up_once")
def test_a_name_that_a_server_leads_to_must_be_proved(another: LocalServer) -> None:
    there = f"https://another.example:{another.server_port}/"
    with local_server(lambda handler: handler.say(b"", status=302, Location=there)) as home, \
            pytest.raises(SourceError, match="could not prove who it is"):
        fetch(home.url, timeout_s=10, most_redirects=5)
    assert another.requests == []


def test_a_name_that_is_not_found_is_not_gone_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.sources.http._look_up", lambda host: [])
    with local_server(lambda handler: handler.say(b"", status=302, Location="http://another.example/")) as home, \
            pytest.raises(SourceError, match="no address is known"):
        fetch(home.url, timeout_s=10, most_redirects=5)


def test_a_server_that_does_not_speak_tls_is_refused() -> None:
    with local_server(lambda h: h.say(b"{}")) as there:
        with pytest.raises(SourceError) as error:
            fetch(there.url.replace("http:", "https:"), timeout_s=10, key="planted-4711")
    assert "planted" not in str(error.value) and there.requests == []
