"""The training loop as one kernel: many updates without Python between, by one thread or two.

The parts of all batches are numbered, and each thread takes the next part that may be done: whoever is faster does more of them. One
thread leads: it lets the parts of an update be taken, takes its share, and when all are done it adds up the gradients and moves the
weights. The other thread assists: it only takes parts. Which of them does a part changes nothing in the result, and nobody waits for
a thread that has not begun.
"""

from typing import NamedTuple

import numpy as np

from core.kernel import inner_kernel, kernel
from core.kernels.atomics import acquire, add_one, release, take, wait_a_little
from core.kernels.denormals import control_word, set_control_word, with_flush
from core.kernels.kernel_pointer import call_kernel
from core.kernels.views import at
from core.optimizer import norm_of

LEADING, ASSISTING = 0, 1

# Places of the counters that the threads share, each on a line of the cache of its own: parts below the number at LIMIT may be taken, the
# next is the one at NEXT, and as many as stand at DONE are done. Part p of update u has the number u · P + p.
LIMIT, NEXT, DONE = 0, 8, 16
COUNTERS = 24
OVER, NOTHING = -1, -1

FINITE, LOSS, GRADIENT, WEIGHTS, MOMENTS = range(5)


class Rules(NamedTuple):
    """How an update is done; as in core.settings, 0 where off."""

    truncate: int
    is_sparse: int
    decouples_weight_decay: int


class Bounds(NamedTuple):
    """Numbers of the update rule that are the same for all updates."""

    clip_norm: float
    clip_value: float
    weight_decay: float


class Results(NamedTuple):
    """What a call leaves behind, by update: losses, gradient norms before and after clipping (float64), whether it was clipped (uint8).

    ``end`` (2) int64: how many updates were done, and what was not finite in the one after them.
    """

    losses: np.ndarray
    norms: np.ndarray
    clipped_norms: np.ndarray
    is_clipped: np.ndarray
    end: np.ndarray


@kernel
def train(  # type: ignore[no-untyped-def]
    products, filling, cell_parts, role, first, last, sizes, rules, bounds, data, work, counters, flat, slots, backup, rates, count, results
):
    """Do the updates ``first … last − 1`` of ``data``, or assist in them.

    Parameters
    ----------
    products, filling : the kernels that are called
    cell_parts : which of the cell's options are on, as its kernels take it
    role : LEADING or ASSISTING; also whose arrays it works in
    counters : (COUNTERS) int64, shared by both threads; all begin with the number of the first part
    flat, slots : (size), (slots, size), modified in place by the leading thread; ``backup`` (slots + 1, size) is room
    rates : learning rate of each update of ``data``
    count : how many updates the optimizer has done before
    """
    before = control_word()
    set_control_word(with_flush(before))
    update, packed, waits = first, first - 1, 0
    if role == LEADING:
        release(counters, LIMIT, (first + 1) * sizes.part_count)
    while update < last:
        number = _next_part(counters)
        if number != NOTHING:
            of_update, part, waits = number // sizes.part_count, number % sizes.part_count, 0
            if packed != of_update:
                packed = of_update
                call_kernel(filling.pack, (flat, role, sizes, work))
            arguments = (
                products,
                filling,
                cell_parts,
                part,
                role,
                of_update,
                sizes,
                data,
                work,
                flat,
                rules.truncate,
                rules.is_sparse != 0,
            )
            call_kernel(filling.part, arguments)
            add_one(counters, DONE)
        elif role == ASSISTING:
            if acquire(counters, LIMIT) == OVER:
                break
            wait_a_little(waits)
            waits += 1
        elif acquire(counters, DONE) < (update + 1) * sizes.part_count:
            wait_a_little(waits)
            waits += 1
        else:
            waits = 0
            results.losses[update] = _add_parts(sizes.part_count, work.losses, work.gradients)
            done = count + update - first
            reason = _finish(
                update, filling.update, rules, bounds, at(work.gradients, 0), flat, slots, backup, rates[update], done + 1, results
            )
            if reason != FINITE:
                results.end[1] = reason
                break
            update += 1
            if update < last:
                release(counters, LIMIT, (update + 1) * sizes.part_count)
    if role == LEADING:
        results.end[0] = update - first
        release(counters, LIMIT, OVER)
    set_control_word(before)


@inner_kernel
def _next_part(counters):  # type: ignore[no-untyped-def]
    """Take the next part; returns its number, or NOTHING where there is none that may be taken."""
    while True:
        number = acquire(counters, NEXT)
        if number >= acquire(counters, LIMIT):
            return NOTHING
        if take(counters, NEXT, number, number + 1):
            return number


@inner_kernel
def _add_parts(part_count, losses, gradients):  # type: ignore[no-untyped-def]
    """Add the gradients of all parts to the first; returns the loss of all."""
    gradient, loss = at(gradients, 0), losses[0]
    for part in range(1, part_count):
        loss += losses[part]
        more = at(gradients, part)
        for i in range(gradient.size):
            gradient[i] += more[i]
    return loss


@inner_kernel
def _finish(update, update_kernel, rules, bounds, gradient, flat, slots, backup, rate, count, results):  # type: ignore[no-untyped-def]
    """Move the weights; returns what is not finite. Then weights and slots are as they were before."""
    norm = norm_of(gradient)
    results.norms[update], results.clipped_norms[update], results.is_clipped[update] = norm, norm, 0
    if not np.isfinite(results.losses[update]):
        return LOSS
    if not np.isfinite(norm):
        return GRADIENT
    results.is_clipped[update], results.clipped_norms[update] = _clip(gradient, norm, bounds)
    _copy(flat, at(backup, 0))
    for slot in range(slots.shape[0]):
        _copy(at(slots, slot), at(backup, slot + 1))
    decay = bounds.weight_decay
    if decay > 0 and rules.decouples_weight_decay:
        kept = flat.dtype.type(1 - rate * decay)
        for i in range(flat.size):
            flat[i] *= kept
    elif decay > 0:
        added = flat.dtype.type(decay)
        for i in range(flat.size):
            gradient[i] += added * flat[i]
    call_kernel(update_kernel, (flat, gradient, slots, count, rate))
    reason = FINITE if np.isfinite(norm_of(flat)) else WEIGHTS
    for slot in range(slots.shape[0]):
        if reason == FINITE and not np.isfinite(norm_of(at(slots, slot))):
            reason = MOMENTS
    if reason != FINITE:
        _copy(at(backup, 0), flat)
        for slot in range(slots.shape[0]):
            _copy(at(backup, slot + 1), at(slots, slot))
    return reason


@inner_kernel
def _copy(source, target):  # type: ignore[no-untyped-def]
    for i in range(source.size):
        target[i] = source[i]


@inner_kernel
def _clip(gradient, norm, bounds):  # type: ignore[no-untyped-def]
    """Clip by value, then by norm; returns whether anything was changed, and the norm then. See core.optimizer."""
    is_clipped = False
    if bounds.clip_value > 0:
        bound = gradient.dtype.type(bounds.clip_value)
        largest = gradient.dtype.type(0)
        for i in range(gradient.size):
            largest = max(largest, abs(gradient[i]))
        if largest > bound:
            is_clipped = True
            for i in range(gradient.size):
                gradient[i] = min(max(gradient[i], -bound), bound)
            norm = norm_of(gradient)
    if bounds.clip_norm > 0 and norm > bounds.clip_norm:
        is_clipped = True
        scale = gradient.dtype.type(bounds.clip_norm / norm)
        for i in range(gradient.size):
            gradient[i] *= scale
        norm = bounds.clip_norm
    return is_clipped, norm
