"""Tooltips: Qt's own windows, which no style sheet reaches, in the window's colours."""

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui.controls.tooltips import tooltip
from gui.style import Look, apply_look, current_look
from gui.theme import DARK, LIGHT


def drawn_tip(widget: QWidget, text: str) -> QImage:
    """The tooltip as it is drawn."""
    QToolTip.showText(widget.mapToGlobal(widget.rect().center()), text, widget)
    tip = next(each for each in QApplication.allWidgets() if each.objectName() == "qtooltip_label")
    image = tip.grab().toImage()
    tip.close()
    tip.deleteLater()
    return image


def lightness_apart(image: QImage, x: int, y: int, color: str) -> int:
    return abs(image.pixelColor(x, y).lightness() - QColor(color).lightness())


@pytest.fixture
def _look_kept(qapp):
    before = current_look()
    yield
    apply_look(qapp, before)


@pytest.mark.usefixtures("_look_kept")
def test_a_tooltip_has_a_quiet_border_room_around_its_words_and_the_theme_of_now(qtbot, qapp):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.resize(200, 100)
    widget.show()
    qtbot.waitExposed(widget)
    words = tooltip("How fast the weights move.")
    for theme in (DARK, LIGHT):
        apply_look(qapp, Look(theme))
        image = drawn_tip(widget, words)
        middle, right, bottom = image.height() // 2, image.width() - 2, image.height() - 2
        assert image.pixelColor(0, middle).name() == theme.text_3.lower()
        for inset in (1, 2, 3):
            assert all(image.pixelColor(inset, y).name() == theme.raised.lower() for y in range(1, bottom + 1))
            assert all(image.pixelColor(x, inset).name() == theme.raised.lower() for x in range(1, right + 1))
        inside = [lightness_apart(image, x, y, theme.text) for x in range(1, right) for y in range(1, bottom)]
        assert min(inside) < 12


def test_every_tooltip_of_the_window_says_its_colour(make_window):
    window = make_window()
    tips = {widget.toolTip() for widget in window.findChildren(QWidget)} - {""}
    assert len(tips) > 20
    assert [tip for tip in tips if "palette(" not in tip] == []
