"""Numbers that a text claims: percentages, gains in points, factors, values of metrics, changes from one to another.

Not claims: sizes of datasets and models, counts, budgets, dates, confidence levels.
"""

from __future__ import annotations

import re

from analysis.facets.spans import Found

_NAMED = (
    r"(?i:accurac(?:y|ies)|acc\b\.?|(?:(?:micro|macro|weighted)[- ])?F[- ]?1(?:[- ]scores?)?|F-?scores?|"
    r"(?:sacre)?bleu(?:-?\d)?|"
    r"rouge(?:[- ](?:[12L]|Lsum|SU4))?|meteor|cider|chrF(?:\+\+)?|bertscore|bleurt|exact match|mIoU|IoU|"
    r"dice(?: scores?| coefficients?)?|AU-?(?:C|ROC|PRC)(?:-ROC)?|PSNR|SSIM|LPIPS|CLIP[- ]?scores?|"
    r"(?:word|character|phoneme|equal)[- ]error[- ]rates?|error rates?|perplexit(?:y|ies)|n?DCG(?:@\d+)?|"
    r"hit[- ]?rates?(?:@\d+)?|hits?@\d+|recall(?:@\d+)?|precision(?:@\d+)?|pass@\d+|maj@\d+|pass rates?|success rates?|"
    r"win[- ]?rates?|solve rates?|resolve rates?|kappa|spearman(?: correlation)?|pearson(?: correlation)?|"
    r"correlations?|"
    r"top-?[15](?: accuracy| error)?|sensitivity|specificity|fps|frames per second)|"
    r"SPICE|COMET|MAUVE|EM|P?AP(?:@\d+|50|75)?|mAP(?:@\d+)?|MAP(?:@\d+)?|DSC|PQ|EER|FID|FVD|KID|IS|WER|CER|PPL|"
    r"MRR(?:@\d+)?|HR@\d+|R@\d+|P@\d+|RMSE|MAE|MSE|MAPE|MASE|MCC|R2|R²|Elo"
)
_LOOSE = (r"(?i:speed-?ups?|throughput|latency|inference(?: time| speed)?|training time|memory|G?FLOPs|MACs|"
          r"parameters|cost|"
          r"compute|loss|scores?|performance|efficiency|agreement|overhead|energy)")
"""What is measured, as abstracts write it: metrics by name, and words that tell what a percentage is of."""

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SIGN = r"(?:[~≈∼<>≤≥]\s?|\\?(?:sim|approx)\s?)?[+\-−–±]?"
_PERCENT = r"\s?(?:\\?%|percent\b|per cent\b)"
_POINTS = (r"\s?-?(?:(?:absolute|percentage|percent|accuracy|BLEU|ROUGE|F1|mAP|mIoU|AP|AUC|Elo|%|\\%)[ -]){0,2}"
           r"(?:points?\b|pts?\b\.?|p\.p\.|pp\b|ppts?\b)")
_FACTOR = r"\s?(?:[x×](?![\w×])|\\?times\b|-?\s?folds?\b)"
_TO = r"\s?(?:-{0,2}>|→|➔|⟶|\\?(?:long)?rightarrow|\\?to\b|–|—|--?|vs\.?)\s?"

_CLAIM = re.compile(
    rf"(?<![\w.,@#$€£^_\-])(?<!\w/)(?P<quote>{_SIGN}(?P<first>{_NUMBER})"
    rf"(?:(?P<unit1>{_PERCENT}|{_POINTS}|{_FACTOR})?(?P<to>{_TO}){_SIGN}(?P<second>{_NUMBER}))?"
    rf"(?P<unit>{_PERCENT}{_POINTS}|{_PERCENT}|{_POINTS}|{_FACTOR})?)(?![\w@]|[.,]\d)")
_FOLD = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|hundred|thousand)-?fold\b"
                   r"|(?<![\w.])\d+ ?(?:orders? of magnitude)\b", re.IGNORECASE)
_OF = re.compile(r"(\d(?<![\w.,/]\d)\d{0,4}) (?:out of|of) (?:the |all )?(\d{1,5})(?![\w.,]\d|\w|%)")
_PART = re.compile(r"(?:\bto|\bby|\bonly|\babout|\bat|\bwith|\bthan|\busing) (1/\d{1,4})(?![\w/])")
_OTHERS = ((_FOLD, ("fold", "of magnitude"), "x", 0), (_OF, (" of ",), "of", 0), (_PART, (" 1/",), "x", 1))
_METRIC = re.compile(rf"(?<![\w-])(?:{_NAMED}|{_LOOSE})(?![\w-])")
_STRICT = re.compile(rf"(?<![\w-])(?:{_NAMED})(?![\w-])")
_AFTER = re.compile(r"\s?(?:points? )?(?:of |in |for |on )?(?:the )?(?:average |mean |top-1 |absolute |relative |"
                    r"higher |"
                    r"lower |better )*")
