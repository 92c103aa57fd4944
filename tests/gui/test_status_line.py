"""The status line: a word for every state, a sentence that stays whole, buttons for what would help."""

import html
import itertools

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.controls.status_line import StatusLine
from gui.style import Look, apply_look

LEFT = Qt.MouseButton.LeftButton


def shown(qtbot: QtBot, widget: QWidget, width: int) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture
def line(qtbot: QtBot) -> StatusLine:
    status = StatusLine()
    shown(qtbot, status, 1200)
    return status


@pytest.mark.parametrize("word", ["Running", "Paused", "Diverged", "Failed", "Loading", "Rewinding", "Stopped"])
def test_every_state_is_a_word(line: StatusLine, word: str) -> None:
    line.set_state(word)
    assert line.state.word == word and line.state.accessibleName() == word


def test_remedies(qtbot: QtBot, line: StatusLine) -> None:
    chosen: list[str] = []
    line.remedy_chosen.connect(chosen.append)
    line.set_remedies([("clip", "clip at 1.0"), ("slow", "learning rate ÷10"), ("lstm", "try LSTM"), ("more", "more")])
    assert [button.text() for button in line.remedies] == ["clip at 1.0", "learning rate ÷10", "try LSTM"]
    qtbot.mouseClick(line.remedies[1], LEFT)
    before = line.remedies
    line.set_remedies([("clip", "clip at 1.0"), ("slow", "learning rate ÷10"), ("lstm", "try LSTM")])
    assert line.remedies == before, "buttons that stay are not made anew under the mouse"
    line.set_remedies([])
    assert chosen == ["slow"] and line.remedies == []


def test_progress_yields_to_the_sentence(line: StatusLine) -> None:
    line.set_facts(["4,513 parameters", "float32"])
    line.set_progress(0.3, "Compiling fast kernels; training already runs")
    line.set_sentence("It is learning.")
    line.grab()
    assert line._progress_text.isVisible()
    line.set_sentence("It diverged: the loss became infinite in update 113. The weights stand where they were just before.")
    line.set_remedies([("clip", "Clip at 1.0"), ("slow", "Learning rate ÷ 10")])
    line.layout().activate()
    assert not line._progress_text.isVisible() and line._progress.isVisible() and "Compiling" in line._progress.toolTip()
    assert line.sentence.shown_text() == line.sentence.text()
    line.set_remedies([])
    line.set_sentence("It is learning.")
    line.grab()
    assert line._progress_text.isVisible()


def test_long_sentence_gives_way(line: StatusLine) -> None:
    sentence = "Gradients fade to a millionth of their size after twenty steps: the network can't learn what happened earlier. " * 5
    line.set_sentence(sentence)
    line.set_remedies([("clip", "clip at 1.0")])
    line.set_facts(["1,610 steps/s", "4,513 parameters", "float32"])
    QApplication.processEvents()
    line.grab()
    assert line.width() == 1200
    assert line.sentence.shown_text().endswith("…") and len(line.sentence.lines()[1]) == 2
    assert sentence in html.unescape(line.sentence.toolTip()) and line.sentence.accessibleName() == sentence
    assert not line.facts.isVisible() and "1,610 steps/s · 4,513 parameters · float32" in line.state.toolTip()


WORDS = (
    ("Solved at update 760: held-out loss below 0.01. Through the cell state alone, 70 % of the gradient comes back to the first step.",
     ("Try length 100", "Race against RNN")),
    ("It diverged: the loss became infinite or NaN in update 1,113. The weights stand where they were just before.",
     ("Rewind to 1,100, rate ÷ 10", "Clip at 1.0", "Learning rate ÷ 10")),
    ("After 1,400 updates it does no better than 0.167, the dashed line (without memory). Gradients fade to a thousandth within 12 steps: "
     "what happened earlier is hardly learned.", ("Try LSTM", "Orthogonal start")),
    ("Race: A, RNN is still at the line after 2,400 updates: its gradient is gone after 25 steps, so it can't learn what happened earlier.",
     ("Orthogonal start", "Length 10", "Own run")),
)  # fmt: skip


@pytest.mark.parametrize("text_size", [1.0, 1.4])
@pytest.mark.parametrize(("sentence", "remedies"), WORDS, ids=["solved", "diverged", "stalled", "race"])
def test_long_sentences_are_whole_on_a_projector(
    qtbot: QtBot, line: StatusLine, text_size: float, sentence: str, remedies: tuple[str, ...]
) -> None:
    """At 1280 px, buttons beside them: in one line or two, inside the line's height, nothing on top of anything."""
    apply_look(QApplication.instance(), Look(text_size=text_size))
    try:
        line.resize(1280, line.height())
        line.set_facts(["1,610 updates/s", "4,513 parameters", "float32"])
        line.set_remedies([(str(k), text) for k, text in enumerate(remedies)])
        line.set_sentence(sentence)
        line.layout().activate()
        assert line.sentence.shown_text() == sentence and line.width() == 1280
        font, lines = line.sentence.lines()
        assert len(lines) <= 2 and QFontMetrics(font).lineSpacing() * len(lines) <= line.height() - 2
        shown = [part for part in (line.state, line.sentence, *line.remedies, line.facts) if part.isVisible()]
        assert all(left.geometry().right() < right.geometry().left() for left, right in itertools.pairwise(shown))
        assert sentence in html.unescape(line.sentence.toolTip()) and line.sentence.accessibleName() == sentence
    finally:
        apply_look(QApplication.instance(), Look())


def test_progress(line: StatusLine) -> None:
    line.set_progress(0.25, "Compiling fast kernels, training already runs")
    bar = line._progress
    assert bar.isVisible() and bar.value() / bar.maximum() == 0.25
    line.set_progress(None)
    assert not bar.isVisible()
