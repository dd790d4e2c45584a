"""What the words around a name say it is."""

from __future__ import annotations

import re
from functools import lru_cache

from analysis.facets.guards import Guarded
from analysis.facets.spans import MOST_KNOWN

_DATASET = (r"(?:data-?\s?sets?|benchmarks?|corpus|corpora|leaderboards?|challenges?|test[- ]?sets?|test[- ]?beds?|"
            r"test suites?|"
            r"collections?|suites?|treebanks?|evaluation sets?)")
_MODEL = (r"(?:models?|LLMs?|(?:M|L)?VLMs?|MLLMs?|LMs?|SLMs?|PLMs?|VLAs?|networks?|transformers?|encoders?|decoders?|"
          r"autoencoders?|backbones?|checkpoints?)")
_OF_DATASET = (r"(?:(?:video|image|text|question[- ]answering|QA|VQA|evaluation|training|instruction|reasoning|"
               r"retrieval|passage|"
               r"validation|synthetic|dialogue|coding|math|test|multimodal|public|standard|popular|evaluation|"
               r"classification|"
               r"recommendation|summarization|translation|segmentation|detection|academic|reasoning)\s){0,2}")
_OF_MODEL = (r"(?:(?:base|backbone|teacher|student|foundation|language|large|vision[- ]language|vision|reward|"
             r"diffusion|generative|"
             r"dot product|baseline|embedding|pre-?trained|reasoning|multimodal|neural|student|transformer|video|"
             r"speech)\s){0,3}")
_ASIDE = r"[*_'\"’”]{0,3}\)?(?:\s*\([^()]{1,60}\))?"
_NAMING = r"(?:named|called|dubbed|termed|such as|like|including|includes?|namely|i\.e\.,?|e\.g\.,?|as|:|\()"

AFTER = {
    "dataset": re.compile(rf"{_ASIDE}[\s-]+{_OF_DATASET}{_DATASET}\b(?!\s+(?:generation|construction|creation|"
                          rf"curation|framework|"
                          r"pipeline|distillation|condensation)\b)", re.IGNORECASE),
    "model": re.compile(rf"{_ASIDE}\s+{_OF_MODEL}(?:{_MODEL}|famil(?:y|ies)|variants?|(?:model "
                        rf")?series)\b(?!\s+(?:card|zoo|soup|"
                        r"merging|training|development|collapse|size|weights|predictive)\b)", re.IGNORECASE),
}
"""Read right after a name or a list of names: ``X dataset``, ``X (long form) model``."""

_SAYS_DATASET = ("data", "benchmark", "corp", "board", "challenge", "test", "collection", "suite", "bank", "evaluation")
_SAYS_MODEL = ("model", "lm", "vla", "network", "transformer", "coder", "backbone", "checkpoint")
"""One of these, or of those, stands in whatever `_DATASET` or `_MODEL` finds."""
_ENDS = r"(?:the |both |our |a |an |\d+ )?$"
_LAST = ("named", "called", "dubbed", "termed", "as", "like", "including", "include", "includes", "namely", "i.e.",
         "e.g.", "as,", "like,", "including,", "namely,", "i.e.,", "e.g.,", ":", "(", "the", "both", "our", "a", "an")
BEFORE = {
    "dataset": Guarded(re.compile(rf"\b{_DATASET}\s*,?\s*{_NAMING}\s*(?:(?:e\.g\.|i\.e\.|including|such as|namely|"
                                  rf"like),?\s*)?{_ENDS}", re.IGNORECASE), _SAYS_DATASET, _LAST),
    "model": Guarded(re.compile(rf"\b(?:{_MODEL}|architectures?|(?:model )?(?:series|famil(?:y|ies)|"
                                rf"variants?))\s*,?\s*(?:\w+ly )?{_NAMING}\s*(?:(?:e\.g\.|i\.e\.|including|such as|"
                                rf"namely|like),?\s*)?{_ENDS}", re.IGNORECASE),
                     (*_SAYS_MODEL, "architecture", "series", "famil", "variant"), _LAST),
}
"""Read right before one: ``datasets such as X``."""

