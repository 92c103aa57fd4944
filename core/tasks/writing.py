"""Writing a string of symbols after reading: targets with an end, what is right, what can be known without reading, what is shown.

Who does not read what a string is about still knows which strings there are, and at every symbol all that was written so far. Such a
predictor is surprised by the whole string as much as the strings are uncertain, H = −Σ p ln p, however the surprise is spread over its
symbols (chain rule; Shannon 1948, "A mathematical theory of communication", theorem of section 6): H / mean length a symbol.
"""

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
        """Mean surprise, in nats per symbol, of the best predictor that reads nothing but what is written so far.

        targets (T_out, N) are all strings there are, with ``lengths`` (N,), END counted, and ``weights`` (N,): how often each
        comes. A string may stand there more than once.
        """
        shares = weights / weights.sum()
        # As text they are compared at once; the padding behind END is no part of one.
        texts = np.ascontiguousarray(targets.T, np.uint8).view(f"S{len(targets)}")[:, 0]
        _, which = np.unique(texts, return_inverse=True)
        share_of_text = np.bincount(which, shares)[which]
        surprise = -np.log(np.where(shares > 0, share_of_text, 1))
        return float((shares * surprise).sum() / (shares * lengths).sum())

    def shown(self, trace: Trace, probe: Batch, read_steps: int, picture: NDArray[np.float64] | None = None) -> SymbolsPrediction:
        """Sequence 0 of ``probe``: nothing is wanted or answered while it is read, for ``read_steps`` steps, then its symbols.

        ``picture`` (rows, columns) is what they are written about.
        """
        assert probe.output_lengths is not None
        written = self.labels(probe.targets[: probe.output_lengths[0], 0])
        steps = len(trace.input_labels)
        wanted = (("",) * read_steps + written + ("",) * steps)[:steps]
        return SymbolsPrediction(self.symbols, trace.input_labels, wanted, trace.outputs, picture)
