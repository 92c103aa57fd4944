"""A text as a row of numbered symbols: words or characters."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from core.readers.remembered import remembered
from core.readers.text import read_text
from core.readers.words import PARAGRAPH, mark_paragraphs, split_words

AUTOMATIC, WORDS, CHARACTERS = "automatic", "words", "characters"
UNITS = (AUTOMATIC, WORDS, CHARACTERS)
_USES_OF_A_WORD = 5
_PARAGRAPH_PIECE = "\ue000"
_SPACE = re.compile(r"\s")
_CHUNK = 2**19


@dataclass(frozen=True)
class Tokens:
    """A text cut up.

    ids : (N,) int32, numbers into ``symbols``; the last one is the paragraph's end
    symbols : all different ones, the most frequent first
    encoding : of the file, for people
    """

    ids: NDArray[np.int32]
    symbols: tuple[str, ...]
    is_words: bool
    encoding: str

    @property
    def unit(self) -> str:
        """``words`` or ``characters``."""
        return WORDS if self.is_words else CHARACTERS


@remembered
def read_tokens(path: str, unit: str) -> Tokens:
    """The text in the file ``path`` as symbols of ``unit``. Raises InputError where it can't be read.

    "automatic" takes words if each different one is used five times on average, else there is too little to learn about
    them, and characters are taken.
    """
    text = read_text(path)
    encoding, marked = text.encoding, mark_paragraphs(text.content.strip()) + PARAGRAPH
    del text
    if unit == CHARACTERS:
        return _characters(marked, encoding)
    tokens = _words(marked, encoding)
    return _characters(marked, encoding) if unit == AUTOMATIC and len(tokens.ids) < _USES_OF_A_WORD * len(tokens.symbols) else tokens


def _words(marked: str, encoding: str) -> Tokens:
    """Cuts at spaces first: the pieces between them come again and again, and each different one is cut up only once."""
    piece_ids: list[NDArray[np.int32]] = []
    pieces = _counter()
    for chunk in _chunks(marked.replace(PARAGRAPH, f" {_PARAGRAPH_PIECE} ")):
        in_chunk = chunk.split()
        piece_ids.append(np.fromiter(map(pieces.__getitem__, in_chunk), np.int32, len(in_chunk)))
    words = _counter()
    cut_up = [[words[word] for word in (split_words(piece) if piece != _PARAGRAPH_PIECE else [PARAGRAPH])] for piece in pieces]
    lengths = np.array([len(ids) for ids in cut_up])
    firsts = np.cumsum(lengths) - lengths
    flat = np.fromiter(chain.from_iterable(cut_up), np.int32, int(lengths.sum()))
    return _sorted_by_use(np.concatenate([_expanded(ids, flat, firsts, lengths) for ids in piece_ids]), list(words), encoding)


def _counter() -> defaultdict[str, int]:
    """A dict that numbers its keys in the order in which they are first asked for."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    return numbers


def _chunks(content: str) -> Iterator[str]:
    """``content`` in parts of some million characters, cut at spaces."""
    start = 0
    while start < len(content):
        space = _SPACE.search(content, start + _CHUNK)
        stop = space.start() if space else len(content)
        yield content[start:stop]
        start = stop


def _expanded(piece_ids: np.ndarray, flat: np.ndarray, firsts: np.ndarray, lengths: np.ndarray) -> NDArray[np.int32]:
    """Words of a row of pieces: those of piece k are ``flat[firsts[k] : firsts[k] + lengths[k]]``."""
    counts = lengths[piece_ids]
    before = np.cumsum(counts) - counts
    words: NDArray[np.int32] = flat[np.repeat(firsts[piece_ids] - before, counts) + np.arange(counts.sum())]
    return words


def _characters(marked: str, encoding: str) -> Tokens:
    """Piece by piece, for which a 50 MB text takes a quarter of the memory, and other threads can run meanwhile."""
    uses = np.zeros(0, np.int64)
    for codes in _codes(marked):
        here = np.bincount(codes, minlength=len(uses))
        here[: len(uses)] += uses
        uses = here
    used = np.flatnonzero(uses)
    ranked = used[np.argsort(-uses[used], kind="stable")]
    numbers = np.zeros(len(uses), np.int32)
    numbers[ranked] = np.arange(len(ranked))
    ids = np.empty(len(marked), np.int32)
    first = 0
    for codes in _codes(marked):
        ids[first : first + len(codes)] = numbers[codes]
        first += len(codes)
    ids.setflags(write=False)
    return Tokens(ids, tuple(chr(code) for code in ranked), is_words=False, encoding=encoding)


def _codes(marked: str) -> Iterator[NDArray[np.uint32]]:
    """Code points of ``marked``, some at a time."""
    for start in range(0, len(marked), _CHUNK):
        yield np.frombuffer(marked[start : start + _CHUNK].encode("utf-32-le"), np.uint32)


def _sorted_by_use(ids: NDArray[np.int32], symbols: list[str], encoding: str) -> Tokens:
    order = np.argsort(-np.bincount(ids, minlength=len(symbols)), kind="stable")
    rank = np.empty(len(symbols), np.int32)
    rank[order] = np.arange(len(symbols))
    sorted_ids = rank[ids]
    sorted_ids.setflags(write=False)
    return Tokens(sorted_ids, tuple(symbols[k] for k in order), is_words=True, encoding=encoding)
