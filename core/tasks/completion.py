"""Completion: read a text word by word, or character by character, and say at every step what comes next.

One example, words::

    in      I    am     going  to   the
    out     am   going  to     the  park

A blank line ends a paragraph and is a symbol of its own, ¶: where the network writes it, a continuation ends. Words beyond the
vocabulary's limit, and words that only the held-out part has, are read as <unknown>; that one is never written. The last tenth of the
text is held out; where training never had to say <unknown>, it isn't asked for there. Of the sentences in that part of the bundled text
nine in ten stand nowhere else in it, so that knowing them by heart does not help.

Without memory the best is to know how often each symbol follows the present one (a bigram): its mean surprise is the line, estimated
as in ``symbols.conditional_entropy``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.fields import choice, file, integer
from core.fields import text as text_field
from core.folders import CORPORA
from core.prediction import Answer, Prediction, TextPrediction
from core.readers.recognition import Recognition
from core.readers.tokens import AUTOMATIC, CHARACTERS, UNITS, WORDS, Tokens, read_tokens
from core.readers.words import PARAGRAPH, continuation, join_words, mark_paragraphs, split_words
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import HELD_OUT_SEED, Forward, Task
from core.tasks.generation import continue_symbols
from core.tasks.symbols import UNKNOWN, UNKNOWN_ID, Vocabulary, conditional_entropy, counting_known, one_hot, with_some_unknown
from core.tasks.user_data import UserData
from core.tasks.windows import Windows

BUNDLED_TEXT = CORPORA / "everyday.txt"
HELD_OUT_SHARE = 0.1
FEWEST_SYMBOLS = 10
UNKNOWN_SHARE = 0.03
SOLVED_SHARE = 0.8
CONTEXTS = 4
SHOWN_TEMPERATURES = (0.3, 0.7, 1.2)
SHOWN_SYMBOLS = 8
SHOWN_LENGTH = {WORDS: 16, CHARACTERS: 40}
VISIBLE = {PARAGRAPH: "¶", " ": "␣", "\n": "⏎", "\t": "⇥"}
_COUNTED_AT_ONCE = 2**20


@dataclass(frozen=True)
class CompletionSettings:
    """Which text, and how it is read."""

    file: str = file((".txt",), "Text", "A text of your own, any .txt; empty: the bundled everyday sentences.", holds="text")
    unit: str = choice(
        AUTOMATIC, UNITS, "Read by", "Words or characters. Automatic takes words where each different one is used five times on average."
    )
    seq_len: int = integer(24, 2, 500, "Length", "Symbols the network reads in one go.", unit="symbols", scale="log", is_live=True)
    vocabulary_limit: int = integer(
        400,
        10,
        2000,
        "Vocabulary",
        "The most frequent symbols have a number of their own; the rest is read as <unknown>.",
        unit="symbols",
        is_important=False,
    )
    prompt: str = text_field("I am going to the", "Start with", "The words that are completed on screen.", is_live=True)


class Completion(Task):
    """A text → its next word or character, at every step."""

    name = "completion"
    title = "Completion"
    summary = "Read a text and say what comes next."
    card = (
        "In goes a text, word by word (or letter by letter). Out must come, at every step, how likely each word is to be the "
        "next. Fed with its own choice again and again, the network writes. What makes it hard: the last word alone says "
        'little; what is likely after "the" depends on who is going where, and why. The line is what one reaches by knowing '
        "the last word only. All three cells learn it."
    )
    order = 10
    topology = "sequence_to_sequence"
    is_about_text = True
    loss = "cross_entropy"
    loss_unit = "nats per symbol"
    input_example = "I am going to the"
    is_causal = True
    has_stream = True
    Settings = CompletionSettings

    def __init__(self, settings: CompletionSettings, vocabulary: dict[str, Any] | None = None) -> None:
        super().__init__(settings, vocabulary)
        path = self.data_path(settings)
        unit = vocabulary["unit"] if vocabulary else settings.unit
        tokens = UserData(lambda: read_tokens(path, unit), may_miss=bool(vocabulary))
        if vocabulary:
            self._unit, symbols = str(vocabulary["unit"]), [str(symbol) for symbol in vocabulary["symbols"]]
            if self._unit not in SHOWN_LENGTH:
                raise ValueError(f"{self._unit!r} is no unit of a text")
            self._known_baseline: float | None = float(vocabulary["baseline_loss"])
        else:
            known = tokens.get()
            self._unit, symbols = known.unit, _most_frequent_in_training(known, settings.vocabulary_limit)
            self._known_baseline = None
        self._vocabulary = Vocabulary(symbols)
        self._end = self._vocabulary.id_of(PARAGRAPH)
        self._ids = UserData(lambda: self._as_ids(tokens.get(), path), may_miss=bool(vocabulary))

    @classmethod
    def data_path(cls, settings: CompletionSettings) -> str:
        """The text chosen, or the bundled one."""
        return settings.file or str(BUNDLED_TEXT)

    @classmethod
    def recognise(cls, settings: CompletionSettings) -> Recognition:
        """How the text was read, and how much of it the vocabulary covers."""
        tokens = read_tokens(cls.data_path(settings), settings.unit)
        known = len(_most_frequent_in_training(tokens, settings.vocabulary_limit))
        sentence = f"{len(tokens.ids) - 1:,} {tokens.unit}, {len(tokens.symbols):,} different, {tokens.encoding}."
        rest = len(tokens.symbols) - known
        if rest > 0:
            sentence += f" The {known:,} most frequent of the training part are in the vocabulary, the rest is read as {UNKNOWN}."
        return Recognition(sentence)

    def _as_ids(self, tokens: Tokens, path: str) -> NDArray[np.int16]:
        """The text in the vocabulary's numbers, which are small: a long text takes two bytes a symbol."""
        count = len(tokens.ids) - 1
        if count < FEWEST_SYMBOLS:
            raise InputError(f"{path}: is too short: it has {count} {tokens.unit}, at least {FEWEST_SYMBOLS} are needed")
        numbers: NDArray[np.int16] = self._vocabulary.exact_ids(tokens.symbols).astype(np.int16)[tokens.ids]
        return numbers

    @property
    def _is_words(self) -> bool:
        return self._unit == WORDS

    @property
    def _windows(self) -> Windows:
        step_count = len(self._ids.get()) - 1
        return Windows(step_count, _train_count(step_count), self.settings.seq_len)

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
        return tuple(map(self._shown, self._vocabulary.symbols))

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random windows of the training part: inputs (T, count, V), targets (T, count). Raises InputError without the text."""
        return self._training_batch(self._windows.draw(rng, count), rng, None)

    def stream(self, rng: np.random.Generator, position: int, count: int) -> Batch:
        """The training part read from ``count`` places on, window after window. Raises InputError without the text."""
        steps, does_continue = self._windows.stream(position, count)
        return self._training_batch(steps, rng, np.full(count, does_continue))

    def _training_batch(self, steps: NDArray[np.int64], rng: np.random.Generator, continues: NDArray[np.bool_] | None) -> Batch:
        inputs = with_some_unknown(self._symbols_at(steps), rng, UNKNOWN_SHARE)
        lengths = np.full(steps.shape[1], len(steps))
        return Batch(one_hot(inputs, self.input_size), self._symbols_at(steps + 1), None, lengths, continues=continues)

    def _symbols_at(self, steps: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._ids.get()[steps].astype(np.int64)

    def held_out(self, count: int) -> Batch:
        """Windows evenly spread over the last tenth of the text."""
        steps, mask = self._windows.held_out(count)
        inputs, targets = one_hot(self._symbols_at(steps), self.input_size), self._symbols_at(steps + 1)
        if not self._is_unknown_taught:
            mask = counting_known(targets, mask)
        return Batch(inputs, targets, mask, np.full(count, len(steps)))

    @cached_property
    def _is_unknown_taught(self) -> bool:
        """Whether training has <unknown> among what must be said."""
        return bool((self._ids.get()[1 : self._windows.train_count + 1] == UNKNOWN_ID).any())

    def _compute_baseline_loss(self) -> float:
        if self._known_baseline is not None:
            return self._known_baseline
        ids, size = self._ids.get()[: self._windows.train_count + 1], self.input_size
        counts = np.zeros(size * size, np.int64)
        for first in range(0, len(ids) - 1, _COUNTED_AT_ONCE):
            part = ids[first : first + _COUNTED_AT_ONCE + 1].astype(np.int64)
            counts += np.bincount(part[:-1] * size + part[1:], minlength=size * size)
        return conditional_entropy(counts.reshape(size, size))

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the next symbols guessed right."""
        is_right = answers.argmax(axis=2) == batch.targets
        return Metric(f"next {self._unit.removesuffix('s')} right", 100 * float(np.average(is_right, weights=batch.mask)), "%")

    @property
    def solved_below(self) -> float:
        """Held-out loss at most four fifths of what the last symbol alone gives."""
        return SOLVED_SHARE * self.baseline_loss

    def _shown(self, symbol: str) -> str:
        return VISIBLE.get(symbol, symbol)

    def _symbols_of(self, inputs: np.ndarray) -> tuple[str, ...]:
        return tuple(self._vocabulary.symbols[k] for k in inputs.argmax(axis=1))

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The words or characters."""
        return tuple(map(self._shown, self._symbols_of(inputs)))

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """The probe's surprise at each symbol, and continuations of the prompt."""
        read = self._symbols_of(trace.inputs)
        given = trace.outputs[np.arange(trace.seq_len - 1), trace.inputs[1:].argmax(axis=1)]
        prompt_symbols, prompt = self._prompt(read)
        start = [self._vocabulary.id_of(symbol) for symbol in prompt_symbols]
        shares = self._next_shares(forward, start)
        best = np.argsort(-shares, kind="stable")[:SHOWN_SYMBOLS]
        written = self._continue(
            forward, start, [Sampling(SHOWN_LENGTH[self._unit], each) for each in SHOWN_TEMPERATURES], np.random.default_rng(HELD_OUT_SEED)
        )
        return TextPrediction(
            read=tuple(symbol if symbol == " " else self._shown(symbol) for symbol in read),
            surprise=np.concatenate([[0.0], -np.log2(np.maximum(given, 1e-12))]),
            prompt=prompt,
            next_symbols=tuple(self._shown(self._vocabulary.symbols[k]) for k in best),
            next_probabilities=shares[best],
            continuations=tuple(
                (temperature, self._joined(prompt, prompt_symbols, symbols))
                for temperature, symbols in zip(SHOWN_TEMPERATURES, written, strict=True)
            ),
            is_words=self._is_words,
            uniform_surprise=float(np.log2(self.output_size)),
        )

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The words or characters that follow ``text``."""
        symbols = self._cut(text)
        if not symbols:
            raise InputError(f"there is nothing to go on from: at least one {self._unit.removesuffix('s')} is needed")
        start = [self._vocabulary.id_of(symbol) for symbol in symbols]
        shares = self._next_shares(forward, start)
        best = np.argsort(-shares, kind="stable")[:SHOWN_SYMBOLS]
        (written,) = self._continue(forward, start, [sampling], rng)
        probabilities = {self._shown(self._vocabulary.symbols[k]): float(shares[k]) for k in best}
        return Answer(tuple(written), probabilities, self._joined(text, symbols, written))

    def vocabulary(self) -> dict[str, Any]:
        """The unit, the symbols in order and the baseline."""
        return {"unit": self._unit, "symbols": list(self._vocabulary.symbols[1:]), "baseline_loss": self.baseline_loss}

    def _cut(self, text: str) -> list[str]:
        return split_words(text) if self._is_words else list(mark_paragraphs(text))

    def _prompt(self, read: tuple[str, ...]) -> tuple[list[str], str]:
        """The prompt of the settings, or where it is empty or of another language than the text, the first half of what was read."""
        symbols = self._cut(self.settings.prompt)
        if symbols and sum(self._vocabulary.id_of(symbol) != UNKNOWN_ID for symbol in symbols) * 2 > len(symbols):
            return symbols, self.settings.prompt
        start = list(read[: max(1, len(read) // 2)])
        return start, (join_words(start) if self._is_words else "".join(start)).replace(PARAGRAPH, "\n\n")

    def _next_shares(self, forward: Forward, start: list[int]) -> NDArray[np.float64]:
        """How likely each symbol is to come next, (V,)."""
        seen = np.array(start[-CONTEXTS * self.settings.seq_len :])[:, None]
        shares: NDArray[np.float64] = forward(one_hot(seen, self.input_size), np.array([len(seen)]))[-1, 0].astype(np.float64)
        return shares

    def _continue(self, forward: Forward, start: list[int], samplings: Sequence[Sampling], rng: np.random.Generator) -> list[list[str]]:
        context = CONTEXTS * self.settings.seq_len
        written = continue_symbols(forward, self.input_size, start, samplings, rng, context, (UNKNOWN_ID,), self._end)
        return [[self._vocabulary.symbols[k] for k in ids] for ids in written]

    def _joined(self, prompt: str, prompt_symbols: list[str], symbols: list[str]) -> str:
        """``prompt`` as it was typed and what was written after it."""
        if self._is_words:
            return prompt.rstrip(" ") + continuation(prompt_symbols, symbols)
        return prompt + "".join(symbols)


def _train_count(step_count: int) -> int:
    """Of so many steps those that training sees."""
    return step_count - max(1, round(HELD_OUT_SHARE * step_count))


def _most_frequent_in_training(tokens: Tokens, limit: int) -> list[str]:
    """The paragraph's end and the most frequent symbols of the training part, ``limit`` in all."""
    uses = np.bincount(tokens.ids[: _train_count(len(tokens.ids) - 1) + 1], minlength=len(tokens.symbols))
    used = (tokens.symbols[k] for k in np.argsort(-uses, kind="stable") if uses[k])
    return [PARAGRAPH, *(symbol for symbol in used if symbol not in (PARAGRAPH, UNKNOWN))][:limit]


TASK = Completion
