"""The mathematics of RNN Playground: cells, backpropagation through time, tasks, training. Knows nothing of the window."""

import os

# Two kernel threads train; NumPy's matrix library would wake as many of its own for a small spectrum, and slow them down.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__version__ = "0.1.0"
