"""Training by one kernel that does many updates in a call, for the networks and settings that it covers."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types

from core.assistant import assistance
from core.batch import Batch
from core.batch_source import Chunk
from core.cell import spaced
from core.counted import is_counted
from core.kernel_stack import are_mostly_zero
from core.kernels.cell_kernels import backward_signature, forward_signature
from core.kernels.head_gradient import Sequences, head_gradient
from core.kernels.kernel_pointer import Signature, address_of, array
from core.kernels.layer_weights import aligned_zeros, panel_shape, whole_vectors
from core.kernels.loss_rows import LOSS_ROWS
from core.kernels.loss_rows import signature as loss_signature
from core.kernels.part_gradient import NO_FILLING, Filling, Sizes, Workspace, pack_weights, part_gradient
from core.kernels.products import NO_PRODUCTS, products_for
from core.kernels.shared_parts import OVER, THREADS, UPDATE, counter_count, set_counters
from core.kernels.training_kernel import ASSISTING, LEADING, Bounds, Results, Rules, train
from core.layout import Layout
from core.losses import LossSpec
from core.optimizer import AnyOptimizer, Optimizer, update_signature
from core.schedules import learning_rates
from core.settings import NetworkSettings, TrainingSettings
from core.topology import HAS_DECODER, SEQUENCE_TO_VECTOR

# A step of fewer products of numbers is done before a second thread has taken its part; and fewer sequences fill no tile of a product.
LEAST_WORK, LEAST_SEQUENCES = 2**14, 8
# A batch is cut into parts of so many sequences: small ones share out evenly between threads of which one is slowed down, and stay longer
# in the cache. But each has a gradient of its own, so there are no more than that, and two for networks of that many parameters.
SEQUENCES_OF_PART, MOST_PARTS, MANY_PARAMETERS = 16, 8, 2**20
REASONS = ("", "the loss", "the gradient", "the weights", "the optimizer's moments")


def is_covered(layout: Layout, network: NetworkSettings, training: TrainingSettings, optimizer: AnyOptimizer) -> bool:
    """Whether a run can be trained by this kernel: no decoder, no backward direction, no dropout, no carried states, a first-order rule."""
    has_dropout = network.dropout > 0 and layout.num_layers > 1
    has_plain_network = layout.topology not in HAS_DECODER and not layout.is_bidirectional and not has_dropout
    return has_plain_network and not training.carry_state and isinstance(optimizer, Optimizer)


class Descent(NamedTuple):
    """What updates move, and how far they have come.

    Attributes
    ----------
    optimizer, flat, slots : the rule, the parameters (size), and its slots (slots, size)
    backup : (slots + 1, size), room for what an update that fails puts back
    update_count, moment_count : updates that the run, and the optimizer, have done
    """

    optimizer: Optimizer
    flat: np.ndarray
    slots: np.ndarray
    backup: np.ndarray
    update_count: int = 0
    moment_count: int = 0


class FastTraining:
    """The kernel and the arrays that it works in, for one network and batch size.

    Parameters
    ----------
    layout, loss : the network
    batch_size : B
    dtype : float32 or float64
    """

    def __init__(self, layout: Layout, loss: LossSpec, batch_size: int, dtype: np.dtype) -> None:
        self._layout = layout
        self._loss = loss
        self._dtype = dtype
        part_size = _part_size(layout, batch_size)
        self._sizes = Sizes(
            batch_size,
            part_size,
            -(-batch_size // part_size),
            layout.input_size,
            layout.hidden_size,
            layout.output_size,
            layout.columns,
            layout.num_layers,
            layout.cell.own_rows(layout.options),
            int(layout.cell.has_cell_state),
        )
        self._cell_parts = layout.cell.parts(layout.options)
        self._filling: dict[str, Filling] = {}
        self._work: Workspace | None = None
        self._chunk: Chunk | None = None
        self._sequences: Sequences | None = None
        self._is_sparse = False

    def run(self, chunk: Chunk, first: int, count: int, descent: Descent, training: TrainingSettings, results: Results) -> None:
        """Do ``count`` updates from batch ``first`` of ``chunk`` on; weights and slots of ``descent`` are modified in place.

        ``results``, made by ``make_results``, hold what was done also where the call ends in KeyboardInterrupt.
        """
        data = self._sequences_of(chunk)
        work = self._workspace(len(data.inputs))
        products, filling = products_for(self._dtype), self._filling_for(descent.optimizer, data, work)
        counters = np.empty(counter_count(self._sizes.part_count), np.int64)
        set_counters(counters, first, self._sizes.part_count)
        arguments = self._arguments(data, work, counters, first, count, descent, training, results)
        with assistance() as start:
            assistant = None
            try:
                if start is not None and self._sizes.part_count > 1:
                    assistant = start(train, products, filling, self._cell_parts, ASSISTING, *arguments)
                train(products, filling, self._cell_parts, LEADING, *arguments)
            finally:
                # All is done, or nothing was begun. The other thread may still be in a part that came too late: nobody reads what it finds.
                counters[UPDATE] = OVER
                if assistant is not None:
                    assistant.cancel()

    def compile_loop(self, chunk: Chunk, descent: Descent) -> Iterator[None]:
        """Compile what ``run`` calls, but the cell's kernels and the products, which others call too; yields after each kernel."""
        data, work = self._sequences_of(chunk), self._workspace(1)
        arguments = self._arguments(data, work, np.zeros(counter_count(1), np.int64), 0, 1, descent, TrainingSettings(), make_results(1))
        loop: Any = train
        loop.compile(tuple(map(numba.typeof, (NO_PRODUCTS, NO_FILLING, self._cell_parts, LEADING, *arguments))))
        yield
        for function, signature in self._loop_kernels(descent.optimizer, data, work).values():
            address_of(function, signature)
            yield

    def _arguments(
        self,
        data: Sequences,
        work: Workspace,
        counters: np.ndarray,
        first: int,
        count: int,
        descent: Descent,
        training: TrainingSettings,
        results: Results,
    ) -> tuple[Any, ...]:
        """What the training loop takes after the kernels and its role."""
        last = first + count
        rates = np.zeros(len(data.seq_lens))
        rates[first:last] = learning_rates(training, descent.update_count + 1, count)
        rules = Rules(training.truncate, int(self._is_sparse), int(descent.optimizer.decouples_weight_decay))
        bounds = Bounds(float(training.clip_norm), float(training.clip_value), float(training.weight_decay))
        moved = (descent.flat, descent.slots, descent.backup, rates, descent.moment_count)
        return first, last, self._sizes, rules, bounds, data, work, counters, *moved, results

    def _filling_for(self, optimizer: Optimizer, data: Sequences, work: Workspace) -> Filling:
        """The kernels that the training loop calls; finding them takes longer than many an update."""
        if optimizer.name not in self._filling:
            self._filling[optimizer.name] = self._find(optimizer, data, work)
        return self._filling[optimizer.name]

    def _find(self, optimizer: Optimizer, data: Sequences, work: Workspace) -> Filling:
        kernels = self._layout.cell.kernels
        return Filling(
            forward=address_of(kernels.forward, forward_signature(self._dtype)),
            backward=address_of(kernels.backward, backward_signature(self._dtype)),
            **{name: address_of(*kernel) for name, kernel in self._loop_kernels(optimizer, data, work).items()},
        )

    def _loop_kernels(self, optimizer: Optimizer, data: Sequences, work: Workspace) -> dict[str, tuple[Any, Signature]]:
        """The kernels that fill the training loop, but the cell's: name in ``Filling`` → kernel and types of its arguments."""
        of, dtype, size = numba.typeof, self._dtype, types.intp
        vector, matrix, steps, panels = (array(dtype, ndim) for ndim in (1, 2, 3, 3))
        products, fields = of(NO_PRODUCTS), of(NO_FILLING)
        in_step = (steps, steps, matrix, matrix, panels, panels)
        of_part = (products, size, array(np.float64, 1), size, size, size, size, types.float64, of(data))
        in_part = (products, fields, of(self._cell_parts), size, size, size, of(self._sizes), of(data), of(work))
        return {
            "pack": (pack_weights, (vector, size, of(self._sizes), of(work))),
            "part": (part_gradient, (*in_part, vector, size, types.boolean)),
            "head": (head_gradient, (*of_part, *in_step, vector, vector, size)),
            "loss": (LOSS_ROWS[self._loss.name], loss_signature(dtype)),
            "update": (optimizer.update, update_signature(dtype)),
        }

    def _sequences_of(self, chunk: Chunk) -> Sequences:
        """The chunk as the kernel takes it, made once."""
        if self._sequences is None or self._chunk is not chunk:
            self._chunk, self._sequences = chunk, sequences_of(chunk, self._layout, self._loss, self._dtype)
            self._is_sparse = are_mostly_zero(self._sequences.inputs)
        return self._sequences

    def _workspace(self, seq_len: int) -> Workspace:
        """Arrays for sequences of ``seq_len`` steps; they are kept, and grown when sequences are longer."""
        known_len = 0 if self._work is None else self._work.gates.shape[2]
        if self._work is None or known_len < seq_len:
            self._work = make_workspace(self._layout, self._sizes, max(seq_len, 2 * known_len if known_len else 0), self._dtype)
        return self._work


