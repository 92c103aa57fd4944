"""Tunes, melody tasks and a network for the tests of what reads and writes tunes."""

from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings

from core.tasks.melody import Melody
from core.tunes import parse_notes

ANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
SCALE = parse_notes("C4 D4 E4:1/2 F4:3/2 R:1/2 G4:2 A4:1/4 B4:3/4 C5:4")
ROUND = "C4 D4 E4:1/2 F4:1/2"
RNG = np.random.default_rng


def made(file: str = "", **fields: object) -> Melody:
    return Melody(Melody.Settings(file=file, **fields))


def written(folder: Path, *tunes: str) -> str:
    path = folder / "tunes.txt"
    path.write_text("\n".join(tunes))
    return str(path)


class Cycle:
    """A network that always says the symbol that follows the present one in a fixed round."""

    def __init__(self, task: Melody, symbols: list[str], certainty: float = 1.0) -> None:
        ids = task._vocabulary.exact_ids(symbols)
        self.next = np.full((task.input_size, task.output_size), (1 - certainty) / task.output_size)
        self.next[ids, np.roll(ids, -1)] += certainty

    def __call__(self, x: np.ndarray, lengths: np.ndarray | None) -> np.ndarray:
        return self.next[x.argmax(axis=2)]
