"""States projected to their principal axes: the numbers, the steady orientation, the labels."""

from typing import Any

import numpy as np
import pytest

from core.analysis.principal_axes import principal_axes
from core.analysis.state_labels import MOST_NAMES, state_labels
from core.analysis.states import layer_states
from core.errors import InputError
from core.look import Focus, NoLook
from core.looks.states import MOST_POINTS, StateSpace
from core.settings import Settings
from core.trainer import Trainer
from tests.core.configurations import random_configuration
from tests.tasks_here import names_here


def looked(trainer: Trainer, layer: int = 0, step: int = 0) -> Any:
    return trainer.snapshot(has_prediction=False, looks=("states",), focus=Focus(step, layer)).looks["states"]


def make_trainer(name: str = "adding", **changes: Any) -> Trainer:
    settings = Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 6}, "training": {"dtype": "float64"}})
    return Trainer(settings.with_changes(changes))


def test_states_are_those_that_were_recorded(engine: str) -> None:
    """Over random networks of all kinds."""
    for number in range(9200, 9240):
        configuration = random_configuration(number)
        network = configuration.network(engine=engine)
        recording = network.record(configuration.batch)
        for layer, recorded in enumerate(recording.layers):
            parts = [*([recording.encoder[layer]] if recording.encoder else []), recorded]
            for name, states in layer_states(network, configuration.batch, layer).items():
                np.testing.assert_array_equal(states, np.concatenate([part.values[name] for part in parts]))


def test_projection_is_that_of_numpy() -> None:
    trainer = make_trainer()
    trainer.train(5)
    space = looked(trainer)
    states = layer_states(trainer.network, trainer.held_out_batch, 0)
    for name, projection in space.projections.items():
        points = states[name][space.steps, space.sequences]
        centred = points - points.mean(axis=0)
        _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
        np.testing.assert_allclose(np.abs(projection.points), np.abs(centred @ axes[:2].T), atol=1e-9)
        np.testing.assert_allclose(projection.axes.shares, (sizes**2 / (sizes**2).sum())[:2])
        assert not projection.points.flags.writeable
    assert set(space.projections) == {"hidden", "cell state"}


def test_shown_sequence_is_projected_along() -> None:
    trainer = make_trainer()
    snapshot = trainer.snapshot(has_prediction=False, looks=("states",))
    projection = snapshot.looks["states"].projections["hidden"]
    assert snapshot.trace is not None
    shown = snapshot.trace.layers[0].values["hidden"]
    np.testing.assert_allclose(projection.path, (shown - projection.axes.mean) @ projection.axes.axes.T)


def test_axes_do_not_flip() -> None:
    states = np.random.default_rng(1).normal(size=(200, 5)) * (3, 2, 1, 1, 1)
    before = principal_axes(states)
    for signs in (np.ones(5), np.array([-1, -1, 1, 1, 1])):
        after = principal_axes(states * signs, before)
        assert (np.diag(after.axes @ before.axes.T) >= 0).all()


def test_axes_keep_their_places() -> None:
    """When the second direction becomes the longer one, it still stands upright, and says that it is the first now."""
    states = np.random.default_rng(1).normal(size=(500, 5)) * (3, 2.9, 1, 1, 1)
    before = principal_axes(states)
    after = principal_axes(states * (1, 1.2, 1, 1, 1), before)
    assert before.ranks == (1, 2)
    assert after.ranks == (2, 1)
    assert after.shares[1] > after.shares[0]
    assert (np.abs(np.diag(after.axes @ before.axes.T)) > 0.9).all()


def test_picture_stands_still_while_training_goes_on() -> None:
    trainer = make_trainer()
    before = looked(trainer).projections["hidden"]
    for _ in range(20):
        trainer.train(1)
        after = looked(trainer).projections["hidden"]
        turned = np.sum(before.points * after.points, axis=0)
        assert (turned > 0).all()
        before = after


