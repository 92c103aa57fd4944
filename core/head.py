"""The linear head on top of a network, as kernels: y = W h + b at the outputs that are asked for.

W is (O, directions·Hp); ``left`` says where the columns of one direction begin.
"""

from core.kernel import kernel


@kernel
def add_answers(rows, steps, members, weights, left, units, y):  # type: ignore[no-untyped-def]
    """``y[n] += W h`` with h after step ``steps[n]`` of sequence ``members[n]``: rows (T + 1, B, ≥ Hp), y (N, O) modified in place."""
    for n in range(steps.size):
        h = rows[steps[n] + 1, members[n]]
        for o in range(weights.shape[0]):
            w = weights[o, left : left + units]
            total = h[0] * w[0]
            for j in range(1, units):
                total += h[j] * w[j]
            y[n, o] += total


@kernel
def add_answer_gradients(rows, steps, members, weights, left, units, dy, dh, d_weights):  # type: ignore[no-untyped-def]
    """From ``dy`` (N, O): adds to ``dh`` (T + 1, B, Hp), which is indexed like ``rows``, and to ``d_weights`` (O, directions·Hp)."""
    for n in range(steps.size):
        h = rows[steps[n] + 1, members[n]]
        dh_n = dh[steps[n] + 1, members[n]]
        for o in range(weights.shape[0]):
            d = dy[n, o]
            w = weights[o, left : left + units]
            d_w = d_weights[o, left : left + units]
            for j in range(units):
                dh_n[j] += d * w[j]
                d_w[j] += d * h[j]
