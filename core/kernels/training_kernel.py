"""The training loop as one kernel: many updates without Python between, by one thread or two.

Each thread takes the next part of the batch that may be done: whoever is faster does more of them. When all are done, one of the threads
adds up their gradients and moves the weights. Which thread does what changes nothing in the result, and nobody waits for a thread that
has not begun, or that has lost its core in the middle of a part (core.kernels.shared_parts).
"""

from typing import NamedTuple

import numpy as np

from core.kernel import inner_kernel, kernel
from core.kernels.atomics import acquire, take, wait_a_little
from core.kernels.denormals import control_word, set_control_word, with_flush
from core.kernels.kernel_pointer import call_kernel
from core.kernels.shared_parts import (
    ENDING,
    NOTHING,
    UPDATE,
    begin,
    doer,
    first_not_done,
    go_on,
    is_late,
    length_after,
    next_part,
    note_begun,
    note_done,
)
from core.kernels.ticks import ticks
from core.kernels.views import at
from core.optimizer import norm_of

LEADING, ASSISTING = 0, 1
"""The thread that called for the updates, and the one that helps."""

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
    products, filling, cell_parts, me, first, last, sizes, rules, bounds, data, work, counters, flat, slots, backup, rates, count, results
):
    """Do the updates ``first … last − 1`` of ``data``, with another thread that does the same or alone.

    Parameters
    ----------
    products, filling : the kernels that are called
    cell_parts : which of the cell's options are on, as its kernels take it
    me : LEADING or ASSISTING: the thread, and whose arrays it works in
    counters : int64, shared by both threads (core.kernels.shared_parts)
    flat, slots : (size), (slots, size), modified in place; ``backup`` (slots + 1, size) is room
    rates : learning rate of each update of ``data``
    count : how many updates the optimizer has done before
    """
    before = control_word()
    set_control_word(with_flush(before))
    parts = sizes.part_count
    packed, waits, waiting_since, step_length = first - 1, 0, 0, 0.0
    if me == LEADING:
        begin(counters, first)
    while True:
        update = acquire(counters, UPDATE)
        if update >= last:
            break
        if update < first:
            wait_a_little(waits)
            waits += 1
            continue
        number = next_part(counters, (update + 1) * parts)
        part = number % parts if number != NOTHING else first_not_done(counters, update, parts)
        if part == NOTHING and take(counters, ENDING, update, update + 1):
            results.losses[update] = _add_parts(counters, parts, work.losses, work.gradients)
            gradient, done = at(work.gradients, doer(counters, 0) * parts), update - first + 1
            reason = _finish(update, filling.update, rules, bounds, gradient, flat, slots, backup, rates[update], count + done, results)
            if reason == FINITE:
                results.end[0] = done
            else:
                results.end[1] = reason
            go_on(counters, update, reason == FINITE)
            continue
        if number == NOTHING:
            if waits == 0:
                waiting_since = ticks()
            if part == NOTHING or not is_late(counters, me, step_length * data.seq_lens[update], waiting_since):
                wait_a_little(waits)
                waits += 1
                continue
        waits = 0
        begun = note_begun(counters, me)
        if packed != update:
            packed = update
            call_kernel(filling.pack, (flat, me, sizes, work))
        arguments = (
            products,
            filling,
            cell_parts,
            part,
            me,
            update,
            sizes,
            data,
            work,
            flat,
            rules.truncate,
            rules.is_sparse != 0,
        )
        call_kernel(filling.part, arguments)
        note_done(counters, part, update, me)
        step_length = length_after(step_length, (ticks() - begun) / data.seq_lens[update])
    set_control_word(before)


@inner_kernel
def _add_parts(counters, part_count, losses, gradients):  # type: ignore[no-untyped-def]
    """Add the gradients of all parts to that of the first; returns the loss of all."""
    place = doer(counters, 0) * part_count
    gradient, loss = at(gradients, place), losses[place]
    for part in range(1, part_count):
        place = doer(counters, part) * part_count + part
        loss += losses[place]
        more = at(gradients, place)
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
