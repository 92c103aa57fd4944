"""What a gradient is held against: the other engine, finite differences, and PyTorch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.batch import Batch
from core.kernel_engine import DropoutMasks
from core.network import Network
from tests.core.pytorch_vectors import translated
from tests.core.samples import Shape, largest_error, total_norm

ENGINES_AGREE, DIFFERENCES_AGREE, PYTORCH_AGREES = 1e-12, 1e-8, 1e-10
# Central difference of fourth order.
OFFSETS, WEIGHTS = (-2, -1, 1, 2), (1 / 12, -8 / 12, 8 / 12, -1 / 12)


@dataclass(frozen=True)
class Case:
    """One batch, and how the gradient is taken on it."""

    shape: Shape
    batch: Batch
    dropout: DropoutMasks = ()
    truncate: int = 0


def assert_engines_agree(found: Network, right: Network, case: Case) -> None:
    """Outputs, loss and gradients of two float64 networks are the same but for rounding."""
    np.testing.assert_allclose(
        found.outputs_at_every_step(case.batch.inputs), right.outputs_at_every_step(case.batch.inputs), rtol=ENGINES_AGREE, atol=1e-14
    )
    found_loss, found_gradients = found.loss_and_gradients(case.batch, case.dropout, case.truncate)
    right_loss, right_gradients = right.loss_and_gradients(case.batch, case.dropout, case.truncate)
    np.testing.assert_allclose(found_loss, right_loss, rtol=ENGINES_AGREE, atol=1e-15)
    assert largest_error(found_gradients, right_gradients) < ENGINES_AGREE


def derivative_along(network: Network, case: Case, name: str, direction: np.ndarray, step: float) -> float:
    """Finite difference of the loss when parameter ``name`` moves along ``direction``."""
    parameters = network.parameters()
    losses = []
    for offset in OFFSETS:
        network.set_parameters(parameters | {name: parameters[name] + offset * step * direction})
        losses.append(network.loss_and_gradients(case.batch, case.dropout)[0])
    network.set_parameters(parameters)
    return float(np.dot(WEIGHTS, losses)) / step


def assert_equals_finite_difference(network: Network, case: Case, name: str, direction: np.ndarray) -> None:
    """The gradient's share along a unit ``direction`` is the finite difference, relative to the length of the gradient of ``name``.

    With ReLU a step may cross a kink, where a smaller one is needed; a wrong gradient is wrong for every step.
    """
    gradients = network.loss_and_gradients(case.batch, case.dropout)[1]
    size = max(float(np.linalg.norm(gradients[name])), 1e-3 * total_norm(gradients))
    along = float(np.sum(gradients[name] * direction))
    errors = []
    for step in (1e-3, 1e-4, 1e-5):
        errors.append(abs(derivative_along(network, case, name, direction, step) - along) / size)
        if errors[-1] < DIFFERENCES_AGREE:
            return
    raise AssertionError(f"{name}: relative errors {errors}")


def assert_equals_pytorch(vector: Mapping[str, Any], engine: str) -> None:
    """Outputs of valid steps, loss and gradients are those that PyTorch found."""
    right = translated(vector, engine)
    lengths = right.batch.lengths
    outputs = right.network.outputs_at_every_step(right.batch.inputs, lengths)
    is_valid = np.arange(len(outputs))[:, None] < lengths
    np.testing.assert_allclose(outputs[is_valid], right.outputs[is_valid], rtol=PYTORCH_AGREES, atol=PYTORCH_AGREES)
    loss, gradients = right.network.loss_and_gradients(right.batch)
    np.testing.assert_allclose(loss, right.loss, rtol=PYTORCH_AGREES)
    assert largest_error(gradients, right.gradients) < PYTORCH_AGREES
