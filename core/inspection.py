"""What a trained network does inside, as plain numbers: the command ``rnn-playground inspect``."""

from typing import Any

import numpy as np

from core.analysis.jacobian import singular_values, step_jacobians
from core.analysis.saliency import input_saliency
from core.analysis.spectrum import spectral_radii
from core.trainer import Trainer


def inspect(trainer: Trainer) -> dict[str, Any]:
    """Gradient flow, step Jacobians, what the last answer depends on, and spectra, on the probe sequence; ready for JSON.

    ``layers``: for each layer ``gradient_h``, ``gradient_c``, ``gradient_c_alone`` (T,), the latter two null without a cell state, and
    ``singular_values`` of the step Jacobian, (T−1, 2): the largest and the smallest of each step.
    ``saliency``: ‖∂y/∂x_τ‖ of the last answer for each input. ``spectral_radius``: of every recurrent matrix, by gate.
    """
    network, batch = trainer.network, trainer.probe_batch
    trace = trainer.snapshot(has_prediction=False).trace
    assert trace is not None
    jacobians = step_jacobians(network, batch, 0)
    gates = network.layout.cell.learned_gates(network.layout.options)
    written = batch.lengths if batch.output_lengths is None else batch.output_lengths
    layers = []
    for layer, (_, of_layer) in zip(trace.layers, jacobians, strict=True):
        values = singular_values(of_layer) if len(of_layer) else np.zeros((0, 1))
        layers.append(
            {
                "gradient_h": layer.gradient_h.tolist(),
                "gradient_c": None if layer.gradient_c is None else layer.gradient_c.tolist(),
                "gradient_c_alone": None if layer.gradient_c_alone is None else layer.gradient_c_alone.tolist(),
                "is_backward": layer.is_backward,
                "singular_values": values[:, [0, -1]].tolist(),
            }
        )
    return {
        "steps": list(trace.input_labels),
        "layers": layers,
        "saliency": input_saliency(network, batch, 0, int(written[0]) - 1).tolist(),
        "spectral_radius": {
            name: dict(zip(gates, radii.tolist(), strict=True)) for name, radii in spectral_radii(network.parameters()).items()
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
            largest, smallest = np.array(layer["singular_values"]).T
            lines.append(_range_line("  step Jacobian, largest singular value", largest.tolist()))
            lines.append(_range_line("  step Jacobian, smallest singular value", smallest.tolist()))
    lines.append(_range_line("|dy/dx| of the last answer", found["saliency"]))
    for name, radii in found["spectral_radius"].items():
        lines.append(f"spectral radius of {name}: " + ", ".join(f"{gate} {radius:.3g}" for gate, radius in radii.items()))
    return "\n".join(lines)


def _range_line(title: str, values: list[float]) -> str:
    return f"{title}: first {values[0]:.3g}, last {values[-1]:.3g}, smallest {min(values):.3g}, largest {max(values):.3g}"
