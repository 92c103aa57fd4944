"""The kernels of the LSTM and its variants.

Column blocks: i, f, C̃, o. ``extra[0]`` keeps C_t, ``extra[1]`` what the output gate shows: tanh C_t. The own row of the
weights holds the peepholes p_i, p_f and p_o in the blocks of their gates.

An absent gate is 1 in its block of ``gates``, so that the equations stay as they are and its gradient, which has the factor
i (1 − i), is 0. Only loops without branches are vectorised: a variant decides outside of its loops over units and needs
several, while the plain LSTM does with one, which is faster. ``one`` has the arrays' precision, as a whole number would make
doubles of all that it meets.
"""

from typing import NamedTuple

from core.activations import sigmoid, tanh
from core.kernel import inner_kernel, kernel
from core.matrix_products import add_outer_products, add_product, add_transposed_product


class Parts(NamedTuple):
    """What an LSTM is made of: False where an option takes the part away."""

    input_gate: bool = True
    forget_gate: bool = True
    output_gate: bool = True
    input_activation: bool = True
    output_activation: bool = True
    coupling: bool = False
    peepholes: bool = False


@kernel
def forward(rows, gates, extra, weights, parts, is_plain, first, last):  # type: ignore[no-untyped-def]
    """See Cell.forward; ``is_plain`` says that ``parts`` are those of the LSTM without options."""
    columns, size = gates.shape[2], rows.shape[2]
    for t in range(first, last):
        pre = gates[t]
        pre[:] = 0
        add_product(rows[t], weights, 0, size, 0, columns, pre)
        if is_plain:
            _step(pre, extra[0, t], extra[0, t + 1], extra[1, t], rows[t + 1])
        else:
            _step_of_variant(pre, extra[0, t], extra[0, t + 1], extra[1, t], rows[t + 1], weights[-1], parts)


@inner_kernel
def _step(pre, c_prev, c, shown, h):  # type: ignore[no-untyped-def]
    """All of one step (B, …) that follows the product; ``pre`` becomes the values of the gates."""
    units = c.shape[1]
    for b in range(pre.shape[0]):
        i = pre[b, :units]
        f = pre[b, units : 2 * units]
        candidate = pre[b, 2 * units : 3 * units]
        o = pre[b, 3 * units :]
        c_prev_b, c_b, shown_b, h_b = c_prev[b], c[b], shown[b], h[b]
        for j in range(units):
            i[j] = sigmoid(i[j])
            f[j] = sigmoid(f[j])
            candidate[j] = tanh(candidate[j])
            o[j] = sigmoid(o[j])
            c_b[j] = f[j] * c_prev_b[j] + i[j] * candidate[j]
            shown_b[j] = tanh(c_b[j])
            h_b[j] = o[j] * shown_b[j]


@inner_kernel
def _step_of_variant(pre, c_prev, c, shown, h, p, parts):  # type: ignore[no-untyped-def]
    """The same with peepholes ``p`` (C·Hp), or without some of the parts: these are overwritten, as that compiles twice as fast."""
    units = c.shape[1]
    one = c.dtype.type(1)
    p_i, p_f, p_o = p[:units], p[units : 2 * units], p[3 * units :]
    for b in range(pre.shape[0]):
        i = pre[b, :units]
        f = pre[b, units : 2 * units]
        candidate = pre[b, 2 * units : 3 * units]
        o = pre[b, 3 * units :]
        c_prev_b, c_b, shown_b, h_b = c_prev[b], c[b], shown[b], h[b]
        if parts.peepholes:
            for j in range(units):
                i[j] += p_i[j] * c_prev_b[j]
                f[j] += p_f[j] * c_prev_b[j]
        for j in range(units):
            i[j] = sigmoid(i[j])
            f[j] = sigmoid(f[j])
        if not parts.input_gate:
            for j in range(units):
                i[j] = one
        if parts.coupling:
            for j in range(units):
                f[j] = one - i[j]
        if not parts.forget_gate:
            for j in range(units):
                f[j] = one
        if parts.input_activation:
            for j in range(units):
                candidate[j] = tanh(candidate[j])
        for j in range(units):
            c_b[j] = f[j] * c_prev_b[j] + i[j] * candidate[j]
        if parts.peepholes:
            for j in range(units):
                o[j] += p_o[j] * c_b[j]
        for j in range(units):
            o[j] = sigmoid(o[j])
            shown_b[j] = tanh(c_b[j])
        if not parts.output_gate:
            for j in range(units):
                o[j] = one
        if not parts.output_activation:
            for j in range(units):
                shown_b[j] = c_b[j]
        for j in range(units):
            h_b[j] = o[j] * shown_b[j]


