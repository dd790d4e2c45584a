"""All providers, by the name that `sources.toml` calls them."""

from __future__ import annotations

from analysis.sources import acl, arxiv, feed, hugging_face, oai, openalex, semantic_scholar
from analysis.sources.provider import Provider

PROVIDERS: dict[str, Provider] = {
    "hugging-face": hugging_face.PROVIDER,
    "arxiv": arxiv.PROVIDER,
    "oai": oai.PROVIDER,
    "openalex": openalex.PROVIDER,
    "semantic-scholar": semantic_scholar.PROVIDER,
    "feed": feed.PROVIDER,
    "acl": acl.PROVIDER,
}
