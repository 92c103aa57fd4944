"""The digits task, with scikit-learn and without."""

import sys
from collections.abc import Iterator
from math import log
from pathlib import Path

import numpy as np
import pytest

from core.cli import main
from core.command_line import EXIT_BAD_INPUT, EXIT_DONE
from core.errors import InputError
from core.pads import PixelPad
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.session import load, save
from core.settings import Settings
from core.snapshot import Trace
from core.tasks import digits
from core.tasks.digits import SEVEN, Digits, Pictures
from core.trainer import Trainer

ROWS, PIXELS = "rows", "pixels"


def drawn_by_lot(count: int, seed: int) -> Pictures:
    """Pictures that stand in for the real ones."""
    rng = np.random.default_rng(seed)
    return Pictures((rng.integers(0, 17, (count, 64)) / 16).astype(np.float32), rng.integers(0, 10, count))


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> tuple[Pictures, Pictures]:
    """What is tested of the task without scikit-learn: all but the pictures themselves."""
    found = drawn_by_lot(40, 0), drawn_by_lot(15, 1)
    monkeypatch.setattr(digits, "read_pictures", lambda: found)
    return found


@pytest.fixture
def no_library(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if scikit-learn were not installed."""
    digits.read_pictures.cache_clear()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    yield
    digits.read_pictures.cache_clear()


def made(reading: str = ROWS) -> Digits:
    return Digits(Digits.Settings(reading=reading))


def always(digit: int):
    """A network that sees the same digit in everything."""
    return lambda x, lengths, output_len=None: np.repeat(np.eye(10)[[[digit]]], len(x), axis=0).repeat(x.shape[1], axis=1)


@pytest.mark.parametrize(("reading", "shape"), [(ROWS, (8, 30, 8)), (PIXELS, (64, 30, 1))])
def test_pictures_are_read_from_the_top(reading: str, shape: tuple[int, int, int], pictures: tuple[Pictures, Pictures]) -> None:
    task = made(reading)
    for batch, source in ((task.sample(np.random.default_rng(0), 30), pictures[0]), (task.held_out(30), pictures[1])):
        assert batch.inputs.shape == shape and set(batch.lengths.tolist()) == {shape[0]}
        known = {tuple(pixels): digit for pixels, digit in zip(source.pixels.tolist(), source.digits.tolist(), strict=True)}
        for k in range(30):
            assert known[tuple(batch.inputs[:, k].ravel().tolist())] == batch.targets[k]
    assert np.array_equal(task.held_out(30).targets[15:], pictures[1].digits), "from the start again"


@pytest.mark.parametrize("reading", [ROWS, PIXELS])
@pytest.mark.parametrize("factor", [2, 4])
def test_longer_is_the_same_below_blank_rows(reading: str, factor: int, pictures: tuple[Pictures, Pictures]) -> None:
    task = made(reading)
    short, long = task.held_out(10), task.longer(factor).held_out(10)
    steps = len(short.inputs)
    assert len(long.inputs) == factor * steps and set(long.lengths.tolist()) == {factor * steps}
    assert not long.inputs[:-steps].any() and np.array_equal(long.inputs[-steps:], short.inputs)
    assert np.array_equal(long.targets, short.targets)
    assert len(task.longer(2).longer(2).held_out(1).inputs) == 4 * steps


def test_baseline_is_the_entropy_of_the_classes(pictures: tuple[Pictures, Pictures]) -> None:
    counts = [pictures[0].digits.tolist().count(digit) for digit in range(10)]
    assert made().baseline_loss == pytest.approx(-sum(count / 40 * log(count / 40) for count in counts if count))
    assert made().baseline_label == "without looking", "who has no memory still sees the last row"


def test_metric_and_criterion(pictures: tuple[Pictures, Pictures]) -> None:
    task = made()
    batch = task.held_out(15)
    answers = np.eye(10)[batch.targets]
    assert task.is_solved(1.0, task.measure(answers, batch))
    answers[:3] = np.roll(answers[:3], 1, axis=1)
    metric = task.measure(answers, batch)
    assert (metric.value, metric.unit) == (80, "%") and not task.is_solved(0.0, metric)


@pytest.mark.parametrize("reading", [ROWS, PIXELS])
def test_shows_the_picture_and_what_is_confused(reading: str, pictures: tuple[Pictures, Pictures]) -> None:
    task = made(reading)
    probe = task.held_out(8)
    inputs = probe.inputs[:, 0]
    labels = task.label_inputs(inputs)
    outputs = np.full((len(inputs), 10), 0.1)
    shown = task.show(always(3), Trace(inputs, labels, (), outputs, ()), probe, None)
    assert isinstance(shown, ClassesPrediction) and shown.tokens == labels and shown.truth == probe.targets[0]
    assert shown.picture is not None and np.array_equal(shown.picture, pictures[1].pixels[0].reshape(8, 8))
    assert shown.confusion[:, 3].tolist() == np.bincount(pictures[1].digits, minlength=10).tolist() and shown.confusion.sum() == 15
    if reading == ROWS:
        assert labels[0] == "".join("#" if ink >= 0.5 else "." for ink in pictures[1].pixels[0, :8])


@pytest.mark.parametrize("reading", [ROWS, PIXELS])
@pytest.mark.parametrize("text", [SEVEN, SEVEN.replace(" ", "\n"), SEVEN.replace(" ", ", "), SEVEN.replace(" ", "")])
def test_answers_a_picture(reading: str, text: str, pictures: tuple[Pictures, Pictures]) -> None:
    seen = []

    def forward(x: np.ndarray, lengths: np.ndarray, output_len: int | None = None) -> np.ndarray:
        seen.append(x.ravel())
        return always(7)(x, lengths)

    answer = made(reading).answer(forward, text, GREEDY, np.random.default_rng(0))
    assert (answer.output, answer.text) == (("7",), "7 (100 %)") and answer.probabilities == {str(k): float(k == 7) for k in range(10)}
    assert "".join("#" if pixel else "." for pixel in seen[0]) == SEVEN.replace(" ", "")


@pytest.mark.parametrize("text", ["", "7", "..#", SEVEN + ".", SEVEN.replace("#", "x")])
def test_refuses_what_is_no_picture(text: str, pictures: tuple[Pictures, Pictures]) -> None:
    with pytest.raises(InputError, match="is not right: eight rows of eight . or # are needed, for example "):
        made().answer(always(0), text, GREEDY, np.random.default_rng(0))


def test_the_pad_is_as_large_as_a_picture() -> None:
    assert Digits.pad == PixelPad(8, 8)


def test_without_the_library_it_says_how_to_get_it(no_library: None) -> None:
    with pytest.raises(InputError, match=r"scikit-learn, which is not installed: pip install \"rnn-playground\[data\]\"") as raised:
        made()
    assert "\n" not in str(raised.value)


def test_without_the_library_commands_get_along(no_library: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "tasks"]) == EXIT_DONE and "digits" in capsys.readouterr().out
    assert main(["train", "digits", "--steps", "1", "--quiet"]) == EXIT_BAD_INPUT
    assert capsys.readouterr().err.count("\n") == 1


def test_a_trained_network_needs_no_library(pictures: tuple[Pictures, Pictures], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A session answers; it only can't be trained on."""
    trainer = Trainer(Settings.preset("digits").with_changes({"network.hidden_size": 3}))
    trainer.train(2)
    right = trainer.answer(SEVEN, GREEDY)
    save(tmp_path / "run.rnnp", trainer.state())

    def gone() -> None:
        raise InputError("not installed")

    monkeypatch.setattr(digits, "read_pictures", gone)
    opened = load(tmp_path / "run.rnnp")
    assert opened.answer(SEVEN, GREEDY) == right
    shown = opened.snapshot(has_trace=False, has_prediction=False)
    assert shown.baseline_loss == trainer.task.baseline_loss == opened.task.longer(2).baseline_loss
    save(tmp_path / "again.rnnp", opened.state())
    assert load(tmp_path / "again.rnnp").snapshot(has_trace=False, has_prediction=False).baseline_loss == shown.baseline_loss
    with pytest.raises(InputError, match="not installed"):
        opened.train(1)


def test_the_pictures_of_the_library() -> None:
    """1,797 of them, a fifth held out; what each split has is no copy of the other's, and none is blank."""
    pytest.importorskip("sklearn", reason="the pictures come with scikit-learn, which is not installed")
    known, held_out = digits.read_pictures()
    assert len(known.digits) + len(held_out.digits) == 1797 and len(held_out.digits) == 359
    for part in (known, held_out):
        assert part.pixels.min() == 0 and part.pixels.max() == 1 and part.pixels.any(axis=1).all()
        assert set(part.digits.tolist()) == set(range(10))
    assert not set(map(tuple, known.pixels.tolist())) & set(map(tuple, held_out.pixels.tolist()))
    assert made().baseline_loss == pytest.approx(log(10), abs=0.001)
