import random
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import InputFile, read_papers, title_key
from analysis.corpus.chrome import is_chrome

FEED = (Path(__file__).resolve().parents[2] / "data" / "raw" / "trending_papers.txt").read_text()
PAIRS = [tuple(block.split("\n")) for block in FEED.split("Apr 24\n\n")[1].replace("\n\n", "\n").split("\n")]
PAIRS = [(PAIRS[i][0], PAIRS[i + 1][0]) for i in range(0, len(PAIRS), 2)]


def read(text, name="page.txt"):
    return read_papers([InputFile(name, text if isinstance(text, bytes) else text.encode())])


def by_title(corpus):
    return {title_key(row.title): title_key(row.abstract) for row in corpus.papers.itertuples()}


WHOLE = {title_key(title): title_key(abstract) for title, abstract in PAIRS}


def test_the_seed_gives_90_papers_and_its_chrome_is_known(seed):
    assert len(seed.papers) == 90 and len(seed.dropped) == 0
    assert [line.text for line in seed.chrome] == [
        "new",
        "Get trending papers in your email inbox!",
        "Subscribe",
        "byAK and the research community",
        "Apr 24",
    ]
    assert (seed.papers["abstract"].str.len() > 300).all()
    assert seed.papers["published"].notna().sum() == 90
    assert set(seed.papers["published_basis"]) == {"arXiv"} and seed.papers["paper_id"].is_monotonic_increasing


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace("\n", "\r"),
        lambda t: t.replace("\n\n", "\n"),
        lambda t: b"\xef\xbb\xbf" + t.encode(),
        lambda t: t.encode("utf-16"),
        lambda t: t.encode("utf-16-le"),
        lambda t: t.encode("utf-16-be"),
        lambda t: t.replace("\n\n", "\n \t\n\n\n"),
        lambda t: "\n\n".join(textwrap.fill(block, 72) for block in t.split("\n\n")),
        lambda t: "\r\n\r\n".join(textwrap.fill(block, 100).replace("\n", "\r\n") for block in t.split("\n\n")),
    ],
)
def test_the_same_page_in_another_shape_is_the_same_corpus(change):
    corpus = read(change(FEED))
    assert by_title(corpus) == WHOLE and len(corpus.dropped) == 0 and len(corpus.chrome) == 5


@pytest.mark.parametrize("width", [72, 80, 100, 120])
def test_wrapped_lines_without_blank_lines_lose_almost_nothing(width):
    found = by_title(read("\n".join(textwrap.fill(block, width) for block in FEED.split("\n\n"))))
    assert set(found) <= set(WHOLE) and len(found) >= 87


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_another_page_with_other_chrome(gap):
    draw = random.Random(2)
    lines = [
        "Hugging Face",
        "Models",
        "Datasets",
        "Spaces",
        "Log In",
        "Sign Up",
        "Daily",
        "Weekly",
        "Trending Papers",
        "by",
        "AK and the research community",
        "Home > Papers",
        "View all",
    ]
    for title, abstract in PAIRS:
        lines += [
            "Submitted by",
            draw.choice(["taesiri", "Jane Doe"]),
            title,
            abstract,
            "Moonshot AI",
            "· Published on Apr 24",
            "Upvote 12",
            "101",
            draw.choice(["3 authors", "· 5 authors"]),
            "GitHub",
            "61.1k",
            "arXiv Page",
            "3 days ago",
            "https://arxiv.org/abs/2401.00001",
        ]
    lines += [
        "Previous",
        "1",
        "2",
        "Next",
        "© 2025 Example Inc.",
        "Terms | Privacy",
        "We use cookies to improve your experience on this website. By continuing you accept them.",
    ]
    corpus = read(gap.join(lines))
    assert by_title(corpus) == WHOLE and len(corpus.dropped) == 0


@pytest.mark.parametrize(
    "line",
    [
        "Subscribe",
        "View all",
        "Upvote 12",
        "· 5 authors",
        "Published on Apr 24",
        "Submitted by AK",
        "April 24, 2025",
        "+45",
        "12",
        "1.2k",
        "Vote: 12",
        "#1 Paper of the day",
        "byAK and the research community",
        "3 comments",
        "2 hours ago",
        "© 2025 Example Inc.",
        "Terms of Service | Privacy",
        "arXiv:2310.08491 [pdf, html, other]",
        "-----",
        "All rights reserved",
    ],
)
def test_chrome_is_recognised_by_what_it_is(line):
    assert is_chrome(line)


