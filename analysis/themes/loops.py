"""Loops over nodes, cells and papers, compiled: communities, average linkage and its cuts, company, largest numbers.

A run searches thousands of networks of some hundred nodes. Arrays of unsigned numbers, for numba asks of a signed index
each time whether it counts from the end. Importing this module loads numba; whoever needs it does so where it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numba import njit

from analysis.themes.compiled import keep_compiled

F = TypeVar("F", bound=Callable[..., Any])
LEAST_GAIN = 1e-10
"""What a node gains at least by moving (a usual edge weighs some tenths): for what rounding alone makes better, two
nodes could move to and fro for ever."""


def compiled(function: F) -> F:
    """Return the function compiled at its first call, kept on disk for the next process where that can be."""
    made = njit(function)
    keep_compiled(made)
    return made


@compiled
def find_communities(
    begins: np.ndarray, ends: np.ndarray, weights: np.ndarray, own: np.ndarray, kept: np.ndarray, resolution: float,
    random_state: int, n_iterations: int,
) -> np.ndarray:
    """Return each node's community by the Leiden method on modularity, as if there were the kept nodes alone.

    Parameters
    ----------
    begins : ndarray of shape (n_nodes + 1,), uint64
        Where each node's edges begin.
    ends : ndarray of shape (2 * n_edges,), uint32
        The other end of each; every edge stands with both its nodes.
    weights : ndarray of shape (2 * n_edges,)
        Above 0.
    own : ndarray of shape (n_nodes,)
        What joins a node with itself: it makes the node heavier and no more.
    kept : ndarray of shape (n_nodes,), bool
    resolution : float
        Higher gives more, smaller communities.

    Returns
    -------
    ndarray of shape (n_nodes,), int64
        Communities numbered from 0; -1 for nodes that are not kept.

    Notes
    -----
    Traag, Waltman, van Eck (2019), From Louvain to Leiden, doi:10.1038/s41598-019-41695-z: nodes move from a queue,
    communities are refined, and the network of the refined parts is searched in turn. A node joins the part that gains
    most, where the paper draws one at random, almost always that one.
    """
    np.random.seed(random_state)
    nodes, place, n_nodes = np.empty(len(own), dtype=np.uint32), np.empty(len(own), dtype=np.uint32), 0
    for node in range(len(own)):
        if kept[node]:
            nodes[n_nodes], place[node] = node, n_nodes
            n_nodes += 1
    first_begins, n_edges = np.zeros(n_nodes + 1, dtype=np.uint64), np.uint64(0)
    first_ends, first_weights = np.empty(len(ends), dtype=np.uint32), np.empty(len(ends))
    first_mass, total = np.empty(n_nodes), 0.0
    for number in range(n_nodes):
        node = nodes[number]
        first_mass[number] = own[node]
        for edge in range(begins[node], begins[node + 1]):
            if kept[ends[edge]]:
                first_ends[n_edges], first_weights[n_edges] = place[ends[edge]], weights[edge]
                first_mass[number] += weights[edge]
                n_edges += np.uint64(1)
        first_begins[number + 1] = n_edges
        total += first_mass[number]
    per_mass = resolution / max(total, 1e-12)
    found = _count_up(n_nodes)
    for _ in range(n_iterations):
        begins, ends, weights, mass = first_begins, first_ends, first_weights, first_mass
        labels, at = found.copy(), _count_up(n_nodes)
        while True:
            _move(begins, ends, weights, mass, labels, per_mass)
            part, n_parts = _refine(begins, ends, weights, mass, labels, per_mass)
            if n_parts == len(mass):  # where nothing inside a community is well joined, it is taken whole
                part = labels.copy()
                n_parts = _number(part)
            if n_parts == len(mass):
                break
            above = np.empty(n_parts, dtype=np.uint32)
            for node in range(len(mass)):
                above[part[node]] = labels[node]
            begins, ends, weights, mass = _aggregate(begins, ends, weights, mass, part, n_parts)
            _number(above)
            labels = above
            for number in range(n_nodes):
                at[number] = part[at[number]]
        for number in range(n_nodes):
            found[number] = labels[at[number]]
        _number(found)
    whole = np.full(len(own), -1)
    for number in range(n_nodes):
        whole[nodes[number]] = found[number]
    return whole


@compiled
def _move(
    begins: np.ndarray, ends: np.ndarray, weights: np.ndarray, mass: np.ndarray, labels: np.ndarray,
    resolution: float,
) -> None:
    """Move nodes, in place, to the neighbouring community where they gain most, until none gains by moving."""
    n_nodes = len(mass)
    heavy, size = np.zeros(n_nodes), np.zeros(n_nodes, dtype=np.uint32)
    for node in range(n_nodes):
        heavy[labels[node]] += mass[node]
        size[labels[node]] += np.uint32(1)
    spare, n_spare = np.empty(n_nodes, dtype=np.uint32), 0
    for label in range(n_nodes):
        if not size[label]:
            spare[n_spare] = label
            n_spare += 1
    queue, waits = _shuffle(n_nodes), np.ones(n_nodes, dtype=np.bool_)
    first, n_waiting = 0, n_nodes
    towards, met = np.zeros(n_nodes), np.empty(n_nodes, dtype=np.uint32)
    while n_waiting:
        node = queue[first]
        first, n_waiting = (first + 1) % n_nodes, n_waiting - 1
        waits[node] = False
        n_met = np.uint32(0)
        for edge in range(begins[node], begins[node + 1]):
            other = labels[ends[edge]]
            met[n_met] = other
            n_met += np.uint32(towards[other] == 0.0)
            towards[other] += weights[edge]
        mine = labels[node]
        heavy[mine] -= mass[node]
        size[mine] -= np.uint32(1)
        best, most = mine, towards[mine] - resolution * mass[node] * heavy[mine]
        for other in met[:n_met]:
            gain = towards[other] - resolution * mass[node] * heavy[other]
            if gain > most + LEAST_GAIN:
                best, most = other, gain
            towards[other] = 0.0
        if not size[mine]:
            spare[n_spare] = mine
            n_spare += 1
        if most < -LEAST_GAIN:
            best = spare[n_spare - 1]
        if not size[best]:  # it is the spare label that was put there last: its own, or the next for a node alone
            n_spare -= 1
        heavy[best] += mass[node]
        size[best] += np.uint32(1)
        if best != mine:
            labels[node] = best
            for edge in range(begins[node], begins[node + 1]):
                other = ends[edge]
                if labels[other] != best and not waits[other]:
                    waits[other] = True
                    queue[(first + n_waiting) % n_nodes] = other
                    n_waiting += 1


@compiled
def _refine(
    begins: np.ndarray, ends: np.ndarray, weights: np.ndarray, mass: np.ndarray, labels: np.ndarray,
    resolution: float,
) -> tuple[np.ndarray, int]:
    """Return the part of its community that each node stands in, each well joined inside, and how many there are."""
    n_nodes = len(mass)
    total, inside = np.zeros(n_nodes), np.zeros(n_nodes)
    for node in range(n_nodes):
        total[labels[node]] += mass[node]
        for edge in range(begins[node], begins[node + 1]):
            inside[node] += weights[edge] * (labels[ends[edge]] == labels[node])
    part, alone = _count_up(n_nodes), np.ones(n_nodes, dtype=np.bool_)
    heavy, outwards = mass.copy(), inside.copy()
    towards, met = np.zeros(n_nodes), np.empty(n_nodes, dtype=np.uint32)
    for node in _shuffle(n_nodes):
        whole = total[labels[node]]
        if not alone[node] or inside[node] < resolution * mass[node] * (whole - mass[node]):
            continue
        n_met = np.uint32(0)
        for edge in range(begins[node], begins[node + 1]):
            if labels[ends[edge]] == labels[node]:
                other = part[ends[edge]]
                met[n_met] = other
                n_met += np.uint32(towards[other] == 0.0)
                towards[other] += weights[edge]
        best, most, joined = node, 0.0, 0.0
        for other in met[:n_met]:
            gain = towards[other] - resolution * mass[node] * heavy[other]
            if gain > most and outwards[other] >= resolution * heavy[other] * (whole - heavy[other]):
                best, most, joined = other, gain, towards[other]
            towards[other] = 0.0
        if best != node:
            part[node] = best
            alone[node] = alone[best] = False
            heavy[best] += mass[node]
            outwards[best] += inside[node] - 2 * joined
    return part, _number(part)


@compiled
def _aggregate(
    begins: np.ndarray, ends: np.ndarray, weights: np.ndarray, mass: np.ndarray, part: np.ndarray, n_parts: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the network of the parts, without what joins a part with itself: that moves nothing."""
    n_nodes = len(mass)
    heavy, starts = np.zeros(n_parts), np.zeros(n_parts + 1, dtype=np.uint32)
    for node in range(n_nodes):
        heavy[part[node]] += mass[node]
        starts[part[node] + 1] += np.uint32(1)
    for one in range(n_parts):
        starts[one + 1] += starts[one]
    place, members = starts[:-1].copy(), np.empty(n_nodes, dtype=np.uint32)
    for node in range(n_nodes):
        members[place[part[node]]] = node
        place[part[node]] += np.uint32(1)
    new_begins, n_edges = np.zeros(n_parts + 1, dtype=np.uint64), np.uint64(0)
    new_ends, new_weights = np.empty(len(ends), dtype=np.uint32), np.empty(len(ends))
    towards, met = np.zeros(n_parts), np.empty(n_parts, dtype=np.uint32)
    for one in range(n_parts):
        n_met = np.uint32(0)
        for node in members[starts[one]:starts[one + 1]]:
            for edge in range(begins[node], begins[node + 1]):
                other = part[ends[edge]]
                if other != one:
                    met[n_met] = other
                    n_met += np.uint32(towards[other] == 0.0)
                    towards[other] += weights[edge]
        for other in met[:n_met]:
            new_ends[n_edges], new_weights[n_edges] = other, towards[other]
            n_edges += np.uint64(1)
            towards[other] = 0.0
        new_begins[one + 1] = n_edges
    return new_begins, new_ends[:n_edges].copy(), new_weights[:n_edges].copy(), heavy


