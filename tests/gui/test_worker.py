"""The worker thread, fed with a fake trainer: commands in, signals out, nothing lost, nothing hung."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import InputError
from core.moment import Extent
from core.prediction import Answer
from core.sampling import GREEDY, Sampling
from core.settings import Settings
from core.snapshot import Divergence
from gui.frame_maker import EVERYTHING, Wanted
from gui.run_state import RunState
from gui.worker import Worker


class FakeTrainer:
    """Counts updates instead of doing any."""

    is_file_gone = False

    def __init__(self, diverges_at: int = 10**9, engine: str = "numpy") -> None:
        self.settings = Settings()
        self.engine = engine
        self.step_count = 0
        self.divergence: Divergence | None = None
        self.applied: list[dict[str, Any]] = []
        self.diverges_at = diverges_at
        self.threads: set[int] = set()
        self.fails_with: Exception | None = None
        self.asked: list[tuple[str, Sampling, int]] = []

    def train_to(self, step: int) -> None:
        self.threads.add(threading.get_ident())
        if self.fails_with is not None:
            error, self.fails_with = self.fails_with, None
            raise error
        self.step_count = min(step, self.diverges_at)
        if step >= self.diverges_at:
            self.divergence = Divergence(self.diverges_at, "the loss")

    def apply(self, changes: dict[str, Any]) -> None:
        self.settings = self.settings.with_changes(changes)
        self.applied.append(changes)
        self.divergence = None
        self.diverges_at = 10**9

    def rest(self) -> None:
        """There are no arrays to let go of."""

    @property
    def extent(self) -> Extent:
        return Extent(self.step_count, 0, 0, len(self.applied))

    def moment(self) -> Any:
        return SimpleNamespace(step=self.step_count, extent=self.extent, byte_count=1)

    def past_settings(self) -> list[Settings]:
        return [self.settings]

    def snapshot(
        self, run_id: int, has_trace: bool, has_prediction: bool, looks: object = (), focus: object = None
    ) -> tuple[int, int, bool, bool]:
        if has_trace and self.is_file_gone:
            raise InputError("mine.txt: there is no such file")
        return (run_id, self.step_count, has_trace, has_prediction)

    def answer(self, text: str, sampling: Sampling, seed: int) -> Answer:
        self.asked.append((text, sampling, seed))
        if text == "bad":
            raise InputError("can't read that")
        return Answer((text,), None, text)

    def longer_results(self) -> tuple[str, ...]:
        if self.is_file_gone:
            raise InputError("mine.txt: there is no such file")
        return ("short", "long")


@pytest.fixture
def make_worker(qtbot):
    workers = []

    def make(trainer: Any) -> Worker:
        worker = Worker(7, trainer if callable(trainer) else lambda: trainer)
        workers.append(worker)
        return worker

    yield make
    for worker in workers:
        worker.stop()
        assert worker.wait(5000)


def in_state(state: RunState):
    return lambda run_id, seen, said: run_id == 7 and seen is state


def test_it_loads_paused_and_trains_when_told(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.PAUSED)):
        worker.start()
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.RUNNING)):
        worker.play()
    qtbot.waitUntil(lambda: trainer.step_count > 100)
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.PAUSED)):
        worker.pause()
    stopped_at = trainer.step_count
    with qtbot.waitSignal(worker.snapshot_made) as frame:
        worker.request_frame(Wanted(has_prediction=False))
    assert frame.args == [7, (7, stopped_at, True, False)]
    assert trainer.threads.isdisjoint({threading.get_ident()})


@pytest.mark.parametrize(("size", "updates"), [("update", 1), ("epoch", 100)])
def test_a_step_does_exactly_its_updates_and_pauses(qtbot, make_worker, size, updates):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.start()
    for k in (1, 2):
        seen = []
        worker.state_changed.connect(lambda _id, state, _said, seen=seen: seen.append(state))
        worker.step(size)
        qtbot.waitUntil(lambda seen=seen: RunState.RUNNING in seen and seen[-1] is RunState.PAUSED)
        assert trainer.step_count == k * updates


def test_divergence_is_a_state_and_a_change_leads_out_of_it(qtbot, make_worker):
    trainer = FakeTrainer(diverges_at=40)
    worker = make_worker(trainer)
    worker.start()
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.DIVERGED)) as diverged:
        worker.play()
    assert "update 40" in diverged.args[2]
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.DIVERGED)):
        worker.play()
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.PAUSED)):
        worker.apply({"training.clip_norm": 0.5})
    assert trainer.applied == [{"training.clip_norm": 0.5}]
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.RUNNING)):
        worker.play()


def test_bad_changes_and_questions_are_refused_in_words(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.start()
    with qtbot.waitSignal(worker.refused) as refused:
        worker.apply({"training.learning_rate": -1})
    assert "learning_rate" in refused.args[1]
    with qtbot.waitSignal(worker.answer_refused) as refused:
        worker.ask("bad", GREEDY)
    assert refused.args == [7, "can't read that"]
    with qtbot.waitSignal(worker.answered) as answered:
        worker.ask("good", GREEDY)
    assert answered.args[1].text == "good"
    assert trainer.applied == []


def test_a_run_that_cant_be_loaded_says_why(qtbot, make_worker):
    def fail():
        raise InputError("prices.csv: there is no such file")

    worker = make_worker(fail)
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.FAILED)) as failed:
        worker.start()
    assert failed.args[2] == "prices.csv: there is no such file"
    assert worker.wait(5000)


def test_the_speed_limit_holds_and_commands_get_through_it(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.set_speed(0.1)
    worker.start()
    worker.play()
    qtbot.waitUntil(lambda: trainer.step_count == 1)
    with qtbot.waitSignal(worker.answered):
        worker.ask("still there", GREEDY)
    assert trainer.step_count == 1
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.PAUSED)):
        worker.pause()


class Kernels:
    """Which optimizers are compiled, instead of the cache."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ready = {"adam"}
        monkeypatch.setattr(
            "gui.worker.combination_for", lambda settings: SimpleNamespace(is_ready=settings.training.optimizer in self.ready)
        )


