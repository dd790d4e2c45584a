"""Tables → plotly figures. Charts compute nothing and write nothing: each draws one table, `chart_table(run, name)`.

Importing this room loads plotly, so it is imported where a figure is wanted and not before.
"""

from analysis.charts.candidates import plot_candidates
from analysis.charts.colors import color_pairs, theme_colors, theme_symbols
from analysis.charts.datamap import plot_map
from analysis.charts.facets import plot_facets
from analysis.charts.flows import plot_flows
from analysis.charts.foresight import plot_forecasts, plot_scores, plot_watch
from analysis.charts.overview import plot_heatmap, plot_life, plot_lives, plot_shares_by, plot_stacked
from analysis.charts.phrases import plot_phrases
from analysis.charts.profile import plot_profile
from analysis.charts.radar import plot_radar, plot_together
from analysis.charts.reading import plot_budget
from analysis.charts.seconds import plot_seconds
from analysis.charts.style import show_everywhere
from analysis.charts.tables import chart_table, csv_text, listed_themes
from analysis.charts.themes import plot_several, plot_similarity, plot_terms, plot_themes
from analysis.charts.tree import plot_tree
from analysis.charts.trends import plot_trends

show_everywhere()

CHARTS = {
    "themes": plot_themes,
    "tree": plot_tree,
    "terms": plot_terms,
    "budget": plot_budget,
    "trends": plot_trends,
    "stacked": plot_stacked,
    "heatmap": plot_heatmap,
    "life": plot_lives,
    "radar": plot_radar,
    "together": plot_together,
    "forecasts": plot_forecasts,
    "scores": plot_scores,
    "watch": plot_watch,
    "facets": plot_facets,
    "map": plot_map,
    "several": plot_several,
    "similarity": plot_similarity,
    "candidates": plot_candidates,
}
"""Every chart by its name; each takes a run, and `narrow=True` for a column of about 340 pixels."""

__all__ = [
    "CHARTS", "chart_table", "color_pairs", "csv_text", "listed_themes", "plot_budget", "plot_candidates",
    "plot_facets", "plot_flows", "plot_forecasts", "plot_heatmap", "plot_life", "plot_lives", "plot_map",
    "plot_phrases", "plot_profile", "plot_radar", "plot_scores", "plot_seconds", "plot_several", "plot_shares_by",
    "plot_similarity", "plot_stacked", "plot_terms", "plot_themes", "plot_together", "plot_tree", "plot_trends",
    "plot_watch", "theme_colors", "theme_symbols",
]
