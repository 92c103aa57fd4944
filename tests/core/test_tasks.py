"""What every task promises, whichever it is: shapes, held-out data, baseline, a session's vocabulary, its preset."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core import registry
from core.batch import Batch
from core.errors import InputError
from core.fields import fields_of
from core.prediction import Prediction
from core.sampling import Sampling
from core.settings import Settings
from core.snapshot import Evaluation, Metric, Trace
from core.task import Task
from core.trainer import Trainer
from tests.tasks_here import names_here, skipped_where_missing

TASKS = list(registry.tasks())
# Names are as long as they are, and a picture is seen at once.
WITHOUT_LENGTH = {"captioning"}
# Streams that begin again with other data, unless told not to: tunes in another key.
BEGINS_THE_SAME = {"melody": {"transpose": 0}}
WRITING = ("vector_to_sequence", "encoder_decoder")


@pytest.fixture(params=skipped_where_missing(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    made: Task = registry.tasks()[request.param](registry.tasks()[request.param].Settings())
    return made


def undecided(task: Task) -> Any:
    """A forward that gives every class the same share, or 0."""
    share = 0.0 if task.loss == "squared_error" else 1 / task.output_size

    def forward(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        steps = task.output_len if task.topology in WRITING else len(x)
        return np.full((steps, x.shape[1], task.output_size), share)

    return forward


def perfect_answers(task: Task, batch: Batch) -> np.ndarray:
    if task.loss != "cross_entropy":
        return batch.targets
    if hasattr(task, "legal_next"):
        legal: np.ndarray = task.legal_next(batch)
        return legal / np.maximum(legal.sum(axis=2, keepdims=True), 1)
    answers = np.zeros((*batch.targets.shape, task.output_size))
    np.put_along_axis(answers, batch.targets[..., None], 1.0, axis=-1)
    return answers


def traced(task: Task, batch: Batch) -> Trace:
    seq_len = int(batch.lengths[0])
    inputs = batch.inputs[:seq_len, 0]
    outputs = undecided(task)(batch.inputs[:seq_len], None)[:, 0]
    labels = task.label_inputs(inputs)
    if task.topology in WRITING:
        written = task.label_outputs(batch.targets[:, 0])
        labels = written if task.topology == "vector_to_sequence" else labels + written
        outputs = np.vstack([np.full((len(labels) - len(written), task.output_size), np.nan), outputs[: len(written)]])
    return Trace(inputs, labels, task.marked_steps(inputs), outputs, ())


def test_batches_have_the_promised_shapes(task: Task) -> None:
    for batch in (task.sample(np.random.default_rng(0), 5), task.held_out(5)):
        seq_len = batch.inputs.shape[0]
        assert batch.inputs.shape == (seq_len, 5, task.input_size) and batch.inputs.dtype in (np.float32, np.float64)
        assert batch.lengths.shape == (5,) and batch.lengths.min() >= 1 and batch.lengths.max() == seq_len
        leading = (seq_len, 5) if task.topology == "sequence_to_sequence" else (5,)
        if task.topology in WRITING:
            leading = (task.output_len, 5)
            assert batch.output_lengths is not None and batch.output_lengths.shape == (5,)
            assert batch.output_lengths.min() >= 1 and batch.output_lengths.max() <= task.output_len
        if task.loss == "cross_entropy":
            assert batch.targets.shape == leading and np.issubdtype(batch.targets.dtype, np.integer)
            assert batch.targets.min() >= 0 and batch.targets.max() < task.output_size
        else:
            assert batch.targets.shape == (*leading, task.output_size)
        assert batch.mask is None or batch.mask.shape == leading
        is_padding = np.arange(seq_len)[:, None] >= batch.lengths
        assert not batch.inputs[is_padding].any()


def test_the_generator_alone_decides_the_sample(task: Task) -> None:
    first, again, other = (task.sample(np.random.default_rng(seed), 8) for seed in (1, 1, 2))
    assert np.array_equal(first.inputs, again.inputs) and np.array_equal(first.targets, again.targets)
    assert not np.array_equal(first.inputs[: len(other.inputs)], other.inputs[: len(first.inputs)])


def test_held_out_data_stay_the_same(task: Task) -> None:
    first, again = task.held_out(6), task.held_out(6)
    assert np.array_equal(first.inputs, again.inputs) and np.array_equal(first.targets, again.targets)


def test_samples_share_no_memory_with_the_task(task: Task) -> None:
    before = task.sample(np.random.default_rng(3), 4).inputs
    copy = before.copy()
    before[:] = 99
    assert np.array_equal(task.sample(np.random.default_rng(3), 4).inputs, copy)


def test_metric_and_criterion_tell_right_from_wrong(task: Task) -> None:
    batch = task.held_out(32)
    perfect = task.measure(perfect_answers(task, batch), batch)
    wrong = perfect_answers(task, batch)
    wrong = {"cross_entropy": np.roll(wrong, 1, axis=-1), "binary_cross_entropy": 1 - wrong}.get(task.loss, wrong + 5)
    missed = task.measure(wrong, batch)
    assert perfect.value == (100 if perfect.is_higher_better else 0)
    assert missed.value < 1 if perfect.is_higher_better else missed.value > 1
    assert perfect.unit in ("", "%")
    # A session keeps them as JSON, which knows no numbers of NumPy.
    assert type(perfect.value) is float and type(task.is_solved(0.0, perfect)) is bool
    assert task.is_solved(0.0, perfect) and not task.is_solved(2 * task.baseline_loss, missed)


def test_baseline_is_a_finite_positive_loss(task: Task) -> None:
    assert np.isfinite(task.baseline_loss) and task.baseline_loss > 0


def test_every_step_has_a_label(task: Task) -> None:
    batch = task.held_out(1)
    labels = task.label_inputs(batch.inputs[:, 0])
    assert len(labels) == batch.inputs.shape[0] and all(isinstance(label, str) and label for label in labels)
    if task.topology in WRITING:
        assert all(task.label_outputs(batch.targets[:, 0]))
    assert all(0 <= step < len(labels) for step in task.marked_steps(batch.inputs[:, 0]))


def test_shows_what_an_undecided_network_does(task: Task) -> None:
    probe = task.held_out(8)
    evaluation = Evaluation(0, 1.0, Metric("right", 0.0), is_solved=False)
    prediction: Prediction = task.show(undecided(task), traced(task, probe), probe, evaluation)
    again = task.show(undecided(task), traced(task, probe), probe, None)
    assert repr(prediction) == repr(again)


def test_vocabulary_survives_json_and_makes_the_same_task(task: Task) -> None:
    vocabulary = json.loads(json.dumps(task.vocabulary()))
    twin = type(task)(task.settings, vocabulary)
    assert (twin.input_size, twin.output_size, twin.baseline_loss) == (task.input_size, task.output_size, task.baseline_loss)
    assert np.array_equal(twin.held_out(4).inputs, task.held_out(4).inputs)
    assert twin.vocabulary() == task.vocabulary()


def test_every_field_has_label_help_and_fitting_default(task: Task) -> None:
    for name, info in fields_of(type(task).Settings).items():
        assert info.label and info.help.endswith("."), name
        assert info.checked(name, info.default) == info.default


def test_live_fields_keep_the_network(task: Task) -> None:
    for name, info in fields_of(type(task).Settings).items():
        if info.is_live and info.kind == "integer":
            for value in (info.minimum, min(info.maximum, 4 * info.default)):
                changed = type(task)(type(task).Settings(**{name: int(value)}))
                assert (changed.input_size, changed.output_size) == (task.input_size, task.output_size)
                assert changed.sample(np.random.default_rng(0), 2).size == changed.held_out(2).size == 2


def test_longer_sequences_are_for_the_same_network(task: Task) -> None:
    """Twice and four times as long, to be read or to be written, and held out all the same."""
    if task.name in WITHOUT_LENGTH:
        with pytest.raises(InputError, match=f"^{task.name}: .* length"):
            task.longer(2)
        return
    steps = []
    for factor in (1, 2, 4):
        longer = task if factor == 1 else task.longer(factor)
        assert (longer.name, longer.input_size, longer.output_size) == (task.name, task.input_size, task.output_size)
        batch = longer.held_out(64)
        assert np.array_equal(batch.inputs, longer.held_out(64).inputs)
        is_written = task.topology == "vector_to_sequence"
        assert batch.output_lengths is not None or not is_written
        steps.append(float((batch.output_lengths if is_written else batch.lengths).mean()))  # type: ignore[union-attr]
        assert longer.measure(perfect_answers(longer, batch), batch).value in (0, 100)
        assert np.isfinite(longer.baseline_loss)
    assert steps[1] > 1.5 * steps[0] and steps[2] > 1.5 * steps[1]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_has_a_preset(name: str) -> None:
    assert Settings.preset(name).task.name == name


def test_cards_tell_what_goes_in_and_out(task: Task) -> None:
    assert task.title and task.summary and task.loss_unit
    assert task.card.startswith("In goes") and "Out must come" in task.card and "hard" in task.card


@pytest.mark.parametrize("name", skipped_where_missing(TASKS))
def test_the_example_can_be_answered(name: str) -> None:
    trainer = Trainer(Settings.from_dict({"task": {"name": name}, "network": {"hidden_size": 2}}))
    assert trainer.answer(trainer.task.input_example, Sampling(trainer.task.default_length, 0.0)).text


@pytest.mark.parametrize("name", [name for name in names_here() if registry.tasks()[name].has_stream])
def test_streams(name: str) -> None:
    """Each goes on where its last batch ended, all of them together cover most of the training part, and then they begin again."""
    fields = {"name": name, **BEGINS_THE_SAME.get(name, {})}
    task = Trainer(Settings.from_dict({"task": fields, "network": {"hidden_size": 2}})).task
    rng, position, batches = np.random.default_rng(0), 0, []
    while len(batches) < 2 or batches[-1].continues.all():
        batches.append(task.stream(rng, position, 4))
        position += len(batches[-1].inputs)
    *batches, again = batches
    assert not batches[0].continues.any() and not again.continues.any() and len(batches) > 2
    np.testing.assert_array_equal(again.targets, batches[0].targets)
    for before, after in zip(batches, batches[1:], strict=False):
        # What was wanted last is read first; some words are made unknown.
        if before.targets.ndim == 3:
            np.testing.assert_array_equal(after.inputs[0], before.targets[-1])
        else:
            assert (after.inputs[0].argmax(axis=1) == before.targets[-1]).mean() >= 0.5


def test_what_is_typed_may_stand_in_a_file(task: Task, tmp_path: Path) -> None:
    """Asked by the window or by the command: a text is read from a .txt, and other files that are no answer are refused."""
    trainer = Trainer(Settings.from_dict({"task": {"name": task.name}, "network": {"hidden_size": 2}}), "numpy")
    text, other = tmp_path / "input.txt", tmp_path / "input.docx"
    for path in (text, other):
        path.write_text(task.input_example, encoding="utf-8")
    sampling = Sampling(3, 0.0)
    assert trainer.answer(str(text), sampling).text == trainer.answer(task.input_example, sampling).text
    with pytest.raises(
        InputError, match=r"input\.docx: is a file of another kind: text, numbers, or a file that ends in .*\.txt is needed"
    ):
        trainer.answer(str(other), sampling)
    with pytest.raises(InputError, match="is a folder: text, numbers, or a file"):
        trainer.answer(str(tmp_path), sampling)
