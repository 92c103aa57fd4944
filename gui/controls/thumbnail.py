"""A task in a few strokes, taken from what its own generator makes: bars, curves, dashes, blocks, words, or a picture."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from core.batch import Batch
from core.errors import InputError
from core.pads import PixelPad
from core.task import Task

SEED = 4
SEEDS_TRIED = 8
# Alphabets up to this size are drawn as blocks in colours, larger ones as text.
MOST_COLORS = 12
MOST_BARS = 20
MOST_POINTS = 48
MOST_DASHES = 16
# Up to this many channels are drawn as lines, more as a picture.
MOST_LINES = 5
MOST_COLUMNS = 40
BLOCKS = 10
# Words shorter than this ("the", "of") tell little as the one that follows.
SHORT_WORD = 4


@dataclass(frozen=True)
class Bars:
    """Heights 0…1, some of them marked."""

    heights: tuple[float, ...]
    marked: tuple[int, ...]


@dataclass(frozen=True)
class Curve:
    """Points 0…1; from the share ``known`` of them on they are to be predicted."""

    points: tuple[float, ...]
    known: float = 0.75


@dataclass(frozen=True)
class Dashes:
    """Symbols that lie high and low, 0…1, one after the other; NaN leaves a gap. Like a curve's they are to be predicted at the end."""

    heights: tuple[float, ...]
    known: float = 0.75


@dataclass(frozen=True)
class Blocks:
    """Symbols, numbered as they first appear: given, and asked for. Where some places are ``marked`` the other given ones mean nothing."""

    given: tuple[int, ...]
    wanted: tuple[int, ...]
    marked: tuple[int, ...] = ()


@dataclass(frozen=True)
class Words:
    """Text that is read, and the word that follows."""

    read: str
    last: str


@dataclass(frozen=True)
class Bitmap:
    """Rows of pixels 0…1, and what is to be said about them."""

    rows: tuple[tuple[float, ...], ...]
    written: str


@dataclass(frozen=True)
class Tagged:
    """Words, each with the number of its class; None for those of the class that most have."""

    words: tuple[str, ...]
    classes: tuple[int | None, ...]


@dataclass(frozen=True)
class Lines:
    """Points 0…1 of several channels, and the stretches of time, 0…1, that are marked."""

    channels: tuple[tuple[float, ...], ...]
    marked: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Heat:
    """Rows of values 0…1, the top row first."""

    rows: tuple[tuple[float, ...], ...]


Thumbnail = Bars | Curve | Dashes | Blocks | Words | Bitmap | Tagged | Lines | Heat


def thumbnail_of(task: Task) -> Thumbnail | None:
    """What to draw for ``task``: its first sequence of a fixed seed; None where its data can't be read."""
    try:
        batch = _telling_sample(task)
    except InputError:
        return None
    inputs = _read(batch)
    if batch.output_lengths is not None:
        return _written(task, inputs, batch.targets[: int(batch.output_lengths[0]) - 1, 0])
    if isinstance(task.pad, PixelPad):
        return Bitmap(_rows(inputs.ravel(), task.pad.columns), str(batch.targets[0]))
    heights = task.step_heights(inputs)
    if heights is not None:
        return Dashes(_normalized(heights[:MOST_DASHES]))
    is_one_hot = inputs.shape[1] > 1 and bool(np.all((inputs == 0) | (inputs == 1)) and np.all(inputs.sum(axis=1) == 1))
    is_each_step_classed = task.topology == "sequence_to_sequence" and task.output_size <= MOST_COLORS and batch.targets.ndim == 2
    if is_one_hot and inputs.shape[1] > MOST_COLORS and is_each_step_classed:
        return _tagged(task.label_inputs(inputs), batch.targets[: len(inputs), 0].astype(np.int64))
    if is_one_hot and inputs.shape[1] > MOST_COLORS:
        return _words(task.label_inputs(inputs))
    if is_one_hot:
        # One answer to the whole sequence depends on the marked symbols.
        marked = task.marked_steps(inputs) if batch.targets.ndim == 1 else ()
        return _marked_blocks(inputs, marked) if marked else _blocks(inputs, batch.targets)
    marked = task.marked_steps(inputs)
    if marked:
        return _bars(inputs[:, 0], marked)
    if inputs.shape[1] > MOST_LINES:
        return _heat(inputs[_spread(len(inputs), MOST_COLUMNS)])
    if inputs.shape[1] > 1:
        return _lines(inputs, batch.targets)
    return Curve(_normalized(inputs[_spread(len(inputs), MOST_POINTS), 0]))


def _telling_sample(task: Task) -> Batch:
    """The sequence of the first seed; where it is all no, of the next one with a yes; where it has marks, one with as many as most have."""
    seeds = iter(range(SEED, SEED + SEEDS_TRIED))
    for seed in seeds:
        batch = task.sample(np.random.default_rng(seed), 1)
        if not _is_yes_or_no(batch.targets) or batch.targets.any():
            break
    if not task.marked_steps(_read(batch)):
        return batch
    batches = [batch, *(task.sample(np.random.default_rng(seed), 1) for seed in seeds)]
    marks = [len(task.marked_steps(_read(batch))) for batch in batches]
    return batches[marks.index(Counter(marks).most_common(1)[0][0])]


def _read(batch: Batch) -> np.ndarray:
    """What is read of the first sequence, (T, D)."""
    return np.asarray(batch.inputs[: int(batch.lengths[0]), 0], dtype=np.float64)


