"""Tagging: read a sentence word by word, and say of each whether it names a person, a place or an organisation.

One example::

    Jordan  flew  to     Georgia  for    Amazon        .
    person  other other  place    other  organisation  other

The bundled sentences hold many names that can be all three, so that the word itself doesn't tell: its neighbours do, and often those
that come after it. Words are read in small letters; those beyond the vocabulary's limit as <unknown>, or <Unknown> with a capital. While
it trains a share of the words is hidden in the same way, so that the network learns to judge a name that it has never seen by what stands
around it. The last fifth of the sentences is held out; in the bundled ones it has names that the rest hasn't.

The line is the loss, on the held-out sentences, of a predictor without memory that has learned from the training sentences. It sees the
present word only, and as the network does: a new name as <Unknown>, of which it learned by the share of words that are hidden in training.
With n_cf the number of times that word c is expected to have tag f there, n_c = Σ_f n_cf, n_f = Σ_c n_cf, and F tags::

    p(f | c) = (n_cf + a p(f)) / (n_c + a),    p(f) = (n_f + 1) / (n + F)

Of the smoothings a the one is taken that suits the held-out sentences best: who gets below the line does so by more than the word.

F1 is that of all words of the three kinds together (micro-averaged).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import file, integer, number
from core.folders import CORPORA
from core.prediction import Answer, Prediction, TagsPrediction
from core.readers.recognition import Recognition
from core.readers.tagged_words import TAGS, TaggedSentence, read_tagged_words
from core.readers.words import PARAGRAPH, split_words
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.f1 import f1_percent
from core.tasks.symbols import UNKNOWN, UNKNOWN_ID, Vocabulary, one_hot
from core.tasks.user_data import UserData

BUNDLED_SENTENCES = CORPORA / "names.tsv"
HELD_OUT_SHARE = 0.2
UNKNOWN_NAME = "<Unknown>"
UNKNOWN_NAME_ID = 1
OTHER = TAGS.index("other")
SOLVED_PERCENT = 95.0
COMPARED = 200
SMOOTHING = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
MOST_TYPED = 1000


@dataclass(frozen=True)
class TaggingSettings:
    """Which sentences, and how they are read."""

    file: str = file(
        (".tsv", ".csv"),
        "Sentences",
        "A table of your own with a word and its tag in each row, a blank line after each sentence; empty: the bundled sentences.",
        holds="tagged words",
    )
    seq_len: int = integer(
        30, 2, 200, "Longest sentence", "Of a longer sentence only the beginning is read.", unit="words", scale="log", is_live=True
    )
    hidden_share: float = number(
        0.1,
        0.0,
        0.9,
        "Hidden words",
        "Share of the words that are hidden while it trains, so that it learns to judge a word by its neighbours.",
        is_live=True,
    )
    vocabulary_limit: int = integer(
        800,
        10,
        3000,
        "Vocabulary",
        "The most frequent words have a number of their own; the rest is read as <unknown>, or <Unknown> with a capital.",
        unit="words",
        is_important=False,
    )


@dataclass(frozen=True)
class EncodedSentences:
    """Sentences in numbers: all words in one row, those of sentence k from ``firsts[k]`` on, ``lengths[k]`` of them.

    ``ids`` (2, N) are words, below them what is read where they are hidden; ``tags`` (N,) places in TAGS.
    """

    ids: NDArray[np.int64]
    tags: NDArray[np.int64]
    firsts: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def joined(self, count: int) -> "EncodedSentences":
        """Each sentence joined with the ``count`` − 1 that follow it; after the last comes the first."""
        lengths = np.sum([np.roll(self.lengths, -k) for k in range(count)], axis=0)
        return EncodedSentences(np.tile(self.ids, count), np.tile(self.tags, count), self.firsts, lengths)

    def surprise_without_memory(self, hidden_share: float, size: int, held_out: "EncodedSentences") -> float:
        """Mean surprise at the tags of ``held_out`` of one who knows which tags each of ``size`` words has here; see the module."""
        weights = (1 - hidden_share, hidden_share)
        counts = np.zeros(size * len(TAGS))
        for weight, ids in zip(weights, self.ids, strict=True):
            counts += weight * np.bincount(ids * len(TAGS) + self.tags, minlength=len(counts))
        n_cf = counts.reshape(size, len(TAGS))
        overall = (n_cf.sum(axis=0) + 1) / (n_cf.sum() + len(TAGS))
        words, tags = held_out.ids[0], held_out.tags
        n_c = n_cf.sum(axis=1)[words]
        return min(float(-np.log((n_cf[words, tags] + a * overall[tags]) / (n_c + a)).mean()) for a in SMOOTHING)


class Tagging(Task):
    """A sentence → a tag for each word."""

    name = "tagging"
    title = "Tagging"
    summary = "Read a sentence and find the names of people, places and organisations."
    card = (
        "In goes a sentence, word by word. Out must come a tag for every word: person, place, organisation or other. What makes it hard: "
        '"Jordan" can be a friend, a country or a firm, and some names were never seen before. Only the words around it tell, and often '
        "those that follow: a network that reads in both directions finds 95 of 100 names within some hundred updates, with any of the "
        "three cells, one that reads forwards only does not get there."
    )
    order = 50
    topology = "sequence_to_sequence"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per word"
    # An F1 of at least 95 % on held-out sentences.
    solved_metric = SOLVED_PERCENT
    baseline_label = "from the word alone"
    input_example = "Jordan flew to Georgia because Amazon opened an office in Paris."
    Settings = TaggingSettings

    @classmethod
    def data_path(cls, settings: TaggingSettings) -> str:
        """The table chosen, or the bundled sentences."""
        return settings.file or str(BUNDLED_SENTENCES)

    @classmethod
    def recognise(cls, settings: TaggingSettings) -> Recognition:
        """How many sentences and words, and how many of them are in names."""
        sentences = read_tagged_words(cls.data_path(settings))
        tags = [tag for sentence in sentences for tag in sentence.tags]
        named = sum(tag != "other" for tag in tags)
        return Recognition(f"{len(sentences):,} sentences, {len(tags):,} words, {named:,} of them in names.")

    def __init__(self, settings: TaggingSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        self._joined = 1
        path = self.data_path(settings)
        sentences = UserData(lambda: _usable(read_tagged_words(path), path), may_miss=bool(vocabulary))
        if vocabulary:
            words = [str(word) for word in vocabulary["symbols"]]
            self._known_baseline: float | None = float(vocabulary["baseline_loss"])
        else:
            train, _ = _split(sentences.get())
            counts = Counter(word.lower() for sentence in train for word in sentence.words)
            words = [word for word, _ in counts.most_common(settings.vocabulary_limit)]
            self._known_baseline = None
        self._vocabulary = Vocabulary([UNKNOWN_NAME, *words])
        self._singles = UserData(
            lambda: tuple(self._encoded(part) for part in _split(sentences.get())),
            may_miss=bool(vocabulary),
        )
        self._parts = self._singles
        self._held_out_words = UserData(
            lambda: tuple(sentence.words[: settings.seq_len] for sentence in _split(sentences.get())[1]), may_miss=bool(vocabulary)
        )

    def _encoded(self, sentences: Sequence[TaggedSentence]) -> EncodedSentences:
        words = [word for sentence in sentences for word in sentence.words]
        tags = np.array([TAGS.index(tag) for sentence in sentences for tag in sentence.tags])
        lengths = np.array([len(sentence.words) for sentence in sentences])
        firsts = np.cumsum(lengths) - lengths
        # Of long sentences only the beginning is read.
        is_read = np.arange(len(tags)) - np.repeat(firsts, lengths) < self.settings.seq_len
        lengths = np.minimum(lengths, self.settings.seq_len)
        # Contiguous, or each look into it would copy it.
        ids = np.ascontiguousarray(self._ids(words)[:, is_read])
        return EncodedSentences(ids, tags[is_read], np.cumsum(lengths) - lengths, lengths)

    def _ids(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Numbers of words as they are written, and below them what is read where they are hidden: (2, N)."""
        known = self._vocabulary.exact_ids([word.lower() for word in words])
        hidden = np.array([UNKNOWN_NAME_ID if word[:1].isupper() else UNKNOWN_ID for word in words])
        return np.stack([np.where(known == UNKNOWN_ID, hidden, known), hidden])

    @property
    def input_size(self) -> int:
        """Words of the vocabulary."""
        return len(self._vocabulary)

    @property
    def output_size(self) -> int:
        """Tags."""
        return len(TAGS)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Tags."""
        return TAGS

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random training sentences: inputs (T, count, V), targets (T, count). Raises InputError without the table."""
        train, _ = self._parts.get()
        chosen = rng.integers(0, len(train.lengths), count)
        # A hidden word is read in the row below.
        rows = np.array((0, train.ids.shape[1]))
        return self._batch(train, chosen, lambda shape: rows.take(rng.random(shape, np.float32) < self.settings.hidden_share))

    def held_out(self, count: int) -> Batch:
        """Held-out sentences in order, from the start again where there are fewer than ``count``."""
        _, held_out = self._parts.get()
        return self._batch(held_out, np.arange(count) * self._joined % len(held_out.lengths))

    def longer(self, factor: int) -> "Tagging":
        """The same task with ``factor`` sentences joined to one."""
        twin = copy(self)
        twin._joined = factor * self._joined
        twin._parts = UserData(lambda: tuple(part.joined(twin._joined) for part in self._singles.get()), may_miss=True)
        return twin

    def _batch(
        self, part: EncodedSentences, chosen: NDArray[np.int64], rows: Callable[[tuple[int, ...]], NDArray[np.int64]] | None = None
    ) -> Batch:
        """The ``chosen`` sentences (B,); ``rows`` (T, B) is added to their places to read what stands below."""
        lengths = part.lengths.take(chosen)
        steps = np.arange(lengths.max())[:, None]
        is_word = steps < lengths
        places = np.minimum(steps, lengths - 1)
        places += part.firsts.take(chosen)
        targets = part.tags.take(places)
        targets[~is_word] = OTHER
        if rows is not None:
            places += rows(places.shape)
        return Batch(one_hot(part.ids.take(places), self.input_size, is_word), targets, None, lengths)

    def _compute_baseline_loss(self) -> float:
        # A session knows it, but hidden words and longest sentence may have been set to something else meanwhile.
        if self._known_baseline is not None and not self._singles.is_there:
            return self._known_baseline
        train, held_out = self._singles.get()
        return train.surprise_without_memory(self.settings.hidden_share, self.input_size, held_out)

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """F1 of the words that are names, all three kinds together; 0 where there is none, and none is named."""
        is_word = np.arange(len(answers))[:, None] < batch.lengths
        answered, wanted = answers.argmax(axis=2)[is_word], batch.targets[is_word]
        is_right = (answered == wanted) & (wanted != OTHER)
        counts = (int(np.count_nonzero(each)) for each in (is_right, answered != OTHER, wanted != OTHER))
        return Metric("F1 of the names", f1_percent(*counts), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The words; nothing for padding."""
        return tuple(self._vocabulary.symbols[x.argmax()] if x.any() else "" for x in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The tag of each word of the probe, and how the words of held-out sentences are confused."""
        held_out = self.held_out(min(COMPARED, len(self._parts.get()[1].lengths)))
        answers = forward(held_out.inputs, held_out.lengths).argmax(axis=2)
        is_word = np.arange(len(answers))[:, None] < held_out.lengths
        confusion = np.zeros((len(TAGS), len(TAGS)), np.int64)
        np.add.at(confusion, (held_out.targets[is_word], answers[is_word]), 1)
        wanted = tuple(TAGS[k] for k in probe.targets[: trace.seq_len, 0])
        is_known = tuple(label not in (UNKNOWN, UNKNOWN_NAME) for label in trace.input_labels)
        return TagsPrediction(TAGS, "other", self._written(trace), is_known, wanted, trace.outputs, confusion)

    def _written(self, trace: Trace) -> tuple[str, ...]:
        """The words of the held-out sentence that was read, as they are written there; as the network reads them where there is none."""
        sentences = self._held_out_words.get()
        ids = trace.inputs.argmax(axis=1)
        same = (words for words in sentences if len(words) == len(ids) and np.array_equal(self._ids(words)[0], ids))
        return next(same, trace.input_labels)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The tag of each word of the sentence typed."""
        words = [word for word in split_words(text) if word != PARAGRAPH]
        if not 1 <= len(words) <= MOST_TYPED:
            raise InputError(f"{len(words)} words can't be tagged: 1 to {MOST_TYPED} are needed, for example {self.input_example}")
        ids = self._ids(words)[0]
        answers = forward(one_hot(ids[:, None], self.input_size), np.array([len(ids)]))[:, 0].argmax(axis=1)
        tags = tuple(TAGS[k] for k in answers)
        shown = (word if tag == "other" else f"{word} [{tag}]" for word, tag in zip(words, tags, strict=True))
        return Answer(tags, None, " ".join(shown))

    def vocabulary(self) -> dict[str, Any]:
        """The words in order, and the baseline."""
        return {"symbols": list(self._vocabulary.symbols[2:]), "baseline_loss": self.baseline_loss}


def _split(sentences: Sequence[TaggedSentence]) -> tuple[Sequence[TaggedSentence], Sequence[TaggedSentence]]:
    """Sentences for training and, from the end, held-out ones."""
    train_count = round((1 - HELD_OUT_SHARE) * len(sentences))
    return sentences[:train_count], sentences[train_count:]


def _usable(sentences: tuple[TaggedSentence, ...], path: str) -> tuple[TaggedSentence, ...]:
    """``sentences``, unless there is nothing to find in one of their parts."""
    for part, where, use in zip(_split(sentences), ("first four fifths", "last fifth"), ("learns from", "is tested on"), strict=True):
        if all(tag == "other" for sentence in part for tag in sentence.tags):
            raise InputError(f"{path}: every tag is 'other' in the {where} of the sentences, which it {use}: names are needed there, too")
    return sentences


TASK = Tagging
