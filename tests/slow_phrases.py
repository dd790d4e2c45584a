"""Phrases read one by one, as they are defined."""

from analysis.names.lexicon import find_tokens, look_up
from analysis.names.phrases import _BEFORE_VERBS, _SENTENCE_ENDS, Phrases
from analysis.names.runs import MAX_CHARACTERS, MAX_WORDS
from analysis.names.words import stopwords

ODD = [
    ("Dense retrieval of l’analyse d’un corpus", "A teacher's student (TS) learns; students' teachers do. It’s d'un."),
    ("A-B test/run 3D 5G, x", "Self-training and self training, pre-training and pretraining: https://github.com/code"),
    ("", "A very long run of neural network language model words-that-go-on and on-and-on-and-on-and-on-and-on words"),
    ("Electroencephalographically-electroencephalographically", "İstanbul ſtates naïve ŉ ﬁlling labelled organisation"),
    ("Retrieval", "retrieval. Retrieval of retrieval, dense retrieval"), ("", ""), ("!", "of the and"), ("corpus", ""),
    ("Mixture of Experts (MoE)", "We route. Experts route Mixture of Experts (MoE) to learn; they route (it (Route"),
    ("(Route) to", "route the LLaMA models, LLaMA model's (Llama models) 'tis. l’(MoE) we’ve"),
]


def extract_slowly(texts):
    """Return what `extract_phrases` does."""
    found = Phrases()
    for title, abstract in texts:
        words = set()
        in_title = _note(title, found, 1, words)
        found.titles.append(frozenset(in_title))
        found.papers.append(frozenset(in_title | _note(abstract, found, 3, words)))
        found.words.append(frozenset(words))
    return found


def _note(text, found, weight, words):
    said = set()
    tokens = look_up(find_tokens(text), stopwords())
    before = "."
    for token in tokens:
        words.update(token.normal)
        if before in _BEFORE_VERBS and not token.ends:
            found.verbs[token.form] += weight
        before = token.low
    for run, defined in _runs(tokens):
        for start, (_, begins) in enumerate(run):
            for end in range(start + 1, min(start + MAX_WORDS, len(run)) + 1):
                part = [word for word, _ in run[start:end]]
                form, written, spelt = (" ".join(getattr(word, way) for word in part)
                                        for way in ("form", "written", "spelt"))
                if len(form) > MAX_CHARACTERS:
                    break
                said.add(form)
                ways = found.surfaces.setdefault(form, {})
                ways[written] = ways.get(written, 0) + weight
                found.closings[form] += weight * (end == len(run))
                found.heads[form] += weight * (end == len(run) and start > 0)
                if weight > 1 and not begins and not defined:
                    found.placed[written] += 1
                    if spelt != written:
                        found.spellings[written][spelt] += 1
    return said


def _runs(tokens):
    run, before = [], "."
    for token in tokens:
        if run and token.is_cut:
            yield run, False
            run = []
        if not token.ends:
            run.append((token, before in _SENTENCE_ENDS))
        if run and (token.ends or token.is_owner):
            yield run, token.low == "("
            run = []
        before = token.low
    if run:
        yield run, False