def _is_yes_or_no(targets: np.ndarray) -> bool:
    return targets.ndim == 3 and targets.shape[2] == 1 and set(np.unique(targets).tolist()) <= {0, 1}


def _written(task: Task, inputs: np.ndarray, targets: np.ndarray) -> Thumbnail:
    """What is read, and what is to be written of it, its end left out; numbers that are written are a curve, a single vector a picture."""
    if not np.issubdtype(targets.dtype, np.integer):
        return Curve(_normalized(targets[_spread(len(targets), MOST_POINTS), 0]), known=0.0)
    written = "".join(task.label_outputs(targets))
    if len(inputs) > 1:
        return Words("".join(task.label_inputs(inputs)), written)
    return Bitmap(_rows(inputs[0], max(k for k in range(1, int(inputs.size**0.5) + 1) if inputs.size % k == 0)), written)


def _rows(pixels: np.ndarray, columns: int) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(map(float, row)) for row in pixels.reshape(-1, columns))


def _tagged(labels: tuple[str, ...], classes: np.ndarray) -> Tagged:
    """From the first word on that is of no common class, as there is little room."""
    common = Counter(classes.tolist()).most_common(1)[0][0]
    start = int(np.flatnonzero(classes != common)[:1].sum())
    pairs = [(word.strip("<>"), int(k)) for word, k in zip(labels[start:], classes[start:], strict=True) if any(map(str.isalpha, word))]
    return Tagged(tuple(word for word, _ in pairs), tuple(None if k == common else k for _, k in pairs))


def _lines(inputs: np.ndarray, targets: np.ndarray) -> Lines:
    """The channels, and where an answer of yes or no is yes."""
    chosen = _spread(len(inputs), MOST_POINTS)
    marked: list[tuple[float, float]] = []
    if _is_yes_or_no(targets):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], targets[: len(inputs), 0, 0], [0]))))
        last = max(1, len(inputs) - 1)
        marked = [(float(first / last), float(min(end, last) / last)) for first, end in zip(edges[::2], edges[1::2], strict=True)]
    return Lines(tuple(_normalized(channel) for channel in inputs[chosen].T), tuple(marked))


def _heat(inputs: np.ndarray) -> Heat:
    values = np.clip(inputs / max(float(inputs.max()), 1e-12), 0, 1)
    return Heat(tuple(tuple(map(float, row)) for row in values.T[::-1]))


def _bars(values: np.ndarray, marked: tuple[int, ...]) -> Bars:
    chosen = _with_marked(len(values), MOST_BARS, marked)
    heights = values - min(0.0, float(values.min()))
    top = max(float(heights.max()), 1e-12)
    places = tuple(place for place, step in enumerate(chosen) if step in marked)
    return Bars(tuple(float(heights[step] / top) for step in chosen), places)


def _marked_blocks(inputs: np.ndarray, marked: tuple[int, ...]) -> Blocks:
    """Some symbols of the whole sequence, the marked ones among them."""
    chosen = _with_marked(len(inputs), BLOCKS - len(marked), marked)
    symbols = [int(inputs[step].argmax()) for step in chosen]
    places = {symbol: place for place, symbol in enumerate(dict.fromkeys(symbols))}
    return Blocks(tuple(places[symbol] for symbol in symbols), (), tuple(place for place, step in enumerate(chosen) if step in marked))


def _blocks(inputs: np.ndarray, targets: np.ndarray) -> Blocks:
    """The first symbols; where the sequence ends in waiting, also the last answers that are asked for."""
    symbols = [int(symbol) for symbol in inputs.argmax(axis=1)]
    places = {symbol: place for place, symbol in enumerate(dict.fromkeys(symbols))}
    half = BLOCKS // 2
    is_waiting = len(symbols) > BLOCKS and len(set(symbols[-half:])) == 1
    if not is_waiting or targets.ndim != 2 or not np.issubdtype(targets.dtype, np.integer):
        return Blocks(tuple(places[symbol] for symbol in symbols[:BLOCKS]), ())
    labels = [int(label) for label in targets[: len(symbols), 0]]
    blank = Counter(labels).most_common(1)[0][0]
    wanted = [label for label in labels if label != blank]
    numbers = [places.setdefault(symbol, len(places)) for symbol in (*symbols[:half], *wanted[:half])]
    return Blocks(tuple(numbers[:half]), tuple(numbers[half:]))


def _words(labels: tuple[str, ...]) -> Words:
    is_characters = all(len(label) == 1 for label in labels)
    words = "".join(labels).split()[1:-1] if is_characters else list(labels)
    words = [word.strip(".,;:!?\"'()") for word in words]
    # Neither punctuation nor the mark of an unknown word.
    words = [word for word in words if word.replace("'", "").replace("-", "").isalpha()]
    while len(words) > 1 and len(words[-1]) < SHORT_WORD:
        words.pop()
    return Words(" ".join(words[:-1]), words[-1]) if words else Words("", "")


def _spread(length: int, most: int) -> list[int]:
    """At most ``most`` steps of ``length``, evenly spread."""
    return sorted({int(step) for step in np.linspace(0, length - 1, min(length, most)).round()})


def _with_marked(length: int, most: int, marked: tuple[int, ...]) -> list[int]:
    """At most ``most`` steps, evenly spread, and the marked ones."""
    return sorted(set(_spread(length, most)) | {step for step in marked if step < length})


def _normalized(values: np.ndarray) -> tuple[float, ...]:
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return tuple(float(value) for value in (values - low) / max(high - low, 1e-12))
