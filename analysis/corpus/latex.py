"""LaTeX inside running text, turned into Unicode piece by piece.

Only what is certainly LaTeX is touched: mathematics between dollars that follow the typesetter's rules (so ``$5 and
$10`` stays money), and commands with their arguments. Pieces repeat, so each is converted once.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

_ARGUMENT = r"\{(?>[^{}]|\{(?>[^{}]|\{[^{}]*+\})*+\})*+\}"
_MATH = re.compile(
    r"(?<!\\)(?:\$\$(?=\S)([^$]{1,400}?)\$\$|\$(?=\S)([^$]{1,400}?)(?<=\S)(?<!\\)\$|\$ ([^$]{1,400}?) \$)"
    r"|\\\((.{1,400}?)\\\)|\\\[(.{1,400}?)\\\]",
    re.DOTALL,
)
_LOOKS_LIKE_MATH = re.compile(r"[\\^_={}<>+*/|()∈]|^\S+$")
# commands that only style what they hold; the library does not know all of them inside mathematics
_STYLE = re.compile(
    r"\\(?:text(?:tt|bf|it|sc|sf|rm|md|up|sl|normal)?|math(?:bf|rm|it|sf|tt|normal)|boldsymbol|bm|operatorname\*?|"
    r"mbox|emph|underline|rm|bf|it|tt|em|sc|displaystyle|left|right|[Bb]igg?[lr]?)(?![A-Za-z])\s?"
)
_MACRO = re.compile(r"\\([A-Za-z]+)")
_POINTER = re.compile(
    r"~?\\(?:[a-z]*cite[a-z]*|ref|eqref|autoref|label|footnotemark)\*?(?:\[[^\[\]]{0,200}\])*\{[^{}]*+\}"
)
# a whole document around one formula, as one publisher's abstracts carry it
_DOCUMENT = re.compile(
    r"\\documentclass.{0,60}\{minimal\}.{0,600}?\\begin\{document\}(.*?)\\end\{document\}", re.DOTALL
)
_ADDRESS = re.compile(r"\\(?:url|path|nolinkurl)\{([^{}]*+)\}")
_ACCENT = re.compile(
    r"\{?\\(?:[\"'`^~=.]\s?|[cvuHkrbd](?=\{)|[cvuHkrbd] (?=[A-Za-z]\b))(?:\{\\?[A-Za-z]\}|\\?[A-Za-z])\}?"
)
_COMMAND = re.compile(rf"\\([A-Za-z]+)\*?(?:\[[^\[\]]{{0,200}}\])?((?:\s?{_ARGUMENT})*+)|\\([^A-Za-z])")
_BRACED_WORD = re.compile(r"\{([^\W\d_][\w .-]*)\}")
_BAD_ESCAPE = re.compile(r"[nrt](?=[A-Z])")
_LONGEST = 4000


def latex_to_unicode(text: str) -> str:
    """Return `text` with its LaTeX mathematics, accents and commands as Unicode; everything else is kept."""
    text = _DOCUMENT.sub(r" \1 ", text) if "\\documentclass" in text else text
    text = _POINTER.sub("", text)
    text = _ADDRESS.sub(r"\1", text)
    text = _MATH.sub(_math, text)
    if "\\" in text:
        text = _ACCENT.sub(lambda piece: _convert(piece.group()), text)
        text = _COMMAND.sub(_command, text)
    text = text.replace("``", "“").replace("''", "”") if "``" in text else text
    return _BRACED_WORD.sub(r"\1", text)


def _math(piece: re.Match[str]) -> str:
    body = next(group for group in piece.groups() if group is not None)
    is_money = (
        piece.group().endswith("$")
        and piece.string[piece.end() : piece.end() + 1].isdigit()
        and (" " in body or any(c.isdigit() for c in body))
    )
    if is_money or not _LOOKS_LIKE_MATH.search(body):
        return piece.group()
    return _convert(f"${_MACRO.sub(_mend, _STYLE.sub('', body))}$").strip()


def _mend(macro: re.Match[str]) -> str:
    r"""Keep what a macro that nobody knows says: ``\sqrtT`` lost its braces, ``\ours`` is the paper's own."""
    name = macro.group(1)
    if _is_known(name):
        return macro.group()
    return f"\\{name[:-1]} {name[-1]}" if len(name) > 3 and _is_known(name[:-1]) else name


def _command(piece: re.Match[str]) -> str:
    name, arguments, symbol = piece.groups()
    if symbol is not None:
        return {"\\": " ", "-": "", "/": "", ",": " ", ";": " ", ":": " ", "!": ""}.get(symbol, symbol)
    styled = _STYLE.sub("", piece.group())
    if not styled.startswith("\\"):
        return _COMMAND.sub(_command, _unwrap(styled))
    if len(styled) <= _LONGEST and _is_known(name):
        return _convert(styled)
    if arguments:  # a command of the paper's own: what it holds is the text
        return _unwrap(arguments)
    # "\nWe" is a line break that was escaped twice; "\ours" is a macro named after the method
    return _BAD_ESCAPE.sub(" ", name, count=1) if _BAD_ESCAPE.match(name) else name


def _unwrap(argument: str) -> str:
    return re.sub(r"^\s?\{|\}$", "", argument)


@lru_cache(maxsize=1)
def _library() -> tuple[Any, Any, Any]:
    """Return the library's walker, its specification of macros (slow to build), and its converter."""
    import logging

    from pylatexenc.latex2text import LatexNodes2Text
    from pylatexenc.latexwalker import LatexWalker, get_default_latex_context_db

    logging.getLogger("pylatexenc").setLevel(logging.CRITICAL)  # broken markup is usual and handled here
    return LatexWalker, get_default_latex_context_db(), LatexNodes2Text(math_mode="text", keep_comments=True)


@lru_cache(maxsize=4096)
def _is_known(name: str) -> bool:
    from pylatexenc.latex2text import get_default_latex_context_db

    if name in ("input", "include", "documentclass", "usepackage"):  # these speak of files
        return False
    spec = get_default_latex_context_db().get_macro_spec(name)
    return spec is not None and bool(getattr(spec, "macroname", ""))


@lru_cache(maxsize=16384)
def _convert(piece: str) -> str:
    walker, macros, converter = _library()
    try:
        nodes = walker(
            re.sub(r"(?<!\\)%", r"\\%", piece), latex_context=macros, tolerant_parsing=True
        ).get_latex_nodes()[0]
        plain: str = converter.nodelist_to_text(nodes)
    except Exception:  # the library raises many kinds on broken markup; the text as written is then the best there is
        plain = ""
    return plain if plain.strip() else re.sub(r"[\\${}]", "", piece)
