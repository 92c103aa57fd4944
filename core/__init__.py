"""The mathematics of RNN Playground: cells, backpropagation through time, tasks, training. Knows nothing of the window."""

__version__ = "0.1.0"