_SETS = ("dataset", "datasets", "benchmark", "benchmarks", "corpus", "corpora")
BESIDE = {
    "dataset": Guarded(re.compile(r"\b(?:datasets?|benchmarks?|corpus|corpora) $", re.IGNORECASE), ends=_SETS),
    "model": Guarded(re.compile(r"\b(?:models?|LLM|MLLM|VLM|encoder|network|re-?ranker) $"),
                     ends=("model", "models", "llm", "vlm", "encoder", "network", "ranker")),
}
"""Read right before one: ``the dataset X``."""
APART = {
    "dataset": Guarded(re.compile(r"\b(?:an?|our|novel|new|two|three|four|five|six|seven|eight|ten|\d+)\s[^,.;:]{0,60}"
                                  r"(?:datasets?|benchmarks?|corpus|corpora),\s+$", re.IGNORECASE), ends=(",",)),
    "model": Guarded(re.compile(r"\b(?:an?|our|novel|new|two|three|four|five|six|\d+)\s[^,.;:]{0,60}(?:models?|LLMs?|"
                                r"MLLMs?|VLMs?|encoders?|networks?),\s+$", re.IGNORECASE), ends=(",",)),
}
"""Read right before one, and believed where the sentence does not go on with a verb: ``a new dataset, X, with …``."""
NO_VERB = re.compile(r"\s*(?:$|[,.;:)(]|(?:that|which|contain\w*|compris\w*|consist\w*|cover\w*|with|where|built|"
                     r"trained)\b)")

PLURAL = re.compile(rf"\s+{_OF_DATASET}(?:datasets|benchmarks|corpora|collections|suites|challenges|treebanks)\b",
                    re.IGNORECASE)
TASK = re.compile(r"\s+(?:\w+ )?(?:tasks?|problems?|settings?|scenarios?|methods?|systems?|techniques?|training|"
                  r"devices?)\b")

ON = Guarded(re.compile(r"\b(?:evaluat|experiment|result|achiev|perform|accura|scor|improv|gain|F1|state-of-the-art|"
                        r"SOTA|test|train|tun|validat|benchmark|demonstrat|surpass|outperform|assess|measur|report|"
                        r"rank|top|point|%|success rate|reduc|obtain|reach|boost)[^.;:]{0,90}?\b(?:on|across)\s+"
                        r"(?:both\s+|the\s+|all\s+|standard\s+|popular\s+|public\s+|challenging\s+|recent\s+|"
                        r"widely[- ]used\s+)*$", re.IGNORECASE),
             ends=("on", "across", "both", "the", "all", "standard", "popular", "public", "challenging", "recent",
                   "used"))
"""Read before one: what results are told on is a dataset, where it is no model and no task."""

_IS_A = re.compile(rf"{_ASIDE}(?:\s*(?:,|:|--|—|–)|,?\s+(?:is|as|are|was|which is|to be))?\s+(?:an?|the first|one "
                   rf"of the)\s+",
                   re.IGNORECASE)
_TITLE_IS_A = re.compile(r":\s+(?:an?\s+|the\s+)?(?!\w+ing\b|(?:why|how|what|when|where|can|do|does|is|are|"
                         r"towards?)\b)", re.IGNORECASE)
_STOP = re.compile(r"\s*(?:$|[.;:)]|--|(?:for|of|that|which|with|to|in|on|by|from|using|designed|trained|based|"
                   r"built|where|via|whose|"
                   r"it|we|they|tailored|covering|spanning|containing|comprising|consisting|can|is|are|has|under|"
                   r"without|through|as|over)(?![\w-]))",
                   re.IGNORECASE)
