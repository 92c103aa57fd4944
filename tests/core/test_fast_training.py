"""The kernel that does many updates: against the network's own gradient, cut into pieces, by one thread and two, and beside another run."""

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest

from core import assistant, fast_training, registry
from core.batch import Batch
from core.batch_source import Chunk
from core.fast_training import Descent, FastTraining, is_covered, make_results
from core.kernels.denormals import flushed
from core.network import Network
from core.settings import Settings, TrainingSettings
from core.topology import HAS_DECODER, SEQUENCE_TO_SEQUENCE, SEQUENCE_TO_VECTOR
from core.trainer import Trainer
from tests.core.runs import assert_same_run, with_options
from tests.core.samples import Variant
from tests.tasks_here import names_here

LARGE = {"network.hidden_size": 40, "training.batch_size": 17}
"""Enough for two parts, of which the second has a place too many."""


def gradient_by_sgd(network: Network, batch: Batch, truncate: int = 0) -> tuple[float, float, np.ndarray]:
    """Loss, gradient norm, and gradient as the step of plain gradient descent with rate 1."""
    flat = network.flat.copy()
    fast = FastTraining(network.layout, network.loss_spec, batch.size, network.dtype)
    training = TrainingSettings(learning_rate=1.0, clip_norm=0.0, truncate=truncate)
    chunk = Chunk(batch, batch.size, network.topology)
    slots, backup = np.zeros((0, flat.size), flat.dtype), np.zeros((1, flat.size), flat.dtype)
    results = make_results(1)
    fast.run(chunk, 0, 1, Descent(registry.optimizers()["sgd"], flat, slots, backup), training, results)
    assert results.end.tolist() == [1, 0]
    return float(results.losses[0]), float(results.norms[0]), network.flat - flat


def with_lengths(batch: Batch, topology: str) -> Batch:
    """The same with sequences that end at different steps, nonsense behind them, and some outputs that don't count."""
    rng = np.random.default_rng(1)
    lengths = rng.integers(1, len(batch.inputs) + 1, batch.size)
    lengths[3] = len(batch.inputs)
    inputs = np.where(np.arange(len(batch.inputs))[:, None, None] < lengths[:, None], batch.inputs, 1e3)
    mask = None
    if topology == SEQUENCE_TO_SEQUENCE:
        mask = (rng.random(batch.targets.shape[:2]) < 0.7).astype(float)
        mask[0] = 1
    return dataclasses.replace(batch, inputs=inputs, lengths=lengths, mask=mask)


@pytest.mark.parametrize("answering", [SEQUENCE_TO_SEQUENCE, SEQUENCE_TO_VECTOR])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("truncate", [0, 3])
def test_gradient(
    settings: Settings, register_echo: Any, variant: Variant, answering: str, loss_name: str, layers: int, truncate: int
) -> None:
    """With sequences of different lengths, of which some outputs don't count."""
    register_echo(answering, loss_name)
    changes = {"network.num_layers": layers, "training.dtype": "float64"}
    trainer = Trainer(with_options(settings.with_changes(changes), variant))
    batch = with_lengths(trainer.task.sample(np.random.default_rng(0), 7), answering)
    right = np.empty_like(trainer.network.flat)
    right_loss = trainer.network.engine.loss_and_gradient(trainer.network.flat, batch, right, (), truncate)
    loss, norm, gradient = gradient_by_sgd(trainer.network, batch, truncate)
    assert loss == pytest.approx(right_loss, rel=1e-12) and norm == pytest.approx(np.linalg.norm(right), rel=1e-12)
    np.testing.assert_allclose(gradient, right, rtol=1e-9, atol=1e-13 * norm)


def test_gradient_in_single_precision(settings: Settings, register_echo: Any, variant: Variant, loss_name: str) -> None:
    register_echo("sequence_to_sequence", loss_name)
    trainer = Trainer(with_options(settings.with_changes(LARGE), variant))
    batch = trainer.task.sample(np.random.default_rng(0), 17)
    right = np.empty(trainer.network.flat.size)
    exact = Network(trainer.settings.network, trainer.task, "float64")
    exact.flat[:] = trainer.network.flat
    right_loss = exact.engine.loss_and_gradient(exact.flat, batch, right)
    loss, _, gradient = gradient_by_sgd(trainer.network, batch)
    assert loss == pytest.approx(right_loss, rel=2e-6)
    # A step is only as exact as the weights that it moves.
    rounding = np.finfo(np.float32).eps * np.linalg.norm(exact.flat)
    assert np.linalg.norm(gradient - right) < 2e-6 * np.linalg.norm(right) + rounding


