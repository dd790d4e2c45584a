"""What belongs to a page and not to its papers, recognised by what it is.

A line is chrome for one of a few reasons: it is made only of interface words, numbers and dates; it says who posted
something or when; it is an address or a rule; it is a footer. Invitations to the reader ("Get … in your inbox!") are
chrome too, unless an abstract follows, since titles also invite.
"""

from __future__ import annotations

import re

_INTERFACE = frozenset(
    """
    abs abstract account add affiliation alert all api archive article arxiv atom audio author back best bibtex blog
    bookmark browse career category chat citation cite close cloud code collapse collection comment community
    company contact cookie copy create daily dashboard dataset default demo discord discussion doc docs
    documentation doi donate download edit email enterprise expand explore export face facebook faq featured feed
    feedback file filter follow follower following footer forum free github gitlab google guide help hide home hot
    hour html hugging inbox index info issue job join journal jump keyword latest leaderboard legal library license
    like link linkedin list load log login logout mail menu model month monthly more most my navigation new newer
    newest newsletter next notebook notification now older oldest open openreview organization other overview page
    paper pdf podcast policy popular post posted preprint prev preview previous pricing print privacy profile
    project ps publication published publisher read reader recent recently reference register related remove reply
    report repository reset resource result retweet review rss save scholar search section see select send service
    setting share show sidebar sign signin signup site sitemap skip slide solution sort source space star start
    status subject submit submitted subscribe subscriber subscription summary supplementary support tab table tag
    team term terms tex theme thread title toggle token top topic trend trending tutorial tweet twitter unlike
    update updated upload upvote upvoter user version video view visit vote watch website wechat week weekly widget
    year yearly youtube zip
    """.split()
)
_FILLER = frozenset(
    "a an and are as at by for from in is it me no of on or out per s the this to up via with x".split()
)
_TIME = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun
    today yesterday ago day min minute sec second hour hr am pm utc gmt st nd rd th just last
    """.split()
)
LONGEST = 1000
"""Characters of the longest line that can be chrome; the patterns below are tried on no longer one."""

_TOKEN = re.compile(r"[^\W\d_]+|\d[\d.,:]*[kKmM%]?(?=\b|\s|$)")
_SINGULAR = re.compile(r"(?:(?<=i)es|(?<!s)s)$")

_BYLINE = re.compile(
    r"by\s?@?[A-Z][\w .&,'-]*"
    r"|(?i:(?:(?:submitted|posted|shared|curated|written|uploaded|presented|organized|powered|sponsored|liked|edited) "
    r"by|submitted (?:on|to|at)|posted (?:on|to|at))\b.*)"
    r"|(?i:(?:published|updated|submitted|posted|revised|accepted|last modified|released)"
    r"(?: on| at| in)?:? [\w, :.-]*\d[\w, :.-]*)"
    r"|(?i:(?:authors?|affiliations?|institutions?|keywords?|categories|subjects?|comments?|journal[ -]ref|upvotes?|"
    r"votes?|doi|arxiv|cite as|report number|project page)\s*:.*)",
    re.DOTALL,
)
_LABEL = re.compile(r"(?:by|submitted by|posted by|shared by|authors?|organization|affiliations?)\s*:?", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:(?:https?://|www\.|doi:|mailto:|@|#)\S+|arxiv:\s?\S+(?: \[[\w.-]+\])?|\S+@\S+\.\S+|"
    r"[\w-]+(?:\.[\w-]+)+/\S*)",
    re.IGNORECASE,
)
_RIGHTS = re.compile(
    r"^(?:copyright\s*)?(?:©|\(c\))\s*(?:\d{4}|[A-Z][\w., ]{2,40}\d{4})|^copyright \d{4}|"
    r"\ball rights reserved\b|^© [A-Z]\w+$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"\bprivacy policy\b|\bterms of (?:use|service)\b|\bunsubscribe\b|\benable javascript\b|"
    r"\bcookies?\b.*\b(?:accept|consent|agree|website|site|experience|browser)\b",
    re.IGNORECASE | re.DOTALL,
)
_INVITATION = re.compile(
    r"^(?:get|subscribe|sign (?:up|in)|log (?:in|out)|join|follow|download|read|view|see|check|click|try|share|submit|"
    r"learn|discover|explore|browse|upgrade|start|cite|stay|never|don't|want|new here|welcome|be the first|loading|"
    r"showing|trending)\s.*"
    r"(?:\b(?:your|you|us|our|newsletter|inbox|emails?|account|here|today|page|discussion|app|twitter|discord|free|more|"
    r"results|papers of the|community)\b|!$)"
    r"|\bin your (?:e-?mail |mail)?(?:inbox|box)\b|^papers? (?:page|of the day)\b",
    re.IGNORECASE | re.DOTALL,
)


def is_chrome(text: str) -> bool:
    """Tell whether a line belongs to the page whatever stands around it."""
    count = len(text.split())
    if not any(character.isalnum() for character in text):
        return True
    if text[:9].lower().startswith(("authors:", "keywords:")):
        return True
    if count > 60 or len(text) > LONGEST:
        return False
    if count <= 8 and _only_interface(text) or _ADDRESS.fullmatch(text) or _RIGHTS.search(text):
        return True
    if count <= 4 and text.endswith((",", "·", "|", ">", "›", "»")):
        return True
    return bool(_BYLINE.fullmatch(text)) and (text[0].isupper() or text.startswith("by"))


def is_label(text: str) -> bool:
    """Tell whether the next short line is only this line's value, as the name after "Submitted by"."""
    return bool(_LABEL.fullmatch(text))


def is_invitation(text: str) -> bool:
    """Tell whether a line speaks to the page's reader: chrome, unless an abstract follows it."""
    if len(text.split()) > 25 or len(text) > LONGEST:
        return False
    return bool(_INVITATION.search(text) or _FOOTER.search(text))


def is_footer(text: str, may_be_abstract: bool) -> bool:
    """Tell whether sentences are the page's small print; below a title only very few words are."""
    if len(text.split()) > (30 if may_be_abstract else 60) or len(text) > LONGEST:
        return False
    return bool(_FOOTER.search(text))


def _only_interface(text: str) -> bool:
    tokens = _TOKEN.findall(text.replace("’", "'"))
    named = [token.lower() for token in tokens]
    known = [
        token[0].isdigit()
        or token in _TIME
        or _SINGULAR.sub("", token) in _TIME
        or token in _INTERFACE
        or _SINGULAR.sub("", token) in _INTERFACE
        or re.sub(r"ies$", "y", token) in _INTERFACE
        for token in named
    ]
    filler = [token in _FILLER for token in named]
    return any(known) and all(k or f for k, f in zip(known, filler, strict=True))
