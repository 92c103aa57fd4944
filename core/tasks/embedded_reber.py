"""The embedded Reber grammar: a letter at the start must come again at the end (Cleeremans et al. 1989; Hochreiter & Schmidhuber 1997).

A string of the Reber grammar (see ``reber``) stands between two T or two P, and all of it between B and E::

    in      B  T  B  P  V  P  X  V  V  E  T
    out     T  B  P  V  P  X  V  V  E  T  E        the T after the inner E, because a T stood in place 2

Figures are in nats per prediction, a string of L letters (12 on average) having L − 1 of them. The grammar's entropy, below which nobody
gets, is 0.441. Who knows the inner grammar, but has forgotten the letter in place 2, guesses it at the end: 0.441 + ln 2 / 11 = 0.504.
That is the line, because what the inner grammar needs is not the long memory that this task is about; who knows only the present letter
is surprised by 1.272. Published: LSTM 97–100 % of the strings, an Elman network none. That one was trained with the gradient cut after
one step; with the full gradient the strings are short enough for a simple RNN, too.
"""

from typing import ClassVar

import numpy as np

from core.tasks.grammar import DONE, START, Arcs, Grammar
from core.tasks.reber import SYMBOLS, Reber, reber_arcs

KEPT = "TP"
KEPT_PLACE = 1


def embedded_arcs() -> Arcs:
    """The two ways through the grammar, which differ only in the letter around them."""
    arcs = {START: (("B", "choice"),), "choice": tuple((letter, f"{letter} begins") for letter in KEPT)}
    for letter in KEPT:
        arcs |= reber_arcs(f"{letter} begins", f"{letter} ends", letter)
        arcs[f"{letter} ends"] = ((letter, "last"),)
    return {**arcs, "last": (("E", DONE),)}


class EmbeddedReber(Reber):
    """A string of the embedded grammar → its legal next letters, at every step."""

    name = "embedded_reber"
    input_example = "BTBTSSX"
    title = "Nested"
    summary = "A letter at the start must come again at the end."
    card = (
        "In goes a string that a grammar wrote, flipping coins, between two T or two P. Out must come, at every step, the next "
        "letter; the network is right if it finds the allowed letters likelier than all the others. What makes it hard: the "
        "last letter but one is the same as the second, and what lies between tells nothing of it. The line is what one gets who "
        "has learned all but that. All three cells get below it; with the gradient truncated to a few steps none does."
    )
    order = 280
    group = "classic"
    baseline_label = "without the first letter"
    grammar: ClassVar[Grammar] = Grammar(SYMBOLS, embedded_arcs())
    example: ClassVar[str] = "BTBTSSX"

    def _compute_baseline_loss(self) -> float:
        return self.grammar.floor() + float(np.log(len(KEPT))) / (self.grammar.mean_length() - 1)

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        """The step of the letter to be kept, and the one after which it must come again."""
        return KEPT_PLACE, int(np.count_nonzero(inputs.any(axis=1))) - 2


TASK = EmbeddedReber
