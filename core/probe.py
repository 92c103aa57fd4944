"""Looks inside: runs a small fixed batch forward and backward and says what its first sequence did at every time step."""

import numpy as np

from core.batch import Batch
from core.network import Network
from core.recording import LayerRecording
from core.snapshot import LayerTrace, Trace
from core.task import Task
from core.topology import ENCODER_DECODER

PROBE_SIZE = 8
# What a decoder reads at its first step, on screen.
START = "▸"


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only float64 copy."""
    copy = np.array(array, dtype=np.float64)
    copy.setflags(write=False)
    return copy


def _mean_norm(gradient: np.ndarray) -> np.ndarray:
    """Euclidean norm over units, mean over the batch: (T, B, H) -> (T,)."""
    wide = gradient.astype(np.float64)
    return frozen(np.sqrt(np.einsum("tbh,tbh->tb", wide, wide)).mean(axis=1))


def _members_as_long(batch: Batch) -> np.ndarray:
    """Sequences that are as long as sequence 0: those that end elsewhere would draw a step into the curves where they end."""
    is_as_long = batch.lengths == batch.lengths[0]
    if batch.output_lengths is not None:
        is_as_long &= batch.output_lengths == batch.output_lengths[0]
    return np.flatnonzero(is_as_long)


def _cut(layer: LayerRecording, seq_len: int, members: np.ndarray) -> LayerRecording:
    """The first ``seq_len`` steps of ``members``."""
    if (seq_len, len(members)) == layer.dh.shape[:2]:
        return layer
    part = np.s_[:seq_len, members]
    values = {name: value[part] for name, value in layer.values.items()}
    return LayerRecording(
        values, layer.dh[part], None if layer.dc is None else layer.dc[part], layer.dh_from_above[part], layer.is_backward
    )


def _one_after_the_other(encoder: LayerRecording, decoder: LayerRecording) -> LayerRecording:
    """An encoder's layer and the decoder's that goes on from its states, as one layer over both sequences."""
    both = [(getattr(encoder, name), getattr(decoder, name)) for name in ("dh", "dc", "dh_from_above")]
    dh, dc, above = (None if first is None else np.concatenate([first, second]) for first, second in both)
    values = {name: np.concatenate([value, decoder.values[name]]) for name, value in encoder.values.items()}
    return LayerRecording(values, dh, dc, above)  # type: ignore[arg-type]


def _trace_layer(network: Network, layer: LayerRecording) -> LayerTrace:
    cell, options = network.layout.cell, network.layout.options
    signals = cell.shown_signals(options)
    # The recursion along the cell state follows the order of reading.
    order = np.s_[::-1] if layer.is_backward else np.s_[:]
    values = {name: value[order] for name, value in layer.values.items()}
    alone = cell.cell_state_gradient_alone(options, values, layer.dh_from_above[order])
    return LayerTrace(
        signals=signals,
        values={signal.name: frozen(layer.values[signal.name][:, 0]) for signal in signals},
        gradient_h=_mean_norm(layer.dh),
        gradient_c=None if layer.dc is None else _mean_norm(layer.dc),
        gradient_c_alone=None if alone is None else _mean_norm(alone[order]),
        is_backward=layer.is_backward,
    )


class Probe:
    """A small fixed batch, and what of it is the same in every trace.

    Parameters
    ----------
    task, batch : what is shown, and the sequences; the first is shown, and gradients are means over all that are as long
    """

    def __init__(self, task: Task, batch: Batch) -> None:
        self.batch = batch
        self._members = _members_as_long(batch)
        read_len = int(batch.lengths[0])
        self._inputs = frozen(batch.inputs[:read_len, 0])
        labels = task.label_inputs(self._inputs)
        marked = task.marked_steps(self._inputs)
        self._decoder_start: int | None = None
        self._seq_len = read_len
        if batch.output_lengths is not None:
            self._seq_len = int(batch.output_lengths[0])
            self._decoder_start = start = read_len if task.topology == ENCODER_DECODER else 0
            fed_back = task.label_outputs(batch.targets[: self._seq_len - 1, 0])
            labels = (*(labels if start else ()), START, *fed_back)
            marked = (*(marked if start else ()), start)
        self._labels, self._marked = labels, marked

    def trace(self, network: Network, truncate: int) -> Trace:
        """What ``network`` does on the batch: values of sequence 0, gradient norms as means over all sequences as long.

        A decoder is fed with the right previous outputs here.
        """
        recording = network.record(self.batch, truncate)
        start, seq_len, members = self._decoder_start, self._seq_len, self._members
        outputs = frozen(network.loss_spec.activate(recording.outputs[:seq_len, 0].astype(np.float64)))
        layers = [_cut(layer, seq_len, members) for layer in recording.layers]
        if start:
            outputs = frozen(np.concatenate([np.full((start, outputs.shape[1]), np.nan), outputs]))
            encoder = [_cut(layer, start, members) for layer in recording.encoder]
            layers = [_one_after_the_other(first, second) for first, second in zip(encoder, layers, strict=True)]
        return Trace(
            inputs=self._inputs,
            input_labels=self._labels,
            marked_steps=self._marked,
            outputs=outputs,
            layers=tuple(_trace_layer(network, layer) for layer in layers),
            decoder_start=start,
        )