@pytest.fixture
def kernels(monkeypatch: pytest.MonkeyPatch) -> Kernels:
    return Kernels(monkeypatch)


def wait_for_commands(qtbot, worker: Worker) -> None:
    """Until all that was asked for is done. No frame may be under way already: the second one would find nobody waiting, and crash Qt."""
    with qtbot.waitSignal(worker.snapshot_made):
        worker.request_frame(EVERYTHING)


def test_an_optimizer_whose_kernel_is_not_compiled_waits_for_it(qtbot, make_worker, kernels):
    trainer = FakeTrainer(engine="kernels")
    worker = make_worker(trainer)
    worker.start()
    with qtbot.waitSignal(worker.settings_changed) as said:
        worker.apply({"training.optimizer": "sgd", "training.learning_rate": 0.5})
    assert said.args[1].training.optimizer == "sgd"
    assert trainer.applied == [{"training.learning_rate": 0.5}]
    kernels.ready.add("sgd")
    worker.use_kernels()
    wait_for_commands(qtbot, worker)
    assert trainer.applied[-1] == {"training.optimizer": "sgd"}


def test_only_the_newest_question_is_answered(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    for k in range(5):
        worker.ask(f"stroke {k}", GREEDY, k)
    with qtbot.waitSignal(worker.answered) as answered:
        worker.start()
    assert answered.args[1].text == "stroke 4"
    wait_for_commands(qtbot, worker)
    assert trainer.asked == [("stroke 4", GREEDY, 4)]


def test_an_open_question_is_answered_again_when_the_network_has_changed(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    # Noted and not waited for one by one: how many answers come is the worker's affair, and none may find its receiver gone.
    steps: list[int] = []
    worker.answered.connect(lambda run_id, answer, step: steps.append(step))
    worker.start()
    worker.ask("what now", Sampling(3, 0.5), 7)
    qtbot.waitUntil(lambda: steps == [0])
    worker.request_frame(EVERYTHING)
    worker.step("update")
    # A frame that is asked for at once may still come before the update.
    qtbot.waitUntil(lambda: trainer.step_count == 1)
    worker.request_frame(EVERYTHING)
    qtbot.waitUntil(lambda: steps == [0, 1])
    assert trainer.asked == 2 * [("what now", Sampling(3, 0.5), 7)]
    worker.apply({"training.batch_size": 3})
    worker.request_frame(EVERYTHING)
    qtbot.waitUntil(lambda: len(steps) == 3)
    worker.forget_question()
    worker.step("update")
    qtbot.waitUntil(lambda: trainer.step_count == 2)
    wait_for_commands(qtbot, worker)
    assert len(trainer.asked) == 3


def test_longer_sequences_are_tested_or_it_says_why_not(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.start()
    with qtbot.waitSignal(worker.lengths_tested) as tested:
        worker.test_lengths()
    assert tested.args == [7, ("short", "long"), 0]
    trainer.is_file_gone = True
    with qtbot.waitSignal(worker.lengths_tested) as tested:
        worker.test_lengths()
    assert tested.args == [7, "mine.txt: there is no such file", 0]


def test_a_later_choice_replaces_the_one_that_waits(qtbot, make_worker, kernels):
    trainer = FakeTrainer(engine="kernels")
    worker = make_worker(trainer)
    worker.start()
    worker.apply({"training.optimizer": "sgd"})
    worker.apply({"training.optimizer": "adam"})
    kernels.ready.add("sgd")
    worker.use_kernels()
    wait_for_commands(qtbot, worker)
    assert trainer.settings.training.optimizer == "adam"


def test_a_choice_whose_kernels_never_come_is_taken_back(qtbot, make_worker, kernels):
    worker = make_worker(FakeTrainer(engine="kernels"))
    worker.start()
    with qtbot.waitSignal(worker.settings_changed):
        worker.apply({"training.optimizer": "sgd"})
    with qtbot.waitSignal(worker.settings_changed) as said:
        worker.forget_waiting()
    assert said.args[1].training.optimizer == "adam"


def test_an_error_in_training_does_not_end_the_thread(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.start()
    trainer.fails_with = MemoryError()
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.FAILED)) as failed:
        worker.play()
    assert "memory" in failed.args[2]
    with qtbot.waitSignal(worker.answered):
        worker.ask("still there", GREEDY)
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.RUNNING)):
        worker.play()


