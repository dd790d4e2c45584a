"""Texts that want to be more than text: markup, templates, formulas, orders to a terminal, paths, marks that hide."""

from __future__ import annotations

import random

HOSTILE = (
    "<script>window.hacked = 1</script>", "</title></script><script>window.hacked = 2</script>",
    "<img src=x onerror='window.hacked = 3'>", "<svg onload=window.hacked=4><a xlink:href='javascript:alert(1)'>",
    "<style>body{display:none}</style>", "<iframe srcdoc='<script>1</script>'>", "]]> --> <!-- <![CDATA[",
    "{{ 7 * 7 }} {% raw %} ${7*7} #{7*7} <%= 7*7 %>", "%%javascript alert(1)", "%load_ext evil", "!rm -rf /", "?help",
    "[click](javascript:alert(1)) ![x](http://evil.example/pixel.png)", "# heading\n\n---\n* item | cell `code` ~~x~~",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "\x9b31m\x90q\x9c",
    '=HYPERLINK("http://evil.example","x")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1",
    "a\r\nBcc: all@evil.example\r\n\r\nbody", "a\nContent-Type: text/html", "../../../etc/passwd", "..\\..\\windows",
    "/etc/passwd", "C:\\CON", "~/.ssh/id_rsa", "$(touch hacked)", "`touch hacked`", "; touch hacked #", "a\x00b",
    "\u202egnp.exe\u202c \u2066x\u2069", "\ufeff\u200bzero\u200bwidth\u00ad",
    "\ud800 half a pair \udfff", "\uffff\ufffe",
    "javascript:alert(1)", "data:text/html,<script>1</script>", "file:///etc/passwd", "http://user:pw@evil.example/",
    "http://evil.example/\"onmouseover=alert(1)", "%s %d %n %{x} {0} {x!r:>10}", "\\input{/etc/passwd} \\write18{ls}",
    "$\\frac{1}{",
    "\\char27[31m \\symbol{27} ^^1b[0m", "&#27;[31m &#x202e; &lt;b&gt; &amp;lt;i&amp;gt; &#0; &#1114112;",
    "'; DROP TABLE papers; --", '" or ""="', "\\u0000\\x1b", "NULL", "NaN", "None", "[deleted]", "-", "",
    " ", "\n\n\n", "9" * 400, "1e309", "-0", "0x10", "1,204", "2024-02-30", "0000-00-00", "9999-99-99T99:99:99Z",
    "a" * 3000, "词" * 500, "𝒳" * 200, "e\u0301" * 300, "🏳️‍🌈" * 50, "ʼ’'\"“”«»", "ﬁﬂ ½ ² ™",
)
PLAIN = ("On planted things", "We plant a thing and see it grow.", "It grows where it was planted", "2024-03-01",
         "2023", "https://a.example/1", "10.1000/xyz123", "2401.00001", "Journal of Plants", "12")


def some_text(rng: random.Random) -> str:
    """Return a text: plain, hostile, both, or a run of one character."""
    kind = rng.random()
    if kind < 0.4:
        return f"{rng.choice(PLAIN)} {rng.randrange(1000)}"
    if kind < 0.8:
        return rng.choice(HOSTILE)
    if kind < 0.95:
        return rng.choice(PLAIN) + rng.choice((" ", "", "\n")) + rng.choice(HOSTILE)
    return rng.choice("([{<$\\&\"'`#*-=@;,|~^_.\n\té") * rng.randrange(1, 2000)
