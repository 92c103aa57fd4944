"""Loss and gradient of one part of a batch, as kernels: forward, head, loss and backpropagation without a step of Python between.

For networks without a decoder whose layers all read forwards, without dropout and without carried states; core.kernel_engine serves the
others with the same kernels of the cells. A batch is split into P parts that have a gradient of their own, so that two threads may work
on them. The split depends on sizes only, and with it the order of all sums: one thread gives the same, bit for bit. Each thread has
arrays of its own to work in, and panels: to fetch them from the cache of another core takes longer than to make them.
"""

from typing import NamedTuple

import numpy as np

from core.kernel import addressed_kernel, inner_kernel
from core.kernels.kernel_pointer import call_kernel
from core.kernels.layer_weights import pack_layer
from core.kernels.products import add_product
from core.kernels.views import at, between, clear, matrix_at, stacked

# So many steps get their inputs at once: their rows are still in the cache when the layer runs over them.
STEPS = 16


class Sizes(NamedTuple):
    """What is fixed for a network and a batch size.

    B, Bp sequences of a part (the last may have fewer), P parts, D, H, O, C·Hp, L; own rows and cell states (0 or 1) of a cell.
    """

    batch_size: int
    part_size: int
    part_count: int
    input_size: int
    hidden_size: int
    output_size: int
    columns: int
    num_layers: int
    own_rows: int
    has_cell_state: int


class Filling(NamedTuple):
    """Addresses of kernels that are compiled for themselves.

    ``pack_weights``, ``part_gradient`` and ``head_gradient`` of the training loop, the cell's, the loss of one output, and the optimizer's.
    """

    pack: int
    part: int
    head: int
    forward: int
    backward: int
    loss: int
    update: int


NO_FILLING = Filling(*(0 for _ in Filling._fields))
"""For its type alone."""


class Workspace(NamedTuple):
    """Where W threads work: as core.cell.LayerArrays, for one part of Bp sequences, and T as long as the longest so far.

    The bottom layer's arrays stand apart where they have another shape: rows (W, T + 1, Bp, K) and rows of L − 1 layers above,
    gates (L, W, T, Bp, ≥ C·Hp), extra (L, W, E, T + 1, Bp, Hp), dh (L, W, T + 1, Bp, Hp), dc (W, 2 or 0, Bp, Hp), a ring that all layers
    use; y and dy (W, Bp, O padded); (W, …) panels and back_panels of core.kernels.layer_weights, and those of the head; by
    thread and part gradients (W · P, size) and losses (W · P).
    """

    rows: np.ndarray
    upper_rows: np.ndarray
    gates: np.ndarray
    extra: np.ndarray
    dh: np.ndarray
    dc: np.ndarray
    y: np.ndarray
    dy: np.ndarray
    gradients: np.ndarray
    panels: np.ndarray
    upper_panels: np.ndarray
    back_panels: np.ndarray
    upper_back_panels: np.ndarray
    head_panels: np.ndarray
    head_back_panels: np.ndarray
    losses: np.ndarray


@inner_kernel
def _place_of(k, row_size, upper_row_size, columns):  # type: ignore[no-untyped-def]
    """Where the weights of layer ``k`` begin in a flat vector, and their rows: ``row_size`` K + P of the bottom layer, or of the others."""
    if k == 0:
        return 0, row_size
    return (row_size + (k - 1) * upper_row_size) * columns, upper_row_size


@addressed_kernel
def pack_weights(flat, worker, sizes, work):  # type: ignore[no-untyped-def]
    """Bring the panels of thread ``worker`` to the weights in ``flat``; those of a layer above others go back to its inputs too."""
    units, columns = work.dh.shape[4], sizes.columns
    row_size, upper_row_size = work.rows.shape[3] + sizes.own_rows, work.upper_rows.shape[4] + sizes.own_rows
    for k in range(sizes.num_layers):
        start, row_count = _place_of(k, row_size, upper_row_size, columns)
        weights = matrix_at(flat, start, row_count, columns)
        if k == 0:
            pack_layer(weights, units, at(work.panels, worker), at(work.back_panels, worker))
        else:
            panels, back_panels = at(work.upper_panels, k - 1, worker), at(work.upper_back_panels, k - 1, worker)
            pack_layer(weights, units + sizes.hidden_size, panels, back_panels)
    # The head's weights (O, Hp) stand before its bias, which is the last O numbers.
    head = matrix_at(flat, flat.size - sizes.output_size * (units + 1), sizes.output_size, units)
    pack_layer(head, sizes.output_size, at(work.head_back_panels, worker), at(work.head_panels, worker))


