"""Keyword: hear a short recording, and say which of ten words was spoken in it.

A stand-in for speech that needs no recordings: every word is a row of two to four tones, each of them gliding from one pitch to another
like the formants of speech sounds. What goes in at each step is the energy in D frequency bands. Of a word of d steps that begins at
step s, the band b of D has at step t the energy ::

    x_t[b] = a · exp(−(b − (D − 1) p(u))² / 2w²) + σ ε,      u = (t − s) / d in 0…1,  elsewhere  σ ε

with the pitch p(u) in 0…1 of the tone that sounds at u, the width w of a tone in bands, a loudness a, noise ε of variance 1, uniformly
distributed. Speed, start and loudness are drawn anew each time. The last ``QUIET`` steps are always silent: one who hears only the last
step hears noise, and can't do better than guess: ln 10.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import integer, number
from core.prediction import Answer, ClassesPrediction, Prediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.noise import uniform_noise

Tone = tuple[float, float]

_Y, _E, _S, _N, _O = (0.9, 0.7), (0.65, 0.6), (1.0, 1.0), (0.15, 0.15), (0.45, 0.3)
_UH, _P, _D, _OW, _L = (0.5, 0.5), (0.1, 0.0), (0.3, 0.35), (0.6, 0.25), (0.2, 0.4)
_F, _T, _R, _AI, _G = (0.85, 0.85), (0.75, 0.8), (0.3, 0.2), (0.4, 0.8), (0.75, 0.45)
TONES: dict[str, tuple[Tone, ...]] = {
    "yes": (_Y, _E, _S),
    "no": (_N, _O),
    "up": (_UH, _P),
    "down": (_D, _OW, _N),
    "left": (_L, _E, _F, _T),
    "right": (_R, _AI, _T),
    "on": (_O, _N),
    "off": (_O, _F),
    "stop": (_S, _T, _O, _P),
    "go": (_G, _O),
}
"""The tones of each word: (pitch at its start, at its end), 0 the lowest and 1 the highest band."""
WORDS = tuple(TONES)
SHORTEST, LONGEST = 12, 24
QUIET = 3
QUIETEST, LOUDEST = 0.7, 1.3
TONE_WIDTH = 0.06
"""Of the whole range of pitch."""
PHASES = 240
INAUDIBLE = 1e-6
"""Energies below are 0: numbers as small as denormals would make everything slow."""
SOLVED_PERCENT = 95.0
CONFUSED = 300
HEARD = 0.5


@dataclass(frozen=True)
class KeywordSettings:
    """How hard it is to hear."""

    seq_len: int = integer(
        40,
        LONGEST + QUIET,
        400,
        "Recording",
        "Length of a recording; the word in it takes 12 to 24 steps.",
        unit="steps",
        scale="log",
        is_live=True,
    )
    noise: float = number(0.2, 0.0, 2.0, "Noise", "Standard deviation of the noise; a tone has a height of about 1.", is_live=True)
    bands: int = integer(12, 6, 40, "Bands", "Frequency bands in which the ear measures the energy.", unit="bands")


class Keyword(Task):
    """A recording → the word in it."""

    name = "keyword"
    title = "Keyword"
    summary = "Hear a noisy recording and say which of ten words it is."
    card = (
        "In goes a recording, step by step: the energy in each frequency band. Out must come, at its end, which of ten words was "
        'spoken. What makes it hard: nobody knows when the word begins, how fast and how loud it is spoken; "no" and "on" have '
        "the same sounds in another order; and the word must be kept in mind until the end. GRU and LSTM learn it within some "
        "hundred updates; the simple RNN learns a part of the words, and only at a smaller learning rate."
    )
    order = 110
    topology = "sequence_to_vector"
    loss = "cross_entropy"
    loss_unit = "nats per recording"
    # At least 95 % of the held-out recordings right.
    solved_metric = SOLVED_PERCENT
    input_example = "stop"
    Settings = KeywordSettings

    def __init__(self, settings: KeywordSettings, vocabulary: dict[str, object] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._patterns = _patterns(settings.bands)

    @property
    def input_size(self) -> int:
        """Frequency bands."""
        return int(self.settings.bands)

    @property
    def output_size(self) -> int:
        """Words."""
        return len(WORDS)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Words."""
        return WORDS

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random recordings: inputs (T, count, D), targets (count,)."""
        return self._recorded(rng.integers(0, len(WORDS), count), rng)

    def _recorded(self, words: NDArray[np.int64], rng: np.random.Generator) -> Batch:
        """Recordings of ``words`` (B,) at random speed, start and loudness."""
        seq_len, count = self.settings.seq_len, len(words)
        durations = rng.integers(SHORTEST, LONGEST + 1, count, np.int32)
        starts = rng.integers(0, seq_len - QUIET - durations + 1, dtype=np.int32)
        loudness = rng.uniform(QUIETEST, LOUDEST, count).astype(np.float32)
        since = np.arange(seq_len, dtype=np.int32)[:, None] - starts
        is_spoken = (since >= 0) & (since < durations)
        # In the middle of a step, so that speeds differ in nothing but speed.
        phases = (2 * since + 1) * PHASES // (2 * durations)
        inputs = np.take(self._patterns, np.where(is_spoken, words * PHASES + phases, len(WORDS) * PHASES), axis=0)
        # Over rows of whole batches, as each operation costs by the row.
        rows = inputs.reshape(seq_len, -1)
        rows *= np.repeat(loudness, self.input_size)
        inputs += uniform_noise(rng, self.settings.noise, inputs.shape)
        return Batch(inputs, words, None, np.full(count, seq_len))

    def _compute_baseline_loss(self) -> float:
        # The last step is silent whatever was spoken.
        return float(np.log(len(WORDS)))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the recordings understood."""
        return share_right("words right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The loudest band, counted from 1; a point where none is loud."""
        return tuple(str(int(x.argmax()) + 1) if x.max() > HEARD else "·" for x in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The word it would name at each step of the probe, and how held-out words are confused."""
        confused = confusion(forward, self.held_out(CONFUSED), len(WORDS))
        return ClassesPrediction(WORDS, trace.input_labels, trace.outputs, int(probe.targets[0]), confused, spectrogram=trace.inputs)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """What it hears when the word typed is spoken, in a way of its own at each call."""
        typed = text.strip().lower()
        if typed not in WORDS:
            raise InputError(f"{text.strip()[:40]!r} is none of the words it learns: {', '.join(WORDS)}")
        batch = self._recorded(np.array([WORDS.index(typed)]), rng)
        heard = class_answer(WORDS, forward(batch.inputs, batch.lengths)[-1, 0])
        return replace(heard, text=f"{typed} is spoken; it hears {heard.text}")


def pitch(word: str, phase: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pitch of ``word``, 0…1, at ``phase`` (…) in 0…1 of its length, of which each tone takes an equal part."""
    tones = np.array(TONES[word])
    place = np.minimum(phase * len(tones), len(tones) - 1e-9)
    tone = place.astype(np.int64)
    pitches: NDArray[np.float64] = tones[tone, 0] + (place - tone) * (tones[tone, 1] - tones[tone, 0])
    return pitches


def _patterns(bands: int) -> NDArray[np.float32]:
    """Energies in each band at each phase of each word, one row after the other, and a row of silence: (10 · PHASES + 1, bands)."""
    phases = (np.arange(PHASES) + 0.5) / PHASES
    pitches = np.concatenate([pitch(word, phases) for word in WORDS])
    width = max(0.5, TONE_WIDTH * (bands - 1))
    energies = np.exp(-((np.arange(bands) - (bands - 1) * pitches[:, None]) ** 2) / (2 * width**2))
    energies[energies < INAUDIBLE] = 0
    return np.vstack([energies, np.zeros(bands)]).astype(np.float32)


TASK = Keyword
