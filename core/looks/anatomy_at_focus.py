"""The steps around the time cursor taken apart, in the layer that is looked at."""

from typing import ClassVar

from core.analysis.anatomy import Anatomy, anatomy, window
from core.look import Focus, Look
from core.snapshot import Trace
from core.trainer import Trainer


class AnatomyAtFocusLook(Look):
    """As many steps as the time allows, at least the one at the cursor."""

    name: ClassVar[str] = "anatomy_at_focus"
    depends_on_focus: ClassVar[bool] = True

    def take(self, trainer: Trainer, trace: Trace, focus: Focus) -> Anatomy:
        """See Look."""
        steps = window(trainer.network, trace, focus.step)
        return anatomy(trainer.network, trainer.probe_batch, trace, focus.layer, steps)


LOOK = AnatomyAtFocusLook()
