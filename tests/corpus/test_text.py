import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import normalise_text, split_sentences, title_key


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        (r"$\beta$-VAE and $\ell_1$ norms", "β-VAE and ℓ_1 norms"),
        (r"Schr\"odinger, Erd\H{o}s and {\'E}cole", "Schrödinger, Erdős and École"),
        (r"\textbf{25\% better} than \emph{all} others~\cite{smith2020}", "25% better than all others"),
        ("It costs $5 to $10 or US$20", "It costs $5 to $10 or US$20"),
        (r"$\texttt{Model-GLUE}$: {BERT} \& friends", "Model-GLUE: BERT & friends"),
        (r"\nWe show that \ours wins", "We show that ours wins"),
        ("<jats:p>H<sub>2</sub>O &amp; CO&#x2082;</jats:p>", "H2O & CO₂"),
        ("<think> tokens & R&D", "<think> tokens & R&D"),
        ("e\ufb03cient\u00a0\u200b  \x1b[31mred\x00 \u202eabc", "efficient red abc"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
    ],
)
def test_marks_become_what_they_stand_for(written, plain):
    assert normalise_text(written) == plain


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Attention Is All You Need", "ATTENTION  is all you need."),
        (r"$\beta$-VAE: Learning", "β-VAE: learning"),
        ("beta-VAE: Learning", "𝛽-VAE: Learning"),
        (r"Schr{\"o}dinger Bridges", "Schrodinger bridges"),
        ("Fine-Tuning & RAG", "Finetuning and RAG"),
        ("$k$NN–LM", "kNN-LM"),
        (r"$L^2$ Regularisation", "L² regularisation"),
    ],
)
def test_variants_of_a_title_are_one_title(one, other):
    assert title_key(one) == title_key(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Learning C++", "Learning C"), ("GPT-3", "GPT-4"), ("???", "!!!")])
def test_other_titles_stay_apart(one, other):
    assert title_key(one) != title_key(other)


def test_sentences_end_where_they_end():
    text = (
        "We follow Smith et al. (2020), i.e. the 3.5 B model of Fig. 2, e.g. GPT-4. It wins by 4.2%! Does it? "
        "Yes: J. Doe agrees. 我们提出。很好。"
    )
    assert [text[a:b] for a, b in split_sentences(text)] == [
        "We follow Smith et al. (2020), i.e. the 3.5 B model of Fig. 2, e.g. GPT-4.",
        "It wins by 4.2%!",
        "Does it?",
        "Yes: J. Doe agrees.",
        "我们提出。",
        "很好。",
    ]


@given(st.text())
def test_sentences_hold_every_visible_character_once(text):
    spans = split_sentences(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(a < b for a, b in spans) and all(b <= c for (_, b), (c, _) in zip(spans, spans[1:], strict=False))


@given(st.text(alphabet=st.sampled_from("ab $\\{}^_%&;<>#'\"`~[]()\n\x00é\ud800𝛽textbffrac12")))
def test_any_text_becomes_one_clean_line(text):
    line = normalise_text(text)
    assert line == " ".join(line.split()) and not any(ord(c) < 32 for c in line)
    line.encode()
    title_key(text).encode()
