"""The door to the network: every way in which a server fails is a sentence, in bounded time and size."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
from pathlib import Path

import pytest
from local_server import BAD, answers, completion, local_server

from analysis.schema import SettingsError, SourceError
from analysis.sources.addresses import server
from analysis.sources.chat import Chat
from analysis.sources.http import fetch

ROOT = Path(__file__).resolve().parent.parent
KEY = "sk-planted-4711"


def test_a_question_is_put_as_chat_completions_are() -> None:
    with local_server(answers(lambda question: f"About {question['terms'][0]}")) as there:
        assert Chat(there.url + "/", "m", KEY).ask("Name it.", '{"terms": ["lava"]}') == "About lava"
    path, headers, body = there.requests[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["User-Agent"].startswith("paper-themes/")
    sent = json.loads(body)
    assert sent["model"] == "m" and sent["temperature"] == 0 and sent["stream"] is False
    assert [message["content"] for message in sent["messages"]] == ["Name it.", '{"terms": ["lava"]}']


def test_without_a_key_no_one_is_told_of_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with local_server(lambda h: h.say(b"here", "text/plain")) as there:
        reply = fetch(there.url, timeout_s=5)
    assert (reply.body, reply.content_type) == (b"here", "text/plain")
    assert "Authorization" not in there.requests[0][1]


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_answer_is_told_in_a_sentence(case: str) -> None:
    behaviour, sentence = BAD[case]
    with local_server(behaviour) as there:
        began = time.monotonic()
        with pytest.raises(SourceError, match=sentence) as error:
            Chat(there.url, "m", KEY, timeout_s=0.3 if case in ("slow", "dripping") else 5.0).ask("i", "q")
        assert time.monotonic() - began < 4
    assert str(error.value).isascii() and str(error.value).isprintable()
    assert f"127.0.0.1:{there.server_port}" in str(error.value) and KEY not in str(error.value)
    assert error.value.pause == (case == "too many")
    assert error.value.wait_s == (7 if case == "too many" else None)
    assert len(there.requests) == 1


def test_a_port_where_no_one_listens_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SourceError, match="cannot be reached"):
            fetch(f"http://127.0.0.1:{taken.getsockname()[1]}", timeout_s=5)


def test_a_body_that_unpacks_to_too_much_is_refused() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    with local_server(lambda h: h.say(bomb, Content_Encoding="gzip")) as there:
        with pytest.raises(SourceError, match="more than the 1,000,000 bytes"):
            fetch(there.url, timeout_s=5)


def test_a_server_that_echoes_the_key_is_not_listened_to() -> None:
    with local_server(lambda h: h.say(completion(f"It is {KEY}"))) as there:
        with pytest.raises(SourceError, match="gave the key back") as error:
            Chat(there.url, "m", KEY).ask("i", "q")
    assert KEY not in str(error.value)


@pytest.mark.parametrize(("url", "key", "reason"), [
    ("http://example.org/v1", KEY, "would travel in the clear"),
    ("https://example.org/v1", "two words", "holds a space"),
    ("https://example.org/v1", "line\nend", "holds a space, a line end"),
])
def test_a_key_that_must_not_go_is_refused_unshown(url: str, key: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason) as error:
        Chat(url, "m", key)
    assert key not in str(error.value)
    assert KEY not in repr(Chat("https://example.org/v1", "m", KEY))


def test_of_an_address_only_the_server_is_shown() -> None:
    assert server("https://me:secret@example.org:8080/v1/secret?key=secret") == "https://example.org:8080"


def test_the_network_is_reached_through_one_door() -> None:
    libraries = r"requests|urllib3|urllib\.request|httpx2?|http|socket|aiohttp|smtplib"
    reaching = re.compile(rf"^\s*(?:from|import) (?:{libraries})\b", re.M)
    reach = {path.relative_to(ROOT).as_posix() for path in (ROOT / "analysis").rglob("*.py")
             if reaching.search(path.read_text())}
    assert reach == {"analysis/sources/http.py", "analysis/sources/mail.py"}
