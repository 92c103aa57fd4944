"""What was freed goes back to the system."""

import sys
from pathlib import Path

import pytest

from gui.freed_memory import give_back

PIECE, COUNT = 2**14, 4000
STATUS = Path("/proc/self/statm")


@pytest.mark.skipif(sys.platform != "linux" or not STATUS.exists(), reason="tells how much memory is held on Linux only")
def test_what_was_freed_goes_back() -> None:
    pieces = [bytes(PIECE) for _ in range(COUNT)]
    # The last piece stays and holds the heap's end up, as the data of a run that goes on do.
    kept = pieces[-1]
    held = int(STATUS.read_text().split()[1])
    del pieces
    give_back()
    assert len(kept) == PIECE
    assert int(STATUS.read_text().split()[1]) < held
