"""A prediction panel that is shown, and how it is fed by hand."""

from dataclasses import replace

from core.prediction import Prediction
from gui.panel_specs.prediction import PANEL
from gui.panels.prediction import PredictionPanel
from gui.run_history import RunHistory
from gui.theme import DARK
from tests.gui.snapshots import (
    make_prediction,
    make_snapshot,
)


def shown_panel(qtbot) -> PredictionPanel:
    """A panel of a usual size, in the dark theme."""
    panel = PANEL.make(DARK)
    qtbot.addWidget(panel)
    panel.resize(640, 260)
    panel.show()
    return panel


def feed(panel: PredictionPanel, prediction: Prediction | str, run_id: int = 1) -> None:
    prediction = make_prediction(prediction) if isinstance(prediction, str) else prediction
    history = RunHistory()
    snapshot = replace(make_snapshot(100, run_id=run_id), prediction=prediction)
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()