_TOKEN = re.compile(r"\s*(?:\([^()]{1,20}\)\s*)?([\w+/.-]+?)(,?)(?=[\s,.;:()]|$)")
_HEADS = {
    "dataset": re.compile(rf"(?:{_DATASET}|collections?|corpora)", re.IGNORECASE),
    "model": re.compile(_MODEL, re.IGNORECASE),
    "other": re.compile(r"(?:frameworks?|methods?|approach|approaches|pipelines?|algorithms?|systems?|paradigms?|"
                        r"strateg(?:y|ies)|"
                        r"techniques?|toolkits?|librar(?:y|ies)|platforms?|tools?|agents?|engines?|mechanisms?|"
                        r"modules?|loss|"
                        r"objectives?|metrics?|optimizers?|tasks?|protocols?|ecosystems?|environments?|simulators?|"
                        r"recipes?|"
                        r"solutions?|survey|study|scheme|generation|optimization|interface|operator|layer|prompting|"
                        r"distillation|quantization|attention|suite of tools|workflow|infrastructure|plugin|procedure)",
                        re.IGNORECASE),
}
NAMED_AS = Guarded(re.compile(r"\b(?:name|call|dub|term|denote)\w*\s+[^.;,]{0,60}?\b(?:model|network|LLM|MLLM)\s+"
                              r"(?:as\s+)?$", re.IGNORECASE),
                   says=("name", "call", "dub", "term", "denote"), ends=("model", "network", "llm", "as"))
"""Read before one: ``we call this model X``."""
INTRODUCED = Guarded(re.compile(r"\b(?:introduc|present|propos|develop|construct|releas)\w*\s+(?:(?!(?:by|of|on|in|for|"
                                r"with|from|and|to|that)\b)[\w'’-]+\s+){0,7}$", re.IGNORECASE),
                     says=("introduc", "present", "propos", "develop", "construct", "releas"))
"""Read before the long form of an acronym: what the paper brings."""


def is_a(text: str, end: int, title: bool = False) -> str | None:
    """Return what the text calls a name that ends at `end`: dataset, model, other; None if nothing.

    Read are ``X, a large dataset for …``, ``X is a network …``, in a title also ``X: Multilingual Language Models …``.
    """
    opening = _IS_A.match(text, end, end + 120) or (_TITLE_IS_A.match(text, end, end + 60) if title else None)
    if not opening:
        return None
    head, last, place, stop = None, None, opening.end(), min(len(text), opening.end() + 140)
    for _ in range(14):
        if _STOP.match(text, place, stop):
            break
        token = _TOKEN.match(text, place, stop)
        if not token:
            break
        kind = head_kind(token[1])
        if head and token[1].endswith(("ing", "ed")):
            break
        head, last, place = kind or head, kind, token.end()
        if token[2] and kind:
            break
    return last if title else head


_DATASET_SHAPE = re.compile(r"(?:.*(?:[Bb]ench(?:mark)?|[a-z]Eval|[a-z]QA|VQA|MNIST|[a-z]Arena|CIFAR|[a-z-]Corpus|"
                            r"GLUE)(?:[-+ ][\w.]+|v?\d[\w.]*|\+)?|"
                            r".*-\d+(?:\.\d+)?[kK])")
_MODEL_SHAPE = re.compile(
    r"(?:.*\w[- ]\d+(?:\.\d+)?[bB](?:-\w+)*|.*(?:GPT|BERT|BART|LLaMA|[Ll]lama|LLaVA|ViT|[a-z\d]V?LM|[a-z]LLM|"
    r"[a-zA-Z-]T5|[a-z-]VLA|"
    r"[a-z]former|[a-z]Former|[A-Za-z-]CLIP|[a-z-]SAM|ResNet|UNet|YOLO)(?:[-v]?\d[\w.-]*|-[A-Z][\w.-]*)?)")


def head_kind(words: str) -> str | None:
    """Return what the last of some words names: dataset, model, other; None if neither."""
    return _head_kind(words.split()[-1])


@lru_cache(maxsize=MOST_KNOWN)
def _head_kind(word: str) -> str | None:
    return next((kind for kind, pattern in _HEADS.items() if pattern.fullmatch(word)), None)


@lru_cache(maxsize=MOST_KNOWN)
def shape(said: str) -> str | None:
    """Return what the form of a name says: FooBench and FooQA are datasets, Foo-7B and FooBERT models."""
    if _DATASET_SHAPE.fullmatch(said):
        return "dataset"
    return "model" if _MODEL_SHAPE.fullmatch(said) else None
