"""Hand-made looks inside that suit a hand-made trace: no network, always the same."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from core.analysis.principal_axes import principal_axes
from core.look import NoLook
from core.looks.connectivity import Connectivity
from core.looks.states import PointLabel, Projection, StateSpace
from core.snapshot import Trace

SEQUENCES = 12


def frozen(values: np.ndarray) -> np.ndarray:
    copy = np.array(values)
    copy.setflags(write=False)
    return copy


def connectivity_sample(trace: Trace, seed: int = 11) -> Connectivity:
    """Every answer depends on the marked steps before it, and a little on the rest."""
    rng = np.random.default_rng(seed)
    steps = np.unique(np.linspace(0, trace.seq_len - 1, min(60, trace.seq_len)).round().astype(int))
    norms = 0.02 * np.exp(rng.normal(0, 0.7, (len(steps), trace.seq_len)))
    norms[:, list(trace.marked_steps)] = 0.9
    norms[np.arange(trace.seq_len) > steps[:, None]] = 0
    return Connectivity(tuple(steps.tolist()), frozen(norms), None, (), range(trace.seq_len), answers_once=True)


def states_sample(trace: Trace, names: tuple[str, ...] = ("small", "large"), layer: int = -1, seed: int = 12) -> StateSpace:
    """States around those of the trace, farther away for every further sequence."""
    rng = np.random.default_rng(seed)
    layer %= len(trace.layers)
    shown = trace.layers[layer]
    sequences, steps = np.repeat(np.arange(SEQUENCES), trace.seq_len), np.tile(np.arange(trace.seq_len), SEQUENCES)
    projections = {}
    for signal in shown.signals:
        if signal.role in ("hidden", "cell_state"):
            own = np.nan_to_num(shown.values[signal.name])
            around = np.concatenate([own + 0.05 * k * rng.normal(size=own.shape[1]) for k in range(SEQUENCES)])
            axes = principal_axes(around)
            projections[signal.name] = Projection(signal, frozen(axes.project(around)), frozen(axes.project(own)), axes)
    classes = np.where(sequences < SEQUENCES // 2, 0.0, 1.0) % max(1, len(names))
    labels = (
        PointLabel("Class", frozen(classes), names),
        PointLabel("Sum so far", frozen(np.where(steps % 7 == 3, np.nan, 0.1 * steps)), ()),
        PointLabel("Position", frozen(steps + 1.0), ()),
    )
    in_order = dict(sorted(projections.items(), key=lambda pair: pair[1].signal.role != "hidden"))
    return StateSpace(layer, frozen(sequences), frozen(steps), labels, in_order)


def make_looks(trace: Trace) -> dict[str, Any]:
    """All of them."""
    return {"connectivity": connectivity_sample(trace), "states": states_sample(trace)}


def looks_with_nan(looks: Mapping[str, Any]) -> dict[str, Any]:
    """What a run that diverged shows: no finite gradient, and no states."""
    sample = looks["connectivity"]
    return {
        "connectivity": replace(sample, norms=np.full_like(sample.norms, np.nan)),
        "states": NoLook("the states are not finite numbers any more: the run has diverged"),
    }