@pytest.mark.parametrize("task_name", [name for name in names_here() if registry.tasks()[name].topology not in HAS_DECODER])
def test_losses_of_every_task(task_name: str) -> None:
    """As the network itself has them, on one-hot and other inputs."""
    changes = {"network.hidden_size": 12, "network.bidirectional": False, "training.batch_size": 9, "training.dtype": "float64"}
    settings = Settings.preset(task_name).with_changes(changes)
    trainer, twin = Trainer(settings), Trainer(settings)
    loss = twin.network.loss_and_gradients(twin.draws.source.chunk().batch(0), truncate=settings.training.truncate)[0]
    assert trainer._is_fast or settings.training.carry_state
    assert trainer.train(1)[0] == pytest.approx(loss, rel=1e-9)


@pytest.mark.parametrize("changes", [{}, LARGE, {"training.batch_size": 200}], ids=str)
def test_pieces_make_no_difference(settings: Settings, changes: dict[str, Any]) -> None:
    """However a run is cut, within chunks of data and across them."""
    whole, cut = (Trainer(settings.with_changes(changes)) for _ in range(2))
    chunk = whole.draws.source.chunk().updates
    whole.train(chunk + 9)
    for count in (1, 2, 0, chunk - 1, 4, 3):
        cut.train(count)
    assert cut.step_count == whole.step_count
    assert_same_run(cut, whole)


def test_live_change_in_a_chunk(settings: Settings) -> None:
    """The rate counts from the next update on; another batch size begins new data, the same however the run was cut before."""
    first, second = Trainer(settings), Trainer(settings)
    first.train(5)
    for _ in range(5):
        second.train(1)
    for trainer in (first, second):
        trainer.apply({"training.learning_rate": 0.001})
        trainer.train(2)
        trainer.apply({"training.batch_size": 6})
        trainer.train(3)
    assert_same_run(first, second)


@pytest.mark.parametrize(("batch_size", "part_count"), [(16, 2), (50, 4)])
def test_threads_make_no_difference(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, cell_name: str, batch_size: int, part_count: int
) -> None:
    """Nor where the last of many parts is smaller than the others."""
    changes = LARGE | {"network.cell": cell_name, "network.num_layers": 2, "training.batch_size": batch_size}
    runs = []
    for threads in (1, 2):
        monkeypatch.setattr(assistant, "core_count", lambda threads=threads: threads)
        runs.append(Trainer(settings.with_changes(changes)))
        runs[-1].train(60)
    assert runs[0]._fast is not None and runs[0]._fast._sizes.part_count == part_count
    assert_same_run(*runs)


def test_runs_side_by_side(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once, in threads as the window has them, are the runs that they are alone."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    alone = [Trainer(settings.with_changes(LARGE | {"training.seed": seed})) for seed in (1, 2)]
    beside = [Trainer(settings.with_changes(LARGE | {"training.seed": seed})) for seed in (1, 2)]
    for trainer in alone:
        trainer.train(200)
    threads = [threading.Thread(target=lambda trainer=trainer: [trainer.train(20) for _ in range(10)]) for trainer in beside]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for found, right in zip(beside, alone, strict=True):
        assert_same_run(found, right)


def test_only_a_run_alone_is_assisted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    with assistant.assistance() as first, assistant.assistance() as second:
        assert first is not None and second is None
        assert first(lambda: 5).result() == 5
    with assistant.assistance() as again:
        assert again is not None
    monkeypatch.setattr(assistant, "core_count", lambda: 1)
    with assistant.assistance() as alone:
        assert alone is None


def test_one_thread_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(assistant.VARIABLE, "1")
    assert assistant.core_count() == 1
    monkeypatch.delenv(assistant.VARIABLE)
    assert assistant.core_count() >= 1


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"network.num_layers": 2}, True),
        ({"network.dropout": 0.5}, True),
        ({"network.num_layers": 2, "network.dropout": 0.5}, False),
        ({"network.bidirectional": True}, False),
        ({"training.optimizer": "lbfgs"}, False),
        ({"training.truncate": 3}, True),
    ],
    ids=str,
)
def test_what_is_covered(settings: Settings, changes: dict[str, Any], covered: bool) -> None:
    """What makes no difference to a run must not choose another way for it."""
    trainer = Trainer(settings.with_changes(changes))
    assert is_covered(trainer.network.layout, trainer.settings.network, trainer.settings.training, trainer._optimizer.rule) == covered
    assert np.isfinite(trainer.train(3)).all()


