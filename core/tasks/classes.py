"""What tasks share that put a whole sequence into one of some classes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.batch import Batch
from core.prediction import Answer
from core.snapshot import Metric
from core.task import Forward


def share_right(name: str, answers: np.ndarray, batch: Batch) -> Metric:
    """Percent of the sequences whose likeliest class, by ``answers`` (B, K), is the right one."""
    return Metric(name, 100 * float((answers.argmax(axis=1) == batch.targets).mean()), "%")


def confusion(forward: Forward, batch: Batch, class_count: int) -> NDArray[np.int64]:
    """How often each class is taken for each: (K, K), rows the truth, columns the answer."""
    answers = forward(batch.inputs, batch.lengths)[batch.lengths - 1, np.arange(batch.size)].argmax(axis=1)
    counts = np.zeros((class_count, class_count), np.int64)
    np.add.at(counts, (batch.targets, answers), 1)
    return counts


def class_answer(classes: Sequence[str], shares: np.ndarray, right: str = "") -> Answer:
    """The likeliest class by ``shares`` (K,), with the share of each; ``right``, where it is known, is said beside it."""
    best = classes[int(shares.argmax())]
    probabilities = {name: float(share) for name, share in zip(classes, shares, strict=True)}
    behind = f", right is {right}" if right else ""
    return Answer((best,), probabilities, f"{best} ({100 * probabilities[best]:.0f} %{behind})")
