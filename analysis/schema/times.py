"""Tables of what changes with time."""

from __future__ import annotations

from analysis.schema.kinds import (
    N_PAPERS,
    PERIOD,
    THEME_KEY,
    VERDICTS,
    Column,
    Table,
)

TRENDS = Table(
    "trends",
    "a theme in a period",
    (
        THEME_KEY,
        PERIOD,
        N_PAPERS,
        Column("n_total", "integer", "All dated papers of the period.", "papers", low=0),
        Column("share", "number", "n_papers / n_total; empty where the period has no paper.", "share",
               nullable=True, low=0, high=1),
        Column("share_low", "number", "Lower end of the 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("share_high", "number", "Upper end of the 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("upvote_share", "number", "Share of the period's upvotes that went to the theme's papers; empty where "
               "the feed has none.", "share", nullable=True, low=0, high=1),
        Column("upvote_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("upvote_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("is_partial", "flag", "True for the unfinished period, which no slope uses."),
    ),
    key=("theme_key", "period"),
)

SIGNALS = Table(
    "signals",
    "a theme now",
    (
        THEME_KEY,
        Column("growth", "number", "Change of the odds of the theme per period; 0.1 is +10 %.", "per period",
               nullable=True),
        Column("growth_low", "number", "Lower end of the 95 % interval.", "per period", nullable=True),
        Column("growth_high", "number", "Upper end of the 95 % interval.", "per period", nullable=True),
        Column("verdict", "text", "What the data allow to say.", choices=VERDICTS),
        Column("reason", "text", "Why that verdict, in words."),
        Column("n_dated", "integer", "Papers of the theme in complete periods.", "papers", low=0),
        Column("burst_periods", "text", "Periods in which the theme bursts.", nullable=True),
    ),
    key=("theme_key",),
)

LIFE = Table(
    "life",
    "a theme from its first paper to now",
    (
        THEME_KEY,
        Column("first_paper", "text", "paper_id of the theme's earliest dated paper.", nullable=True),
        Column("first_published", "text", "Its date.", nullable=True),
        Column("age", "integer", "Periods from that date to the last complete one.", "periods", nullable=True, low=0),
        Column("peak_period", "text", "Complete period whose share surely reached highest (by the lower end of its "
               "95 % interval).", nullable=True),
        Column("peak_share", "number", "Share there.", "share", nullable=True, low=0, high=1),
        Column("peak_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("peak_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("half_life", "integer", "Periods from the peak until the share, smoothed over three, had surely fallen, "
               "and to half; empty where it has not yet.", "periods", nullable=True, low=1),
        Column("now_period", "text", "Last complete period with papers.", nullable=True),
        Column("now_share", "number", "Share there.", "share", nullable=True, low=0, high=1),
        Column("now_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("now_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
    ),
    key=("theme_key",),
)

TOGETHER = Table(
    "together",
    "a pair of themes that met for the first time in the latest complete periods",
    (
        THEME_KEY,
        Column("other_key", "text", "The other theme."),
        Column("first_period", "text", "Period in which they met first."),
        Column("n_papers", "integer", "Papers in both, in the latest complete periods.", "papers", low=1),
        Column("expected", "number", "Papers in both that independence would give there.", "papers", low=0),
        Column("surprise", "number", "How unlikely so many or more would be under independence: minus the base-2 "
               "logarithm of that probability.", "bits", low=0),
        Column("paper_ids", "text", "paper_id of those papers, earliest first."),
    ),
    key=("theme_key", "other_key"),
)

VOCABULARY = Table(
    "vocabulary",
    "a term or acronym on the radar",
    (
        Column("term", "text", "Term, as most papers write it."),
        Column("verdict", "text", "new: at most one in ten of its papers appeared before the window `now`; surging: "
               "its odds surely grew by half or more; else not enough data.",
               choices=("new", "surging", "not enough data")),
        Column("acronym", "text", "Acronym that stands for the term; the counts are the term's, or the "
               "acronym's where it alone is called.", nullable=True),
        Column("n_papers", "integer", "Papers in complete periods that say it.", "papers", low=0),
        Column("n_now", "integer", "Those of the window `now`.", "papers", low=0),
        Column("n_before", "integer", "Those of the window before.", "papers", low=0),
        Column("now_begins", "text", "First period of the window `now`, which ends with the last complete period.",
               nullable=True),
        Column("before_begins", "text", "First period of the window before, which ends where `now` begins.",
               nullable=True),
        Column("share_now", "number", "Share of the papers of `now` that say it.", "share", nullable=True, low=0,
               high=1),
        Column("share_before", "number", "Share of the papers of the window before that say it.", "share",
               nullable=True, low=0, high=1),
        Column("times", "number", "Odds of saying it now over the odds before, both with half a paper added.",
               "times", nullable=True, low=0),
        Column("times_low", "number", "Lower end of the 95 % interval.", "times", nullable=True, low=0),
        Column("times_high", "number", "Upper end of the 95 % interval.", "times", nullable=True, low=0),
        Column("false_rate", "number", "Expected share of false calls, were this term and all surer ones called "
               "(Benjamini and Hochberg, over all terms tested).", "share", nullable=True, low=0, high=1),
        Column("first_paper", "text", "paper_id of the first dated paper that says it."),
        Column("first_published", "text", "Its date."),
        Column("burst_periods", "text", "Periods in which the term bursts.", nullable=True),
    ),
    key=("term",),
)

FORECASTS = Table(
    "forecasts",
    "a theme in a period to come",
    (
        THEME_KEY,
        PERIOD,
        Column("after", "text", "Last complete period that the forecast knows."),
        Column("share", "number", "Share expected (median).", "share", low=0, high=1),
        Column("share_low", "number", "Lower end of the 95 % interval of the share that will be seen.", "share",
               low=0, high=1),
        Column("share_high", "number", "Upper end of that interval.", "share", low=0, high=1),
        Column("last_share", "number", "Share in the last complete period: the forecast of no change.", "share",
               low=0, high=1),
        Column("rise_chance", "number", "Chance that the share will be above the last.", "probability", low=0, high=1),
    ),
    key=("theme_key", "period", "after"),
)

SCORES = Table(
    "scores",
    "the forecasts made after one period for another",
    (
        Column("made_by", "text", "Who made them: an earlier run, when the period lay ahead; or a back-test, which "
               "leaves out all that came later but knows today's themes.",
               choices=("an earlier run", "a back-test")),
        Column("after", "text", "Last complete period that the forecasts knew."),
        PERIOD,
        Column("n_themes", "integer", "Themes forecast.", "themes", low=0),
        Column("coverage", "number", "Part of the shares seen that fell inside their 95 % interval.", "share", low=0,
               high=1),
        Column("error", "number", "Mean absolute error of the share.", "share", low=0),
        Column("error_last", "number", "The same for the last share: no change.", "share", low=0),
        Column("brier", "number", "Mean squared error of the chance of rising.", low=0, high=1),
        Column("brier_coin", "number", "The same for even odds.", low=0, high=1),
    ),
    key=("made_by", "after", "period"),
)

WATCH = Table(
    "watch",
    "a declared theme in a period",
    (
        THEME_KEY,
        PERIOD,
        Column("n_papers", "integer", "Number of papers.", "papers", low=0),
        Column("n_total", "integer", "All dated papers of the period.", "papers", low=0),
        Column("paper_ids", "text", "paper_id of the strongest papers that it catches there, at any rank.",
               nullable=True),
        Column("drift", "number", "How far the middle of what it catches moved from what it caught before, beyond "
               "chance, over its length.", nullable=True, low=0),
        Column("drift_false_rate", "number", "Expected share of false drifts, were this one and all surer ones told "
               "(permutation test; Benjamini and Hochberg).", "share", nullable=True, low=0, high=1),
        Column("drifts", "flag", "True where it surely moved by a fifth of its length or more."),
        Column("is_partial", "flag", "True for the unfinished period, which is not tested."),
    ),
    key=("theme_key", "period"),
)

SHARES_BY = Table(
    "shares_by",
    "a theme in a period of one venue or source",
    (
        Column("facet", "text", "What the papers are parted by.", choices=("source", "venue")),
        Column("value", "text", "The venue or source."),
        *(column for column in TRENDS.columns if not column.name.startswith("upvote")),
    ),
    key=("facet", "value", "theme_key", "period"),
)
"""Not part of a run: `analysis.trends.shares_by` makes it when it is asked for."""
