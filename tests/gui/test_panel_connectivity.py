"""The connectivity panel: the numbers are the look's, the chosen output, bars and symbols, the picture of all outputs."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from core.analysis.saliency import input_saliency
from core.look import Focus, NoLook
from core.looks.connectivity import Connectivity
from core.settings import Settings
from core.trainer import Trainer
from gui.panel_specs.connectivity import PANEL
from gui.panels.connectivity import ConnectivityPanel, bar_heights
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.panels import feed, shown_panel
from tests.gui.snapshots import frozen, make_snapshot
from tests.gui.test_theme import READABLE, contrast


@pytest.fixture
def panel(qtbot) -> ConnectivityPanel:
    return shown_panel(qtbot, PANEL, 640, 240)


def with_look(snapshot, **changes):
    """``snapshot`` with parts of its look changed."""
    return replace(snapshot, looks=snapshot.looks | {"connectivity": replace(snapshot.looks["connectivity"], **changes)})


def with_words(words: tuple[str, ...], answers_once: bool = False, **changes):
    """A snapshot of a network that reads ``words``."""
    snapshot = make_snapshot(600, seq_len=len(words))
    trace = replace(snapshot.trace, input_labels=words, inputs=frozen(np.eye(len(words))))
    return with_look(replace(snapshot, trace=trace), answers_once=answers_once, **changes)


def test_numbers_are_those_of_the_core(panel: ConnectivityPanel) -> None:
    trainer = Trainer(Settings().with_changes({"task.seq_len": 12, "network.hidden_size": 4, "training.dtype": "float64"}), "numpy")
    feed(panel, trainer.snapshot(1, looks=("connectivity",), focus=Focus(11, 0)))
    panel.set_cursor(11)
    right = input_saliency(trainer.network, trainer.probe_batch, 0, 11)
    np.testing.assert_allclose(panel.plot.curves[0].y, right, rtol=1e-9)
    np.testing.assert_allclose(panel.strip.influence.norms, right, rtol=1e-9)
    header, *rows = panel.as_table()
    assert header[-1] == "‖∂y/∂x‖, output t = 12"
    np.testing.assert_allclose([float(row[-1]) for row in rows], right, rtol=1e-5)


def test_answer_is_asked_at_the_end_or_at_the_cursor(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    panel.set_cursor(30)
    assert panel.strip.influence.output_step == 49
    panel._answer_choice.choose("cursor")
    assert panel.strip.influence.output_step == 30
    panel.set_cursor(12)
    assert panel.strip.influence.output_step == panel.map.output_step == 12
    assert not np.nan_to_num(panel.plot.curves[0].y[13:]).any()


def test_output_at_the_cursor_where_every_step_has_one(panel: ConnectivityPanel) -> None:
    feed(panel, with_look(make_snapshot(600), answers_once=False))
    assert not panel._answer_choice.choices
    panel.set_cursor(7)
    assert panel.strip.influence.output_step == 7


def test_nearest_output_stands_in_for_one_that_is_missing(panel: ConnectivityPanel) -> None:
    look: Connectivity = make_snapshot(600).looks["connectivity"]
    rows = [0, 20, 49]
    feed(panel, with_look(make_snapshot(600), steps=(0, 20, 49), norms=look.norms[rows], answers_once=False))
    panel.set_cursor(24)
    assert panel.strip.influence.output_step == 20
    np.testing.assert_array_equal(panel.influences(), look.norms[20])


def test_moving_the_cursor_draws_no_strip_anew_while_the_answer_stays(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    panel.set_cursor(3)
    panel.grab()
    before = [canvas.picture_count for canvas in (panel.strip, panel.plot, panel.map)]
    panel.set_cursor(9)
    panel.grab()
    assert [canvas.picture_count for canvas in (panel.strip, panel.plot, panel.map)] == before


def test_frame_without_a_new_look_draws_nothing(panel: ConnectivityPanel) -> None:
    snapshot, history = make_snapshot(600), RunHistory()
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()
    before = panel.plot.picture_count
    panel.show_snapshot(replace(snapshot, looks={}, trace=None), history)
    panel.grab()
    assert panel.plot.picture_count == before


def test_linear_axis_begins_at_0(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    assert panel.plot.y_scale.low == pytest.approx(1e-4)
    panel._axis_choice.segment("linear").click()
    assert panel.plot.y_scale.low == 0
    assert panel.plot.y_scale.high >= 0.9


def test_measured_values_are_bars_and_symbols_are_not() -> None:
    adding = make_snapshot(600).trace
    np.testing.assert_allclose(bar_heights(adding), [float(label) for label in adding.input_labels])
    assert bar_heights(with_words(("a", "b", "c")).trace) is None
    assert bar_heights(with_words(("0", "1", "1")).trace) is None
    pictures = replace(adding, input_labels=("#.",) * 50, inputs=frozen(np.full((50, 4), 0.25)))
    np.testing.assert_array_equal(bar_heights(pictures), np.full(50, 0.25))


def test_long_words_stand_in_lines_and_single_letters_in_a_row(panel: ConnectivityPanel) -> None:
    feed(panel, with_words(tuple("abcdefgh")))
    assert not panel.strip.is_text()
    feed(panel, replace(with_words(("extraordinarily", "long", "words") * 9), run_id=2))
    assert panel.strip.is_text()
    panel.set_cursor(0)
    boxes = [panel.strip.box_of(step) for step in range(3)]
    assert all(box is not None for box in boxes)
    assert panel.strip.step_at(boxes[1].center()) == 1


def test_line_of_the_output_is_never_out_of_view(panel: ConnectivityPanel) -> None:
    feed(panel, with_words(("extraordinarily", "long", "words") * 40))
    for step in (0, 60, 119):
        panel.set_cursor(step)
        assert panel.strip.box_of(step) is not None


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_symbols_are_readable_on_every_shade(panel: ConnectivityPanel, theme) -> None:
    panel.set_theme(theme)
    for share in np.linspace(0, 1, 21):
        assert contrast(theme.text, panel.strip.shade(float(share)).name()) >= READABLE


def test_strongest_influence_has_the_strongest_shade(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    shares = panel.strip.shares()
    assert shares.max() == 1
    assert shares[8] == shares[27] == 1
    assert panel.strip.shade(1.0) != panel.strip.shade(0.0)


def test_press_on_what_was_read_moves_the_cursor(panel: ConnectivityPanel, qtbot) -> None:
    feed(panel, make_snapshot(600))
    at = panel.strip.box_of(11).center().toPoint()
    with qtbot.waitSignal(panel.cursor_moved) as caught:
        qtbot.mousePress(panel.strip, Qt.MouseButton.LeftButton, pos=at)
    assert caught.args == [11]


def test_press_on_the_picture_asks_another_answer(panel: ConnectivityPanel, qtbot) -> None:
    feed(panel, make_snapshot(600))
    panel.cursor_moved.connect(panel.set_cursor)
    box = panel.map.plot_rect()
    y = float(panel.map.to_y(21.0))
    qtbot.mousePress(panel.map, Qt.MouseButton.LeftButton, pos=QPoint(round(box.center().x()), round(y)))
    assert panel.strip.influence.output_step == 20
    panel.map.setFocus()
    qtbot.keyClick(panel.map, Qt.Key.Key_Up)
    assert panel.strip.influence.output_step == 21
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    qtbot.keyClick(panel.map, Qt.Key.Key_Down)
    assert panel.strip.influence.output_step == 19


def test_what_comes_after_the_answer_is_left_blank(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    image, box = panel.map.grab().toImage(), panel.map.plot_rect()
    corner = image.pixelColor(round(box.right() - 4), round(box.bottom() - 14))
    assert corner.name().upper() == DARK.raised


def test_pointer_reads_a_value(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    panel.strip.hover = QPointF(panel.strip.box_of(8).center())
    assert panel.strip.step_at(panel.strip.hover) == 8
    assert panel.strip.grab().toImage() != (setattr(panel.strip, "hover", None), panel.strip.grab().toImage())[1]


def test_words_say_what_the_answer_depends_on(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    assert panel.subtitle == "depends most on t = 9"
    assert panel.as_sentence() == "Connectivity, the answer at t = 50: depends most on t = 9."
    feed(panel, with_words(tuple("abc"), entries=(1, 0, 1), names=("no", "yes")))
    panel.set_cursor(2)
    assert panel.as_sentence().startswith("Connectivity, “yes” at t = 3: ")


def test_no_gradient_is_said_in_words(panel: ConnectivityPanel) -> None:
    feed(panel, with_look(make_snapshot(600), norms=np.zeros((50, 50))))
    assert panel.subtitle == "depends on nothing that was read"


def test_refused_look_says_why(panel: ConnectivityPanel) -> None:
    feed(panel, make_snapshot(600))
    feed(panel, replace(make_snapshot(620), looks={"connectivity": NoLook("the file is gone")}))
    assert panel.as_sentence() == "No connectivity: the file is gone."
    assert "the file is gone" in panel.plot.hint
    assert panel.map.isHidden()
    feed(panel, make_snapshot(640))
    assert panel.subtitle == "depends most on t = 9"
