"""The Reber grammar: learn from examples which letters may follow which (Reber 1967; Cleeremans, Servan-Schreiber & McClelland 1989).

Six places; at five of them a coin decides which of two ways to take, and the letter of the way is written::

    B → 1     1: T → 2, P → 3     2: S → 2, X → 4     3: T → 3, V → 5     4: X → 3, S → 6     5: P → 4, V → 6     6: E

One example: after B a coin chose P, after P V, and so on; the network reads and predicts::

    in      B  P  V  P  X  V  V
    out     P  V  P  X  V  V  E        after the last V only E is legal

Figures are in nats per prediction, a string of L letters having L − 1 of them. The grammar's entropy, below which nobody gets, is 0.594;
who knows only the present letter is surprised by 1.164: T and X, for instance, go on otherwise on either side. Held-out strings are
other draws of the same grammar; short ones training meets too.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.errors import InputError
from core.legal import are_legal_likelier, name_sets
from core.prediction import Answer, Prediction, SymbolsPrediction
from core.sampling import Sampling
from core.snapshot import Evaluation, Metric, Trace
from core.task import Forward, Task
from core.tasks.grammar import DONE, START, Arcs, Grammar
from core.tasks.symbols import one_hot

SYMBOLS = "BTSXPVE"
SOLVED_PERCENT = 97.0
LONGEST_TYPED = 1000
WAYS = {
    "1": (("T", "2"), ("P", "3")),
    "2": (("S", "2"), ("X", "4")),
    "3": (("T", "3"), ("V", "5")),
    "4": (("X", "3"), ("S", "6")),
    "5": (("P", "4"), ("V", "6")),
}


def reber_arcs(start: str, done: str, name: str = "") -> Arcs:
    """A Reber grammar between two states, its own states carrying ``name``."""
    inner = {name + state: tuple((symbol, name + following) for symbol, following in ways) for state, ways in WAYS.items()}
    return {start: (("B", f"{name}1"),), **inner, f"{name}6": (("E", done),)}


@dataclass(frozen=True)
class ReberSettings:
    """There is nothing to set: the grammar is what it is."""


class Reber(Task):
    """A string of the grammar → its legal next letters, at every step."""

    name = "reber"
    title = "Grammar"
    summary = "Learn which letters may follow which."
    card = (
        "In goes a string of letters that a small grammar wrote, flipping a coin wherever two letters were allowed. Out must "
        "come, at every step, the next letter: as nobody can know how a coin falls, the network is right if it finds the "
        "allowed letters likelier than all the others. What makes it hard: the same letter is followed by others in other "
        "places of the grammar, so that one must know the way by which one came. All three cells learn it."
    )
    order = 270
    group = "classic"
    topology = "sequence_to_sequence"
    loss = "cross_entropy"
    loss_unit = "nats per step"
    # At least 97 % of the held-out strings right at every step.
    solved_metric = SOLVED_PERCENT
    input_example = "BTSSX"
    is_causal = True
    Settings: ClassVar[type] = ReberSettings
    grammar: ClassVar[Grammar] = Grammar(SYMBOLS, reber_arcs(START, DONE))
    example: ClassVar[str] = "BTSSX"

    def __init__(self, settings: ReberSettings, vocabulary: dict[str, Any] | None = None, shortest: int = 0) -> None:
        """With ``shortest`` only strings of at least so many letters, as often as the grammar writes them."""
        super().__init__(settings, vocabulary)
        self._shortest = shortest

    @property
    def input_size(self) -> int:
        """Letters."""
        return len(SYMBOLS)

    @property
    def output_size(self) -> int:
        """Letters."""
        return len(SYMBOLS)

    @property
    def output_names(self) -> tuple[str, ...]:
        """Letters."""
        return tuple(SYMBOLS)

    def longer(self, factor: int) -> Task:
        """The strings that are at least ``factor`` times as long as the mean; the line stays that of all strings."""
        return type(self)(self.settings, self.vocabulary(), ceil(factor * self.grammar.mean_length()))

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        """Random strings: inputs (T, count, 7), targets (T, count) the letters that came next."""
        ids, lengths = self.grammar.draw(rng, count, self._shortest)
        return Batch(self._inputs(ids[:-1], lengths - 1), ids[1:], None, lengths - 1)

    def _inputs(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float32]:
        """Letters (T, B) -> what goes in, (T, B, 7), nothing after the end."""
        return one_hot(ids, len(SYMBOLS), np.arange(len(ids))[:, None] < lengths)

    def legal_next(self, batch: Batch) -> NDArray[np.bool_]:
        """Which letters may come next at each step of ``batch``: (T, B, 7); none in the padding."""
        return self.grammar.legal_after(batch.inputs.argmax(axis=2), batch.lengths)

    def _compute_baseline_loss(self) -> float:
        return self.grammar.surprise_without_memory()

    def measure(self, answers: np.ndarray, batch: Batch) -> Metric:
        """Share of the strings in which at every step every legal letter is given more probability than every illegal one."""
        # In the padding nothing is legal, and so nothing is wrong.
        is_right = are_legal_likelier(self.legal_next(batch), answers).all(axis=0)
        return Metric("strings right", 100 * float(is_right.mean()), "%")

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The letters; nothing for padding."""
        return tuple(SYMBOLS[x.argmax()] if x.any() else "" for x in inputs)

    def show(self, forward: Forward, trace: Trace, probe: Batch, evaluation: Evaluation | None) -> Prediction:
        """How likely it finds each letter at every step of the probe; wanted are all letters that may come."""
        legal = self.legal_next(probe)[: trace.seq_len, 0]
        wanted = name_sets(SYMBOLS, legal)
        return SymbolsPrediction(tuple(SYMBOLS), trace.input_labels, wanted, trace.outputs, legal=legal)

    def answer(self, forward: Forward, text: str, sampling: Sampling, rng: np.random.Generator) -> Answer:
        """The likeliest letter after the beginning of a string typed, ``BTSSX``, with the probability of each."""
        typed = "".join(text.split()).upper()
        place = self.grammar.first_illegal(typed)
        if place is not None:
            raise self._refusal(f"{typed[place]!r} can't stand in place {place + 1} of {typed[:40]}")
        if not 0 < len(typed) <= LONGEST_TYPED:
            raise self._refusal(f"{len(typed)} letters are too {'many' if typed else 'few'}")
        ids = np.array([[SYMBOLS.index(symbol)] for symbol in typed])
        lengths = np.array([len(ids)])
        ((legal,),) = self.grammar.legal_after(ids, lengths)[-1:]
        if not legal.any():
            raise self._refusal(f"{typed[:40]} is complete, nothing follows")
        shares = forward(self._inputs(ids, lengths), lengths)[-1, 0]
        best = SYMBOLS[int(shares.argmax())]
        probabilities = {symbol: float(share) for symbol, share in zip(SYMBOLS, shares, strict=True)}
        allowed = " or ".join(symbol for symbol, is_legal in zip(SYMBOLS, legal, strict=True) if is_legal)
        return Answer((best,), probabilities, f"{best} ({100 * probabilities[best]:.0f} %, allowed: {allowed})")

    def _refusal(self, reason: str) -> InputError:
        return InputError(f"{reason}: the beginning of a string is needed, for example {self.example}")


TASK = Reber
