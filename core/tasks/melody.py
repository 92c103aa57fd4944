"""Melody: read a tune note by note, and say at every step which note comes next, and how long it lasts.

One example::

    in      end  C4   E4   G4    G4:1/2  …
    out     C4   E4   G4   G4:1/2  …     end

A symbol is a pitch with a length, a rest with a length, or the end of a tune, which is also what stands before its first note. Tunes
lie one behind the other; the last tenth of them is held out (of fewer than ten tunes, or where no border between tunes is near, the last
tenth of their notes). In training they are heard in any key at most ``transpose`` semitones off, so that a network learns intervals
rather than notes. Notes that training has in none of these keys are read as <unknown>; where it never had to say that, it isn't asked for.

Without memory the best is to know how often each symbol follows the present one (a bigram), in all the keys that training draws from:
its mean surprise is the line, estimated as in ``symbols.conditional_entropy``.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import file, integer
from core.folders import CORPORA
from core.prediction import Answer, MelodyPrediction, Prediction
from core.readers.recognition import Recognition
from core.readers.tunes import SUFFIXES, read_tunes, tune_of
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.generation import continue_symbols
from core.tasks.symbols import UNKNOWN_ID, Vocabulary, conditional_entropy, counting_known, one_hot
from core.tasks.user_data import UserData
from core.tasks.windows import Windows
from core.tunes import Note, Tune, nearest_length, parse_notes

BUNDLED_TUNES = CORPORA / "tunes.abc"
END = "end"
HELD_OUT_SHARE = 0.1
NEAR = 0.05
"""So far, as a share of all notes, the border before the held-out tunes may be from where it should be."""
FEWEST_TUNES = 10
FEWEST_NOTES = 10
MOST_SYMBOLS = 600
SOLVED_SHARE = 0.75
CONTEXTS = 4
SHOWN_SYMBOLS = 8
SHOWN_NOTES = 32
SHOWN = Sampling(length=24, temperature=0.5)


@dataclass(frozen=True)
class MelodySettings:
    """Which tunes, and how they are read."""

    file: str = file(
        SUFFIXES,
        "Tunes",
        "Tunes of your own: a MIDI file, ABC notation, or lines such as C4 E4:1/2; empty: the bundled tunes.",
        holds="tunes",
    )
    seq_len: int = integer(32, 2, 500, "Length", "Notes the network reads in one go.", unit="notes", scale="log", is_live=True)
    transpose: int = integer(
        2,
        0,
        6,
        "Transpose",
        "In training each tune is heard in a key drawn anew, at most this many semitones higher or lower.",
        unit="semitones",
    )


class Melody(Task):
    """A tune → its next note, at every step."""

    name = "melody"
    title = "Melody"
    summary = "Read a tune and say which note comes next."
    card = (
        "In goes a tune, note by note, each with its pitch and its length: G4:1/2 is a G that lasts half a beat, G4 one of a whole "
        "beat. Out must come, at every step, how likely each note is to be the next. Fed with its own choice again and again, the "
        "network goes on with the tune. What makes it hard: the last note alone "
        "tells neither the key nor the metre, neither the place in the bar nor the phrase that is about to come back. The line is what "
        "one reaches by knowing the last note only. All three cells get well below it; here the GRU is the first."
    )
    order = 60
    topology = "sequence_to_sequence"
    loss = "cross_entropy"
    loss_unit = "nats per note"
    default_length = 24
    input_example = "C4 E4:1/2 G4:2"
    answer_files = SUFFIXES
    is_causal = True
    has_stream = True
    Settings = MelodySettings

    @classmethod
    def data_path(cls, settings: MelodySettings) -> str:
        """The tunes chosen, or the bundled ones."""
        return settings.file or str(BUNDLED_TUNES)

    @classmethod
    def recognise(cls, settings: MelodySettings) -> Recognition:
        """How many tunes and notes."""
        tunes = read_tunes(cls.data_path(settings))
        notes = sum(len(tune.notes) for tune in tunes)
        return Recognition(f"{len(tunes):,} tunes, {notes:,} notes." if len(tunes) != 1 else f"1 tune, {notes:,} notes.")

    def __init__(self, settings: MelodySettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        path = self.data_path(settings)
        if vocabulary:
            self._notes = _notes_in(vocabulary["symbols"])
            self._known_baseline: float | None = float(vocabulary["baseline_loss"])
            self._tunes = UserData(lambda: _fitting(_usable(read_tunes(path), path), self._notes, path), may_miss=True)
        else:
            self._tunes = UserData(lambda: _usable(read_tunes(path), path), may_miss=False)
            self._notes = _most_frequent(_heard_in_training(self._tunes.get()), settings.transpose)
            self._known_baseline = None
        self._vocabulary = Vocabulary([END, *map(str, self._notes)])
        self._end = self._vocabulary.id_of(END)
        # Row k: the number of each symbol as it is in the k-th of the keys.
        self._shifts = sorted(range(-settings.transpose, settings.transpose + 1), key=lambda shift: (abs(shift), -shift))
        shifted = [[END, *(str(note.up(shift)) for note in self._notes)] for shift in self._shifts]
        self._in_key = np.array([[UNKNOWN_ID, *self._vocabulary.exact_ids(symbols)] for symbols in shifted])
        self._is_there = self._tunes.is_there
        tunes = self._tunes.get() if self._is_there else ()
        self._ids = self._as_ids(tunes)
        self._train_count, first = _training_part(tunes)
        self._is_unknown_taught = bool((self._in_key[:, self._ids[1 : self._train_count + 1]] == UNKNOWN_ID).any())
        self._first_held_out = tunes[first] if tunes else Tune(())

    def _as_ids(self, tunes: Sequence[Tune]) -> NDArray[np.int64]:
        symbols = [END]
        for tune in tunes:
            symbols += [*(str(_told_apart(note)) for note in tune.notes), END]
        return self._vocabulary.exact_ids(symbols)

    @property
    def _windows(self) -> Windows:
        self._tunes.get()
        return Windows(len(self._ids) - 1, self._train_count, self.settings.seq_len)

    @property
    def input_size(self) -> int:
        """Symbols of the vocabulary."""
        return len(self._vocabulary)

    @property
    def output_size(self) -> int:
        """Symbols of the vocabulary."""
        return len(self._vocabulary)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Symbols of the vocabulary."""
        return self._vocabulary.symbols

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random windows of the training part, each in a key of its own: inputs (T, count, V), targets (T, count).

        Raises InputError without the tunes.
        """
        steps = self._windows.draw(rng, count)
        return self._batch(steps, rng.integers(0, len(self._shifts), count))

    def stream(self, rng: np.random.Generator, position: int, count: int) -> Batch:
        """The training part read from ``count`` places on, window after window, each in a key that stays until they begin again.

        The keys are drawn anew for every round, by its number and the seed of ``rng``: they depend on no draw in between. Raises
        InputError without the tunes.
        """
        steps, does_continue = self._windows.stream(position, count)
        seed = rng.bit_generator.seed_seq.generate_state(4)
        keys = np.random.default_rng([*seed, self._windows.round_of(position, count)]).integers(0, len(self._shifts), count)
        return self._batch(steps, keys, continues=np.full(count, does_continue))

    def held_out(self, count: int) -> Batch:
        """Windows evenly spread over the held-out tunes, in one key after the other."""
        steps, mask = self._windows.held_out(count)
        batch = self._batch(steps, self._spread_keys(count), mask)
        return batch if self._is_unknown_taught else replace(batch, mask=counting_known(batch.targets, mask))

    def _spread_keys(self, count: int) -> NDArray[np.int64]:
        """A key for each of ``count`` sequences: the first as it is written, the others one after the other."""
        return np.arange(count) % len(self._shifts)

    def _batch(
        self,
        steps: NDArray[np.int64],
        keys: NDArray[np.int64],
        mask: NDArray[np.float64] | None = None,
        continues: NDArray[np.bool_] | None = None,
    ) -> Batch:
        # The last note of a window is a target only.
        notes = self._ids.take(np.vstack([steps, steps[-1] + 1]))
        notes += keys * self._in_key.shape[1]
        ids = self._in_key.take(notes)
        return Batch(one_hot(ids[:-1], self.input_size), ids[1:].copy(), mask, np.full(steps.shape[1], len(steps)), continues=continues)

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        size = self.input_size
        ids = self._in_key[:, self._ids[: self._windows.train_count + 1]]
        pairs = np.bincount((ids[:, :-1] * size + ids[:, 1:]).ravel(), minlength=size * size)
        return conditional_entropy(pairs.reshape(size, size))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the next notes guessed right, pitch and length."""
        is_right = answers.argmax(axis=2) == batch.targets
        return Metric("next note right", 100 * float(np.average(is_right, weights=batch.mask)), "%")

    @property
    def solved_below(self) -> float:
        """Held-out loss at most three quarters of what the last note alone gives."""
        return SOLVED_SHARE * self.baseline_loss

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The notes."""
        return tuple(self._vocabulary.symbols[k] for k in inputs.argmax(axis=1))

    def step_heights(self, inputs: np.ndarray) -> NDArray[np.float64]:
        """The pitches."""
        notes = [self._note(int(k)) for k in inputs.argmax(axis=1)]
        return np.array([np.nan if note is None or note.pitch is None else note.pitch for note in notes])

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """Where a tune ends and the next begins."""
        return tuple(map(int, np.flatnonzero(inputs.argmax(axis=1) == self._end)))

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The probe's notes, how likely each was held to be, and how the network goes on after the first half of them."""
        ids = trace.inputs.argmax(axis=1)
        given = max(1, len(ids) // 2)
        shares = np.concatenate([[np.nan], trace.outputs[np.arange(len(ids) - 1), ids[1:]]])
        (written,) = self._continue(forward, list(map(int, ids[:given])), SHOWN, np.random.default_rng(HELD_OUT_SEED))
        best, likely = self._likeliest(np.asarray(trace.outputs[given - 1], dtype=np.float64))
        return MelodyPrediction(
            notes=tuple(self._note(int(k)) for k in ids),
            shares=shares,
            given=given,
            continuation=tuple(self._note(k) for k in written),
            next_symbols=best,
            next_probabilities=likely,
            bar=self._first_held_out.bar,
            tempo=self._first_held_out.tempo,
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The notes that follow ``C4 E4 G4`` (or the tune in the file of that name: MIDI, ABC notation or text)."""
        tune = tune_of(text)
        if not tune.notes:
            raise InputError("there is nothing to go on from: at least one note is needed, for example C4 E4 G4")
        start = [self._end, *(self._nearest_id(note) for note in tune.notes)]
        seen = np.array(start[-CONTEXTS * self.settings.seq_len :])[:, None]
        best, likely = self._likeliest(forward(one_hot(seen, self.input_size), np.array([len(seen)]))[-1, 0].astype(np.float64))
        (written,) = self._continue(forward, start, sampling, rng)
        symbols = tuple(self._vocabulary.symbols[k] for k in written)
        cut = ["…"] if len(tune.notes) > SHOWN_NOTES else []
        return Answer(
            symbols,
            dict(zip(best, map(float, likely), strict=True)),
            " ".join([*cut, *map(str, tune.notes[-SHOWN_NOTES:]), *symbols]),
            tune=Tune((*tune.notes, *filter(None, map(self._note, written))), tune.bar, tune.tempo),
            given=len(tune.notes),
        )

    def vocabulary(self) -> dict[str, Any]:
        """The notes in order and the baseline."""
        return {"symbols": list(map(str, self._notes)), "baseline_loss": self.baseline_loss}

    def _note(self, number: int) -> Note | None:
        """The note of that number; None for the end and for what is unknown."""
        place = number - len(self._vocabulary) + len(self._notes)
        return self._notes[place] if place >= 0 else None

    def _nearest_id(self, note: Note) -> int:
        """Number of the known symbol nearest to ``note``: of its own pitch, else octaves off, else any; of those the nearest length."""

        def distance(known: Note) -> tuple[float, ...]:
            if note.pitch is None or known.pitch is None:
                return (note.pitch is not known.pitch, 0, 0, abs(known.length - note.length))
            apart = abs(known.pitch - note.pitch)
            return (0, apart % 12 != 0, apart, abs(known.length - note.length))

        return int(self._vocabulary.exact_ids([str(min(self._notes, key=distance))])[0])

    def _likeliest(self, shares: NDArray[np.float64]) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """The symbols that are likeliest to come next, by ``shares`` (V,), and their shares."""
        best = np.argsort(-shares, kind="stable")[:SHOWN_SYMBOLS]
        return tuple(self._vocabulary.symbols[k] for k in best), shares[best]

    def _continue(self, forward: Forward, start: list[int], sampling: Sampling, rng: np.random.Generator) -> list[list[int]]:
        context = CONTEXTS * self.settings.seq_len
        return continue_symbols(forward, self.input_size, start, [sampling], rng, context, (UNKNOWN_ID,), self._end)


def _told_apart(note: Note) -> Note:
    """``note`` with a length that the network knows."""
    return Note(note.pitch, nearest_length(note.length))


def _usable(tunes: tuple[Tune, ...], path: str) -> tuple[Tune, ...]:
    count = sum(len(tune.notes) for tune in tunes)
    if count < FEWEST_NOTES:
        raise InputError(f"{path}: is too short: it has {count} notes, at least {FEWEST_NOTES} are needed")
    return tunes


def _fitting(tunes: tuple[Tune, ...], known: Sequence[Note], path: str) -> tuple[Tune, ...]:
    """``tunes``, of which a network that was trained on the notes ``known`` knows most. Raises InputError where it doesn't."""
    notes = [_told_apart(note) for tune in tunes for note in tune.notes]
    is_known = set(known)
    strange = [note for note in notes if note not in is_known]
    # A vocabulary that was cut knows part of its own tunes only.
    if 2 * len(strange) > len(notes) and len(known) < MOST_SYMBOLS:
        raise InputError(
            f"{path}: {len(strange)} of its {len(notes)} notes, for example {strange[0]}, are none the network was trained for: "
            "tunes like those of its training are needed, or a new run"
        )
    return tunes


def _heard_in_training(tunes: Sequence[Tune]) -> list[Note]:
    """The notes that stand in the training part of ``tunes``."""
    train_count, _ = _training_part(tunes)
    in_order = [note for tune in tunes for note in (*tune.notes, None)]
    return [note for note in in_order[:train_count] if note is not None]


def _most_frequent(notes: Sequence[Note], transpose: int) -> tuple[Note, ...]:
    """``notes`` in all keys, the most frequent ones if there are too many, from low to high, rests last."""
    written = Counter(map(_told_apart, notes))
    uses: Counter[Note] = Counter()
    for shift in range(-transpose, transpose + 1):
        for note, count in written.items():
            uses[note.up(shift)] += count
    chosen = sorted(uses, key=lambda note: (-uses[note], str(note)))[:MOST_SYMBOLS]
    return tuple(sorted(chosen, key=lambda note: (note.pitch is None, note.pitch or 0, note.length)))


def _notes_in(symbols: Sequence[str]) -> tuple[Note, ...]:
    """The notes of a session's vocabulary. Raises ValueError where they are none."""
    notes = parse_notes(" ".join(map(str, symbols)))
    if not notes or len(set(notes)) != len(notes):
        raise ValueError("the notes of the vocabulary can't be right")
    return notes


def _training_part(tunes: Sequence[Tune]) -> tuple[int, int]:
    """Steps that training sees, and the number of the tune that is the first of the held-out ones, or has the first held-out note."""
    ends = list(accumulate(len(tune.notes) + 1 for tune in tunes))
    if not ends:
        return 0, 0
    train_count = ends[-1] - max(1, round(HELD_OUT_SHARE * ends[-1]))
    if len(tunes) >= FEWEST_TUNES:
        border = min(ends[:-1], key=lambda end: abs(end - train_count))
        if abs(border - train_count) <= NEAR * ends[-1]:
            train_count = border
    return train_count, sum(end <= train_count for end in ends)


TASK = Melody
