"""Writing a string of symbols after reading: targets with an end, what is right, what can be known without reading, what is shown."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.prediction import SymbolsPrediction
from core.snapshot import Trace

END = "■"
NOTHING = "(nothing: it ends at once)"


class Writing:
    """Strings of symbols, each followed by END, as numbers.

    Parameters
    ----------
    symbols : what strings are made of, ASCII characters; END has the last number
    longest : symbols of the longest string, END not counted
    """

    def __init__(self, symbols: str, longest: int) -> None:
        self.symbols = (*symbols, END)
        self.output_len = longest + 1
        self._number_of_code = np.zeros(128, np.int64)
        self._number_of_code[list(symbols.encode())] = np.arange(len(symbols))

    def encoded(self, strings: Sequence[str] | NDArray[np.bytes_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Targets (output_len, N), END behind each string and 0 behind that, and the lengths (N,), END counted."""
        texts = np.array(strings, np.bytes_)
        ends = np.strings.str_len(texts).astype(np.int64)
        codes = texts.view(np.uint8).reshape(len(texts), -1)[:, : self.output_len]
        numbers = np.zeros((len(texts), self.output_len), np.int64)
        numbers[:, : codes.shape[1]] = self._number_of_code[codes]
        step = np.arange(self.output_len)
        numbers[step > ends[:, None]] = 0
        numbers[np.arange(len(texts)), ends] = len(self.symbols) - 1
        return np.ascontiguousarray(numbers.T), ends + 1

    def labels(self, targets: np.ndarray) -> tuple[str, ...]:
        """The symbols of (T_out,) numbers."""
        return tuple(self.symbols[number] for number in targets)

    def read(self, answers: np.ndarray) -> str:
        """What one sequence of answers (T_out, O) says, as far as its end."""
        return "".join(self.labels(answers.argmax(axis=1))).partition(END)[0]

    def exact_percent(self, answers: np.ndarray, batch: Batch) -> float:
        """Share of the strings that are written right from the first symbol to the end: answers (output_len, B, O)."""
        assert batch.output_lengths is not None
        steps = min(len(answers), len(batch.targets))
        is_padding = np.arange(steps)[:, None] >= batch.output_lengths
        is_right = (answers[:steps].argmax(axis=2) == batch.targets[:steps]) | is_padding
        return 100 * float(is_right.all(axis=0).mean())

    def surprise_without_reading(self, targets: np.ndarray, lengths: np.ndarray, weights: np.ndarray) -> float:
        """Mean surprise, in nats per symbol, of the best predictor that knows only the step and the previous symbol.

        targets (T_out, N) are all strings there are, with ``lengths`` (N,) and ``weights`` (N,): how often each comes.
        """
        size = len(self.symbols)
        total = 0.0
        previous = np.zeros(len(weights), np.int64)
        for step, present in enumerate(targets):
            shares = np.bincount(previous * size + present, weights * (step < lengths), size * size).reshape(size, size)
            given = shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-300)
            total -= float((shares * np.log(np.where(shares > 0, given, 1))).sum())
            previous = present
        return total / float((weights * lengths).sum())

    def shown(self, trace: Trace, probe: Batch, read_steps: int, picture: NDArray[np.float64] | None = None) -> SymbolsPrediction:
        """Sequence 0 of ``probe``: nothing is wanted or answered while it is read, for ``read_steps`` steps, then its symbols.

        ``picture`` (rows, columns) is what they are written about.
        """
        assert probe.output_lengths is not None
        written = self.labels(probe.targets[: probe.output_lengths[0], 0])
        steps = len(trace.input_labels)
        wanted = (("",) * read_steps + written + ("",) * steps)[:steps]
        return SymbolsPrediction(self.symbols, trace.input_labels, wanted, trace.outputs, picture)