def test_failure_while_leading_ends_the_assistant(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for updates that are never announced."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer = Trainer(settings.with_changes(LARGE))
    trainer.train(1)
    train = fast_training.train

    def failing(products: Any, filling: Any, parts: Any, role: int, *rest: Any) -> None:
        if role == fast_training.LEADING:
            raise KeyboardInterrupt
        train(products, filling, parts, role, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(fast_training, "train", failing)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(1)
    assert np.isfinite(trainer.train(2)).all()


def test_what_is_not_finite_is_gone_with_its_update(settings: Settings) -> None:
    """Also from vectors that hold no unit: of 8 units in float64 there is one in each row of 16."""
    changes = {"training.dtype": "float64", "network.hidden_size": 8, "network.num_layers": 2}
    trainer, twin = (Trainer(settings.with_changes(changes)) for _ in range(2))
    for each in (trainer, twin):
        each.train(2)
    assert trainer._fast is not None and trainer._fast._work is not None
    for array in (trainer._fast._work.dh, trainer._fast._work.dc, trainer._fast._work.y, trainer._fast._work.dy):
        array[:] = np.nan
    for each in (trainer, twin):
        each.train(2)
    assert trainer.divergence is None
    assert_same_run(trainer, twin)


def test_interrupt_leaves_a_run_that_goes_on(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C shows up when the call of the kernel ends: what it has done counts."""
    trainer, twin = Trainer(settings), Trainer(settings)
    train = fast_training.train

    def interrupted(*arguments: Any) -> None:
        train(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(fast_training, "train", interrupted)
        with pytest.raises(KeyboardInterrupt):
            trainer.train(7)
    assert trainer.step_count == 7
    twin.train(7)
    assert_same_run(trainer, twin)
    trainer.train(5)
    twin.train(5)
    assert_same_run(trainer, twin)


def test_nobody_waits_for_a_thread_that_has_not_begun(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other thread is busy, or is none in a process that was forked."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    trainer, twin = (Trainer(settings.with_changes(LARGE)) for _ in range(2))
    twin.train(3)
    is_over = threading.Event()
    with assistant.assistance() as start:
        assert start is not None
        busy = start(is_over.wait, 60)
    trainer.train(3)
    assert not busy.done()
    is_over.set()
    assert_same_run(trainer, twin)


def test_forked_process_makes_its_own_assistant(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has none of the threads of its parent, and does not train because that does."""
    monkeypatch.setattr(assistant, "core_count", lambda: 2)
    for name in ("_training", "_executor"):
        monkeypatch.setattr(assistant, name, getattr(assistant, name))
    with assistant.assistance() as start:
        assert start is not None
    parents = assistant._executor
    monkeypatch.setattr(assistant, "_training", 1)
    assistant._forget()
    with assistant.assistance() as start:
        assert start is not None and start(lambda: 6).result() == 6
    assert assistant._executor is not None and assistant._executor is not parents
    assistant._executor.shutdown()


@pytest.mark.parametrize(
    ("batch_size", "hidden_size", "part_sizes"),
    [(1, 40, [1]), (7, 40, [7]), (17, 40, [9, 8]), (100, 20, [15] * 6 + [10]), (1000, 20, [125] * 8), (100, 600, [50, 50]), (8, 3, [8])],
)
def test_parts_of_a_batch(settings: Settings, batch_size: int, hidden_size: int, part_sizes: list[int]) -> None:
    """They have a sequence at least, and each a gradient of its own: few of them for large networks."""
    network = Trainer(settings.with_changes({"network.hidden_size": hidden_size})).network
    sizes = FastTraining(network.layout, network.loss_spec, batch_size, network.dtype)._sizes
    assert [min(sizes.part_size, batch_size - part * sizes.part_size) for part in range(sizes.part_count)] == part_sizes


def test_update_of_the_engine_flushes_denormals(settings: Settings) -> None:
    """Moments that fade away would slow it down."""
    network = Trainer(settings).network
    momentum, slots = registry.optimizers()["momentum"], np.full((1, network.flat.size), 1e-39, np.float32)
    network.engine.update(momentum, network.flat, np.zeros_like(network.flat), slots, 1, 0.1)
    assert not slots.any()


def test_denormals_are_flushed(settings: Settings) -> None:
    """Within the kernels only: afterwards this thread calculates as before."""
    tiny = np.full(16, 1e-310)
    with flushed():
        assert np.all(tiny * 0.5 == 0)
    assert np.all(tiny * 0.5 > 0)
    trainer = Trainer(settings)
    trainer.train(2)
    trainer.evaluate()
    trainer.snapshot()
    assert np.all(tiny * 0.5 > 0)
