"""Real files of other people's tools; each reads, with its abstracts and dates."""

import pytest

from analysis.corpus import InputFile, read_papers

# file: papers, dropped, with an abstract, with a date
EXPECTED = {
    "arxiv_jsonl/arxiv_frontpage_2024-07-17.first40.jsonl": (40, 0, 40, 40),
    "arxiv_jsonl/daily_arxiv_2025-06-06.first60.jsonl": (59, 1, 59, 0),
    "arxiv_jsonl/daily_arxiv_2025-06-06_AI_enhanced_Chinese.first25.jsonl": (25, 0, 25, 0),
    "csv_other/cinahl.csv": (10, 0, 10, 10),
    "csv_other/cochrane.csv": (3, 0, 3, 3),
    "csv_other/covidence.csv": (10, 0, 8, 10),
    "csv_other/embase.csv": (10, 0, 8, 10),
    "csv_other/excel.csv": (10, 0, 8, 10),
    "csv_other/googlescholar.csv": (10, 0, 0, 10),
    "csv_other/pubmed.csv": (10, 0, 0, 10),
    "hf_api_json/2024-05-29.json": (8, 0, 8, 8),
    "hf_page_text/daily_log_2024-02-12_korean_excerpt.md": (2, 0, 2, 0),
    "hf_page_text/paper_page_capture_2310.08491_excerpt.md": (1, 0, 1, 1),
    "mlanthology_json/colt-2019.first15.json": (15, 0, 15, 15),
    "mlanthology_json/cvprw-legacy.first40.jsonl": (40, 0, 40, 40),
    "openalex_csv/openalex.csv": (9, 0, 9, 9),
    "papercopilot_json/colm2024.first20.json": (20, 0, 20, 0),
    "papercopilot_json/corl2022.first20.json": (20, 0, 20, 0),
    "papercopilot_json/ijcai2024.first20.json": (20, 0, 20, 0),
    "scopus_csv/scopus.first8.csv": (8, 0, 8, 8),
    "tsv/refworks.first40lines.tsv": (38, 1, 38, 38),
    "zotero_csv/zotero_2021.first60.csv": (60, 0, 58, 60),
    "zotero_csv/zotero_2024.csv": (10, 0, 8, 10),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(shared, name):
    file = shared / "samples" / name
    papers, dropped, _ = read_papers([InputFile(file.name, file.read_bytes())])
    found = len(papers), len(dropped), int((papers["abstract"] != "").sum()), int(papers["published"].notna().sum())
    assert found == EXPECTED[name]


def test_one_paper_from_three_tools_is_one_paper(shared):
    files = [
        shared / "samples" / name
        for name in ("csv_other/embase.csv", "csv_other/excel.csv", "zotero_csv/zotero_2024.csv")
    ]
    corpus = read_papers([InputFile(file.name, file.read_bytes()) for file in files])
    assert len(corpus.papers) == 10 and len(corpus.dropped) == 20 and corpus.papers["url"].notna().all()
