"""The mathematics of RNN Playground: cells, backpropagation through time, tasks, training. Knows nothing of the window."""

import os

__version__ = "0.1.0"

# Before NumPy is imported: its own threads would wait in busy loops for cores that training needs, and products here are small.
for _variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
