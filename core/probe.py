"""Looks inside: runs a small fixed batch forward and backward and says what its first sequence did at every time step."""

import numpy as np

from core.batch import Batch
from core.network import Network
from core.recording import LayerRecording
from core.snapshot import LayerTrace, Trace
from core.task import Task

PROBE_SIZE = 8


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only float64 copy."""
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def _mean_norm(gradient: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Euclidean norm over units, mean over ``members`` of the batch: (T, B, H) -> (T,)."""
    return frozen(np.linalg.norm(gradient[:, members].astype(np.float64), axis=2).mean(axis=1))


def _trace_layer(network: Network, recording: LayerRecording, lengths: np.ndarray) -> LayerTrace:
    cell = network.layout.cell
    seq_len = int(lengths[0])
    # Sequences that end elsewhere would draw a step into the curve where they end.
    members = np.flatnonzero(lengths == seq_len)
    alone = cell.cell_state_gradient_alone(recording.values, recording.dh_from_above)
    return LayerTrace(
        signals=cell.signals,
        values={name: frozen(value[:seq_len, 0]) for name, value in recording.values.items()},
        gradient_h=_mean_norm(recording.dh[:seq_len], members),
        gradient_c=None if recording.dc is None else _mean_norm(recording.dc[:seq_len], members),
        gradient_c_alone=None if alone is None else _mean_norm(alone[:seq_len], members),
    )


def trace(network: Network, task: Task, batch: Batch, truncate: int) -> Trace:
    """What ``network`` does on ``batch``: values of sequence 0, gradient norms as means over all sequences as long."""
    recording = network.record(batch, truncate)
    seq_len = int(batch.lengths[0])
    inputs = frozen(batch.inputs[:seq_len, 0])
    return Trace(
        inputs=inputs,
        input_labels=task.label_inputs(inputs),
        marked_steps=task.marked_steps(inputs),
        outputs=frozen(network.loss_spec.activate(recording.outputs[:seq_len, 0].astype(np.float64))),
        layers=tuple(_trace_layer(network, layer, batch.lengths) for layer in recording.layers),
    )
