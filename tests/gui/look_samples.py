"""Hand-made results of looks inside, with the shapes of real ones."""

from functools import cache

import numpy as np

from core.looks.updates import UpdateSizes
from core.looks.weights import MOST_UNITS, GateSpectrum, LayerWeights
from core.registry import cells
from core.update_log import UpdateSeries

CLIP = 1.0


def read_only(values: np.ndarray) -> np.ndarray:
    copy = np.array(values)
    copy.setflags(write=False)
    return copy


@cache
def make_weights(cell: str = "lstm", units: int = 32, layers: int = 1, step: int = 0) -> LayerWeights:
    """The top layer's, with a few inputs, below a head of three outputs."""
    rng = np.random.default_rng([units, layers, step])
    gates = cells()[cell].gates
    inputs = 2 if layers == 1 else units
    shapes = {"W_x": (len(gates), units, inputs), "W_h": (len(gates), units, units), "b": (len(gates), units)}
    parameters = {name: read_only(rng.normal(0, 0.5 / np.sqrt(units), shape).astype(np.float32)) for name, shape in shapes.items()}
    spectra = {}
    if units <= MOST_UNITS:
        for gate in gates:
            values = read_only(np.sort(rng.exponential(0.6, units))[::-1])
            spectra[gate] = GateSpectrum(float(values[0]) * 0.8, values, step)
    return LayerWeights(
        step=step,
        layer=layers - 1,
        prefix=f"layers.{layers - 1}.",
        input_size=inputs,
        hidden_size=units,
        parameters=parameters,
        gates=dict.fromkeys(shapes, gates),
        head=read_only(rng.normal(0, 0.3, (3, units))),
        head_bias=read_only(rng.normal(0, 0.1, 3)),
        head_start=0,
        spectra=spectra,
        jacobian=read_only(np.sort(rng.exponential(0.5, units))[::-1]) if spectra else None,
        jacobian_step=27,
    )


@cache
def make_sizes(layers: int = 1, step: int = 0) -> UpdateSizes:
    """Ratios near a thousandth."""
    rng = np.random.default_rng([layers, step])
    names = [f"layers.{k}.{name}" for k in range(layers) for name in ("W_x", "W_h", "b")]
    return UpdateSizes(step, {name: float(1e-3 * np.exp(rng.normal(0, 0.7))) for name in (*names, "head.W", "head.b")})


def make_updates(step: int, since: int = 0) -> UpdateSeries:
    """Norms of the updates ``since + 1 … step``, one in six of them clipped at CLIP."""
    norms = np.exp(np.random.default_rng(step).normal(-1.0, 1.0, step - since))
    return UpdateSeries(*(read_only(values) for values in (norms, np.minimum(norms, CLIP), np.full(len(norms), 0.003))))
