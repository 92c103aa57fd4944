"""Which layer a panel shows, and what it is called."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.plots.layer_choice import LayerChoice


@pytest.mark.parametrize(
    ("directions", "labels", "chosen"),
    [
        ((False, False, False), ["Layer 1", "2", "3"], 2),
        ((False, True), ["Layer 1 →", "1 ←"], 0),
        ((False, True, False, True), ["Layer 1 →", "1 ←", "2 →", "2 ←"], 2),
    ],
)
def test_labels_and_default(qtbot: QtBot, directions: tuple[bool, ...], labels: list[str], chosen: int) -> None:
    """The top layer that reads forward is shown first."""
    parent = QWidget()
    qtbot.addWidget(parent)
    choice = LayerChoice(parent)
    choice.set_layers(directions)
    assert [text for _, text in choice.choices] == labels and choice.layer == chosen
    choice.set_layers((False,))
    assert choice.layer == 0 and not choice.isVisibleTo(parent)
