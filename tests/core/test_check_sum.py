"""What is held out by its check sum, and reading of strings."""

import numpy as np

from core.tasks.check_sum import HELD_OUT_SHARE, is_held_out
from core.tasks.reading import Reading


def split_mix(number: int) -> int:
    """SplitMix64 of a single number, in whole numbers of any size."""
    mask = 2**64 - 1
    z = (number + 0x9E3779B97F4A7C15) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return z ^ (z >> 31)


def test_first_numbers_of_the_generator() -> None:
    """Seed 0, as in the reference implementation."""
    assert split_mix(0) == 0xE220A8397B1DCDAF


def test_held_out_is_a_fifth_by_check_sum() -> None:
    numbers = np.concatenate([np.arange(5000, dtype=np.uint64), np.uint64(2**64 - 1) - np.arange(5000, dtype=np.uint64)])
    held_out = is_held_out(numbers)
    assert held_out.tolist() == [split_mix(number) < int(HELD_OUT_SHARE * 2**64) for number in numbers.tolist()]
    assert abs(held_out.mean() - HELD_OUT_SHARE) < 0.02


def test_strings_are_read_and_labelled() -> None:
    reading = Reading("ab+")
    inputs, lengths = reading.inputs(np.array(["ab", "+", "bab+"], np.bytes_))
    assert inputs.shape == (4, 3, 3) and lengths.tolist() == [2, 1, 4]
    assert [reading.labels(inputs[:, k]) for k in range(3)] == [("a", "b", "", ""), ("+", "", "", ""), ("b", "a", "b", "+")]
    assert inputs.sum() == 7
    assert (reading.unknown("ab+c1"), reading.unknown("ba")) == ("c", "")
