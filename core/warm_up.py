"""Loads the kernels of a run before its time is taken: reading them from the cache takes as long as hundreds of updates."""

from core.trainer import Trainer


def load_kernels(trainer: Trainer) -> None:
    """Let a copy of the fresh ``trainer`` do one update; nothing is left of it but the kernels in memory."""
    if trainer.engine == "kernels":
        Trainer(trainer.settings, trainer.engine).train(1)
