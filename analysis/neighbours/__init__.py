"""Which papers lie near which: NEIGHBOURS, and what follows from them.

NOVELTY says how far a paper is from what came before, BRIDGES which papers connect two themes.
"""

from analysis.neighbours.bridges import compute_bridges
from analysis.neighbours.novelty import compute_novelty
from analysis.neighbours.search import EXACT_UP_TO, compute_neighbours

__all__ = ["EXACT_UP_TO", "compute_bridges", "compute_neighbours", "compute_novelty"]
