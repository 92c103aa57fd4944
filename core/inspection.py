"""What a trained network does inside, as plain numbers: the command ``rnn-playground inspect``."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.analysis.jacobian import step_singular_values
from core.analysis.saliency import input_saliency
from core.analysis.spectrum import spectral_radii
from core.trainer import Trainer


@np.errstate(over="ignore", invalid="ignore")
def inspect(trainer: Trainer) -> dict[str, Any]:
    """Gradient flow, step Jacobians, what the last answer depends on, and spectra, on the probe sequence; ready for JSON.

    ``steps`` (T) says what went in; with an encoder first what it reads, and from ``decoder_start`` on (null without a decoder) what
    the decoder does. ``layers``: for each layer ``gradient_h``, ``gradient_c``, ``gradient_c_alone`` (T,), the latter two null without a
    cell state, and of the layers below the head ``singular_values``: the step (from 0, the layer's own order of reading), the largest
    and the smallest singular value of its Jacobian. ``saliency``: ‖∂y/∂x_τ‖ of the last answer for each input. ``spectral_radius``: of
    every recurrent matrix, by gate. What is not finite is null.
    """
    network, batch = trainer.network, trainer.probe_batch
    trace = trainer.snapshot(has_prediction=False).trace
    assert trace is not None
    gates = network.layout.cell.learned_gates(network.layout.options)
    written = batch.lengths if batch.output_lengths is None else batch.output_lengths
    layers = []
    for layer, (steps, values) in zip(trace.layers, step_singular_values(network, batch, 0), strict=True):
        layers.append(
            {
                "gradient_h": _listed(layer.gradient_h),
                "gradient_c": None if layer.gradient_c is None else _listed(layer.gradient_c),
                "gradient_c_alone": None if layer.gradient_c_alone is None else _listed(layer.gradient_c_alone),
                "is_backward": layer.is_backward,
                "singular_values": [[int(t), *_listed(row[[0, -1]])] for t, row in zip(steps, values, strict=True)],
            }
        )
    return {
        "steps": list(trace.input_labels),
        "decoder_start": trace.decoder_start,
        "layers": layers,
        "saliency": _listed(input_saliency(network, batch, 0, int(written[0]) - 1)),
        "spectral_radius": {
            name: dict(zip(gates, _listed(radii), strict=True)) for name, radii in spectral_radii(network.parameters()).items()
        },
    }


def as_text(found: dict[str, Any]) -> str:
    """The same in lines for a person."""
    lines = []
    for number, layer in enumerate(found["layers"], start=1):
        lines.append(f"layer {number}{' (reads backwards)' if layer['is_backward'] else ''}")
        lines.append(_range_line("  |dL/dh| at each step", layer["gradient_h"]))
        if layer["gradient_c"] is not None:
            lines.append(_range_line("  |dL/dC| at each step", layer["gradient_c"]))
            lines.append(_range_line("    through C alone", layer["gradient_c_alone"]))
        if layer["singular_values"]:
            _, largest, smallest = zip(*layer["singular_values"], strict=True)
            lines.append(_range_line("  step Jacobian, largest singular value", largest))
            lines.append(_range_line("  step Jacobian, smallest singular value", smallest))
    lines.append(_range_line("|dy/dx| of the last answer", found["saliency"]))
    for name, radii in found["spectral_radius"].items():
        lines.append(f"spectral radius of {name}: " + ", ".join(f"{gate} {_shown(radius)}" for gate, radius in radii.items()))
    return "\n".join(lines)


def _range_line(title: str, values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    ends = f"first {_shown(values[0])}, last {_shown(values[-1])}"
    return f"{title}: {ends}" + (f", smallest {_shown(min(known))}, largest {_shown(max(known))}" if known else "")


def _shown(value: float | None) -> str:
    return "not finite" if value is None else f"{value:.3g}"


def _listed(values: np.ndarray) -> list[float | None]:
    """Numbers (N,) as JSON has them: null where one is not finite."""
    return [float(value) if np.isfinite(value) else None for value in values]
