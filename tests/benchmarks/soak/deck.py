"""Things to do, each of them once before any of them again: so that all is tried, in an order of chance."""

import random
from collections.abc import Sequence
from typing import Generic, TypeVar

Card = TypeVar("Card")


class Deck(Generic[Card]):
    """Draws ``cards`` without putting them back, and shuffles them anew when none is left."""

    def __init__(self, chance: random.Random, cards: Sequence[Card]) -> None:
        self._chance, self._cards = chance, tuple(cards)
        self._left: list[Card] = []

    def draw(self) -> Card:
        """The next one."""
        if not self._left:
            self._left = list(self._cards)
            self._chance.shuffle(self._left)
        return self._left.pop()