_VALUE_BEFORE = re.compile(r"(?:\s?scores?|\s?rates?|\s?values?)?\s?(?:\(\w{1,12}\)\s?)?(?:of|is|was|=|:|at|to|by|"
                           r"reach\w*|with)?\s?"
                           r"(?:an? |about |up to |over |only |around |as high as )?\(?$")
_WORTH = re.compile(r"(?:\b(?i:performance|scores?|scored|scoring|loss|average|mean)|\b[rRρτκ])"
                    r"\s?(?:of|is|was|=|:|at|to)?\s?(?:about |up to |over |only |around |as high as )?$")
_MATE = re.compile(rf"\s?(?:,|and|or|,\s?and)\s[+~]?{_NUMBER}(?P<unit>{_PERCENT}|{_POINTS})")
_FASTER = re.compile(r"\s(?:fast|slow|more|less|few|small|larg|high|low|better|cheap|great|long|short|speed|improv|"
                     r"reduc|increas|"
                     r"decreas|as\s)", re.IGNORECASE)
_SPEED = re.compile(r"\s*(?:\w+[ -]){0,2}?(?:fast|slow|more|less|few|small|larg|high|low|better|worse|cheap|great|"
                    r"long|short|"
                    r"speed|improv|accelerat|reduc|increas|decreas|compress|throughput|gain|over\b|than\b|the\b|"
                    r"of\b|as\b|"
                    r"in\b|on\b|efficien|latency|inference|training|cost|compute|saving|boost|smaller|and\b|,|\.|\)|"
                    r";|$)",
                    re.IGNORECASE)
_BY = re.compile(r"(?:\bby|\bup to|\bto|\bof|\bover|\bmore than|\bat least|\baround|\babout|\bnearly|"
                 r"\bapproximately|\ba|\ban|"
                 r"\bachiev\w*|\bwith|\bthan|\bonly|\bis|\band|,|\(|=|≈|~)\s*$", re.IGNORECASE)
_TASK = re.compile(r"\s*(?:super|up-?s|SR\b|zoom|magnif|down-?s|larger images)", re.IGNORECASE)
_GAIN_BEFORE = re.compile(r"(?:improv|gain|outperform|increas|boost|exceed|surpass|by|rais|drop|higher|lower|declin|"
                          r"gap|better|"
                          r"reduc|\+|up to|average|of|than|over|and|with|\()[^.;]{0,40}$", re.IGNORECASE)
_NO_CLAIM_AFTER = re.compile(r"\s*(?:confidence|CI\b|credible|interval|(?:token |memory |compute |sampling |"
                             r"annotation )?"
                             r"budget)", re.IGNORECASE)
_ARROWS = (">", "→", "➔", "⟶", "arrow")
_CLAUSE_END, _SENTENCE_END = re.compile(r"[.;,(]\s"), re.compile(r"[.;]\s")
_DIGIT = re.compile(r"\d")
_LONGEST_SIGN = len("\\approx -")
"""Characters of a claim before its first digit, at most: there is none before the first digit of a text less these."""
_WINDOW = 60


def find_numbers(text: str) -> list[Found]:
    """Return the numbers that a text claims, in order, each with its unit and the metric it is about.

    The quote holds the unit; of a bare number (``61.7 acc.``, ``F1 of 0.85``) also the metric beside it.
    """
    digit = _DIGIT.search(text)
    claims = _CLAIM.finditer(text, max(0, digit.start() - _LONGEST_SIGN)) if digit else ()
    found = [claim for match in claims if (claim := _read(text, match))]
    for pattern, words, unit, group in _OTHERS:
        if any(word in text for word in words):
            found.extend(Found("number", " ".join(match[group].split()), *match.span(group), unit=unit,
                               metric=_near_metric(text, *match.span(group)))
                         for match in pattern.finditer(text))
    found.sort(key=lambda claim: (claim.start, -claim.end))
    return [claim for number, claim in enumerate(found) if not number or claim.start >= found[number - 1].end]


