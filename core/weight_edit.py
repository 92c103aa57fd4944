"""One weight, set by hand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.layout import Layout


@dataclass(frozen=True)
class WeightEdit:
    """Entry ``index`` of the canonical parameter ``name`` becomes ``value``."""

    name: str
    index: tuple[int, ...]
    value: float

    def check(self, layout: Layout, dtype: np.dtype) -> None:
        """Raise InputError unless a network of ``layout`` has that entry, and ``dtype`` holds the value as a finite number."""
        shapes = layout.shapes()
        if self.name not in shapes:
            raise InputError(f"there is no parameter {self.name!r}: there are {', '.join(shapes)}")
        shape = shapes[self.name]
        is_inside = len(self.index) == len(shape) and all(0 <= at < size for at, size in zip(self.index, shape, strict=True))
        if not is_inside:
            last = ", ".join(str(size - 1) for size in shape)
            raise InputError(f"{self.name} has no entry {list(self.index)}: the first is {[0] * len(shape)}, the last [{last}]")
        if not math.isfinite(self.value):
            raise InputError(f"{self.name} {list(self.index)} = {self.value}: must be a finite number")
        if abs(self.value) > float(np.finfo(dtype).max):
            raise InputError(f"{self.name} {list(self.index)} = {self.value}: must be a number that {dtype} can hold")

    def label(self, layout: Layout, before: float, after: float) -> str:
        """For the mark on the curve: "W_h forget [3, 7] 0.21 → 0.5"; with several layers its prefix too."""
        gate, place = gate_and_place(layout, self.name, self.index)
        short = self.name.removeprefix("layers.0.") if len(layout.layers) == 1 else self.name
        words = [short, *([gate] if gate else []), f"[{', '.join(str(at) for at in place)}]"]
        return f"{' '.join(words)} {before:.4g} → {after:.4g}"


def gate_and_place(layout: Layout, name: str, index: Sequence[int]) -> tuple[str, tuple[int, ...]]:
    """The gate that an entry belongs to, "" where it belongs to none, and the rest of its index."""
    cell, options = layout.cell, layout.options
    prefix, _, short = name.rpartition(".")
    gates = cell.gates_of(options, short) if prefix not in ("head", "start") else ()
    return (gates[index[0]], tuple(index[1:])) if gates else ("", tuple(index))