@kernel
def backward(rows, gates, extra, weights, dh, dc, gradient, parts, is_plain, truncate, has_start):  # type: ignore[no-untyped-def]
    """See Cell.backward."""
    seq_len, _, columns = gates.shape
    size, units = rows.shape[2], columns // 4
    for t in range(seq_len - 1, -1, -1):
        d = gates[t]
        is_carried = has_start if t == 0 else truncate == 0 or t % truncate != 0
        if is_plain:
            _step_back(d, extra[0, t], extra[1, t], dh[t + 1], dc[t + 1], dc[t], is_carried)
        else:
            c_prev, c, shown = extra[0, t], extra[0, t + 1], extra[1, t]
            _step_of_variant_back(d, c_prev, c, shown, dh[t + 1], dc[t + 1], dc[t], weights[-1], gradient[-1], parts, is_carried)
        add_outer_products(rows[t], d, 0, size, 0, columns, gradient)
        if is_carried:
            add_transposed_product(d, weights, 0, units, 0, columns, dh[t])


@inner_kernel
def _step_back(d, c_prev, shown, dh, dc, dc_prev, is_carried):  # type: ignore[no-untyped-def]
    """One step: ``d`` (B, 4·Hp) are the values of the gates and become their gradients before the activation."""
    units = dc.shape[1]
    one = dc.dtype.type(1)
    for b in range(d.shape[0]):
        i = d[b, :units]
        f = d[b, units : 2 * units]
        candidate = d[b, 2 * units : 3 * units]
        o = d[b, 3 * units :]
        c_prev_b, shown_b, dh_b, dc_b, dc_prev_b = c_prev[b], shown[b], dh[b], dc[b], dc_prev[b]
        for j in range(units):
            i_j, f_j, candidate_j, o_j = i[j], f[j], candidate[j], o[j]
            dc_j = dc_b[j] + dh_b[j] * o_j * (one - shown_b[j] * shown_b[j])
            dc_b[j] = dc_j
            i[j] = dc_j * candidate_j * i_j * (one - i_j)
            f[j] = dc_j * c_prev_b[j] * f_j * (one - f_j)
            candidate[j] = dc_j * i_j * (one - candidate_j * candidate_j)
            o[j] = dh_b[j] * shown_b[j] * o_j * (one - o_j)
            if is_carried:
                dc_prev_b[j] += dc_j * f_j


