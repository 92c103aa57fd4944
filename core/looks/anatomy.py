"""Every step of every layer taken apart, where that is little work: the cursor then needs to ask for nothing."""

from typing import ClassVar

from core.analysis.anatomy import MOST_NUMBERS, MOST_PRODUCTS, Anatomy, anatomy, work
from core.errors import InputError
from core.look import Focus, Look
from core.snapshot import Trace
from core.trainer import Trainer


class AnatomyLook(Look):
    """All of it; too large networks are refused, for which there is ``anatomy_at_focus``."""

    name: ClassVar[str] = "anatomy"

    def take(self, trainer: Trainer, trace: Trace, focus: Focus) -> Anatomy:
        """See Look."""
        numbers, products = work(trainer.network, trace)
        if numbers > MOST_NUMBERS or products > MOST_PRODUCTS:
            raise InputError("the network is too large to take every step apart at once")
        return anatomy(trainer.network, trainer.probe_batch, trace)


LOOK = AnatomyLook()
