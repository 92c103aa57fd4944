"""A run that was parked is touched by one thread at a time, however quickly it is brought back again."""

import gc
import threading
import weakref
from weakref import WeakSet

from PySide6.QtCore import QCoreApplication, QEvent

from core.trainer import Trainer
from gui.run_state import RunState
from gui.worker import Worker
from tests.gui.windows import train

GIVE_UP_SECONDS = 20.0


def test_a_thread_that_brings_a_run_back_waits_for_the_one_before(qtbot, make_window):
    """Twice in a row: the first thread, which nobody waits for any more, still reads the run when the second one is to have it."""
    window = make_window()
    controller = window.controller
    train(qtbot, window, 5)
    losses = controller.history.losses.copy()
    with qtbot.waitSignal(controller.run_began):
        controller.begin(controller.settings.with_changes({"network.cell": "gru"}))
    parked = controller.parked
    order: list[str] = []
    is_resolved = threading.Event()

    def keep(run_id, _moment) -> None:
        """The first thread's last work: it goes on reading until the second one waits for it, or takes the run from under it."""
        if run_id == first:
            is_resolved.wait(GIVE_UP_SECONDS)
            order.append("first has read")

    controller.keep_moments(keep)
    first = controller.resume(parked)
    worker = controller._candidate.worker
    wait_for_first = worker.wait

    def wait(*arguments) -> bool:
        is_resolved.set()
        return wait_for_first(*arguments)

    worker.wait = wait
    second = controller.resume(parked)
    taker = controller._candidate.worker
    say_recognised = taker._say_recognised

    def taken(settings) -> None:
        order.append("second has it")
        is_resolved.set()
        say_recognised(settings)

    taker._say_recognised = taken
    qtbot.waitUntil(lambda: controller.run_id == second and window.state is RunState.PAUSED and window.step_count == 5)
    assert order == ["first has read", "second has it"]
    train(qtbot, window, 5)
    assert len(controller.history.losses) == 10 and list(controller.history.losses[:5]) == list(losses)


def test_threads_that_had_a_run_are_forgotten(qtbot, make_window, monkeypatch):
    """However often it comes back: each knew the one before."""
    alive: WeakSet[Worker] = WeakSet()
    begin = Worker.__init__

    def noted(worker, *arguments, **keywords) -> None:
        begin(worker, *arguments, **keywords)
        alive.add(worker)

    monkeypatch.setattr(Worker, "__init__", noted)
    window = make_window()
    controller = window.controller
    train(qtbot, window, 5)
    with qtbot.waitSignal(controller.run_began):
        controller.begin(controller.settings.with_changes({"network.cell": "gru"}))
    for _ in range(6):
        run_id = controller.resume(controller.parked)
        qtbot.waitUntil(lambda run_id=run_id: controller.run_id == run_id and window.state is RunState.PAUSED)
    qtbot.waitUntil(lambda: sum(worker.isRunning() for worker in alive) == 1)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    # That of the run, and that of the one that it took the place of.
    assert len(alive) <= 3


def test_a_run_that_was_parked_weighs_nothing_while_a_thread_has_it(qtbot, make_window):
    window = make_window()
    controller = window.controller
    train(qtbot, window, 5)
    with qtbot.waitSignal(controller.run_began):
        controller.begin(controller.settings.with_changes({"network.cell": "gru"}))
    parked = controller.parked
    qtbot.waitUntil(lambda: parked.byte_count > 0)
    with qtbot.waitSignal(controller.run_began):
        controller.resume(parked)
    assert parked.byte_count == 0


def test_runs_that_are_no_longer_kept_are_gone_at_once(qtbot, make_window):
    """Without the collector of cycles: it counts objects, and a run's arrays are many megabytes behind a few of them."""
    window = make_window()
    controller = window.controller
    kept: list[weakref.ref[Worker | Trainer]] = []
    gc.collect()
    gc.disable()
    try:
        for cell in ("gru", "rnn", "lstm", "gru"):
            train(qtbot, window, 2)
            kept += [weakref.ref(controller._worker), weakref.ref(controller._worker._trainer)]
            with qtbot.waitSignal(controller.run_began):
                controller.begin(controller.settings.with_changes({"network.cell": cell}))
            with qtbot.waitSignal(controller.run_began):
                window.undo.undo()
            with qtbot.waitSignal(controller.run_began):
                window.undo.redo()
        assert sum(each() is not None for each in kept) > 2
        window.undo.clear()
        controller.parked = None
        controller._retiring.wait()
        assert [each() for each in kept] == [None] * len(kept)
    finally:
        gc.enable()


def test_a_parked_run_keeps_no_arrays_that_can_be_made_anew(qtbot, make_window):
    window = make_window()
    controller = window.controller
    train(qtbot, window, 5)
    qtbot.waitUntil(lambda: controller.history.trace is not None)
    trainer = controller._worker._trainer
    with qtbot.waitSignal(controller.run_began):
        controller.begin(controller.settings.with_changes({"network.cell": "gru"}))
    parked = controller.parked
    qtbot.waitUntil(lambda: parked.byte_count > 0)
    assert trainer._fast is None and trainer.draws.source._chunk is None and parked.history.trace is None
    assert parked.byte_count > parked.next_turn().moments().byte_count + parked.history.byte_count


def test_workers_are_kept_no_longer_than_until_they_have_ended(qtbot, make_window):
    window = make_window()
    controller = window.controller
    train(qtbot, window, 2)
    for cell in ("gru", "rnn"):
        with qtbot.waitSignal(controller.run_began):
            controller.begin(controller.settings.with_changes({"network.cell": cell}))
    qtbot.waitUntil(lambda: not controller._retiring._workers)
