"""How two threads share the parts of batches: who does which, which are done, and who ends an update.

The parts of all batches are numbered, part p of update u has the number u · P + p, and each thread takes the next one of the present
update. A system that has other things to do may take the core from a thread in the middle of its part, for longer than many updates last.
So a part that is late is done once more by the thread that waits for it. Who is done first counts, and what the other one finds later is
not used: each thread works in arrays of its own, and both find the same, bit for bit. Whichever thread sees all parts done ends the update.
"""

from core.kernel import inner_kernel
from core.kernels.atomics import acquire, release, take
from core.kernels.ticks import ticks

# Places of the counters that the threads share, each on a line of the cache of its own: the present update, the number of the next part,
# the next update that somebody is to end, when each thread began its last part, and for each part of a batch the last update that it is
# done for, together with the thread that did it.
UPDATE, NEXT, ENDING, BEGUN, DONE = 0, 8, 16, 24, 40
LINE = 8
OVER = 2**62
"""As the present update: all is done, or something went wrong."""
NOTHING = -1
THREADS = 2

# A part is late when it takes longer than one of the waiting thread did by more than this share of it, and it was waited for so long.
PATIENCE = 0.25
# How fast the length of a part is forgotten when parts take longer: they may have been interrupted.
FORGETTING = 0.0625


def counter_count(part_count: int) -> int:
    """How many int64 the counters are."""
    return DONE + LINE * part_count


def set_counters(counters, first: int, part_count: int) -> None:  # type: ignore[no-untyped-def]
    """Before the first update, which begins when the leading thread says so."""
    counters[:] = 0
    counters[UPDATE] = first - 1
    counters[ENDING] = first
    counters[NEXT] = first * part_count
    counters[DONE:] = -1


@inner_kernel
def next_part(counters, end):  # type: ignore[no-untyped-def]
    """Take the next part before number ``end``; returns its number, or NOTHING."""
    while True:
        number = acquire(counters, NEXT)
        if number >= end:
            return NOTHING
        if take(counters, NEXT, number, number + 1):
            return number


@inner_kernel
def begin(counters, first):  # type: ignore[no-untyped-def]
    """Let the first update begin: nothing is done for a leading thread that never comes."""
    take(counters, UPDATE, first - 1, first)


@inner_kernel
def go_on(counters, update, is_well):  # type: ignore[no-untyped-def]
    """``update`` is ended, and the next one begins, or none where something is not well. Where all is over already it stays so."""
    following = update + 1
    if not is_well:
        following = OVER
    take(counters, UPDATE, update, following)


@inner_kernel
def is_done(counters, part, update):  # type: ignore[no-untyped-def]
    """Whether ``part`` of ``update`` is done, by whomever."""
    return acquire(counters, DONE + LINE * part) >= THREADS * update


@inner_kernel
def doer(counters, part):  # type: ignore[no-untyped-def]
    """The thread whose result counts for a part that is done."""
    return acquire(counters, DONE + LINE * part) % THREADS


@inner_kernel
def note_done(counters, part, update, thread):  # type: ignore[no-untyped-def]
    """``thread`` has done ``part`` of ``update``; without effect where another one was first."""
    place = DONE + LINE * part
    while True:
        known = acquire(counters, place)
        if known >= THREADS * update or take(counters, place, known, THREADS * update + thread):
            return


@inner_kernel
def first_not_done(counters, update, part_count):  # type: ignore[no-untyped-def]
    """The first part of ``update`` that is not done, or NOTHING."""
    for part in range(part_count):
        if not is_done(counters, part, update):
            return part
    return NOTHING


@inner_kernel
def is_late(counters, thread, length, waiting_since):  # type: ignore[no-untyped-def]
    """Whether the other thread should be done with its part by now, as one takes ``length`` ticks (0: not known)."""
    now, begun = ticks(), acquire(counters, BEGUN + LINE * (1 - thread))
    return length > 0 and now - begun > (1 + PATIENCE) * length and now - waiting_since > PATIENCE * length


@inner_kernel
def note_begun(counters, thread):  # type: ignore[no-untyped-def]
    """``thread`` begins a part; returns when."""
    now = ticks()
    release(counters, BEGUN + LINE * thread, now)
    return now


@inner_kernel
def length_after(length, ticks_taken):  # type: ignore[no-untyped-def]
    """How long a part takes, after one more that took ``ticks_taken``: the shortest of late."""
    if length == 0 or ticks_taken < length:
        return ticks_taken
    return length + FORGETTING * (ticks_taken - length)
