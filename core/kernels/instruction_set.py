"""What the processor offers, and the tile of a matrix product that fits its registers.

A tile of ``rows × panels`` vectors of 64 bytes needs as many sums at hand; one that is too large spills to memory, which halves its
speed. The choice is made when the program loads; Numba compiles for the same processor, or for the one that NUMBA_CPU_NAME and
NUMBA_CPU_FEATURES name.
"""

from typing import NamedTuple

import llvmlite.binding
import numba


class TileSize(NamedTuple):
    """``rows`` of the largest tile, and how many ``panels`` of one vector each it spans."""

    rows: int
    panels: int


def _features() -> dict[str, bool]:
    if numba.config.CPU_FEATURES is not None:  # type: ignore[attr-defined]
        named = str(numba.config.CPU_FEATURES).split(",")  # type: ignore[attr-defined]
        return {name[1:]: name.startswith("+") for name in named if name}
    return dict(llvmlite.binding.get_host_cpu_features())


def instruction_set() -> str:
    """``avx512``, ``avx2``, ``neon`` or ``baseline``: what kernels are written for here."""
    features = _features()
    if features.get("avx512f"):
        return "avx512"
    if features.get("avx2") and features.get("fma"):
        return "avx2"
    if llvmlite.binding.get_default_triple().startswith(("aarch64", "arm64")):
        return "neon"
    return "baseline"


# AVX-512 has 32 registers of a whole vector; AVX2 16 of half a vector; NEON 32 and SSE 16 of a quarter.
TILES = {"avx512": TileSize(6, 4), "avx2": TileSize(6, 1), "neon": TileSize(6, 1), "baseline": TileSize(3, 1)}
TILE = TILES[instruction_set()]
