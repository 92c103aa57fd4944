"""Sentiment: read a review word by word, and say at its end which kind it is.

One example::

    the  plot  was  good  at  first  ,  later  it  was  dull  .     →  negative

The bundled reviews also hold the reverse ("dull at first, later good": positive), so that the words alone don't tell: their order does.
Any table with a column of texts and one of labels will do. Words are read in small letters; those beyond the vocabulary's limit, and
words never seen, as <unknown>. A fifth of the rows, always the same, is held out.

A predictor without memory sees the last word (or mark) only: its mean surprise at the label is the line, estimated as in
``symbols.conditional_entropy``. Where all reviews end with a full stop, that is the entropy of the labels.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import column, file, integer
from core.folders import CORPORA
from core.prediction import Answer, ClassesPrediction, Prediction
from core.readers.labelled_texts import LabelledTexts, read_labelled_texts, words_of
from core.readers.recognition import Recognition
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.classes import class_answer, confusion, share_right
from core.tasks.symbols import Vocabulary, conditional_entropy, one_hot, with_some_unknown
from core.tasks.user_data import UserData

BUNDLED_REVIEWS = CORPORA / "reviews.csv"
HELD_OUT_SHARE = 0.2
UNKNOWN_SHARE = 0.02
SOLVED_PERCENT = 95.0
CONFUSED = 200


@dataclass(frozen=True)
class SentimentSettings:
    """Which reviews, and how they are read."""

    file: str = file(
        (".csv", ".tsv"),
        "Reviews",
        "A table of your own with a text and a label in each row; empty: the bundled reviews.",
        holds="labelled texts",
    )
    text_column: str = column("Text column", "The column with the texts; automatic: found by name or length.", holds="text")
    label_column: str = column("Label column", "The column with the labels; automatic: found by name.", holds="labels")
    seq_len: int = integer(
        40, 2, 400, "Longest review", "Of a longer review only the end is read.", unit="words", scale="log", is_live=True
    )
    vocabulary_limit: int = integer(
        600,
        10,
        2000,
        "Vocabulary",
        "The most frequent words have a number of their own; the rest is read as <unknown>.",
        unit="words",
        is_important=False,
    )


@dataclass(frozen=True)
class EncodedRows:
    """Reviews in numbers: all words in one row of ``ids``, review k at ``firsts[k]`` with ``lengths[k]`` words, class ``labels[k]``."""

    ids: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    labels: NDArray[np.int64]


class Sentiment(Task):
    """A review → its class."""

    name = "sentiment"
    title = "Sentiment"
    summary = "Read a review and say whether it is good or bad."
    card = (
        "In goes a review, word by word. Out must come, after the last word, its class: negative or positive, or the labels "
        'of a table of your own. What makes it hard: "good at first, but later boring" and "boring at first, but later good" '
        "hold the same words. Counting good and bad words does not help: the network has to know what came before and after "
        "the turn. All three cells learn the plain reviews; LSTM and GRU are surer of those that turn."
    )
    order = 20
    topology = "sequence_to_vector"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per review"
    # At least 95 % of the held-out reviews right.
    solved_metric = SOLVED_PERCENT
    input_example = "The movie was interesting at first, but later became boring."
    Settings = SentimentSettings

    def __init__(self, settings: SentimentSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        path = self.data_path(settings)
        rows = UserData(lambda: read_labelled_texts(path, settings.text_column, settings.label_column), may_miss=bool(vocabulary))
        if vocabulary:
            words = [str(word) for word in vocabulary["symbols"]]
            self._classes = tuple(str(name) for name in vocabulary["classes"])
            self._known_baseline: float | None = float(vocabulary["baseline_loss"])
        else:
            known = rows.get()
            counts = Counter(word for k in _split(len(known.labels))[0] for word in known.texts[k])
            words = [word for word, _ in counts.most_common(settings.vocabulary_limit)]
            self._classes = tuple(sorted(set(known.labels)))
            self._known_baseline = None
        self._vocabulary = Vocabulary(words)
        self._parts = UserData(lambda: self._encoded_parts(rows.get(), path), may_miss=bool(vocabulary))

    @classmethod
    def data_path(cls, settings: SentimentSettings) -> str:
        """The table chosen, or the bundled reviews."""
        return settings.file or str(BUNDLED_REVIEWS)

    @classmethod
    def recognise(cls, settings: SentimentSettings) -> Recognition:
        """How the table was read, and which columns."""
        return read_labelled_texts(cls.data_path(settings), settings.text_column, settings.label_column).recognition

    def _encoded_parts(self, rows: LabelledTexts, path: str) -> tuple[EncodedRows, EncodedRows]:
        strange = sorted(set(rows.labels) - set(self._classes))
        if strange:
            raise InputError(f"{path}: the label {strange[0]!r} is not one the network was trained for: {', '.join(self._classes)}")
        train, held_out = _split(len(rows.labels))
        return self._encoded(rows.part(train)), self._encoded(rows.part(held_out))

    def _encoded(self, rows: LabelledTexts) -> EncodedRows:
        lengths = np.array([len(text) for text in rows.texts])
        ids = self._vocabulary.exact_ids([word for text in rows.texts for word in text])
        labels = np.array([self._classes.index(label) for label in rows.labels])
        return EncodedRows(ids, np.cumsum(lengths) - lengths, lengths, labels)

    @property
    def input_size(self) -> int:
        """Words of the vocabulary."""
        return len(self._vocabulary)

    @property
    def output_size(self) -> int:
        """Classes."""
        return len(self._classes)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Classes."""
        return self._classes

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training reviews: inputs (T, count, V), targets (count,). Raises InputError without the table."""
        train, _ = self._parts.get()
        ids, lengths, labels = self._padded(train, rng.integers(0, len(train.labels), count))
        return self._batch(with_some_unknown(ids, rng, UNKNOWN_SHARE), lengths, labels)

    def held_out(self, count: int) -> Batch:
        """Held-out reviews in order, from the start again where there are fewer than ``count``."""
        _, held_out = self._parts.get()
        return self._batch(*self._padded(held_out, np.arange(count) % len(held_out.labels)))

    def longer(self, factor: int) -> Task:
        """``factor`` reviews of the same class, one after the other, judged as one."""
        return SeveralReviews(self.settings, self.vocabulary(), factor)

    def _padded(self, rows: EncodedRows, chosen: np.ndarray) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Word numbers (T, B) of the ends of the chosen reviews, their lengths (B,) and labels (B,)."""
        lengths = np.minimum(rows.lengths[chosen], self.settings.seq_len)
        firsts = rows.firsts[chosen] + rows.lengths[chosen] - lengths
        steps = np.arange(lengths.max())[:, None]
        return rows.ids[firsts + np.minimum(steps, lengths - 1)], lengths, rows.labels[chosen]

    def _batch(self, ids: NDArray[np.int64], lengths: NDArray[np.int64], labels: NDArray[np.int64]) -> Batch:
        is_word = np.arange(len(ids))[:, None] < lengths
        return Batch(one_hot(ids, self.input_size, is_word), labels, None, lengths)

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        train, _ = self._parts.get()
        last_words = train.ids[train.firsts + train.lengths - 1]
        shape = (self.input_size, self.output_size)
        counts = np.bincount(last_words * shape[1] + train.labels, minlength=shape[0] * shape[1])
        return conditional_entropy(counts.reshape(shape))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the reviews judged right."""
        return share_right("judged right", answers, batch)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The words; nothing for padding."""
        return tuple(self._vocabulary.symbols[x.argmax()] if x.any() else "" for x in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The judgement after each word of the probe, and how held-out reviews are confused."""
        held_out = self.held_out(min(CONFUSED, len(self._parts.get()[1].labels)))
        confused = confusion(forward, held_out, self.output_size)
        return ClassesPrediction(self._classes, trace.input_labels, trace.outputs, int(probe.targets[0]), confused)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The class of the review typed, with the probability of each."""
        words = words_of(text)[-self.settings.seq_len :]
        if not words:
            raise InputError("there is nothing to judge: a review of at least one word is needed")
        ids = np.array([[self._vocabulary.id_of(word)] for word in words])
        return class_answer(self._classes, forward(one_hot(ids, self.input_size), np.array([len(ids)]))[-1, 0])

    def vocabulary(self) -> dict[str, Any]:
        """The words and the classes in order, and the baseline."""
        return {"symbols": list(self._vocabulary.symbols[1:]), "classes": list(self._classes), "baseline_loss": self.baseline_loss}


class SeveralReviews(Sentiment):
    """``factor`` reviews of the same class in a row → their class."""

    def __init__(self, settings: SentimentSettings, vocabulary: dict[str, Any], factor: int) -> None:
        super().__init__(settings, vocabulary)
        self._factor = factor

    def held_out(self, count: int) -> Batch:
        """Each held-out review in turn, followed by the next ones of its class."""
        _, rows = self._parts.get()
        first = np.arange(count) % len(rows.labels)
        chosen = [first]
        for _ in range(self._factor - 1):
            chosen.append(_next_of_same_class(rows.labels)[chosen[-1]])
        ids, lengths, labels = self._padded(rows, np.concatenate(chosen))
        lengths = lengths.reshape(self._factor, count)
        starts = np.cumsum(lengths, axis=0) - lengths
        joined = np.zeros((int(lengths.sum(axis=0).max()), count), np.int64)
        for part in range(self._factor):
            steps, sequences = np.nonzero(np.arange(len(ids))[:, None] < lengths[part])
            joined[starts[part, sequences] + steps, sequences] = ids[steps, part * count + sequences]
        return self._batch(joined, lengths.sum(axis=0), labels[:count])


def _next_of_same_class(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each row the next one with the same label, the first one again after the last: (N,)."""
    following = np.empty_like(labels)
    for label in np.unique(labels):
        (rows,) = np.nonzero(labels == label)
        following[rows] = np.roll(rows, -1)
    return following


def _split(count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows for training and held-out rows, by a fixed permutation."""
    order = np.random.default_rng(HELD_OUT_SEED).permutation(count)
    held_out_count = max(1, round(HELD_OUT_SHARE * count))
    return order[held_out_count:], order[:held_out_count]


TASK = Sentiment
