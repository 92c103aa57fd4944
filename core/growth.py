"""More hidden units in mid-training, without changing what the network computes (after Net2Net: Chen, Goodfellow & Shlens 2016).

Every parameter of the larger network is drawn by the rule of the first ones; then the old entries go back to their places, and what
leads from a new unit to an old one, or to an output, becomes 0:

    W_h = ⎡ old    0  ⎤   rows: to units, columns: from units          head.W = [ old   0 ]
          ⎣ drawn drawn⎦

So the old units and the outputs see nothing of the new ones, which already listen; their gradient, through the zeros, is not 0, and
they begin to have a say with the next update. The optimizer knows nothing of new entries yet: its vectors are padded with zeros.
"""

from collections.abc import Mapping

import numpy as np

from core.cell import Parameters
from core.layout import Layout


def growth_stream(seed: int, step: int, hidden_size: int) -> np.random.Generator:
    """The random numbers of a growth to ``hidden_size`` after ``step`` updates: a stream of its own, the same in every replay."""
    return np.random.default_rng(np.random.SeedSequence([seed, step, hidden_size]))


def grown_parameters(old: Layout, new: Layout, parameters: Parameters, drawn: Parameters) -> dict[str, np.ndarray]:
    """Parameters of ``new``, which differs from ``old`` in its hidden size alone, with the same outputs.

    ``parameters`` are those of ``old``, ``drawn`` fresh ones of ``new``; both in the canonical layout.
    """
    grown = {}
    for name, shape in old.shapes().items():
        values = np.array(drawn[name])
        to_old = _places(old, new, shape, values.shape)
        if name.rpartition(".")[2].startswith("W"):
            # The last axis of a matrix is where it reads from.
            values[np.ix_(*to_old[:-1])] = 0
        values[np.ix_(*to_old)] = parameters[name]
        grown[name] = values
    return grown


def padded_moments(old: Layout, new: Layout, moments: Mapping[str, Parameters]) -> dict[str, dict[str, np.ndarray]]:
    """An optimizer's vectors, by name and parameter, with zeros for what is new."""
    padded: dict[str, dict[str, np.ndarray]] = {}
    for moment, of_parameters in moments.items():
        padded[moment] = {}
        for name, shape in new.shapes().items():
            values = np.zeros(shape, of_parameters[name].dtype)
            values[np.ix_(*_places(old, new, of_parameters[name].shape, shape))] = of_parameters[name]
            padded[moment][name] = values
    return padded


def padded_states(states: np.ndarray, hidden_size: int) -> np.ndarray:
    """Carried states (L, S, B, H), at 0 for the new units: (L, S, B, ``hidden_size``)."""
    padded = np.zeros((*states.shape[:-1], hidden_size), states.dtype)
    padded[..., : states.shape[-1]] = states
    return padded


def _places(old: Layout, new: Layout, old_shape: tuple[int, ...], new_shape: tuple[int, ...]) -> list[np.ndarray]:
    """For each axis: where the entries of an array of ``old_shape`` stand in one of ``new_shape``.

    An axis of units is one block of the hidden size, or two where both directions are read.
    """
    more = new.hidden_size - old.hidden_size
    places = []
    for old_count, new_count in zip(old_shape, new_shape, strict=True):
        blocks = (new_count - old_count) // more
        in_block = np.arange(old_count // blocks) if blocks else np.arange(old_count)
        places.append((new.hidden_size * np.arange(max(blocks, 1))[:, None] + in_block).ravel())
    return places
