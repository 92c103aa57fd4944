"""The keyword task."""

from typing import Any

import numpy as np
import pytest

from core.errors import InputError
from core.prediction import ClassesPrediction
from core.sampling import GREEDY
from core.settings import Settings
from core.snapshot import Trace
from core.tasks.keyword import LONGEST, LOUDEST, QUIET, QUIETEST, SHORTEST, TONES, WORDS, Keyword, pitch
from core.trainer import Trainer

LOUD = 0.3


def made(**fields: Any) -> Keyword:
    return Keyword(Keyword.Settings(**fields))


def spoken(sequence: np.ndarray) -> np.ndarray:
    """Steps of one recording without noise at which something is heard."""
    return np.flatnonzero(sequence.max(axis=1) > 0)


def test_words_are_two_to_four_tones_and_no_two_are_the_same() -> None:
    assert len(WORDS) == 10 and set(WORDS) == {"yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"}
    assert all(2 <= len(tones) <= 4 and all(0 <= p <= 1 for tone in tones for p in tone) for tones in TONES.values())
    phases = np.linspace(0.01, 0.99, 50)
    tracks = np.array([pitch(word, phases) for word in WORDS])
    apart = np.abs(tracks[:, None] - tracks).mean(axis=2)
    assert apart[~np.eye(10, dtype=bool)].min() > 0.04
    assert TONES["no"] == TONES["on"][::-1]


def test_a_recording_follows_its_definition() -> None:
    task = made(noise=0.0, bands=20)
    batch = task.sample(np.random.default_rng(0), 100)
    assert batch.inputs.shape == (40, 100, 20)
    width = max(0.5, 0.06 * 19)
    for b in range(batch.size):
        sequence = batch.inputs[:, b]
        steps = spoken(sequence)
        start, duration = steps[0], len(steps)
        assert steps.tolist() == list(range(start, start + duration)) and SHORTEST <= duration <= LONGEST
        tones = TONES[WORDS[batch.targets[b]]]
        heights = []
        for t in steps:
            place = (t - start + 0.5) / duration * len(tones)
            first, last = tones[int(place)]
            p = first + (place - int(place)) * (last - first)
            expected = np.exp(-((np.arange(20) - 19 * p) ** 2) / (2 * width**2))
            loudness = sequence[t] @ expected / (expected @ expected)
            np.testing.assert_allclose(sequence[t], loudness * expected, atol=0.03)
            heights.append(loudness)
        assert np.std(heights) < 0.02 and QUIETEST - 0.02 < np.mean(heights) < LOUDEST + 0.02


def test_speed_start_and_loudness_differ() -> None:
    batch = made(noise=0.0).sample(np.random.default_rng(1), 3000)
    heard = batch.inputs.max(axis=2) > 0
    durations, starts = heard.sum(axis=0), heard.argmax(axis=0)
    assert set(durations.tolist()) == set(range(SHORTEST, LONGEST + 1))
    assert starts.min() == 0 and starts.max() == 40 - QUIET - SHORTEST
    assert np.bincount(batch.targets, minlength=10).min() > 200


def test_the_last_step_tells_nothing() -> None:
    batch = made(noise=0.0).sample(np.random.default_rng(2), 3000)
    assert not batch.inputs[-QUIET:].any() and batch.inputs[-QUIET - 1].any()
    assert made().baseline_loss == pytest.approx(np.log(10))


@pytest.mark.parametrize("noise", [0.1, 0.5])
def test_noise_has_the_deviation_that_is_set(noise: float) -> None:
    silent = made(noise=noise).sample(np.random.default_rng(3), 500).inputs[-QUIET:]
    assert silent.std() == pytest.approx(noise, rel=0.02) and abs(silent.mean()) < 0.02 * noise


def test_held_out_recordings_are_others() -> None:
    task = made()
    train = {sequence.tobytes() for sequence in task.sample(np.random.default_rng(0), 500).inputs.transpose(1, 0, 2)}
    assert not train & {sequence.tobytes() for sequence in task.held_out(100).inputs.transpose(1, 0, 2)}


@pytest.mark.parametrize("factor", [2, 4])
def test_longer_recordings_hold_words_as_long_as_before(factor: int) -> None:
    longer = made(noise=0.0).longer(factor)
    batch = longer.held_out(300)
    heard = batch.inputs.max(axis=2) > 0
    assert len(batch.inputs) == 40 * factor and (batch.lengths == 40 * factor).all()
    assert heard.sum(axis=0).min() >= SHORTEST and heard.sum(axis=0).max() <= LONGEST
    assert heard.argmax(axis=0).max() > 40 * (factor - 1) - LONGEST


def test_labels_are_the_loudest_band() -> None:
    inputs = np.zeros((3, 6))
    inputs[1, 4], inputs[2, 0] = 1.0, 0.1
    assert made(bands=6).label_inputs(inputs) == ("·", "5", "·")


def matched(task: Keyword) -> Any:
    """A listener who compares the recording without noise with each word at its own speed."""

    def forward(x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        answers = np.zeros((len(x), x.shape[1], len(WORDS)))
        bands = np.arange(x.shape[2])
        for b in range(x.shape[1]):
            steps = spoken(x[:, b])
            energies = x[steps, b]
            centers = energies @ bands / energies.sum(axis=1) / (len(bands) - 1)
            phases = (np.arange(len(steps)) + 0.5) / len(steps)
            distances = [np.abs(centers - np.clip(pitch(word, phases), 0.02, 0.98)).mean() for word in WORDS]
            answers[:, b, int(np.argmin(distances))] = 1
        return answers

    return forward


def test_who_compares_pitches_solves_it() -> None:
    task = made(noise=0.0)
    batch = task.held_out(200)
    metric = task.measure(matched(task)(batch.inputs, batch.lengths)[-1], batch)
    assert metric.value > 97 and task.is_solved(0.0, metric)


def test_answers_a_word_that_is_typed() -> None:
    task = made(noise=0.0)
    for word in WORDS:
        answer = task.answer(matched(task), f" {word.upper()} ", GREEDY, np.random.default_rng(1))
        assert answer.output == (word,) and answer.probabilities is not None and answer.probabilities[word] == 1
        assert answer.text == f"{word} is spoken; it hears {word} (100 %)"
    with pytest.raises(InputError, match="'maybe' is none of the words it learns: yes, no, up"):
        task.answer(matched(task), "maybe", GREEDY, np.random.default_rng(0))


def test_shows_the_recording_and_what_is_confused() -> None:
    task = made(noise=0.0)
    probe = task.held_out(8)
    inputs, network = probe.inputs[:, 0], matched(task)
    shown = task.show(network, Trace(inputs, task.label_inputs(inputs), (), network(inputs[:, None], None)[:, 0], ()), probe, None)
    assert isinstance(shown, ClassesPrediction) and shown.spectrogram is inputs and shown.truth == probe.targets[0]
    truths = np.bincount(task.held_out(300).targets, minlength=10)
    assert shown.confusion.sum(axis=1).tolist() == truths.tolist() and np.trace(shown.confusion) > 0.97 * 300


def test_learns_to_hear_words() -> None:
    trainer = Trainer(Settings.preset("keyword"))
    trainer.train_to(400)
    assert trainer.solved_at is not None and trainer.evaluations[-1].metric.value > 90