def test_one_unit_has_one_axis() -> None:
    axes = principal_axes(np.arange(6.0).reshape(6, 1))
    assert axes.shares.tolist() == [1, 0]
    assert not axes.project(np.arange(6.0).reshape(6, 1))[:, 1].any()


def test_states_that_are_all_the_same_have_no_variance() -> None:
    assert principal_axes(np.ones((4, 3))).shares.tolist() == [0, 0]


def test_diverged_states_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="diverged"):
        principal_axes(np.array([[1.0, np.nan]]))
    trainer = make_trainer()
    trainer.network.flat[:] = np.nan
    assert isinstance(looked(trainer), NoLook)


def test_states_too_large_to_be_squared_are_refused_in_words() -> None:
    with pytest.raises(InputError, match="so large that their variance"):
        principal_axes(np.array([[1e200, 0.0], [-1e200, 1.0]]))


def test_a_look_that_cannot_be_decomposed_does_not_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise np.linalg.LinAlgError("Eigenvalues did not converge")

    trainer = make_trainer()
    monkeypatch.setattr("core.looks.states.principal_axes", fails)
    assert isinstance(trainer.snapshot(0, looks=("states",)).looks["states"], NoLook)
    trainer.train(1)


def test_same_result_while_nothing_changes() -> None:
    trainer = make_trainer(**{"network.num_layers": 2})
    first = looked(trainer)
    assert looked(trainer, step=5) is first
    assert looked(trainer, layer=1) is not first
    second = looked(trainer)
    trainer.train(1)
    assert looked(trainer) is not second


@pytest.mark.parametrize("name", names_here())
def test_every_task_has_labels(name: str) -> None:
    trainer = make_trainer(name, **{"network.hidden_size": 3})
    space = looked(trainer)
    assert isinstance(space, StateSpace)
    count = len(space.steps)
    assert 0 < count <= MOST_POINTS
    assert space.labels[-1].name == "Position"
    for label in space.labels:
        known = label.values[np.isfinite(label.values)]
        assert label.values.shape == (count,)
        assert len(known), label.name
        if label.names:
            assert len(label.names) <= MOST_NAMES
            assert set(known.astype(int)) == set(range(len(label.names))), label.name
    assert len({label.name for label in space.labels}) == len(space.labels)


def test_long_sequences_are_thinned() -> None:
    space = looked(make_trainer(**{"task.seq_len": 1000}))
    assert len(space.steps) <= MOST_POINTS
    assert space.steps.max() == 999
    assert len(set(space.sequences.tolist())) >= 4


def labels_of(name: str) -> tuple[Any, dict[str, Any]]:
    task = make_trainer(name).task
    batch = task.held_out(8)
    return batch, {label.name: label for label in state_labels(task, batch)}


def test_parity_so_far() -> None:
    batch, labels = labels_of("parity")
    length = int(batch.lengths[3])
    bits = batch.inputs[:length, 3, 1]
    names = [labels["So far"].names[int(k)] for k in labels["So far"].values[:length, 3]]
    assert names == [("even", "odd")[int(bits[: t + 1].sum()) % 2] for t in range(length)]
    assert labels["Class"].values[0, 3] == batch.targets[3]


def test_counter_goes_up_and_down() -> None:
    batch, labels = labels_of("counting")
    task = make_trainer("counting").task
    length = int(batch.lengths[0])
    letters = task.label_inputs(batch.inputs[:length, 0])
    n = letters.count("a")
    counts = labels["Counter"].values[:length, 0].tolist()
    assert counts[: 1 + n] == list(range(n + 1))
    assert counts[1 + n : 1 + 2 * n] == list(range(n - 1, -1, -1))


def test_sum_so_far() -> None:
    batch, labels = labels_of("adding")
    np.testing.assert_allclose(labels["Sum so far"].values[-1], batch.targets[:, 0], rtol=1e-6)
