"""One mail handed to an SMTP server: in the open only where nothing is secret, and told in one sentence if refused."""

from __future__ import annotations

import contextlib
import queue
import smtplib
import socket
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses
from typing import NoReturn

from analysis.schema import SettingsError, SourceError
from analysis.sources.addresses import is_this_machine
from analysis.sources.http import plain

SECURITY = ("starttls", "tls", "none")
_NAME = "[127.0.0.1]"
"""What we call ourselves to the server; our own host name is nobody's business, and looking it up may take long."""


@dataclass(frozen=True)
class _Door:
    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    timeout_s: float = 30

    @property
    def name(self) -> str:
        return f"mail server {plain(self.host)}:{self.port}"


@dataclass
class _Line:
    """The connection, where the clock can reach it, and whether the clock has rung."""

    smtp: smtplib.SMTP | None = None
    late: bool = False

    def cut(self) -> None:
        self.late = True
        sock = self.smtp.sock if self.smtp is not None else None
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)


def send_mail(
    message: EmailMessage, *, host: str, port: int, security: str, user: str = "", password: str = "",
    timeout_s: float = 30,
) -> None:
    """Hand `message` to an SMTP server, for everyone whom it is addressed to.

    Parameters
    ----------
    message : EmailMessage
        With one From, and To. Everyone in To gets it; other headers address nobody.
    security : str
        ``starttls`` (most servers' port 587), ``tls`` (465), or ``none``. A server that offers no TLS where it was
        asked for gets no mail.
    user, password : str
        For the login; none without a user. They travel over TLS, or to this machine. Neither is shown anywhere.
    timeout_s : float
        For the whole exchange.

    Raises
    ------
    SettingsError
        A setting is out of range, or the login would travel in the clear.
    SourceError
        The server cannot be reached, is late, cannot prove who it is, or refuses the login, the sender or a recipient.
    """
    if security not in SECURITY:
        raise SettingsError(f"security is {security!r}, expected one of {', '.join(SECURITY)}")
    if not 1 <= port <= 65535 or not host.strip():
        raise SettingsError(f"the mail server is {plain(host)!r}, port {port}; expected a host and a port "
                            "from 1 to 65535")
    address = f"smtp://[{host}]" if ":" in host else f"smtp://{host}"
    if user and security == "none" and not is_this_machine(address):
        raise SettingsError(f"the login for {plain(host)} would travel in the clear; set security to starttls or tls")
    door = _Door(host, port, security, user, password, timeout_s)
    line = _Line()
    done: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def work() -> None:
        try:
            _send(message, door, line)
            done.put(None)
        except Exception as error:
            done.put(error)

    # The library's timeout starts anew at every byte; this clock does not.
    threading.Thread(target=work, daemon=True).start()
    try:
        failure = done.get(timeout=timeout_s)
    except queue.Empty:
        line.cut()
        raise SourceError(f"{door.name} did not finish within {timeout_s:g} s, and the mail may not have gone; check "
                          "host, port and security, or try again later") from None
    if failure is not None:
        raise failure


def _send(message: EmailMessage, door: _Door, line: _Line) -> None:
    """Send. Messages are our own words: the library's, and the server's, may quote what was sent."""
    try:
        context = ssl.create_default_context()
        line.smtp = smtp = (
            smtplib.SMTP_SSL(local_hostname=_NAME, timeout=door.timeout_s + 1, context=context)
            if door.security == "tls" else smtplib.SMTP(local_hostname=_NAME, timeout=door.timeout_s + 1))
        # The name that the certificate is held to; the constructor would set it, and connect before we hold the line.
        smtp._host = door.host  # type: ignore[attr-defined]
        code, _ = smtp.connect(door.host, door.port)
        if code != 220:
            raise SourceError(f"{door.name} turns us away (code {code}); try again later")
        try:
            if door.security == "starttls":
                smtp.starttls(context=context)
            if line.late:
                return
            if door.user:
                smtp.login(door.user, door.password)
            # Not send_message, which puts a > before every line that begins with "From ".
            sender, recipients = (
                [address for _, address in getaddresses([str(text) for text in message.get_all(name, [])]) if address]
                for name in ("From", "To"))
            if len(sender) != 1 or not recipients:
                raise SettingsError("the mail has no sender or no recipient; expected one From and a To")
            whole = message.as_bytes(policy=message.policy.clone(linesep="\r\n", mangle_from_=False))
            refused = smtp.sendmail(sender[0], recipients, whole)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                smtp.quit()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        _explain(error, door)
    if refused:
        raise SourceError(f"{door.name} took the mail, but not for {_people(list(refused))}; check that address")


def _explain(error: Exception, door: _Door) -> NoReturn:
    where = door.name
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        text = f"{where} does not take mail for {_people(list(error.recipients))}; check the recipients"
    elif isinstance(error, smtplib.SMTPSenderRefused):
        text = f"{where} does not take mail from this sender (code {error.smtp_code}); check sender and login"
    elif isinstance(error, smtplib.SMTPAuthenticationError):
        text = f"{where} refused the login (code {error.smtp_code}); check user and password"
    elif isinstance(error, smtplib.SMTPNotSupportedError):
        text = (f"{where} does not offer what was asked for (STARTTLS, or a login); nothing was sent; check port and "
                "security")
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        text = f"{where} closed the connection; check port and security, or try again later"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"{where} did not take the mail (code {error.smtp_code}); try again later"
    elif isinstance(error, ssl.SSLCertVerificationError):
        text = f"{where} could not prove who it is; expected a valid certificate for that name; check host and clock"
    elif isinstance(error, ssl.SSLError):
        text = f"{where} does not speak TLS as asked; check port and security"
    elif isinstance(error, smtplib.SMTPException):
        text = f"{where} gave no way to log in that we know, or an answer that is no SMTP; check port and login"
    elif isinstance(error, UnicodeError):
        text = (f"what {where} would be told (its name, the login or an address) holds a letter outside ASCII; set it "
                "anew")
    elif isinstance(error, TimeoutError):
        text = f"{where} did not answer in time; check host and port, or try again later"
    elif isinstance(error, OSError):
        text = f"{where} cannot be reached; check that host and port are right and that it runs"
    else:
        text = f"the mail for {where} cannot be sent as it stands ({type(error).__name__}); check its addresses"
    raise SourceError(text) from None


def _people(addresses: list[str]) -> str:
    first = plain(addresses[0])
    return first if len(addresses) == 1 else f"{first} and {len(addresses) - 1} more"
