"""The training loop as one kernel: many updates without Python between, by one thread or two.

One thread leads: it announces an update, does the first part of its batch, and the second too unless the other
thread has taken it; then it adds up the gradients and moves the weights. The other thread assists: it waits for updates and takes second
parts. Which of them does a part changes nothing in the result, and nobody waits for a thread that has not begun.
"""

from typing import NamedTuple

import numpy as np

from core.kernel import inner_kernel, kernel
from core.kernels.atomics import acquire, release, take, wait_a_little
from core.kernels.denormals import control_word, set_control_word, with_flush
from core.kernels.kernel_pointer import call_kernel
from core.optimizer import norm_of

LEADING, ASSISTING = 0, 1

# Places of the counters that the two threads share.
ANNOUNCED, TAKEN, DONE = 0, 8, 16
COUNTERS = 24
OVER = -1

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
    """What a call leaves behind, by update: losses and gradient norms (float64) and whether the gradient was clipped (uint8).

    ``end`` (2) int64: how many updates were done, and what was not finite in the one after them.
    """

    losses: np.ndarray
    norms: np.ndarray
    is_clipped: np.ndarray
    end: np.ndarray


@kernel
def train(  # type: ignore[no-untyped-def]
    products, filling, parts, role, first, last, sizes, rules, bounds, data, work, counters, flat, slots, backup, rates, count, results
):
    """Do the updates ``first … last − 1`` of ``data``, or assist in them.

    Parameters
    ----------
    products, filling, parts : the kernels that are called, and what the cell's must know
    counters : (COUNTERS) int64, shared by both threads: ANNOUNCED and TAKEN begin with ``first``
    flat, slots : (size), (slots, size), modified in place by the leading thread; ``backup`` (slots + 1, size) is room
    rates : learning rate of each update of ``data``
    count : how many updates the optimizer has done before
    """
    before = control_word()
    set_control_word(with_flush(before))
    update, part = first, 0
    while update < last:
        if role == ASSISTING:
            update, part = _next_part(update, counters), 1
            if update == OVER:
                break
        elif part == 0:
            release(counters, ANNOUNCED, update + 1)
        arguments = (products, filling, parts, part, update, sizes, data, work, flat, rules.truncate, rules.is_sparse != 0)
        call_kernel(filling.part, arguments)
        if role == ASSISTING:
            update += 1
            release(counters, DONE, update)
        elif part == 0 and sizes.part_count > 1 and take(counters, TAKEN, update, update + 1):
            part = 1
        else:
            if part == 0 and sizes.part_count > 1:
                _wait(counters, DONE, update + 1)
            part = 0
            results.losses[update] = _add_parts(sizes.part_count, work.losses, work.gradients)
            number = count + update - first + 1
            reason = _finish(update, filling.update, rules, bounds, work.gradients[0], flat, slots, backup, rates[update], number, results)
            if reason != FINITE:
                results.end[1] = reason
                break
            update += 1
    if role == LEADING:
        results.end[0] = update - first
        release(counters, ANNOUNCED, OVER)
    set_control_word(before)


@inner_kernel
def _next_part(update, counters):  # type: ignore[no-untyped-def]
    """Wait for a second part of update ``update`` or a later one and take it; returns its update, or OVER."""
    waits = 0
    while True:
        announced = acquire(counters, ANNOUNCED)
        if announced == OVER:
            return OVER
        if announced > update:
            update = announced - 1
            if take(counters, TAKEN, update, update + 1):
                return update
            update += 1
            waits = 0
        wait_a_little(waits)
        waits += 1


@inner_kernel
def _wait(counters, place, value):  # type: ignore[no-untyped-def]
    waits = 0
    while acquire(counters, place) != value:
        wait_a_little(waits)
        waits += 1


@inner_kernel
def _add_parts(part_count, losses, gradients):  # type: ignore[no-untyped-def]
    """Add the gradients of all parts to the first; returns the loss of all."""
    gradient, loss = gradients[0], losses[0]
    for part in range(1, part_count):
        loss += losses[part]
        more = gradients[part]
        for i in range(gradient.size):
            gradient[i] += more[i]
    return loss


@inner_kernel
def _finish(update, update_kernel, rules, bounds, gradient, flat, slots, backup, rate, count, results):  # type: ignore[no-untyped-def]
    """Move the weights; returns what is not finite. Then weights and slots are as they were before."""
    norm = norm_of(gradient)
    results.norms[update], results.is_clipped[update] = norm, 0
    if not np.isfinite(results.losses[update]):
        return LOSS
    if not np.isfinite(norm):
        return GRADIENT
    results.is_clipped[update] = _clip(gradient, norm, bounds)
    _copy(flat, backup[0])
    for slot in range(slots.shape[0]):
        _copy(slots[slot], backup[slot + 1])
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
        if reason == FINITE and not np.isfinite(norm_of(slots[slot])):
            reason = MOMENTS
    if reason != FINITE:
        _copy(backup[0], flat)
        for slot in range(slots.shape[0]):
            _copy(backup[slot + 1], slots[slot])
    return reason


@inner_kernel
def _copy(source, target):  # type: ignore[no-untyped-def]
    for i in range(source.size):
        target[i] = source[i]


@inner_kernel
def _clip(gradient, norm, bounds):  # type: ignore[no-untyped-def]
    """Clip by value, then by norm; returns whether anything was changed. See core.optimizer."""
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
    return is_clipped
