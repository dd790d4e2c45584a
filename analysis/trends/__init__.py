"""Trends: PAPERS + PLACEMENTS → what rises and fades, with intervals.

TRENDS (shares), SIGNALS (growth, verdict, bursts), LIFE, TOGETHER, VOCABULARY, FORECASTS, SCORES and WATCH.
"""

from analysis.trends.facets import shares_by
from analysis.trends.forecast import backtest, compute_forecasts, compute_scores, score_forecasts
from analysis.trends.growth import compute_signals
from analysis.trends.life import compute_life
from analysis.trends.phrases import follow_phrases, summarise_calls
from analysis.trends.shares import compute_trends, count_too_coarse, count_undated
from analysis.trends.together import compute_together
from analysis.trends.vocabulary import compute_vocabulary
from analysis.trends.watch import compute_watch

__all__ = [
    "backtest",
    "compute_forecasts",
    "compute_life",
    "compute_scores",
    "compute_signals",
    "compute_together",
    "compute_trends",
    "compute_vocabulary",
    "compute_watch",
    "count_too_coarse",
    "count_undated",
    "follow_phrases",
    "score_forecasts",
    "shares_by",
    "summarise_calls",
]
