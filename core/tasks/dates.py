"""Dates from 1950 to 2049 in several spellings, and which of them training never sees."""

import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

FIRST, BEHIND_LAST = "1950-01-01", "2050-01-01"
HELD_OUT_SHARE = 0.2
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
# 12/03/98 is no spelling: some read it as 12 March, some as 3 December.
SPELLINGS: tuple[Callable[[int, int, int], str], ...] = (
    lambda y, m, d: f"{d} {MONTHS[m - 1]} {y}",
    lambda y, m, d: f"{MONTHS[m - 1]} {d}, {y}",
    lambda y, m, d: f"{d}.{m}.{y}",
    lambda y, m, d: f"{y} {MONTHS[m - 1]} {d}",
    lambda y, m, d: f"{d} {MONTHS[m - 1][:3]} {y % 100:02}",
    lambda y, m, d: f"the {d}{ordinal_ending(d)} of {MONTHS[m - 1]} {y}",
)


def ordinal_ending(day: int) -> str:
    """What follows the number: 1st, 2nd, 3rd, 4th, 11th, 21st."""
    return "th" if day in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


@cache
def iso_dates() -> tuple[str, ...]:
    """All dates as they are to be written, in order: "1950-01-01" …"""
    days = np.arange(np.datetime64(FIRST), np.datetime64(BEHIND_LAST))
    return tuple(str(day) for day in days)


@cache
def spelled_dates(spelling: int) -> NDArray[np.bytes_]:
    """All dates in one of the SPELLINGS, in order, (N,)."""
    spell = SPELLINGS[spelling]
    texts = np.array([spell(int(iso[:4]), int(iso[5:7]), int(iso[8:])) for iso in iso_dates()], np.bytes_)
    texts.setflags(write=False)
    return texts


@cache
def is_held_out() -> NDArray[np.bool_]:
    """Which dates training never sees, (N,): a fifth, chosen by their check sum, whatever the settings."""
    chosen = np.array([zlib.crc32(iso.encode()) < HELD_OUT_SHARE * 2**32 for iso in iso_dates()])
    chosen.setflags(write=False)
    return chosen
