"""Memory that was freed goes back to the system, whichever thread it was freed in."""

import subprocess
import sys

import pytest

# Threads that come and go, as those of runs do, each with arrays of all sizes. Prints heaps, and megabytes before and after.
PROGRAM = """
import ctypes, sys, threading
from pathlib import Path
import numpy as np
from gui import heap

def megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) / 256

heap.settle()
before = megabytes()
barrier = threading.Barrier(8)
last = []

def work():
    arrays = [np.ones(size // 8) for size in (50_000, 300_000, 3_000_000) * 4]
    barrier.wait()
    last.append(np.ones(100))
    del arrays[:]

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
heap.give_back()
library = ctypes.CDLL(None)
library.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(library.fopen(sys.argv[1].encode(), b"w"))
library.malloc_info(0, file)
library.fclose(file)
print(Path(sys.argv[1]).read_text().count("<heap nr="), megabytes() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc is Linux's")
def test_threads_share_a_heap_that_gives_back(tmp_path):
    said = subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path / "heaps")], capture_output=True, text=True, check=True)
    heaps, grown = map(float, said.stdout.split())
    assert heaps <= 2
    # Of more than 100 that were in use.
    assert grown < 20
