"""The cell panel: its numbers are the core's, and everything in it can be reached by mouse and by keys."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from core.look import Focus, NoLook
from core.settings import Settings
from core.snapshot import Snapshot
from core.trainer import Trainer
from gui.panel_specs.cell import PANEL
from gui.panels.cell import AT_FOCUS, WHOLE, CellPanel
from gui.plots.cell_plan import CellStep, number_text, plan_for, sum_text
from gui.plots.mathematics import has_symbol, symbol_width
from gui.run_history import RunHistory
from gui.style import Look, apply_look, current_look
from gui.theme import DARK, LIGHT
from tests.core.samples import Variant, variants
from tests.gui.snapshots import make_snapshot
from tests.gui.symbols import needed_symbols

LARGE, MEDIUM, SMALL = (1290, 820), (640, 480), (590, 220)
STEP = 27


@cache
def snapshot_of(task: str = "adding", **network) -> Snapshot:
    settings = Settings.from_dict({"task": {"name": task}, "network": {"hidden_size": 6, **network}})
    trainer = Trainer(settings, "numpy")
    trainer.train(2)
    return trainer.snapshot(1, looks=(WHOLE, AT_FOCUS), focus=Focus(STEP, 0))


def feed(panel: CellPanel, *snapshots: Snapshot) -> None:
    history = RunHistory()
    for snapshot in snapshots:
        history.add(snapshot)
        panel.show_snapshot(snapshot, history)


def shown(qtbot, size: tuple[int, int] = LARGE, **network) -> CellPanel:
    panel = PANEL.make(DARK)
    qtbot.addWidget(panel)
    for widget in panel.options():
        qtbot.addWidget(widget)
    panel.resize(*size)
    panel.show()
    feed(panel, snapshot_of(**network))
    panel.set_cursor(STEP)
    panel.grab()
    return panel


@pytest.fixture
def panel(qtbot) -> CellPanel:
    return shown(qtbot, cell="lstm")


def test_dials_show_the_means_of_the_trace(panel: CellPanel) -> None:
    layer = snapshot_of(cell="lstm").trace.layers[0]
    for dial in panel.page.diagram.plan.diagram.dials:
        assert panel.page.diagram.step.shown(dial.signal) == layer.values[dial.signal][STEP].mean()
    panel.options()[1].segment("unit").click()
    panel.follow(4)
    for dial in panel.page.diagram.plan.diagram.dials:
        assert panel.page.diagram.step.shown(dial.signal) == layer.values[dial.signal][STEP, 4]


def test_a_dial_is_drawn_anew_only_where_it_changed(panel: CellPanel) -> None:
    pictures = panel.page.diagram._dials._pictures

    def drawn() -> dict[str, int]:
        panel.page.diagram.grab()
        return {name: picture.cacheKey() for name, (_, picture) in pictures.items()}

    panel.set_cursor(STEP)
    before = drawn()
    assert set(before) == {dial.signal for dial in panel.page.diagram.plan.diagram.dials} and drawn() == before
    values = dict(panel.step.values)
    values["forget"] = np.full_like(values["forget"], 0.25)
    panel.page.diagram.set_step(replace(panel.step, values=values), "")
    after = drawn()
    assert {name for name in after if after[name] != before[name]} == {"forget"}
    panel.set_theme(LIGHT)
    assert not set(drawn().values()) & set(after.values())


def test_a_dial_says_whose_dot_it_wears(panel: CellPanel, monkeypatch) -> None:
    panel.follow(4)
    said = []
    monkeypatch.setattr("gui.plots.cell_diagram.draw_readout", lambda _canvas, _painter, _at, rows: said.extend(rows))
    panel.page.diagram.hover = panel.page.diagram.area_of("forget").center()
    panel.page.diagram.grab()
    assert said[-1][:2] == ("dot: unit 4", number_text(panel.step.of_unit("forget")))


def test_curves_say_whose_they_are(panel: CellPanel) -> None:
    panel.follow(4)
    assert panel.page.curves.title.text() == "Unit 4 through the sequence"


def test_numbers_below_symbols_are_the_core_s(panel: CellPanel) -> None:
    panel.follow(3)
    panel.choose("forget")
    panel.grab()
    apart = snapshot_of(cell="lstm").looks[WHOLE].layers[0].at(STEP)
    texts = panel.page.gate.equation.texts(panel.step)
    memory, inputs, bias, value = (float(apart[f"forget{part}"][3]) for part in (" memory", " input", " bias", ""))
    assert texts == [number_text(value), "=", "σ", "(", sum_text([memory, inputs]), "+", number_text(bias), ")"]
    assert float(apart["forget sum"][3]) == pytest.approx(memory + inputs + bias, abs=1e-6)
    state = panel.page.state.equation.texts(panel.step)
    names = ("cell state", "forget", "previous cell state", "input", "candidate")
    assert state[::2] == [number_text(float(apart[name][3])) for name in names]
    assert state[1::2] == ["=", "·", "+", "·"]


def test_code_shows_the_value_of_every_line(panel: CellPanel) -> None:
    panel.follow(2)
    layer = snapshot_of(cell="lstm").trace.layers[0]
    lines = panel.page.code.plan.code
    for line, text in zip(lines, panel.page.code.value_texts(), strict=True):
        assert text == (number_text(layer.values[line.signal][STEP, 2]) if line.signal else "")
    assert sum(bool(text) for text in panel.page.code.value_texts()) == 6


def test_norms_of_the_states(panel: CellPanel) -> None:
    values = snapshot_of(cell="lstm").trace.layers[0].values
    assert panel.step.norm("cell state") == pytest.approx(np.linalg.norm(values["cell state"][STEP]))
    assert panel.step.norm("previous hidden") == pytest.approx(np.linalg.norm(values["hidden"][STEP - 1]))


def test_gate_is_chosen_by_keys(panel: CellPanel, qtbot) -> None:
    diagram = panel.page.diagram
    diagram.setFocus()
    assert panel.chosen == "input"
    qtbot.keyClick(diagram, Qt.Key.Key_Left)
    assert diagram.accessibleDescription().startswith("hidden state")
    for _ in range(4):
        qtbot.keyClick(diagram, Qt.Key.Key_Right)
    qtbot.keyClick(diagram, Qt.Key.Key_Return)
    assert panel.chosen == diagram.choices[3] == "output"
    assert panel.page.gate.formula.signal == panel.page.bars.signal.name == panel.page.code.selected == "output"
    qtbot.keyClick(diagram, Qt.Key.Key_Escape)
    assert panel.chosen == "input"


def test_gate_is_chosen_by_mouse(panel: CellPanel, qtbot) -> None:
    glass = panel.page.diagram.place().glasses()["candidate"]
    qtbot.mouseClick(panel.page.diagram, Qt.MouseButton.LeftButton, pos=glass.center.toPoint())
    assert panel.chosen == "candidate"
    state = panel.page.diagram.area_of("cell state")
    qtbot.mouseClick(panel.page.diagram, Qt.MouseButton.LeftButton, pos=state.center().toPoint())
    assert panel.chosen == "cell state"
    with qtbot.assertNotEmitted(panel.page.diagram.signal_chosen):
        qtbot.mouseClick(panel.page.diagram, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    row = panel.page.code.row(2)
    qtbot.mouseClick(panel.page.code, Qt.MouseButton.LeftButton, pos=row.center().toPoint())
    assert panel.chosen == "forget"


def test_bars_follow_a_unit_by_mouse_and_keys(panel: CellPanel, qtbot) -> None:
    bars, followed = panel.page.bars, []
    panel.unit_followed.connect(followed.append)
    box = bars.box()
    for place in (0, 3, 5):
        at = QPoint(round(box.left() + (place + 0.5) / 6 * box.width()), round(box.center().y()))
        qtbot.mouseClick(bars, Qt.MouseButton.LeftButton, pos=at)
    assert followed == [bars.order[0], bars.order[3], bars.order[5]]
    bars.setFocus()
    qtbot.keyClick(bars, Qt.Key.Key_Left)
    assert panel.step.unit == bars.order[4]
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    qtbot.keyClick(bars, Qt.Key.Key_Right)
    assert panel.step.unit == bars.order[0]


def test_most_active_unit_is_followed_at_first(panel: CellPanel) -> None:
    state = snapshot_of(cell="lstm").trace.layers[0].values["cell state"]
    assert panel.step.unit == state.var(axis=0).argmax()
    assert panel.options()[1].segment("unit").text() == f"Unit {panel.step.unit}"


def test_cursor_redraws_no_picture_but_the_diagram_of_the_step(panel: CellPanel) -> None:
    page = panel.page
    canvases = (page.gate, page.bars, page.code, page.state, *page.curves.plots)
    before = panel.grab().toImage()
    counts = [(canvas.frame_count, canvas.picture_count) for canvas in canvases]
    frames, pictures = page.diagram.frame_count, page.diagram.picture_count
    panel.set_cursor(10)
    assert panel.grab().toImage() != before
    assert [(canvas.frame_count, canvas.picture_count) for canvas in canvases] == counts
    assert (page.diagram.frame_count, page.diagram.picture_count) == (frames, pictures + 1)


def test_what_flows_and_what_is_pointed_at_redraw_no_picture(panel: CellPanel) -> None:
    diagram = panel.page.diagram
    before = panel.grab().toImage()
    drawn = diagram.picture_count
    diagram._on_flow()
    flowed = panel.grab().toImage()
    diagram.hover = diagram.place().at(diagram.place().diagram.dials[0].at)
    assert panel.grab().toImage() != flowed != before
    assert diagram.picture_count == drawn


def test_frames_without_anything_new_draw_nothing(panel: CellPanel, monkeypatch) -> None:
    history, drawn = RunHistory(), []
    snapshot = replace(snapshot_of(cell="lstm"), is_replaced=False)
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    monkeypatch.setattr(panel, "_show_step", lambda: drawn.append(1))
    panel.show_snapshot(replace(snapshot, trace=None, looks={}), history)
    assert not drawn


@pytest.mark.parametrize("each", variants(), ids=str)
def test_every_cell_and_option_draws(each: Variant, qtbot) -> None:
    panel = shown(qtbot, cell=each.cell.name, **vars(each.options))
    for name in list(panel.page.diagram.choices):
        panel.choose(name)
        panel.grab()
        assert panel.page.gate.equation.fits
        header, *rows = panel.as_table()
        assert header[0] == "unit" and header[-1] == "value" and len(rows) == 6 and all("" not in row for row in rows)
        assert panel.as_sentence().endswith(".") and "{" not in panel.as_sentence()


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE, (420, 900), (300, 180)])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_parts_share_the_room(cell: str, size: tuple[int, int], qtbot) -> None:
    panel = shown(qtbot, size, cell=cell)
    page = panel.page
    assert panel.size().toTuple() == size
    assert page.diagram.height() >= 100
    assert page.bars.isVisible() is (size[1] >= 480)
    assert page.curves.isVisible() is (size == LARGE)
    assert page.code.isVisible() is (size in (LARGE, (420, 900)))
    assert page.strip.isVisible() is (size in (SMALL, MEDIUM))
    for part in (page.diagram, page.strip, page.gate, page.bars):
        assert not part.isVisible() or part.geometry().bottom() <= page.height()


@pytest.mark.parametrize(
    ("task", "network"),
    [("reverse", {"num_layers": 2}), ("waveform", {}), ("tagging", {"bidirectional": True, "num_layers": 2}), ("completion", {})],
)
def test_layers_directions_and_decoders(task: str, network: dict, qtbot) -> None:
    panel = shown(qtbot, task=task, cell="lstm", **network)
    snapshot = snapshot_of(task=task, cell="lstm", **network)
    trace = snapshot.trace
    panel.set_cursor(min(2, trace.seq_len - 1))
    for layer in range(len(trace.layers)):
        if len(trace.layers) > 1 and layer != panel.layer:
            with qtbot.waitSignal(panel.focus_changed) as focus:
                panel.options()[0]._segments.segment(layer).click()
            assert focus.args == [layer]
        apart = snapshot.looks[WHOLE].layers[layer].at(panel.step.step)
        assert panel.step.values.keys() == apart.keys()
        assert panel.step.shown("input sum") == pytest.approx(float(np.mean(apart["input sum"])), abs=1e-6)
        panel.grab()


def test_large_networks_are_looked_at_where_the_cursor_is(qtbot) -> None:
    panel = shown(qtbot, cell="lstm")
    assert panel.looks == (WHOLE,)
    refused = snapshot_of(cell="lstm")
    panel.clear()
    assert panel.looks == (WHOLE, AT_FOCUS)
    feed(panel, replace(refused, looks={**refused.looks, WHOLE: NoLook("too large")}))
    assert panel.looks == (AT_FOCUS,)
    assert np.isfinite(panel.step.shown("input sum"))


def test_before_the_first_look_the_trace_is_shown(qtbot) -> None:
    panel = shown(qtbot, cell="lstm")
    panel.clear()
    feed(panel, make_snapshot(100))
    panel.choose("input")
    panel.grab()
    values = make_snapshot(100).trace.layers[0].values
    assert panel.step.shown("forget") == values["forget"][STEP].mean()
    assert panel.step.of_unit("previous cell state") == values["cell state"][STEP - 1, panel.step.unit]
    assert np.isnan(panel.step.shown("input memory")) and "–" in panel.page.gate.equation.texts(panel.step)


def test_belts_flow_only_where_a_person_can_follow(panel: CellPanel, qtbot) -> None:
    diagram = panel.page.diagram
    panel.set_running(True)
    assert not diagram.is_flowing
    panel.set_speed(5.0)
    assert diagram.is_flowing
    panel.hide()
    assert not diagram.is_flowing
    panel.show()
    apply_look(qtbot_application(), Look(DARK, 1.0, is_motion_reduced=True))
    panel.set_running(True)
    assert not diagram.is_flowing
    apply_look(qtbot_application(), Look())
    panel.set_running(True)
    assert diagram.is_flowing
    panel.set_running(False)
    assert not diagram.is_flowing


def qtbot_application():
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


def test_belt_is_thicker_where_the_state_is_larger(panel: CellPanel) -> None:
    thickness = []
    for size in (0.0, 0.2, 1.0, 5.0, np.inf, np.nan):
        panel.page.diagram.set_step(CellStep(0, {"cell state": np.full(6, size)}, 0, True), "")
        thickness.append(panel.page.diagram._thickness_of("cell state"))
    assert thickness[:5] == sorted(set(thickness[:5])) and thickness[5] == thickness[0]


def test_theme_and_text_size(panel: CellPanel) -> None:
    before = panel.grab().toImage()
    panel.set_theme(LIGHT)
    assert panel.grab().toImage() != before
    assert current_look().text_size == 1.0


def test_every_symbol_is_typeset() -> None:
    missing = {latex for latex in needed_symbols() if not has_symbol(latex)}
    assert not missing, "python -m tests.gui.draw_symbols draws them"
    assert all(0.1 < symbol_width(latex, 1.0) < 9 for latex in needed_symbols())


def test_symbols_that_are_missing_are_written(qtbot) -> None:
    assert not has_symbol(r"q_{99}") and symbol_width(r"q_{99}", 20) > 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.706, "0.71"),
        (-3.419, "−3.42"),
        (-0.001, "0.00"),
        (12.34, "12.3"),
        (345.6, "346"),
        (1234.5, "1,234"),
        (np.nan, "–"),
        (np.inf, "∞"),
    ],
)
def test_numbers_in_words(value: float, text: str) -> None:
    assert number_text(value) == text


def test_sum_with_a_negative_number() -> None:
    assert sum_text([0.53, -0.28]) == "0.53 − 0.28" and sum_text([-0.5, 0.25]) == "−0.50 + 0.25"


def test_plan_of_every_variant_names_what_it_has() -> None:
    for each in variants():
        plan = plan_for(each.cell.name, each.options)
        assert plan.main_gate in plan.formulas and plan.main_state in plan.formulas


@pytest.mark.parametrize(
    ("label", "read"), [(".", "reads “.”"), ("once", "reads “once”"), ("0.35*", "reads 0.35, marked"), ("-0.2", "reads -0.2")]
)
def test_symbols_are_quoted(panel: CellPanel, label: str, read: str) -> None:
    snapshot = make_snapshot(100)
    marked = (STEP,) if label.endswith("*") else ()
    trace = replace(snapshot.trace, input_labels=(label,) * snapshot.trace.seq_len, marked_steps=marked)
    feed(panel, replace(snapshot, trace=trace))
    assert panel.subtitle.endswith(read)


def test_an_upper_layer_reads_the_one_below(panel: CellPanel) -> None:
    feed(panel, make_snapshot(100, layers=2))
    assert panel.layer == 1 and panel.subtitle.endswith("reads layer 1")
