"""What an optimizer remembers between updates: its vectors, its numbers, and where the last update came from."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core import registry
from core.errors import InputError
from core.growth import padded_moments
from core.layout import Layout


@dataclass(frozen=True)
class OptimizerMoment:
    """A copy of it: the vectors ``slots`` (n, P), how many updates they have seen, and the numbers by name."""

    slots: np.ndarray
    count: int
    memory: dict[str, float]


class OptimizerState:
    """An optimizer, ``rule``, with its vectors ``slots`` (n, P), its numbers ``memory``, and the ``count`` of its updates.

    ``backup`` (1 + n, P) holds parameters and vectors before the last update; ``is_move_known`` says whether that update moved from
    there to the present parameters.
    """

    def __init__(self, name: str, size: int, dtype: np.dtype) -> None:
        """Of the optimizer called ``name``, before its first update of ``size`` parameters."""
        self.rule = registry.optimizers()[name]
        self.slots = np.zeros((len(self.rule.slot_names), size), dtype)
        self.backup = np.zeros((len(self.slots) + 1, size), dtype)
        self.memory: dict[str, float] = dict(self.rule.memory_defaults)
        self.count = 0
        self.is_move_known = False
        self._memory_backup: dict[str, float] = {}

    def back_up(self, flat: np.ndarray) -> None:
        """Remember how everything is before an update of the parameters ``flat`` (P,)."""
        self.backup[0], self.backup[1:] = flat, self.slots
        self._memory_backup = dict(self.memory)

    def take_back(self, flat: np.ndarray) -> None:
        """Undo the update."""
        flat[:], self.slots[:] = self.backup[0], self.backup[1:]
        self.memory = self._memory_backup

    def vectors(self, layout: Layout) -> dict[str, dict[str, np.ndarray]]:
        """Canonical copies of its vectors, by name and parameter."""
        return {name: layout.unpack(slot) for name, slot in zip(self.rule.slot_names, self.slots, strict=True)}

    def grown(self, old: Layout, new: Layout) -> "OptimizerState":
        """The same for a network that has grown from ``old`` to ``new``: it knows nothing yet of new parameters."""
        grown = OptimizerState(self.rule.name, new.size, self.slots.dtype)
        grown.memory, grown.count = self.memory, self.count
        for slot, values in zip(grown.slots, padded_moments(old, new, self.vectors(old)).values(), strict=True):
            new.pack(values, slot)
        return grown

    def moment(self) -> OptimizerMoment:
        """A copy, to be put back here by ``stand_at``."""
        return OptimizerMoment(self.slots.copy(), self.count, dict(self.memory))

    def stand_at(self, moment: OptimizerMoment) -> None:
        """Go on from there."""
        self.slots[:] = moment.slots
        self.count, self.memory = moment.count, dict(moment.memory)

    def restore(self, layout: Layout, vectors: Mapping[str, dict[str, np.ndarray]], memory: Mapping[str, float], count: int) -> None:
        """Go on from canonical vectors and numbers of a saved run; raises InputError where they are another optimizer's."""
        for slot, name in zip(self.slots, self.rule.slot_names, strict=True):
            if name not in vectors:
                raise InputError(f"the optimizer's {name} is missing")
            layout.pack(vectors[name], slot)
        unknown = sorted(set(memory) - set(self.memory))
        if unknown:
            raise InputError(f"the optimizer remembers no {unknown[0]}")
        self.memory |= memory
        self.count = count
