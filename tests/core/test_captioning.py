"""The captioning task."""

import numpy as np
import pytest

from core.errors import InputError
from core.pads import PixelPad
from core.prediction import SymbolsPrediction
from core.sampling import GREEDY
from core.snapshot import Trace
from core.tasks.captioning import DRAWN, NAMES, PICTURES, WRITTEN, Captioning
from core.tasks.writing import END


def made(flipped: float = 0.05) -> Captioning:
    return Captioning(Captioning.Settings(flipped=flipped))


def nearest(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
    """A network that writes the name of the digit the picture is nearest to."""
    digits = np.abs(PICTURES[:, None] - x).sum(axis=2).argmin(axis=0)
    targets, _ = WRITTEN.encoded([NAMES[digit] for digit in digits])
    return np.eye(len(WRITTEN.symbols))[targets]


def test_pictures_are_apart() -> None:
    distances = np.abs(PICTURES[:, None] - PICTURES).sum(axis=2)
    assert PICTURES.shape == (10, 35) and distances[~np.eye(10, dtype=bool)].min() >= 5


def test_a_picture_and_its_name() -> None:
    task = made(flipped=0)
    batch = task.sample(np.random.default_rng(0), 200)
    assert batch.inputs.shape == (1, 200, 35) and set(batch.lengths.tolist()) == {1}
    assert batch.output_lengths is not None
    seen = set()
    for k in range(batch.size):
        (digit,) = task.label_inputs(batch.inputs[:, k])
        assert np.array_equal(batch.inputs[0, k], PICTURES[int(digit)])
        assert "".join(task.label_outputs(batch.targets[: batch.output_lengths[k], k])) == NAMES[int(digit)] + END
        seen.add(digit)
    assert len(seen) == 10


@pytest.mark.parametrize("flipped", [0.05, 0.2, 0.5])
def test_share_of_flipped_pixels(flipped: float) -> None:
    batch = made(flipped).sample(np.random.default_rng(1), 2000)
    digits = [NAMES.index(WRITTEN.read(np.eye(len(WRITTEN.symbols))[column])) for column in batch.targets.T]
    assert np.abs(batch.inputs[0] - PICTURES[digits]).mean() == pytest.approx(flipped, rel=0.05)


def test_held_out_pictures_have_other_flips() -> None:
    task = made(0.2)
    train = {tuple(picture) for picture in task.sample(np.random.default_rng(0), 500).inputs[0].tolist()}
    assert not train & {tuple(picture) for picture in task.held_out(100).inputs[0].tolist()}


def test_nearest_picture_solves_it() -> None:
    task = made()
    batch = task.held_out(128)
    assert task.is_solved(0.0, task.measure(nearest(batch.inputs, None), batch))
    lost = made(0.5)
    noise = lost.held_out(128)
    assert not lost.is_solved(0.0, lost.measure(nearest(noise.inputs, None), noise))


def test_baseline_knows_the_names() -> None:
    """What all that is written so far leaves open, letter by letter: which of ten names it is, over five letters."""
    following: dict[str, list[str]] = {}
    for name in NAMES:
        for step, letter in enumerate(name + END):
            following.setdefault(name[:step], []).append(letter)
    surprise = -sum(np.log(letters.count(letter) / len(letters)) for letters in following.values() for letter in letters)
    assert made().baseline_loss == pytest.approx(surprise / sum(len(name) + 1 for name in NAMES)) == pytest.approx(np.log(10) / 5)
    assert made().baseline_label == "without looking"


def test_shows_what_it_writes() -> None:
    task = made()
    probe = task.held_out(8)
    assert probe.output_lengths is not None
    length = int(probe.output_lengths[0])
    outputs = nearest(probe.inputs, None)[:length, 0]
    trace = Trace(probe.inputs[:, 0], task.label_outputs(probe.targets[:length, 0]), (), outputs, ())
    shown = task.show(nearest, trace, probe, None)
    assert isinstance(shown, SymbolsPrediction) and len(shown.wanted) == length
    assert tuple(shown.symbols[k] for k in shown.probabilities.argmax(axis=1)) == shown.wanted
    assert shown.picture is not None and np.array_equal(shown.picture, probe.inputs[0, 0].reshape(7, 5))


def test_what_is_drawn_is_as_large_as_a_picture() -> None:
    assert Captioning.pad == PixelPad(7, 5) and Captioning.pad.rows * Captioning.pad.columns == made().input_size


def test_a_picture_has_no_length() -> None:
    with pytest.raises(InputError, match="captioning: its sequences have no length"):
        made().longer(2)


@pytest.mark.parametrize(
    "text", ["7", " 7 ", DRAWN[7], DRAWN[7].replace(" ", "\n"), DRAWN[7].replace(" ", ", "), DRAWN[7].replace(" ", "")]
)
def test_answers_a_digit_or_a_picture(text: str) -> None:
    answer = made().answer(nearest, text, GREEDY, np.random.default_rng(0))
    assert answer.output == tuple("seven") and answer.text == "seven"


@pytest.mark.parametrize("text", ["", "10", "seven", "..#", DRAWN[7] + ".", "²"])
def test_refuses_what_is_no_picture(text: str) -> None:
    with pytest.raises(InputError, match="a digit is needed"):
        made().answer(nearest, text, GREEDY, np.random.default_rng(0))
