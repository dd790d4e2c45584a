"""Themes by size, their terms, how alike they are, and the papers that sit in several."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from analysis.charts.colors import theme_colors, theme_symbols, translucent
from analysis.charts.style import counted, empty_figure, finish, label, shown
from analysis.charts.tables import chart_table, listed_themes, theme_names
from analysis.schema import Run

N_TERMS = 6
N_SEVERAL = 20


def plot_themes(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the themes by number of papers: core solid, member pale, loose hatched."""
    table, title = chart_table(run, "themes"), "Themes by size"
    if table.empty:
        return empty_figure("themes", title, "No theme was found or declared in this run.")
    colors = theme_colors(run)
    solid = [colors[key] for key in table["theme_key"]]
    names = [label(name, 24 if narrow else 40) for name in table["theme"]]
    figure = go.Figure()
    looks: dict[str, dict[str, Any]] = {
        "core": {"color": solid},
        "member": {"color": [translucent(color, 0.55) for color in solid]},
        "loose": {"color": "rgba(0,0,0,0)", "pattern": {"shape": "/", "fgcolor": solid, "size": 5}},
    }
    for tier, look in looks.items():
        figure.add_bar(
            y=table["theme_key"], x=table[tier], orientation="h", name=tier, marker={**look, "line": {"width": 0}},
            customdata=[f"<b>{name}</b><br>{counted(int(n), f'{tier} paper')}"
                        for name, n in zip(names, table[tier], strict=True)],
            hovertemplate="%{customdata}<extra></extra>")
    figure.add_scatter(
        y=table["theme_key"], x=table["n_papers"], mode="text", text=[f" {n}" for n in table["n_papers"]],
        textposition="middle right", hoverinfo="skip", cliponaxis=False)
    caption = (f"{counted(len(table), 'theme')}, {counted(len(run.papers), 'paper')}, each counted once, in its "
               "primary theme. Solid: core; pale: member; hatched: loose.")
    figure = finish(figure, "themes", title, caption, height=120 + 30 * len(table), barmode="stack", bargap=0.35)
    most = int(table["n_papers"].max())
    figure.update_xaxes(title="papers", range=[0, 1.12 * max(most, 1)], dtick=1 if most < 6 else None)
    return figure.update_yaxes(tickvals=table["theme_key"], ticktext=[f"{name} " for name in names],
                               autorange="reversed", showgrid=False)


