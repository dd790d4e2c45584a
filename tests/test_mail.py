"""Mail to a real SMTP server on the loopback, which takes it, refuses it, or says nothing."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from analysis.digest import Digest, build_mail
from analysis.schema import SettingsError, SourceError
from analysis.sources.mail import send_mail

SECRET = "s3cret-pass"


class Box:
    """Keeps what came; refuses recipients named `nobody` and senders named `evil`."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    async def handle_MAIL(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("evil"):
            return "550 not from you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address.startswith("nobody"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if b"too much" in envelope.content:
            return "552 too much"
        self.taken.append((envelope, session.ssl is not None, session.authenticated))
        return "250 OK"


def mail(*recipients: str, sender: str = "digest@example.org", body: str = "Nothing new.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients or ("a@example.org",)), "News"
    message.set_content(body)
    return message


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def server(**options: Any) -> Iterator[tuple[Box, dict[str, Any]]]:
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), **options)
    controller.start()
    try:
        yield box, {"host": "localhost", "port": controller.port, "timeout_s": 10}
    finally:
        controller.stop()


@contextlib.contextmanager
def rude(behaviour: Any) -> Iterator[dict[str, Any]]:
    """A server that does one thing with each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def work() -> None:
            with contextlib.suppress(OSError):
                while True:
                    behaviour(listener.accept()[0])

        threading.Thread(target=work, daemon=True).start()
        yield {"host": "127.0.0.1", "port": listener.getsockname()[1], "security": "none", "timeout_s": 1}
        listener.close()


def check_login(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
    known = (data.login, data.password) == (b"reader", SECRET.encode())
    return AuthResult(success=known, handled=known, auth_data=data.login)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine, so there is no certificate to test with")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))


def test_plain_mail_arrives_whole_at_everyone() -> None:
    with server() as (box, door):
        send_mail(mail("a@example.org", "b@example.org", body="Größe, 数\n.\nend\n"), security="none", **door)
    envelope, secure, _ = box.taken[0]
    assert envelope.rcpt_tos == ["a@example.org", "b@example.org"] and not secure
    assert len(box.taken) == 1


def test_a_digest_arrives_as_it_was_made() -> None:
    made = Digest("News: 2 new papers", "<p>Größe</p>\n", "Größe\n.\nFrom here\n", "", "", "r1")
    date = dt.datetime(2026, 3, 1, 6, 30, tzinfo=dt.UTC)
    with server() as (box, door):
        message = build_mail(made, "Digest <digest@example.org>", ["A <a@example.org>"], date=date)
        send_mail(message, security="none", **door)
    envelope = box.taken[0][0]
    read = message_from_bytes(envelope.content, policy=default)
    assert (envelope.mail_from, envelope.rcpt_tos) == ("digest@example.org", ["a@example.org"])
    told = [part.get_content().replace("\r\n", "\n") for part in read.iter_parts()]
    assert told == [made.plain, made.html] and read["subject"] == made.subject


@pytest.mark.usefixtures("trusted")
def test_starttls_and_login(tls: ssl.SSLContext) -> None:
    with server(tls_context=tls, require_starttls=True, authenticator=check_login) as (box, door):
        send_mail(mail(), security="starttls", user="reader", password=SECRET, **door)
    _, secure, authenticated = box.taken[0]
    assert secure and authenticated


@pytest.mark.usefixtures("trusted")
def test_tls_from_the_first_byte(tls: ssl.SSLContext) -> None:
    with server(ssl_context=tls) as (box, door):
        send_mail(mail(), security="tls", **door)
    assert len(box.taken) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_no_one_vouches_for(tls: ssl.SSLContext, security: str) -> None:
    option = {"ssl_context": tls} if security == "tls" else {"tls_context": tls}
    with server(**option) as (box, door), pytest.raises(SourceError, match="prove who it is"):
        send_mail(mail(), security=security, user="reader", password=SECRET, **door)
    assert not box.taken


@pytest.mark.usefixtures("trusted")
def test_a_certificate_for_another_name(tls: ssl.SSLContext) -> None:
    with server(tls_context=tls) as (box, door), pytest.raises(SourceError, match="prove who it is"):
        send_mail(mail(), security="starttls", **{**door, "host": "127.0.0.1"})
    assert not box.taken


def test_no_falling_back_to_the_clear() -> None:
    with server() as (box, door), pytest.raises(SourceError, match="does not offer"):
        send_mail(mail(), security="starttls", user="reader", password=SECRET, **door)
    with server() as (box, door), pytest.raises(SourceError, match="TLS"):
        send_mail(mail(), security="tls", **door)
    assert not box.taken


def test_login_to_this_machine_may_be_in_the_clear() -> None:
    with server(authenticator=check_login, auth_require_tls=False) as (box, door):
        send_mail(mail(), security="none", user="reader", password=SECRET, **door)
        assert box.taken[0][2]
        with pytest.raises(SourceError, match="refused the login") as caught:
            send_mail(mail(), security="none", user="reader", password="wrong-word", **door)
    assert "wrong-word" not in str(caught.value) and "reader" not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_login_to_another_machine_may_not() -> None:
    with pytest.raises(SettingsError, match="in the clear") as caught:
        send_mail(mail(), host="mail.example.org", port=25, security="none", user="reader", password=SECRET)
    assert SECRET not in str(caught.value)


def test_a_server_without_login() -> None:
    with server() as (_, door), pytest.raises(SourceError, match="does not offer"):
        send_mail(mail(), security="none", user="reader", password=SECRET, **door)


def test_a_password_outside_ascii_is_not_shown() -> None:
    with server(authenticator=check_login, auth_require_tls=False) as (_, door):
        with pytest.raises(SourceError, match="ASCII") as caught:
            send_mail(mail(), security="none", user="reader", password="пароль", **door)
    assert "пароль" not in str(caught.value)


def test_refusals_name_who() -> None:
    with server() as (box, door):
        with pytest.raises(SourceError, match="not take mail for nobody@example.org; check"):
            send_mail(mail("nobody@example.org"), security="none", **door)
        with pytest.raises(SourceError, match="took the mail, but not for nobody@example.org"):
            send_mail(mail("a@example.org", "nobody@example.org"), security="none", **door)
        with pytest.raises(SourceError, match=r"sender \(code 550\)"):
            send_mail(mail(sender="evil@example.org"), security="none", **door)
        with pytest.raises(SourceError, match="code 552"):
            send_mail(mail(body="too much"), security="none", **door)
    assert len(box.taken) == 1


def test_nobody_listens() -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        send_mail(mail(), host="127.0.0.1", port=free_port(), security="none", timeout_s=5)


def drip(sock: socket.socket) -> None:
    """Say one byte of a greeting that never ends every tenth of a second."""
    def work() -> None:
        with sock, contextlib.suppress(OSError):
            while True:
                sock.sendall(b"2")
                time.sleep(0.1)

    threading.Thread(target=work, daemon=True).start()


HELD: list[socket.socket] = []


@pytest.mark.parametrize("behaviour", [HELD.append, drip])
def test_a_server_that_hangs_is_left(behaviour: Any) -> None:
    with rude(behaviour) as door:
        began = time.monotonic()
        with pytest.raises(SourceError, match="within 1 s"):
            send_mail(mail(), **door)
        assert time.monotonic() - began < 3


@pytest.mark.parametrize(("greeting", "told"), [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "turns us away|no SMTP|closed"), (b"554 go away\r\n", "code 554"),
    (b"", "closed the connection"), (b"2" * 100_000 + b"\r\n", "check|try"),
])
def test_what_is_no_mail_server(greeting: bytes, told: str) -> None:
    def say(sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.sendall(greeting)

    with rude(say) as door, pytest.raises(SourceError, match=told):
        send_mail(mail(), **door)


@pytest.mark.parametrize(("change", "told"), [
    ({"security": "ssl"}, "starttls, tls, none"), ({"port": 0}, "port from 1"), ({"host": " "}, "a host"),
])
def test_settings_out_of_range(change: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        send_mail(mail(), **{"host": "localhost", "port": 25, "security": "none", **change})