def make_results(updates: int) -> Results:
    """Room for what the updates of a chunk leave behind."""
    return Results(np.empty(updates), np.empty(updates), np.empty(updates), np.zeros(updates, np.uint8), np.zeros(2, np.int64))


def _part_size(layout: Layout, batch_size: int) -> int:
    """Sequences of a part of a batch; the last part may have fewer."""
    work = batch_size * layout.row_size(layout.layers[0]) * layout.columns * layout.num_layers
    if work < LEAST_WORK or batch_size < LEAST_SEQUENCES:
        return batch_size
    wanted = -(-batch_size // SEQUENCES_OF_PART)
    most = MOST_PARTS if layout.size < MANY_PARAMETERS else THREADS
    return -(-batch_size // max(2, min(wanted, most)))


def sequences_of(chunk: Chunk, layout: Layout, loss: LossSpec, dtype: np.dtype) -> Sequences:
    """The batches of ``chunk`` for the kernel."""
    batch: Batch = chunk.sequences
    counted = is_counted(batch, layout.topology)
    if layout.topology == SEQUENCE_TO_VECTOR:
        counts = np.full(chunk.updates, chunk.batch_size)
    else:
        counts = counted.reshape(len(counted), chunk.updates, chunk.batch_size).sum(axis=(0, 2), dtype=np.int64)
    labels, targets = np.zeros(0, np.int64), np.zeros((0, 0), dtype)
    if loss.has_labels:
        labels = np.array(batch.targets, np.int64, order="C").reshape(-1)
    else:
        rows = batch.targets.reshape(-1, layout.output_size)
        targets = np.zeros((len(rows), whole_vectors(layout.output_size, dtype)), dtype)
        targets[:, : layout.output_size] = rows
    return Sequences(
        np.require(batch.inputs, dtype, ("C", "W")),
        targets,
        labels,
        counted,
        np.array(batch.lengths, np.int64),
        batch.lengths.reshape(chunk.updates, chunk.batch_size).max(axis=1).astype(np.int64),
        counts.astype(np.int64),
    )


def make_workspace(layout: Layout, sizes: Sizes, seq_len: int, dtype: np.dtype) -> Workspace:
    """Arrays for sequences of at most ``seq_len`` steps."""
    units, columns, threads, size = layout.units, layout.columns, min(sizes.part_count, THREADS), sizes.part_size
    upper = layout.num_layers - 1
    row_size, upper_row_size = units + layout.input_size + 1, units + layout.hidden_size + 1

    def zeros(*shape: int) -> np.ndarray:
        return aligned_zeros(shape, dtype)

    rows, upper_rows = zeros(threads, seq_len + 1, size, row_size), zeros(upper, threads, seq_len + 1, size, upper_row_size)
    rows[..., -1] = upper_rows[..., -1] = 1 if layout.options.use_bias else 0
    panels, back_panels = panel_shape(row_size, columns, dtype), panel_shape(columns, units, dtype)
    upper_panels, upper_back_panels = panel_shape(upper_row_size, columns, dtype), panel_shape(columns, upper_row_size - 1, dtype)
    outputs = whole_vectors(layout.output_size, dtype)
    return Workspace(
        rows=rows,
        upper_rows=upper_rows,
        gates=zeros(layout.num_layers, threads, seq_len, size, spaced(columns)),
        extra=zeros(layout.num_layers, threads, layout.cell.extra_count, seq_len + 1, size, units),
        dh=zeros(layout.num_layers, threads, seq_len + 1, size, units),
        dc=zeros(threads, 2 if layout.cell.has_cell_state else 0, size, units),
        y=zeros(threads, size, outputs),
        dy=zeros(threads, size, outputs),
        gradients=zeros(threads * sizes.part_count, layout.size),
        panels=zeros(threads, *panels),
        upper_panels=zeros(upper, threads, *upper_panels),
        back_panels=zeros(threads, *back_panels),
        upper_back_panels=zeros(upper, threads, *upper_back_panels),
        head_panels=zeros(threads, *panel_shape(units, outputs, dtype)),
        head_back_panels=zeros(threads, *panel_shape(layout.output_size, units, dtype)),
        losses=np.zeros(threads * sizes.part_count),
    )