def _read(text: str, match: re.Match[str]) -> Found | None:
    start, end = match.span("quote")
    before, after = text[max(0, start - _WINDOW):start], text[end:end + _WINDOW]
    unit = _unit(match["unit"] or match["unit1"])
    if match["to"] and not match["unit"] and match["unit1"]:
        return None  # "by 5% to 40 ..." : two things
    signed = match["quote"].lstrip("~≈<> ").startswith("+")
    if unit == "%":
        if _NO_CLAIM_AFTER.match(after):
            return None
    elif unit == "points":
        loud = signed or "." in match["first"] or not match["unit"].strip(" -").startswith("point")
        if not loud and not (_GAIN_BEFORE.search(before) and float(match["first"].replace(",", "")) < 1000):
            return None
    elif unit == "x":
        # "three times" is how often, "1.7times" is what is left of a formula's sign.
        often = match["unit"].startswith(" ") and match["unit"].strip() == "times"
        plain = "." in match["quote"] or match["to"] or _BY.search(before)
        if _TASK.match(after) or (not plain and not (_FASTER if often else _SPEED).match(after)):
            return None
    else:
        return _bare(text, match, signed)
    return Found("number", _normal(match["quote"]), start, end, unit=unit, metric=_near_metric(text, start, end))


def _bare(text: str, match: re.Match[str], signed: bool) -> Found | None:
    """Read a number without a unit: it counts where a metric stands beside it, where it changes, or has a plus."""
    start, end = match.span("quote")
    change = bool(match["to"]) and any(arrow in match["to"] for arrow in _ARROWS)
    decimal = "." in match["first"] or bool(match["second"] and "." in match["second"])
    lead = _AFTER.match(text, end)
    after = _STRICT.match(text, lead.end() if lead else end)
    if after and after.start() - end <= 1:
        if text[end:end + 1] != " " or not (decimal or signed or change or after[0][0].isupper()):
            return None
        stop = after.end()
        return Found("number", _normal(text[start:stop]), start, stop, metric=after[0].strip(" ."))
    before, metric = text[max(0, start - _WINDOW):start], _near_metric(text, start, end)
    if match["to"] and not change:
        change = before.endswith("from ") and bool(metric)
    if change or signed:
        return Found("number", _normal(match["quote"]), start, end, metric=metric) if decimal or signed else None
    if not decimal or match["to"]:
        return None
    if mate := _MATE.match(text, end):
        return Found("number", _normal(match["quote"]), start, end, unit=_unit(mate["unit"]), metric=metric)
    tail = _VALUE_BEFORE.search(before)
    head = before[:tail.start()] if tail else before
    named = next((found for found in _STRICT.finditer(head) if found.end() == len(head)), None)
    if (named and tail and tail[0].strip()) or _WORTH.search(before):
        return Found("number", _normal(match["quote"]), start, end, metric=named[0] if named else metric)
    return None


def _unit(unit: str | None) -> str | None:
    if not unit:
        return None
    plain = unit.strip().lower()
    if "point" in plain or plain.startswith(("pt", "p.p", "pp")) or " pt" in plain or " pp" in plain:
        return "points"
    if "%" in plain or plain.startswith("per"):
        return "%"
    return "x"


def _near_metric(text: str, start: int, end: int) -> str | None:
    """Return the metric that stands nearest in the clause, what follows before what precedes."""
    after = _CLAUSE_END.split(text[end:end + _WINDOW], maxsplit=1)[0]
    if found := _METRIC.search(after):
        return found[0]
    before = _SENTENCE_END.split(text[max(0, start - _WINDOW):start])[-1]
    *_, last = [None, *_METRIC.finditer(before)]
    return last[0] if last else None


def _normal(quote: str) -> str:
    """Write a quote in one way: 9.3 % is 9.3%, 1.7times is 1.7x, arrows are →."""
    value = re.sub(r"\\?(?:sim|approx)\s?(?=\d)", "~", quote)
    value = re.sub(r"\s?(?:-{0,2}>|➔|⟶|\\?(?:long)?rightarrow)\s?", " → ", value)
    value = re.sub(r"\s*\\?%|\s?(?:percent|per cent)\b(?! point)", "%", value)
    value = re.sub(r"\s?(?:×|\\?times\b)|(?<=\d)\s+x\b", "x", value)
    value = re.sub(r"(?<=\d)(%?)\s?(?:--|–|—)\s?(?=\d)", r"\1-", value)
    value = re.sub(r"(?<=[~≈∼<>≤≥+−-])\s+(?=\d)", "", value).replace("−", "-").replace("∼", "~").replace("≈", "~")
    return " ".join(value.split()).rstrip(".") if not value.endswith("p.p.") else " ".join(value.split())
