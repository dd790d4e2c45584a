"""What computes vectors on this machine: the fastest that is there, and as exact as is needed."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

from analysis.store import cpu_flags

DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def choose_device() -> str:
    """Return "cuda" where torch can compute on a graphics card of this machine, else "cpu".

    Torch takes seconds to load, so it is asked only where the card's driver is there. An empty `CUDA_VISIBLE_DEVICES`
    hides the card.
    """
    try:
        ctypes.CDLL(DRIVER)
    except OSError:
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def choose_precision(device: str, model_name: str) -> str:
    """Return what the device multiplies fastest of what is near to float32: "bfloat16", "int8" or "float32".

    bfloat16 where the device multiplies it itself: twice the speed, cosine to float32 above 0.9999. int8 on a processor
    without, where that has instructions for it (VNNI): twice the speed, cosine above 0.999, which was measured for
    the bundled model alone, so others stay in float32.
    """
    if device == "cuda":
        import torch

        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float32"
    flags = cpu_flags()
    if {"avx512_bf16", "amx_bf16"} & flags:
        return "bfloat16"
    from analysis.embed import BUNDLED_MODEL

    return "int8" if "avx512_vnni" in flags and model_name == BUNDLED_MODEL else "float32"
