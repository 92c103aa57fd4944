"""What is known of each step of some sequences, so that the states there can be coloured by it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class StateLabel:
    """One thing to know of every step.

    Attributes
    ----------
    name : what it is, as the person chooses it: "Class", "Counter"
    values : (T, B) float, NaN where a step has none; where there are ``names``, numbers of these
    names : of the values, where these are no measured numbers
    """

    name: str
    values: NDArray[np.float64]
    names: tuple[str, ...] = ()
