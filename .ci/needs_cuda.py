"""Exit 0 if the torch that is installed asks for CUDA libraries on this machine, else 1; say which build it is."""

import sys
from importlib.metadata import requires, version

from packaging.requirements import Requirement

asked = [Requirement(text) for text in requires("torch") or []]
cuda = [r.name for r in asked if r.name.startswith(("nvidia-", "cuda-", "triton"))
        and (r.marker is None or r.marker.evaluate({"extra": ""}))]
print(f"torch {version('torch')} {'asks for CUDA libraries' if cuda else 'needs no CUDA library'}", file=sys.stderr)
sys.exit(0 if cuda else 1)