def plot_terms(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the terms that set each theme apart, best first, as a table of words in the themes' colours."""
    table, title = chart_table(run, "terms"), "The words that set each theme apart"
    table = table[table["rank"] <= (2 if narrow else N_TERMS)]
    if table.empty:
        return empty_figure("terms", title, "No theme has terms in this run.")
    keys = list(dict.fromkeys(table["theme_key"]))
    names = dict(zip(table["theme_key"], table["theme"], strict=True))
    colors = theme_colors(run)
    figure = go.Figure(go.Scatter(
        x=table["rank"], y=table["theme_key"], mode="text", text=[label(term, 20) for term in table["term"]],
        textfont={"color": [colors[key] for key in table["theme_key"]], "size": 12},
        customdata=[f"<b>{label(theme, 60)}</b><br>term {rank}: {label(term, 60)}"
                    for theme, rank, term in zip(table["theme"], table["rank"], table["term"], strict=True)],
        hovertemplate="%{customdata}<extra></extra>"))
    caption = f"Best first, up to {table['rank'].max()} a theme, {counted(len(keys), 'theme')}."
    figure = finish(figure, "terms", title, caption, height=110 + 30 * len(keys))
    figure.update_xaxes(range=[0.4, float(table["rank"].max()) + 0.6], showgrid=False, showticklabels=False)
    return figure.update_yaxes(tickvals=keys, ticktext=[f"{label(names[key], 24 if narrow else 40)} " for key in keys],
                               autorange="reversed")


def plot_similarity(run: Run, narrow: bool = False) -> go.Figure:
    """Draw how alike the themes are: cosine between their centroids, as a heat map."""
    table, title = chart_table(run, "similarity"), "Which themes lie close"
    pairs = table[table["theme_key"] != table["other_key"]]
    if pairs.empty:
        return empty_figure("similarity", title, "Fewer than two themes can be compared in this run.")
    keys = [key for key in listed_themes(run)["theme_key"] if key in {*pairs["theme_key"], *pairs["other_key"]}]
    names = theme_names(run)
    cosine = {(row.theme_key, row.other_key): row for row in pairs.itertuples(index=False)}
    cells = [[cosine.get((one, other)) or cosine.get((other, one)) for other in keys] for one in keys]
    figure = go.Figure(go.Heatmap(
        x=keys, y=keys, z=[[cell.similarity if cell else None for cell in line] for line in cells],
        text=[[f"<b>{label(names[one], 50)}</b><br>{label(names[other], 50)}<br>cosine {cell.similarity:.2f}, "
               f"{counted(int(cell.n_shared), 'paper')} in both" if cell else ""
               for other, cell in zip(keys, line, strict=True)] for one, line in zip(keys, cells, strict=True)],
        hovertemplate="%{text}<extra></extra>", hoverongaps=False, colorscale="Cividis", xgap=1, ygap=1,
        colorbar={"title": {"text": "cosine"}, "thickness": 12, "outlinewidth": 0}, showscale=not narrow))
    closest = pairs.loc[pairs["similarity"].idxmax()]
    caption = (f"Cosine between theme centroids. Closest: {closest['theme']} and {closest['other']} "
               f"({closest['similarity']:.2f}).")
    short = [label(names[key], 14 if narrow else 30) for key in keys]
    figure = finish(figure, "similarity", title, caption, height=170 + (22 if narrow else 30) * len(keys))
    figure.update_xaxes(tickvals=keys, ticktext=short, tickangle=-90 if narrow else -40, showgrid=False)
    return figure.update_yaxes(tickvals=keys, ticktext=short, autorange="reversed", showgrid=False)


def plot_several(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the papers that sit in two or three themes: one line a paper, one marker a theme, placed by strength."""
    table, title = chart_table(run, "several"), "Papers in several themes"
    if table.empty:
        return empty_figure("several", title, "Every paper of this run sits in one theme at most.")
    n_all = table["paper_id"].nunique()
    papers = list(dict.fromkeys(table["paper_id"]))[:N_SEVERAL]
    table = table[table["paper_id"].isin(papers)]
    titles = dict(zip(table["paper_id"], table["title"], strict=True))
    colors, symbols = theme_colors(run), theme_symbols(run)
    figure = go.Figure()
    for paper, group in table.groupby("paper_id", sort=False):
        figure.add_scatter(x=group["strength"], y=[paper] * len(group), mode="lines", hoverinfo="skip",
                           line={"color": "rgba(128,136,150,0.5)", "width": 2})
    figure.add_scatter(
        x=table["strength"], y=table["paper_id"], mode="markers",
        ids=[f"{row.paper_id}#{row.rank}" for row in table.itertuples(index=False)],
        marker={"color": [colors[key] for key in table["theme_key"]], "size": 11,
                "symbol": [symbols[key] for key in table["theme_key"]]},
        customdata=[f"<b>{shown(row.title)}</b><br>{label(row.theme, 60)}: {row.strength:.2f} ({row.tier})"
                    for row in table.itertuples(index=False)],
        hovertemplate="%{customdata}<extra></extra>")
    caption = (f"{counted(n_all, 'paper')} of {len(run.papers):,} sit in two or three themes"
               + (f"; the {len(papers)} most evenly shared are drawn." if n_all > len(papers) else "."))
    figure = finish(figure, "several", title, caption, height=120 + 28 * len(papers))
    figure.update_xaxes(title="strength", range=[-0.03, 1.03])
    return figure.update_yaxes(tickvals=papers, autorange="reversed", showgrid=False,
                               ticktext=[f"{label(titles[paper], 22 if narrow else 56)} " for paper in papers])
