"""How two threads share the parts of batches: whatever happens to one of them, a run ends, and is the same bit for bit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from llvmlite import binding, ir

from core import assistant, fast_training
from core.kernel import kernel
from core.kernels import shared_parts
from core.kernels.shared_parts import BEGUN, DONE, LINE, NEXT, NOTHING, OVER, THREADS, UPDATE, counter_count, set_counters
from core.kernels.ticks import read_counter, ticks
from core.kernels.training_kernel import ASSISTING, LEADING
from core.settings import Settings
from core.trainer import Trainer
from tests.core.runs import assert_same_run

LARGE = {"network.hidden_size": 24, "training.batch_size": 50}
PARTS = 4
TRIPLES = ("x86_64-unknown-linux-gnu", "x86_64-pc-windows-msvc", "arm64-apple-darwin22", "aarch64-unknown-linux-gnu", "riscv64-linux-gnu")


@kernel
def note_done(counters, part, update, thread):  # type: ignore[no-untyped-def]
    shared_parts.note_done(counters, part, update, thread)
    return shared_parts.doer(counters, part), shared_parts.first_not_done(counters, update, PARTS)


@kernel
def go_on(counters, update, is_well):  # type: ignore[no-untyped-def]
    shared_parts.go_on(counters, update, is_well)


@kernel
def two_ticks():  # type: ignore[no-untyped-def]
    return ticks(), ticks()


@kernel
def lateness(counters, thread, length, waiting_since):  # type: ignore[no-untyped-def]
    return shared_parts.is_late(counters, thread, length, waiting_since)


@kernel
def lengths(first, second):  # type: ignore[no-untyped-def]
    return shared_parts.length_after(0.0, first), shared_parts.length_after(float(first), second)


@pytest.fixture
def counters() -> np.ndarray:
    found = np.empty(counter_count(PARTS), np.int64)
    set_counters(found, 7, PARTS)
    found[UPDATE] = 7
    return found


@pytest.mark.skipif(two_ticks()[1] == 0, reason="no counter of ticks: nothing is ever late")
@pytest.mark.parametrize("taken", [1, 2, 3])
def test_part_of_a_thread_that_never_comes_back(settings: Settings, monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
    """It is done by the thread that waits for it; of several that were taken, all are."""
    monkeypatch.setattr(assistant, "core_count", lambda: 1)
    trainer, twin = (Trainer(settings.with_changes(LARGE)) for _ in range(2))
    twin.train(6)

    def some_are_taken(counters: np.ndarray, first: int, part_count: int) -> None:
        assert part_count == PARTS
        set_counters(counters, first, part_count)
        counters[NEXT] += taken
        counters[BEGUN + LINE * ASSISTING] = 1

    monkeypatch.setattr(fast_training, "set_counters", some_are_taken)
    for count in (1, 5):
        trainer.train(count)
    assert_same_run(trainer, twin)


def test_either_thread_can_do_all_of_it(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the one that only helps: it ends updates too."""
    monkeypatch.setattr(assistant, "core_count", lambda: 1)
    trainer, twin = (Trainer(settings.with_changes(LARGE)) for _ in range(2))
    twin.train(6)
    train = fast_training.train

    def by_the_other(products: Any, filling: Any, parts: Any, thread: int, first: int, *rest: Any) -> None:
        counters = next(each for each in rest if getattr(each, "shape", None) == (counter_count(PARTS),))
        counters[UPDATE] = first
        train(products, filling, parts, ASSISTING, first, *rest)

    monkeypatch.setattr(fast_training, "train", by_the_other)
    trainer.train(6)
    assert_same_run(trainer, twin)


def test_run_does_not_wait_for_what_nobody_needs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other thread is held up in its part until the run is at its end."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer, twin = (Trainer(settings.with_changes(LARGE)) for _ in range(2))
    twin.train(6)
    train, is_over, helped = fast_training.train, threading.Event(), []

    def held_up(products: Any, filling: Any, parts: Any, thread: int, *rest: Any) -> None:
        if thread == ASSISTING:
            assert is_over.wait(60)
            helped.append(thread)
        train(products, filling, parts, thread, *rest)

    monkeypatch.setattr(fast_training, "train", held_up)
    trainer.train(6)
    assert not helped
    is_over.set()
    assert_same_run(trainer, twin)
    trainer.train(3)
    twin.train(3)
    assert_same_run(trainer, twin)


