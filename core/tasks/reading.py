"""Reading a string symbol by symbol: texts as inputs, and back."""

import numpy as np
from numpy.typing import NDArray

from core.tasks.symbols import one_hot


class Reading:
    """Strings of ``characters``, ASCII ones, as one-hot inputs."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        self._number_of_code = np.zeros(128, np.int64)
        self._number_of_code[list(characters.encode())] = np.arange(len(characters))

    def inputs(self, texts: NDArray[np.bytes_]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Texts (B,) as inputs (T, B, characters), nothing behind their ends, and their lengths (B,)."""
        lengths = np.strings.str_len(texts).astype(np.int64)
        codes = np.ascontiguousarray(texts).view(np.uint8).reshape(len(texts), -1)
        ids = self._number_of_code[codes[:, : lengths.max()]].T
        return one_hot(ids, len(self.characters), np.arange(len(ids))[:, None] < lengths), lengths

    def labels(self, inputs: np.ndarray) -> tuple[str, ...]:
        """The characters of one sequence (T, characters); nothing for padding."""
        return tuple(self.characters[x.argmax()] if x.any() else "" for x in inputs)

    def unknown(self, text: str) -> str:
        """The first character of ``text`` that can't be read; "" where all can."""
        return next((character for character in text if character not in self.characters), "")
