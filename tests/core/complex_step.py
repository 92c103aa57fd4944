"""An oracle that shares nothing with backpropagation: the loss at complex parameters, whose imaginary part is the derivative.

f(θ + iεv) = f(θ) + iε f'(θ)·v + O(ε²), and with ε = 1e-30 nothing is lost to cancellation (Squire & Trapp 1998). Only the cells'
NumPy steps are run, forwards.
"""

import numpy as np

from core.batch import Batch
from core.cell import Parameters
from core.counted import counted_outputs
from core.kernel_stack import DropoutMasks
from core.network import Network
from core.reference_engine import ReferenceEngine

EPSILON = 1e-30


def smooth_loss(name: str, y: np.ndarray, targets: np.ndarray) -> complex:
    """The losses of core/losses.py, written so that y (N, O) may be complex."""
    if name == "squared_error":
        return complex(np.mean((y - targets) ** 2))
    if name == "cross_entropy":
        top = y.real.max(axis=1)
        return complex(np.mean(np.log(np.exp(y - top[:, None]).sum(axis=1)) + top - y[np.arange(len(y)), targets]))
    # log(1 + exp(a)) − t·a, for a of either sign.
    sign = np.where(y.real > 0, 1, -1)
    return complex(np.mean(np.log(1 + np.exp(-sign * y)) + np.where(sign > 0, y, 0) - targets * y))


def reference(network: Network) -> ReferenceEngine:
    """The NumPy steps of ``network`` in double precision."""
    return ReferenceEngine(network.layout, network.loss_spec, np.dtype(np.float64))


def loss_at(
    network: Network,
    parameters: Parameters,
    batch: Batch,
    dropout: DropoutMasks = (),
    is_taught: np.ndarray | None = None,
    states: np.ndarray | None = None,
) -> complex:
    """The loss with (complex) canonical ``parameters``."""
    run = reference(network).run(parameters, batch, dropout, is_taught, states)
    counted = counted_outputs(batch, network.topology, np.dtype(np.float64), network.loss_spec.has_labels)
    return smooth_loss(network.loss_spec.name, run.y[counted.steps, counted.members], counted.targets)


def moved(parameters: Parameters, direction: Parameters) -> dict[str, np.ndarray]:
    """θ + iε·direction; parameters that ``direction`` lacks stay."""
    return {name: value + 1j * EPSILON * direction[name] if name in direction else value for name, value in parameters.items()}