def test_interrupt_before_the_run_begins_leaves_it_as_it_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C when the other thread has been called and nobody knows it yet: it waits for a beginning that never comes, and ends."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer, twin = (Trainer(settings.with_changes(LARGE)) for _ in range(2))
    for each in (trainer, twin):
        each.train(2)
    orphans = []

    @contextmanager
    def interrupted() -> Iterator[Any]:
        with assistant.assistance() as start:
            assert start is not None

            def start_and_stop(*arguments: Any) -> None:
                orphans.append(start(*arguments))
                while not orphans[0].running():
                    pass
                raise KeyboardInterrupt

            yield start_and_stop

    with monkeypatch.context() as patch:
        patch.setattr(fast_training, "assistance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(3)
    orphans[0].result(60)
    assert_same_run(trainer, twin)
    for each in (trainer, twin):
        each.train(3)
    assert_same_run(trainer, twin)


def test_first_result_of_a_part_counts(counters: np.ndarray) -> None:
    assert note_done(counters, 0, 7, ASSISTING) == (ASSISTING, 1)
    assert note_done(counters, 0, 7, LEADING) == (ASSISTING, 1)
    assert note_done(counters, 0, 8, LEADING) == (LEADING, 1)
    # A thread that comes back after its update was over.
    assert note_done(counters, 0, 7, ASSISTING) == (LEADING, 1)
    assert counters[DONE] == THREADS * 8 + LEADING
    for part in range(1, PARTS):
        found = note_done(counters, part, 8, ASSISTING)
    assert found == (ASSISTING, NOTHING)


@pytest.mark.parametrize(("is_well", "following"), [(True, 8), (False, OVER)])
def test_what_is_over_stays_over(counters: np.ndarray, is_well: bool, following: int) -> None:
    go_on(counters, 7, is_well)
    assert counters[UPDATE] == following
    counters[UPDATE] = OVER
    go_on(counters, 7, True)
    assert counters[UPDATE] == OVER


@pytest.mark.parametrize("triple", TRIPLES)
def test_ticks_are_code_of_every_processor(triple: str) -> None:
    """It needs no reader of assembly: Numba has none."""
    module = ir.Module(name="ticks")
    module.triple = triple
    builder = ir.IRBuilder(ir.Function(module, ir.FunctionType(ir.IntType(64), []), name="ticks").append_basic_block())
    builder.ret(read_counter(builder, triple))
    parsed = binding.parse_assembly(str(module))
    parsed.verify()
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    assert binding.Target.from_triple(triple).create_target_machine().emit_object(parsed)


def test_ticks_go_on() -> None:
    first, second = two_ticks()
    assert first <= second
    assert two_ticks()[1] >= second


def test_when_a_part_is_late(counters: np.ndarray) -> None:
    now = two_ticks()[0]
    hour = 2**44
    counters[BEGUN + LINE * ASSISTING] = now - hour
    assert now == 0 or lateness(counters, LEADING, float(hour // 2), now - hour)
    # Not while the length of a part is not known, nor before it must be done, nor at once.
    assert not lateness(counters, LEADING, 0.0, now - hour)
    assert not lateness(counters, LEADING, float(hour), now - hour)
    assert not lateness(counters, LEADING, float(hour // 2), now)
    # What counts is when the other thread began.
    counters[BEGUN + LINE * ASSISTING] = now
    assert not lateness(counters, LEADING, float(hour // 2), now - hour)


def test_length_of_a_part_is_the_shortest_of_late() -> None:
    assert lengths(100, 60) == (100, 60)
    unknown, longer = lengths(100, 900)
    assert unknown == 100 and 100 < longer < 200
