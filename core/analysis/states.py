"""The states that a network goes through while it reads (and writes) a batch, without the way back."""

import numpy as np

from core.batch import Batch
from core.counted import reversal
from core.kernel_engine import KernelEngine, Run
from core.kernel_stack import turned
from core.kernels.denormals import flushed
from core.network import Network
from core.reference_forward import LevelRun
from core.signal import Signal

STATE_ROLES = ("hidden", "cell_state")


def state_signals(network: Network) -> list[Signal]:
    """h, and C for cells with a cell state."""
    signals = network.layout.cell.shown_signals(network.layout.options)
    return sorted((signal for signal in signals if signal.role in STATE_ROLES), key=lambda signal: STATE_ROLES.index(signal.role))


def layer_states(network: Network, batch: Batch, layer: int) -> dict[str, np.ndarray]:
    """The states of one layer by the name of their signal, (T, B, H), in the order of the sequence.

    ``layer`` counts as in a trace: bottom first, forward before backward; with an encoder its steps come before the decoder's, which
    is fed with the right previous outputs.
    """
    level, direction = divmod(layer, network.layout.directions)
    engine = network.engine
    if isinstance(engine, KernelEngine):
        with flushed():
            run = engine.run(network.flat, batch, (), None, None)
        return _of_kernels(network, run, level, direction)
    reference_run = engine.run(network.layout.unpack(network.flat), batch)
    parts = [runs[level] for runs in (reference_run.encoder, reference_run.stack) if runs]
    order = reversal(len(batch.inputs), batch.lengths)
    return {
        signal.name: np.concatenate([_of_steps(part, direction, signal.name, order) for part in parts]) for signal in state_signals(network)
    }


def _of_kernels(network: Network, run: Run, level: int, direction: int) -> dict[str, np.ndarray]:
    layout = network.layout
    parts = [arrays[level][direction] for arrays in (run.encoder, run.stack) if arrays]
    values = [layout.cell.read_signals(layout.options, a, layout.hidden_size) for a in parts]
    states = {signal.name: np.concatenate([part[signal.name] for part in values]) for signal in state_signals(network)}
    return {name: turned(value, run.reversal) for name, value in states.items()} if direction else states


def _of_steps(part: LevelRun, direction: int, name: str, order: np.ndarray) -> np.ndarray:
    states = np.stack([step.values[name] for step in part.steps[direction]])
    return turned(states, order) if direction else states
