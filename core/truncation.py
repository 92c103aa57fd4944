"""Where truncated backpropagation cuts the gradient (Williams & Peng 1990, in whole pieces): as the backward kernels do it.

A layer's gradient does not pass between its steps t−1 and t, in its order of reading, wherever t ≥ 1 is a multiple of the length. An
encoder and its decoder are counted each from its own beginning; between them the gradient passes.
"""


def cut_steps(seq_len: int, truncate: int, is_backward: bool = False, decoder_start: int | None = None) -> tuple[int, ...]:
    """Steps s of a trace, ascending from 1, between which and the step before, s−1, no gradient passes.

    Parameters
    ----------
    seq_len : T, the steps of the trace
    truncate : the length of the pieces; 0: there is no cut
    is_backward : whether the layer reads from the end
    decoder_start : the decoder's first step; None without one
    """
    if truncate <= 0:
        return ()
    start = decoder_start or 0
    parts = [(0, start), (start, seq_len)] if start else [(0, seq_len)]
    cuts: list[int] = []
    for first, end in parts:
        own_steps = range(truncate, end - first, truncate)
        cuts.extend(sorted(end - t if is_backward else first + t for t in own_steps))
    return tuple(cuts)
