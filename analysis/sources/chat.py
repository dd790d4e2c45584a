"""Chat completions as OpenAI words them, which llama.cpp, Ollama, vLLM and many others speak."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from analysis.schema import SourceError
from analysis.sources.addresses import server
from analysis.sources.http import check_key, fetch

MOST_TOKENS = 1000
"""Of an answer: a name takes ten, and a model that thinks aloud before it answers takes the rest."""
MOST_CHARACTERS = 10_000


@dataclass(frozen=True)
class Chat:
    """A language model behind an OpenAI-compatible address.

    Parameters
    ----------
    url : str
        Up to and with ``/v1``, such as ``http://localhost:8080/v1``.
    model : str
        As the server calls it.
    key : str
        Sent as a bearer token; empty for servers that ask for none.
    timeout_s : float
        For one request.

    Raises
    ------
    SettingsError
        The key cannot be sent, or would travel in the clear.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    timeout_s: float = 20.0

    def __post_init__(self) -> None:
        check_key(self.url, self.key)

    def ask(self, instruction: str, question: str) -> str:
        """Return the model's answer to one question: text that is data, and is to be held to rules by who asked.

        Raises
        ------
        SourceError
            No answer came, or none that is a chat completion.
        """
        payload = {
            "model": self.model, "temperature": 0, "max_tokens": MOST_TOKENS, "stream": False,
            "messages": [{"role": "system", "content": instruction}, {"role": "user", "content": question}],
        }
        reply = fetch(f"{self.url.rstrip('/')}/chat/completions", payload, key=self.key, timeout_s=self.timeout_s)
        try:
            answer = json.loads(reply.body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError):
            answer = None
        if not isinstance(answer, str):
            raise SourceError(f"{server(self.url)} answered {reply.content_type or 'something'} that is no chat "
                              "completion; expected JSON with choices[0].message.content; check that the address "
                              "ends as the server wants it, mostly in /v1")
        if self.key and self.key in answer:
            raise SourceError(f"{server(self.url)} gave the key back as its answer, which was thrown away; check who "
                              "runs that server")
        return answer[:MOST_CHARACTERS]
