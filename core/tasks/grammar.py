"""Strings of a finite-state grammar: drawn at random, checked, and what can be known of their next symbol.

A grammar is a list of states; from each some arcs lead on, all equally likely, each writing its symbol::

    state 2:  S → 2,  X → 4

The symbol written tells the next state, so that whoever knows all symbols so far knows the state and the *legal* next symbols. A
predictor that knows the state is surprised by ln(number of arcs) on average: no predictor does better (``floor``). Figures are means per
prediction in nats: a string of L symbols has L − 1, for nothing is known before the first.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Arcs = Mapping[str, tuple[tuple[str, str], ...]]

START, DONE = "start", "done"


class Grammar:
    """Strings from START to DONE.

    Parameters
    ----------
    symbols : all symbols, in the order of their numbers
    arcs : state -> its arcs (symbol, next state); START is the first state, DONE has none

    Raises
    ------
    ValueError
        Where two arcs of a state write the same symbol: the state could not be told from the string.
    """

    def __init__(self, symbols: str, arcs: Arcs) -> None:
        self.symbols = symbols
        states = [START, *(state for state in arcs if state != START)]
        self._done = len(states)
        numbers = {state: number for number, state in enumerate([*states, DONE])}
        self._arc_counts = np.array([len(arcs[state]) for state in states] + [1])
        self._most_arcs = int(self._arc_counts.max())
        # What is written where a string is over counts nowhere.
        self._written = np.zeros((self._done + 1, self._most_arcs), np.int64)
        self._leads_to = np.full(self._written.shape, self._done)
        self._after = np.full((self._done + 1, len(symbols)), -1)
        for state in states:
            for arc, (symbol, following) in enumerate(arcs[state]):
                place = numbers[state], symbols.index(symbol)
                if self._after[place] >= 0:
                    raise ValueError(f"two arcs of state {state} write {symbol}")
                self._written[numbers[state], arc] = symbols.index(symbol)
                self._leads_to[numbers[state], arc] = self._after[place] = numbers[following]

    def draw(self, rng: np.random.Generator, count: int, shortest: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Random strings: symbols (T, count), anything after a string's end, and lengths (count,).

        With ``shortest`` they have at least so many symbols, and are distributed as if shorter ones had been thrown away.
        """
        bounds = self._arc_bounds(shortest)
        state = np.zeros(count, np.int64)
        places: list[NDArray[np.int64]] = []
        # DONE has the largest number.
        while state.min(initial=self._done) < self._done:
            chance = rng.random(count, dtype=np.float32)
            place = state * self._most_arcs
            for bound in bounds[max(shortest - len(places), 0)]:
                place += chance >= bound.take(state)
            places.append(place)
            state = self._leads_to.take(place)
        taken = np.array(places)
        return self._written.take(taken), np.count_nonzero(taken < self._done * self._most_arcs, axis=0)

    def _arc_bounds(self, shortest: int) -> list[NDArray[np.float32]]:
        """Where between 0 and 1 one arc of a state ends and the next begins: (arcs − 1, states), with 0 … ``shortest`` more symbols needed.

        Where n more are needed an arc has the share of its strings that go on for n − 1 beyond it.
        """
        does_exist = np.arange(self._most_arcs) < self._arc_counts[:, None]
        reaches = np.ones(self._done + 1)
        weights, bounds = does_exist.astype(np.float64), []
        for _ in range(shortest + 1):
            total = weights.sum(axis=1, keepdims=True)
            shares = np.where(total > 0, weights, does_exist) / np.where(total > 0, total, self._arc_counts[:, None])
            bounds.append(np.cumsum(shares, axis=1)[:, :-1].T.astype(np.float32))
            weights = np.where(does_exist, reaches[self._leads_to], 0.0)
            reaches = np.where(np.arange(self._done + 1) == self._done, 0.0, weights.sum(axis=1) / self._arc_counts)
        return bounds

    def legal_after(self, ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which symbols may follow each: ids (T, B) of strings of the grammar -> (T, B, K); none after ``lengths``."""
        legal = np.zeros((*ids.shape, len(self.symbols)), np.bool_)
        state = np.zeros(ids.shape[1], np.int64)
        for step, symbols in enumerate(ids):
            state = np.where(step < lengths, self._after[state, symbols], self._done)
            legal[step] = self._after[state] >= 0
        return legal

    def first_illegal(self, text: str) -> int | None:
        """Place of the first symbol of ``text`` that may not stand there, or None."""
        state = 0
        for place, symbol in enumerate(text):
            state = int(self._after[state, self.symbols.index(symbol)]) if symbol in self.symbols else -1
            if state < 0:
                return place
        return None

    def mean_length(self) -> float:
        """Mean number of symbols of a string."""
        return float(self._visits().sum())

    def floor(self) -> float:
        """Surprise of the predictor that knows the state: the entropy of the grammar."""
        return float(self._visits() @ np.log(self._arc_counts[:-1])) / (self.mean_length() - 1)

    def surprise_without_memory(self) -> float:
        """Surprise of the best predictor that knows only the present symbol."""
        visits, counts = self._visits(), self._arc_counts
        pairs = np.zeros((len(self.symbols), len(self.symbols)))
        for state in range(self._done):
            for arc in range(counts[state]):
                following = self._leads_to[state, arc]
                share = visits[state] / counts[state] / counts[following]
                for next_arc in range(counts[following] if following != self._done else 0):
                    pairs[self._written[state, arc], self._written[following, next_arc]] += share
        given = pairs / np.maximum(pairs.sum(axis=1, keepdims=True), 1e-300)
        return float(-(pairs[pairs > 0] * np.log(given[pairs > 0])).sum()) / (self.mean_length() - 1)

    def _visits(self) -> NDArray[np.float64]:
        """How often a string comes through each state, on average: v = e_start + Pᵀ v."""
        steps = np.zeros((self._done, self._done + 1))
        for state in range(self._done):
            np.add.at(steps[state], self._leads_to[state, : self._arc_counts[state]], 1 / self._arc_counts[state])
        visits: NDArray[np.float64] = np.linalg.solve(np.eye(self._done) - steps[:, :-1].T, np.eye(self._done)[0])
        return visits
