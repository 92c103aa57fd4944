"""What a comparison measures, and that all its runs learn from the same data."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core import registry
from core.batch import Batch
from core.matching import match_parameters
from core.race import GradientLeft, Measured, as_dict, best_loss, best_metric, gradient_left, measure, rows
from core.settings import Settings, TrainingSettings
from core.snapshot import Evaluation, Metric
from core.task import Task
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY
from core.training_time import TrainingTime

SMALL = {"network.hidden_size": 4, "training.batch_size": 3, "task.seq_len": 8}


def drawn_by(trainer: Trainer, cuts: tuple[int, ...]) -> list[Batch]:
    """The training batches of ``trainer``, asked for updates in pieces."""
    batches: list[Batch] = []
    draw = trainer.draws.batch

    def noting(training: TrainingSettings, task: Task) -> Batch:
        batches.append(draw(training, task))
        return batches[-1]

    trainer.draws.batch = noting  # type: ignore[method-assign]
    for count in cuts:
        trainer.train(count)
    return batches


@pytest.mark.parametrize("changes", [{}, {"training.carry_state": True, "task.name": "prices"}], ids=["drawn", "streamed"])
def test_every_cell_sees_the_same_batches(changes: dict[str, Any]) -> None:
    sizes = {key: value for key, value in SMALL.items() if not key.startswith("task")} | {"training.seed": 5}
    base = Settings.from_dict(Settings().to_dict()).with_changes(changes).with_changes(sizes)
    runs = [match_parameters(base.with_changes({"network.cell": kind}), 400) for kind in registry.cells()]
    runs += [
        base.with_changes({"training.learning_rate": 0.03, "network.init": "orthogonal", "training.clip_norm": 0.0}),
        base.with_changes({"training.optimizer": "sgd", "training.learning_rate": 1e-4}),
    ]
    cuts = [(7,), (1, 6), (3, 3, 1), (7,), (2, 5)]
    streams = [drawn_by(Trainer(settings, "numpy"), cut) for settings, cut in zip(runs, cuts, strict=True)]
    assert {len(stream) for stream in streams} == {7}
    for batches in zip(*streams, strict=True):
        for other in batches[1:]:
            np.testing.assert_array_equal(other.inputs, batches[0].inputs)
            np.testing.assert_array_equal(other.targets, batches[0].targets)
    assert not np.array_equal(streams[0][0].inputs, streams[0][1].inputs)


def test_another_seed_is_another_stream() -> None:
    base = Settings().with_changes(SMALL)
    first, second = (drawn_by(Trainer(base.with_changes({"training.seed": seed}), "numpy"), (1,))[0] for seed in (1, 2))
    assert not np.array_equal(first.inputs, second.inputs)


def test_measured_is_what_the_trainer_says() -> None:
    trainer = Trainer(Settings().with_changes(SMALL), "numpy")
    trainer.train_to(100)
    trace = trainer.snapshot().trace
    assert trace is not None and trace.layers[0].gradient_c is not None
    run = measure(trainer.settings, trainer.network.layout.parameter_count, 100, 4.0, trainer.evaluations, None, 3.0, trace, None)
    assert (run.cell, run.hidden_size, run.parameters) == ("lstm", 4, trainer.network.layout.parameter_count)
    assert run.updates_per_second == 25.0
    assert run.seconds_to_solved is None, "it is not solved"
    assert run.best_loss == min(evaluation.loss for evaluation in trainer.evaluations)
    norms = trace.layers[0].gradient_c
    assert run.gradient_left == GradientLeft(float(norms[0] / norms[-1]), 1, 8, "‖∂L/∂C‖")


def evaluation(loss: float, value: float, is_higher_better: bool = True) -> Evaluation:
    return Evaluation(50, loss, Metric("right", value, "%", is_higher_better), False)


def test_best_of_the_evaluations() -> None:
    seen = [evaluation(0.5, 20), evaluation(0.1, 90), evaluation(float("nan"), float("nan")), evaluation(0.2, 80)]
    assert best_loss(seen) == 0.1
    best = best_metric(seen)
    assert best is not None and best.value == 90
    worst_first = best_metric([evaluation(1, 3, False), evaluation(1, 7, False)])
    assert worst_first is not None and worst_first.value == 3
    assert best_loss([]) is None and best_metric([]) is None


def test_gradient_that_can_not_be_compared() -> None:
    trainer = Trainer(Settings().with_changes({**SMALL, "network.cell": "rnn"}), "numpy")
    trace = trainer.snapshot().trace
    assert trace is not None
    (layer,) = trace.layers

    def with_norms(*norms: float) -> Any:
        return replace(trace, layers=(replace(layer, gradient_h=np.array(norms)),))

    assert gradient_left(None) is None
    assert gradient_left(with_norms(0, 0, 0)) is None
    assert gradient_left(with_norms(1, np.nan, 1)) is None
    assert gradient_left(with_norms(0.5, 2, 0)) == GradientLeft(0.25, 1, 2, "‖∂L/∂h‖")
    assert gradient_left(with_norms(2, 0, 0)) is None, "one step alone has nothing to come back from"


def run_with(**values: Any) -> Measured:
    known = {"updates_per_second": None, "solved_at": None, "seconds_to_solved": None, "best_loss": None, "best_metric": None}
    return Measured(**{"cell": "rnn", "hidden_size": 8, "parameters": 90, "updates": 10, "gradient_left": None, **known, **values})


def best_of(key: str, *runs: Measured) -> tuple[bool, ...]:
    return next(row.is_best for row in rows(runs) if row.key == key)


def test_winners() -> None:
    early, late, never = run_with(solved_at=100), run_with(solved_at=300), run_with()
    assert best_of("solved_at", late, early, never) == (False, True, False)
    assert best_of("solved_at", early, early, never) == (True, True, False)
    assert best_of("solved_at", early) == (False,), "nobody wins alone"
    assert best_of("solved_at", never, never) == (False, False)
    assert best_of("solved_at", late, run_with(solved_at=301), never) == (True, False, False), "an update less is an update less"
    assert best_of("best_loss", run_with(best_loss=0.2), run_with(best_loss=0.2)) == (False, False), "a tie of all is no victory"
    assert best_of("parameters", run_with(parameters=1), run_with(parameters=2)) == (False, False)


@pytest.mark.parametrize(
    ("key", "values", "is_best"),
    [
        ("updates_per_second", (5.0, 9.0), (False, True)),
        ("updates_per_second", (379.0, 372.0, 295.0), (True, True, False)),
        ("updates_per_second", (100.0, 105.0), (False, False)),
        ("updates_per_second", (100.0, None), (False, False)),
        ("seconds_to_solved", (1.0, 1.05, 2.0), (True, True, False)),
        ("best_loss", (0.120, 0.124), (False, False)),
        ("best_loss", (0.100, 0.124), (True, False)),
        ("best_loss", (0.100, None), (False, False)),
    ],
)
def test_only_what_is_clearly_better_wins(key: str, values: tuple[float | None, ...], is_best: tuple[bool, ...]) -> None:
    assert best_of(key, *(run_with(**{key: value}) for value in values)) == is_best


def test_equal_as_shown_is_equal() -> None:
    def with_share(share: float) -> Measured:
        return run_with(best_metric=Metric("right", share, "%"))

    assert best_of("best_metric", with_share(98.41), with_share(98.44)) == (False, False)
    assert best_of("best_metric", with_share(98.4), with_share(98.6)) == (False, True)


def test_who_diverged_wins_nothing() -> None:
    wild = run_with(best_loss=0.01, updates_per_second=900.0, solved_at=50, diverged_at=80)
    others = run_with(best_loss=0.1, updates_per_second=100.0), run_with(best_loss=0.2, updates_per_second=100.0)
    assert best_of("best_loss", wild, *others) == (False, True, False)
    assert best_of("solved_at", wild, *others) == (False, False, False)


def test_a_speed_waits_for_kernels_and_updates() -> None:
    trainer = Trainer(Settings().with_changes(SMALL), "numpy")

    def speed(updates: int, is_compiling: bool) -> float | None:
        return measure(trainer.settings, 9, updates, 2.0, (), None, None, None, None, is_compiling).updates_per_second

    assert speed(100, False) == 50.0
    assert speed(49, False) is None and speed(100, True) is None
    gaps = {row.key: row.gaps for row in rows([run_with(is_compiling=True), run_with(solved_at=9, is_compiling=True), run_with()])}
    assert gaps["updates_per_second"] == ("compiling", "compiling", "")
    assert gaps["seconds_to_solved"] == ("not yet", "compiling", "not yet")


def test_time_is_of_updates_alone() -> None:
    trainer = Trainer(Settings().with_changes(SMALL), "numpy")
    ticks = iter(range(1000))
    trainer.time = TrainingTime(lambda: float(next(ticks)))
    trainer.train_to(EVALUATE_EVERY)
    assert (trainer.time.updates, trainer.time.seconds) == (EVALUATE_EVERY, 1.0)
    trainer.evaluate()
    trainer.snapshot()
    assert next(ticks) == 2, "nobody looks at the clock for an evaluation or a look inside"


def test_table_names_the_metric_and_says_where_the_gradient_is_measured() -> None:
    metric = Metric("within 0.04", 64.0, "%")
    lines = {row.key: row for row in rows([run_with(best_metric=metric, gradient_left=GradientLeft(0.3, 1, 50, "‖∂L/∂C‖")), run_with()])}
    assert lines["best_metric"].label == "Within 0.04" and lines["best_metric"].values == (64.0, None)
    assert lines["gradient_left"].label == "Gradient left at t = 1 of t = 50"
    assert lines["gradient_left"].values == (30.0, None) and lines["gradient_left"].note


def test_dict_for_json() -> None:
    run = run_with(updates_per_second=12.345, best_metric=Metric("right", 9.0, "%"), gradient_left=GradientLeft(0.5, 1, 9, "‖∂L/∂h‖"))
    values = as_dict(run)
    assert values["updates_per_second"] == 12.3
    assert values["best_metric"] == {"name": "right", "value": 9.0, "unit": "%"}
    assert values["gradient_left"] == {"share": 0.5, "at": 1, "of": 9, "symbol": "‖∂L/∂h‖"}