@pytest.mark.parametrize(
    "title",
    [title for title, _ in PAIRS]
    + [
        "Get Your Vitamin C! Robust Fact Verification",
        "Follow Your Path",
        "Copyright Traps for Large Language Models",
        "Cookie Consent Has Disparate Impact on Estimation Accuracy",
        "Attention Is All You Need",
        "Orca",
        "By Fair Means",
    ],
)
def test_a_title_above_an_abstract_is_a_paper(title):
    corpus = read(f"Home\n\n{title}\n\n{PAIRS[3][1]}\n\nLog in")
    assert corpus.papers["title"].tolist() == [title] and corpus.papers["abstract"].tolist() == [PAIRS[3][1]]


def test_titles_without_an_abstract_are_papers():
    some = "\n\n".join(t if i % 10 == 0 else f"{t}\n\n{a}" for i, (t, a) in enumerate(PAIRS))
    corpus = read(some)
    assert len(corpus.papers) == 90 and (corpus.papers["abstract"] == "").sum() == 9
    only_titles = read("\n".join(title for title, _ in PAIRS))
    assert len(only_titles.papers) == 90 and len(only_titles.dropped) == 0


def test_names_between_title_and_abstract_are_not_a_title():
    corpus = read(
        "\n\n".join(
            f"[{i}] {t}\n\nJamin Shin, Yejin Cho, Minjoon Seo\n\nAbstract: {a}" for i, (t, a) in enumerate(PAIRS)
        )
    )
    assert by_title(corpus) == WHOLE and len(corpus.dropped) == 0


def test_titles_that_end_in_a_full_stop():
    assert by_title(read("\n\n".join(f"{t}.\n\n{a}" for t, a in PAIRS))) == WHOLE


def test_what_is_neither_is_set_aside_with_its_line():
    corpus = read(f"{PAIRS[0][1]}\n\nQuantum Zebra\n\n{PAIRS[1][0]}\n\n{PAIRS[1][1]}")
    assert corpus.dropped[["place", "kind"]].values.tolist() == [["line 1", "no title"], ["line 3", "not a paper"]]
    assert len(corpus.papers) == 1


def test_variants_of_a_paper_are_merged():
    title, abstract = "A $\\beta$-Test of Naïve Methods", PAIRS[0][1]
    corpus = read(
        f"{title}\n\n{abstract}\n\nA β-TEST  OF NAÏVE METHODS\n\n{abstract[:400]}.\n\nA β-Test of Naive Methods"
    )
    assert corpus.papers["title"].tolist() == ["A β-Test of Naïve Methods"]
    assert corpus.papers["abstract"].tolist() == [abstract]
    assert corpus.dropped["kind"].tolist() == ["duplicate"] * 2
    assert corpus.dropped["place"].tolist() == ["line 5", "line 9"]
    assert set(corpus.dropped["paper_id"]) == set(corpus.papers["paper_id"])


def test_what_the_page_says_between_title_and_abstract_is_the_papers():
    corpus = read(
        f"{PAIRS[0][0]}\n\narxiv:2310.08491\n\nPublished on Oct 12, 2023\n\n{PAIRS[0][1]}\n\nPublished on Apr 24"
    )
    paper = corpus.papers.iloc[0]
    assert (paper.published, paper.url) == ("2023-10-12", "https://arxiv.org/abs/2310.08491")


LINES = st.sampled_from(
    [line for pair in PAIRS[:6] for line in pair]
    + [
        "",
        "new",
        "Subscribe",
        "Apr 24",
        "Jane Doe",
        "GPT",
        "two words",
        "a sentence of some words that ends.",
        "---",
        "# Heading",
        "* item",
        "by",
        "© 2024 X",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(LINES, max_size=30))
def test_every_line_is_paper_dropped_or_chrome(lines):
    corpus = read("\n".join(lines) + "\n", "p.txt")
    told = " ".join(
        [
            *corpus.papers["title"],
            *corpus.papers["abstract"],
            *corpus.dropped["text"],
            *(line.text for line in corpus.chrome),
        ]
    )
    for line in lines:
        words = line.lstrip("#* ")
        assert words[:40] in told or not any(c.isalnum() for c in words) or len(corpus.dropped) > 0