@inner_kernel
def _step_of_variant_back(d, c_prev, c, shown, dh, dc, dc_prev, p, dp, parts, is_carried):  # type: ignore[no-untyped-def]
    """The same with peepholes ``p`` (C·Hp), whose gradients are added to ``dp``, or without some of the parts."""
    units = dc.shape[1]
    one = dc.dtype.type(1)
    has_tanh_candidate, has_tanh_c = dc.dtype.type(parts.input_activation), dc.dtype.type(parts.output_activation)
    p_i, p_f, p_o = p[:units], p[units : 2 * units], p[3 * units :]
    dp_i, dp_f, dp_o = dp[:units], dp[units : 2 * units], dp[3 * units :]
    for b in range(d.shape[0]):
        i = d[b, :units]
        f = d[b, units : 2 * units]
        candidate = d[b, 2 * units : 3 * units]
        o = d[b, 3 * units :]
        c_prev_b, c_b, shown_b, dh_b, dc_b, dc_prev_b = c_prev[b], c[b], shown[b], dh[b], dc[b], dc_prev[b]
        for j in range(units):
            dc_b[j] += dh_b[j] * o[j] * (one - has_tanh_c * shown_b[j] * shown_b[j])
            o[j] = dh_b[j] * shown_b[j] * o[j] * (one - o[j])
        if parts.peepholes:
            for j in range(units):
                dc_b[j] += o[j] * p_o[j]
                dp_o[j] += o[j] * c_b[j]
        if is_carried:
            for j in range(units):
                dc_prev_b[j] += dc_b[j] * f[j]
        if parts.coupling:
            # f = 1 − i = σ(−a_i): what comes to a_i by way of f is the negative of this.
            for j in range(units):
                f[j] = dc_b[j] * c_prev_b[j] * i[j] * (one - i[j])
        else:
            for j in range(units):
                f[j] = dc_b[j] * c_prev_b[j] * f[j] * (one - f[j])
        for j in range(units):
            i_j, candidate_j = i[j], candidate[j]
            i[j] = dc_b[j] * candidate_j * i_j * (one - i_j)
            candidate[j] = dc_b[j] * i_j * (one - has_tanh_candidate * candidate_j * candidate_j)
        if parts.coupling:
            for j in range(units):
                i[j] -= f[j]
                f[j] = 0
        if parts.peepholes:
            for j in range(units):
                dp_i[j] += i[j] * c_prev_b[j]
                dp_f[j] += f[j] * c_prev_b[j]
            if is_carried:
                for j in range(units):
                    dc_prev_b[j] += i[j] * p_i[j] + f[j] * p_f[j]


@kernel
def tangent(rows, gates, extra, weights, R_rows, R_gates, R_extra, direction, parts):  # type: ignore[no-untyped-def]
    """See Cell.tangent. The prefix R_ stands for R{…}, the derivative along the direction; of the peepholes it is R_p."""
    seq_len, batch_size, columns = gates.shape
    size, units = rows.shape[2], columns // 4
    one = rows.dtype.type(1)
    has_tanh_candidate, has_tanh_c = rows.dtype.type(parts.input_activation), rows.dtype.type(parts.output_activation)
    p, R_p = weights[-1], direction[-1]
    p_i, p_f, p_o = p[:units], p[units : 2 * units], p[3 * units :]
    R_p_i, R_p_f, R_p_o = R_p[:units], R_p[units : 2 * units], R_p[3 * units :]
    for t in range(seq_len):
        R_gates[:] = 0
        add_product(R_rows[t], weights, 0, size, 0, columns, R_gates)
        add_product(rows[t], direction, 0, size, 0, columns, R_gates)
        for b in range(batch_size):
            i, R_i = gates[t, b, :units], R_gates[b, :units]
            f, R_f = gates[t, b, units : 2 * units], R_gates[b, units : 2 * units]
            candidate, R_candidate = gates[t, b, 2 * units : 3 * units], R_gates[b, 2 * units : 3 * units]
            o, R_o = gates[t, b, 3 * units :], R_gates[b, 3 * units :]
            c_prev, R_c_prev = extra[0, t, b], R_extra[0, t, b]
            c, R_c = extra[0, t + 1, b], R_extra[0, t + 1, b]
            shown, R_h = extra[1, t, b], R_rows[t + 1, b]
            if parts.peepholes:
                for j in range(units):
                    R_i[j] += p_i[j] * R_c_prev[j] + R_p_i[j] * c_prev[j]
                    R_f[j] += p_f[j] * R_c_prev[j] + R_p_f[j] * c_prev[j]
            for j in range(units):
                R_i[j] *= i[j] * (one - i[j])
                R_f[j] *= f[j] * (one - f[j])
            if parts.coupling:
                for j in range(units):
                    R_f[j] = -R_i[j]
            for j in range(units):
                R_candidate[j] *= one - has_tanh_candidate * candidate[j] * candidate[j]
                R_c[j] = R_f[j] * c_prev[j] + f[j] * R_c_prev[j] + R_i[j] * candidate[j] + i[j] * R_candidate[j]
            if parts.peepholes:
                for j in range(units):
                    R_o[j] += p_o[j] * R_c[j] + R_p_o[j] * c[j]
            for j in range(units):
                R_o[j] *= o[j] * (one - o[j])
                R_h[j] = R_o[j] * shown[j] + o[j] * (one - has_tanh_c * shown[j] * shown[j]) * R_c[j]
