"""Trends: PAPERS + PLACEMENTS → TRENDS (shares with intervals) and SIGNALS (growth, verdict, bursts)."""

from analysis.trends.forecast import backtest, compute_forecasts, compute_scores, score_forecasts
from analysis.trends.growth import compute_signals
from analysis.trends.life import compute_life
from analysis.trends.shares import compute_trends, count_too_coarse, count_undated
from analysis.trends.together import compute_together
from analysis.trends.vocabulary import compute_vocabulary

__all__ = [
    "backtest",
    "compute_forecasts",
    "compute_life",
    "compute_scores",
    "compute_signals",
    "compute_together",
    "compute_trends",
    "compute_vocabulary",
    "count_too_coarse",
    "count_undated",
    "score_forecasts",
]