@compiled
def _count_up(n: int) -> np.ndarray:
    numbers = np.empty(n, dtype=np.uint32)
    for i in range(n):
        numbers[i] = i
    return numbers


@compiled
def _shuffle(n: int) -> np.ndarray:
    numbers = _count_up(n)
    np.random.shuffle(numbers)
    return numbers


@compiled
def _number(labels: np.ndarray) -> int:
    """Give labels the numbers from 0 as they come, in place, and return how many there are."""
    numbers, n_numbers = np.full(int(labels.max()) + 1 if len(labels) else 0, -1), 0
    for i in range(len(labels)):
        if numbers[labels[i]] < 0:
            numbers[labels[i]] = n_numbers
            n_numbers += 1
        labels[i] = numbers[labels[i]]
    return n_numbers


@compiled
def link_average(alike: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the merges of average linkage, as `analysis.themes.consensus.link_cells`; both arrays are used up.

    Parameters
    ----------
    alike : float ndarray of shape (n_cells, n_cells)
        Symmetric, -inf on the diagonal.
    weight : float ndarray of shape (n_cells,)
    """
    n_cells = len(weight)
    name, stands = np.arange(n_cells), np.ones(n_cells, dtype=np.bool_)
    merges = np.empty((max(n_cells - 1, 0), 2), dtype=np.int64)
    best, best_at = np.empty(n_cells), np.empty(n_cells, dtype=np.int64)
    for row in range(n_cells):
        best_at[row] = _first_largest(alike[row])
        best[row] = alike[row, best_at[row]]
    for step in range(n_cells - 1):
        a = _first_largest(best)
        a, b = min(a, best_at[a]), max(a, best_at[a])
        merges[step, 0], merges[step, 1] = name[a], name[b]
        name[a], stands[b], best[a], best[b] = n_cells + step, False, -np.inf, -np.inf
        both = weight[a] + weight[b]
        for row in range(n_cells):
            if stands[row] and row != a:
                joined = (weight[a] * alike[a, row] + weight[b] * alike[b, row]) / both
                alike[row, a] = alike[a, row] = joined
                alike[row, b] = -np.inf
                if joined > best[row]:
                    best[row], best_at[row] = joined, a
                elif best_at[row] == a or best_at[row] == b:
                    best_at[row] = _first_largest(alike[row])
                    best[row] = alike[row, best_at[row]]
        weight[a] = both
        alike[a, b] = -np.inf
        best_at[a] = _first_largest(alike[a])
        best[a] = alike[a, best_at[a]]
    return merges


@compiled
def cut_merges(merges: np.ndarray, sizes: np.ndarray, n_groups: int, min_size: int) -> np.ndarray:
    """Return the group of each cell, by any number, as `analysis.themes.consensus.cut_dendrogram`."""
    n_cells, n_merges = len(sizes), len(merges)
    weight = np.zeros(n_cells + n_merges, dtype=np.int64)
    weight[:n_cells] = sizes
    large = np.zeros(n_merges + 1, dtype=np.int64)  # groups of that many papers after each merge
    large[0] = (sizes >= min_size).sum()
    for step in range(n_merges):
        a, b = merges[step, 0], merges[step, 1]
        weight[n_cells + step] = weight[a] + weight[b]
        large[step + 1] = large[step] + (weight[n_cells + step] >= min_size)
        large[step + 1] -= np.int64(weight[a] >= min_size) + np.int64(weight[b] >= min_size)
    wanted, n_done = min(n_groups, large.max()), n_merges
    while large[n_done] < wanted:  # the latest moment at which they stand: small ones have had all the time to join
        n_done -= 1
    group = np.arange(n_cells + n_merges)
    for step in range(n_done - 1, -1, -1):
        for part in merges[step]:
            group[part] = group[n_cells + step]
    return group[:n_cells]


@compiled
def add_company(partition: np.ndarray, labels: np.ndarray, company: np.ndarray) -> None:
    """Add, in place, the share of each theme among the papers of each paper's group; nothing where it is in no group.

    Parameters
    ----------
    partition, labels : ndarray of shape (n_papers,), int
        Group and theme of each paper; -1 for none.
    company : float ndarray of shape (n_papers, n_themes)
    """
    shares = np.zeros((partition.max() + 1, company.shape[1]))
    for paper in range(len(partition)):
        if partition[paper] >= 0 and labels[paper] >= 0:
            shares[partition[paper], labels[paper]] += 1.0
    for group in range(len(shares)):
        shares[group] /= max(shares[group].sum(), 1.0)
    for paper in range(len(partition)):
        if partition[paper] >= 0:
            company[paper] += shares[partition[paper]]


@compiled
def _first_largest(numbers: np.ndarray) -> int:
    found = 0
    for i in range(1, len(numbers)):
        if numbers[i] > numbers[found]:
            found = i
    return found


@compiled
def keep_largest(table: np.ndarray, first_column: int, columns: np.ndarray, values: np.ndarray) -> None:
    """Put what is among a row's largest numbers in its place; of equals the one that came first stays.

    Parameters
    ----------
    table : float ndarray of shape (n_rows, n_columns)
        Finite.
    first_column : int
        The number of the table's first column.
    columns, values : ndarray of shape (n_rows, n)
        The largest of the columns before, largest first: changed in place. -inf stands for what is not there yet.
    """
    last = values.shape[1] - 1
    for row in range(len(table)):
        least = values[row, last]
        for column in range(table.shape[1]):
            value = table[row, column]
            if value > least:
                place = last
                while place > 0 and values[row, place - 1] < value:
                    values[row, place], columns[row, place] = values[row, place - 1], columns[row, place - 1]
                    place -= 1
                values[row, place], columns[row, place] = value, first_column + column
                least = values[row, last]