@addressed_kernel
def part_gradient(products, filling, cell_parts, part, worker, update, sizes, data, work, flat, truncate, is_sparse):  # type: ignore[no-untyped-def]
    """Gradient of one part of the batch of ``update`` into ``work.gradients``, its share of the mean loss into ``work.losses``.

    Both at place worker · P + part.
    ``worker`` says whose arrays are at hand; its panels are those of the present weights.
    """
    units, columns = work.dh.shape[4], sizes.columns
    row_size, upper_row_size = work.rows.shape[3] + sizes.own_rows, work.upper_rows.shape[4] + sizes.own_rows
    seq_len, top = data.seq_lens[update], sizes.num_layers - 1
    first = update * sizes.batch_size + part * sizes.part_size
    count = min(sizes.part_size, (update + 1) * sizes.batch_size - first)
    lengths = between(data.lengths, first, first + count)
    rows = at(work.rows, worker)
    for k in range(sizes.num_layers):
        gates, extra, panels = at(work.gates, k, worker), at(work.extra, k, worker), at(work.panels, worker)
        if k > 0:
            rows, panels = at(work.upper_rows, k - 1, worker), at(work.upper_panels, k - 1, worker)
        start, row_count = _place_of(k, row_size, upper_row_size, columns)
        of_layer = (products, cell_parts, rows, gates, extra, matrix_at(flat, start, row_count, columns), panels, is_sparse and k == 0)
        for begin in range(0, seq_len, STEPS):
            end = min(begin + STEPS, seq_len)
            if k == 0:
                _set_inputs(data.inputs, first, count, begin, end, rows, units)
            elif k == 1:
                _pass_up(at(work.rows, worker), rows, begin, end, sizes.hidden_size, units)
            else:
                _pass_up(at(work.upper_rows, k - 2, worker), rows, begin, end, sizes.hidden_size, units)
            call_kernel(filling.forward, of_layer + (begin, end))
    for k in range(sizes.num_layers):
        rows = at(work.rows, worker)
        if k > 0:
            rows = at(work.upper_rows, k - 1, worker)
        _clear_padding(lengths, seq_len, rows, at(work.gates, k, worker), at(work.extra, k, worker), sizes.has_cell_state)
    place = worker * sizes.part_count + part
    gradient = at(work.gradients, place)
    clear(matrix_at(gradient, 0, 1, gradient.size))
    dh_steps = 2 if _is_only_last_counted(data, lengths, seq_len) else seq_len + 1
    mean = 1 / data.counts[update] if data.labels.size else 1 / (data.counts[update] * sizes.output_size)
    of_batch = (products, filling.loss, work.losses, place, first, count, seq_len, mean, data, rows)
    of_head = (at(work.y, worker), at(work.dy, worker), at(work.head_panels, worker), at(work.head_back_panels, worker))
    dh = between(at(work.dh, top, worker), 0, dh_steps)
    call_kernel(filling.head, of_batch + (dh,) + of_head + (flat, gradient, sizes.output_size))
    for k in range(top, -1, -1):
        rows, back_panels = at(work.rows, worker), at(work.back_panels, worker)
        if k > 0:
            rows, back_panels = at(work.upper_rows, k - 1, worker), at(work.upper_back_panels, k - 1, worker)
        gates, extra, rows = between(at(work.gates, k, worker), 0, seq_len), at(work.extra, k, worker), between(rows, 0, seq_len + 1)
        dh, dc = between(at(work.dh, k, worker), 0, dh_steps if k == top else seq_len + 1), at(work.dc, worker)
        clear(stacked(dc, 0, dc.shape[0]))
        start, row_count = _place_of(k, row_size, upper_row_size, columns)
        weights, d_weights = matrix_at(flat, start, row_count, columns), matrix_at(gradient, start, row_count, columns)
        of_cell = (products, cell_parts, rows, gates, extra, weights, back_panels, dh, dc, d_weights)
        call_kernel(filling.backward, of_cell + (is_sparse and k == 0, truncate, False))
        if k > 0:
            _pass_down(products, gates, columns, back_panels, between(at(work.dh, k - 1, worker), 1, seq_len + 1))


@inner_kernel
def _is_only_last_counted(data, lengths, seq_len):  # type: ignore[no-untyped-def]
    """Whether nothing comes from outputs to any state but the last: one answer, and sequences that are equally long."""
    if max(data.labels.size, data.targets.shape[0]) != data.lengths.size:
        return False
    for b in range(lengths.size):  # noqa: SIM110 - kernels know no all()
        if lengths[b] != seq_len:
            return False
    return True


@inner_kernel
def _set_inputs(inputs, first, count, begin, end, rows, units):  # type: ignore[no-untyped-def]
    """Copy the inputs of the part into the rows of the bottom layer. Places without a sequence keep what they have: none of it counts."""
    for t in range(begin, end):
        for b in range(count):
            for i in range(inputs.shape[2]):
                rows[t, b, units + i] = inputs[t, first + b, i]


@inner_kernel
def _pass_up(below, rows, begin, end, hidden_size, units):  # type: ignore[no-untyped-def]
    """h_t of the layer below is the input of this one."""
    for t in range(begin, end):
        for b in range(rows.shape[1]):
            for j in range(hidden_size):
                rows[t, b, units + j] = below[t + 1, b, j]


@inner_kernel
def _pass_down(products, gate_gradients, columns, back_panels, dh):  # type: ignore[no-untyped-def]
    """∂L/∂x of a layer is ∂L/∂h (T, B, Hp) of the one below; the strips for x come after those for h."""
    seq_len, units = gate_gradients.shape[0], dh.shape[2]
    d, dx = stacked(gate_gradients, 0, seq_len), stacked(dh, 0, seq_len)
    if back_panels.shape[0] * back_panels.shape[2] < 2 * units:
        # The product leaves out vectors that hold no unit.
        clear(dx)
    add_product(products, d, back_panels, 0, columns, units, back_panels.shape[0] * back_panels.shape[2], dx, 0, False)


@inner_kernel
def _clear_padding(lengths, seq_len, rows, gates, extra, has_cell_state):  # type: ignore[no-untyped-def]
    """Put 0 for all that went by after a sequence's end: an unbounded state may have grown beyond all numbers there.

    A place without a sequence has the length 0.
    """
    units, constant = extra.shape[3], rows.shape[2] - 1
    for b in range(rows.shape[1]):
        length = lengths[b] if b < lengths.size else 0
        for t in range(length, seq_len):
            for j in range(gates.shape[2]):
                gates[t, b, j] = 0
            for j in range(units):
                rows[t + 1, b, j] = 0
            for j in range(units, constant):
                rows[t, b, j] = 0
            for e in range(extra.shape[0]):
                # The first of a cell with a cell state is that, which belongs to the step before.
                step = t + 1 if e < has_cell_state else t
                for j in range(units):
                    extra[e, step, b, j] = 0