def test_data_that_is_gone_pauses_with_words(qtbot, make_worker):
    trainer = FakeTrainer()
    worker = make_worker(trainer)
    worker.start()
    trainer.fails_with = InputError("mine.txt: there is no such file")
    with qtbot.waitSignals([worker.refused, worker.state_changed]):
        worker.play()
    with qtbot.waitSignal(worker.answered):
        worker.ask("still there", GREEDY)


def test_a_frame_without_data_to_look_into_still_comes(qtbot, make_worker):
    trainer = FakeTrainer()
    trainer.is_file_gone = True
    worker = make_worker(trainer)
    worker.start()
    with qtbot.waitSignals([worker.refused, worker.snapshot_made]):
        worker.request_frame(EVERYTHING)
    with qtbot.waitSignal(worker.snapshot_made) as frame, qtbot.assertNotEmitted(worker.refused):
        worker.request_frame(EVERYTHING)
    assert frame.args[1] == (7, 0, False, False)


def test_it_stops_in_mid_training(qtbot, make_worker):
    worker = make_worker(FakeTrainer())
    worker.start()
    with qtbot.waitSignal(worker.state_changed, check_params_cb=in_state(RunState.RUNNING)):
        worker.play()
    worker.stop()
    assert worker.wait(500)


class HeldTrainer(FakeTrainer):
    """Stays in its first chunk of updates until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def train_to(self, step: int) -> None:
        self.has_begun.set()
        assert self.may_go_on.wait(60)
        super().train_to(step)


def test_what_was_changed_just_before_the_end_still_counts(qtbot, make_worker):
    """A run that another one takes the place of can be brought back, with what was set last."""
    trainer = HeldTrainer()
    worker = make_worker(trainer)
    worker.start()
    worker.play()
    qtbot.waitUntil(trainer.has_begun.is_set)
    worker.apply({"training.batch_size": 3})
    worker.ask("too late", GREEDY)
    worker.apply({"training.batch_size": 5})
    worker.stop()
    trainer.may_go_on.set()
    assert worker.wait(5000)
    assert trainer.applied == [{"training.batch_size": 3}, {"training.batch_size": 5}] and trainer.asked == []
