"""Collections of garbage look only at what came after the first run had begun."""

import gc

from gui import settled_objects
from tests.gui.windows import train

MANY = 50_000


def test_what_the_start_left_is_looked_at_no_more(qtbot, make_window) -> None:
    """Nor is all left out twice: what came between may be garbage some day. Of a window that was closed all may be."""
    settled_objects.unsettle()
    gc.unfreeze()
    window = make_window()
    assert gc.get_freeze_count() == 0
    train(qtbot, window, 5)
    qtbot.waitUntil(lambda: gc.get_freeze_count() > MANY)
    assert len(gc.get_objects()) < MANY
    settled = gc.get_freeze_count()
    train(qtbot, window, 5)
    assert gc.get_freeze_count() <= settled
    window.close()
    assert gc.get_freeze_count() == 0
