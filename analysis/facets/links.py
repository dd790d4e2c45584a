"""Links that a text holds, with or without ``https://``."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from analysis.facets.guards import Guarded
from analysis.facets.spans import Found

_HOSTS = (r"(?:www\.|gist\.)?(?:github|gitlab|bitbucket|huggingface|kaggle)\.(?:com|co|org)|hf\.co|"
          r"(?:www\.)?zenodo\.org|"
          r"(?:dx\.)?doi\.org|osf\.io|bit\.ly|aka\.ms|[\w-]{1,60}\.(?:github|gitlab)\.io")
_LINK = Guarded(
    re.compile(rf"https?://[^\s<>\"“”{{}}|\\^`]+|(?<![\w@./-])(?:www\.[\w-]{{1,60}}\.[\w.-]{{2,60}}|{_HOSTS})"
               r"(?:/[^\s<>\"“”{}|\\^`]*)?", re.IGNORECASE),
    says=("://", "www.", "github.", "gitlab.", "bitbucket.", "huggingface.", "kaggle.", "hf.co", "zenodo.", "doi.org",
          "osf.io", "bit.ly", "aka.ms"), reach=61)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_TAIL = ".,;:!?'’*_"
_BRACKETS = {")": "(", "]": "["}


def find_links(text: str) -> list[Found]:
    """Return the links of a text, in order; `value` is the whole address, its scheme and host in lower case.

    Only http and https are links. The quote ends before punctuation of the sentence.
    """
    found = []
    for match in _LINK.finditer(text):
        quote = _trim(match[0])
        if value := _address(quote):
            found.append(Found("link", value, match.start(), match.start() + len(quote)))
    return found


def _trim(quote: str) -> str:
    while quote:
        opening = _BRACKETS.get(quote[-1])
        if quote[-1] in _TAIL or (opening and quote.count(opening) < quote.count(quote[-1])):
            quote = quote[:-1]
        else:
            break
    return quote


def _address(quote: str) -> str:
    whole = quote if _SCHEME.match(quote) else f"https://{quote}"
    try:
        parts = urlsplit(whole)
    except ValueError:
        return ""
    if "." not in parts.netloc.strip("."):
        return ""
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()
