"""The weights panel shows the core's numbers, finds every weight by mouse and keys, and asks for edits."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from core.look import Focus, NoLook
from core.looks import weights as weights_look
from core.settings import Settings
from core.trainer import Trainer
from gui.panels.weights import WeightsPanel
from gui.plots.lettering import parts_of
from gui.plots.weight_maps import color_end, ends_text, vector_range
from gui.run_history import RunHistory
from gui.theme import DARK, LIGHT
from tests.gui.look_samples import make_weights
from tests.gui.snapshots import make_snapshot

SIZE = (640, 340)
ARROWS = {"up": Qt.Key.Key_Up, "down": Qt.Key.Key_Down, "left": Qt.Key.Key_Left, "right": Qt.Key.Key_Right}


@pytest.fixture
def panel(qtbot) -> WeightsPanel:
    panel = WeightsPanel(DARK)
    qtbot.addWidget(panel)
    for widget in panel.options():
        qtbot.addWidget(widget)
    panel.resize(*SIZE)
    panel.show()
    return panel


def show(panel: WeightsPanel, snapshot) -> RunHistory:
    history = RunHistory()
    history.add(snapshot)
    panel.show_snapshot(snapshot, history)
    panel.grab()
    return history


def press(panel: WeightsPanel, entry: tuple[str, int, int]) -> None:
    at = panel.maps.cell_rect(entry).center()
    QTest.mouseClick(panel.maps, Qt.MouseButton.LeftButton, pos=at.toPoint())


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        ("lstm", {"network.peepholes": True}),
        ("gru", {"network.reset_after": True}),
        ("rnn", {}),
        ("lstm", {"network.coupled_gates": True, "network.num_layers": 2}),
    ],
)
def test_numbers_are_the_cores(panel: WeightsPanel, cell: str, options: dict) -> None:
    changes = {"network.cell": cell, "network.hidden_size": 6, "task.seq_len": 8, **options}
    trainer = Trainer(Settings().with_changes(changes), "numpy")
    trainer.train(2)
    snapshot = trainer.snapshot(1, looks=("weights",), focus=Focus(5, options.get("network.num_layers", 1) - 1))
    show(panel, snapshot)
    parameters, look = trainer.network.parameters(), snapshot.looks["weights"]
    table = panel.as_table()[1:]
    for block in panel.maps.blocks.values():
        rows, columns = block.values.shape
        for row in range(rows):
            for column in range(columns):
                assert block.values[row, column] == parameters[block.name][block.index(row, column)]
        assert [f"{value:.6g}" for value in block.values.ravel()] == [
            row[3] for row in table if row[0] == f"{block.symbol} {block.gate}".strip()
        ]
    shown = panel.singular_values()
    assert np.array_equal(shown["W_hh"], look.spectra[panel.gate].singular_values)
    assert np.array_equal(shown["J at t = 6"], look.jacobian)
    assert [list(curve.y) for curve in panel.spectrum.curves] == [list(values) for values in shown.values()]
    assert table[-1][3] == f"{look.spectra[panel.gate].radius:.6g}"


def test_every_gate_can_be_chosen(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    look = make_weights("lstm", 32, 1, 1240)
    assert panel.gate == "forget" and panel._gate_choice.gates == ["forget", "input", "output", "candidate"]
    panel._gate_choice._on_chosen("output")
    assert np.array_equal(panel.maps.blocks["W_h"].values, look.parameters["W_h"][3])
    assert panel.subtitle.startswith("output; spectral radius")
    assert panel.maps.blocks["W_h"].title(7, 3) == "W_hh, output, from unit 3 to unit 7"


def test_biases_have_a_range_of_their_own(panel: WeightsPanel) -> None:
    assert vector_range(-0.03, 0.15) == (-0.2, 0.2)
    low, high = vector_range(0.98, 1.03)
    assert 0.9 < low <= 0.98 and 1.03 <= high < 1.1
    assert ends_text(-0.2, 0.2) == "±0.2" and ends_text(0.9, 1.1) == "0.9…1.1"
    show(panel, make_snapshot())
    maps = panel.maps
    assert "b" in maps.vector_ends and "W_h" not in maps.vector_ends
    biases = maps.blocks["b"].values
    assert maps.vector_ends["b"][0] <= biases.min() and biases.max() <= maps.vector_ends["b"][1]
    assert maps.is_beyond == any((np.abs(block.values) > maps.scale_end).any() for block in maps.blocks.values() if block.source)


def test_a_few_large_weights_do_not_darken_all_others(panel: WeightsPanel) -> None:
    random = np.random.default_rng(0)
    weights = random.normal(0.0, 0.1, (64, 64))
    weights.flat[::100] = 2.0
    end = color_end([weights])
    assert end <= 0.3 and (np.abs(weights) > 0.3 * end).mean() > 0.5
    assert color_end([weights, 0.1 * weights]) == color_end([0.1 * weights, weights])
    assert color_end([np.full((2, 2), np.nan)]) > 0


def test_symbols_are_set_as_such(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    segments = panel._gate_choice._segments
    assert segments.segment("candidate").symbol == ("C̃", "") and segments.segment("candidate").accessibleName() == "candidate"
    assert parts_of("W_hh") == ("W", "hh") and parts_of("J at t = 6") is None and parts_of("h̃") == ("h̃", "")


def test_where_both_plots_have_no_room_one_is_chosen(panel: WeightsPanel) -> None:
    title_bar = QWidget()
    choice = panel.options()[2]
    choice.setParent(title_bar)
    show(panel, make_snapshot())
    assert panel.spectrum.isVisible() and panel.histogram.isVisible() and choice.isHidden()
    panel.resize(640, 200)
    assert panel.spectrum.isVisible() and not panel.histogram.isVisible() and not choice.isHidden()
    choice.segment("histogram").click()
    assert panel.histogram.isVisible() and not panel.spectrum.isVisible()
    panel.resize(*SIZE)
    assert panel.spectrum.isVisible() and panel.histogram.isVisible() and choice.isHidden()
    choice.setParent(None)


def test_colours_stay_with_another_gate_and_small_changes(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    end = panel.maps.scale_end
    for gate in panel._gate_choice.gates:
        panel._gate_choice._on_chosen(gate)
        assert panel.maps.scale_end == end
    frames = panel.maps.frame_count
    show(panel, make_snapshot(1260))
    assert panel.maps.scale_end == end and panel.maps.frame_count == frames
    assert f"{end:g}"[-1] in "125"


def test_click_chooses_follows_and_edits(panel: WeightsPanel, qtbot) -> None:
    show(panel, make_snapshot())
    with qtbot.waitSignal(panel.unit_followed) as followed:
        press(panel, ("W_h", 7, 3))
    assert followed.args == [7] and panel.maps.chosen == ("W_h", 7, 3)
    value = make_weights("lstm", 32, 1, 1240).parameters["W_h"][1, 7, 3]
    assert panel.editor.field.value() == pytest.approx(float(value), rel=5e-3)
    assert panel.editor.caption.text().startswith("W_hh, forget, from unit 3 to unit 7: ")
    panel.editor.field.set_value(0.5)
    with qtbot.waitSignal(panel.edit_requested) as edit:
        panel.editor.set_button.click()
    assert edit.args == ["layers.0.W_h", (1, 7, 3), 0.5]
    with qtbot.waitSignal(panel.edit_requested) as edit:
        panel.editor.zero_button.click()
    assert edit.args[2] == 0.0
    with qtbot.waitSignal(panel.edit_requested) as edit:
        panel.editor.negate_button.click()
    assert edit.args[2] == -float(value)


@pytest.mark.parametrize(
    ("entry", "name", "index"),
    [
        (("W_x", 4, 1), "layers.0.W_x", (1, 4, 1)),
        (("b", 5, 0), "layers.0.b", (1, 5)),
        (("head.W", 2, 9), "head.W", (2, 9)),
        (("head.b", 1, 0), "head.b", (1,)),
    ],
)
def test_every_block_can_be_edited(panel: WeightsPanel, qtbot, entry, name, index) -> None:
    show(panel, make_snapshot())
    press(panel, entry)
    assert panel.maps.chosen == entry
    with qtbot.waitSignal(panel.edit_requested) as edit:
        panel.editor.zero_button.click()
    assert edit.args == [name, index, 0.0]


def test_arrow_keys_reach_every_block(panel: WeightsPanel) -> None:
    show(panel, make_snapshot(units=4))
    seen = set()
    for keys in (["right"] * 6, ["down"] * 6, ["left"] * 6, ["up"] * 9, ["left"] * 9, ["right"] * 20, ["down"] * 12):
        for key in keys:
            QTest.keyClick(panel.maps, ARROWS[key])
            seen.add(panel.maps.chosen[0])
    assert seen == {"W_x", "W_h", "b", "head.W", "head.b"}
    assert not panel.editor.field.isHidden()


def test_arrows_move_one_step_within_a_block(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    panel.maps.choose(("W_h", 7, 3))
    for key, entry in (("down", (8, 3)), ("right", (8, 4)), ("up", (7, 4)), ("left", (7, 3))):
        QTest.keyClick(panel.maps, ARROWS[key])
        assert panel.maps.chosen == ("W_h", *entry)


def test_what_is_typed_stays_while_the_run_goes_on(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    press(panel, ("W_h", 7, 3))
    panel.editor.field.setText("0.77")
    show(panel, make_snapshot(1260))
    assert panel.editor.field.text() == "0.77"
    new = make_weights("lstm", 32, 1, 1260).parameters["W_h"][1, 7, 3]
    assert panel.maps.value_of(panel.maps.chosen) == float(new)


def test_chosen_weight_that_is_gone(panel: WeightsPanel) -> None:
    show(panel, make_snapshot(units=16))
    press(panel, ("W_h", 12, 3))
    show(panel, make_snapshot(1260, units=4, run_id=2))
    assert panel.maps.chosen is None and panel.editor.field.isHidden()


def test_hover_says_which_weight(panel: WeightsPanel) -> None:
    show(panel, make_snapshot())
    at = panel.maps.cell_rect(("W_x", 4, 1)).center()
    entry = panel.maps.entry_at(QPointF(at))
    assert panel.maps.blocks[entry[0]].title(*entry[1:]) == "W_xh, forget, from input 1 to unit 4"
    panel.maps.hover = QPointF(at)
    before = panel.maps.picture_count
    panel.maps.grab()
    assert panel.maps.picture_count == before


def test_not_drawn_again_without_news(panel: WeightsPanel) -> None:
    snapshot = make_snapshot()
    history = show(panel, snapshot)
    before = panel.maps.picture_count, panel.spectrum.picture_count
    panel.show_snapshot(replace(snapshot, looks={}), history)
    panel.set_cursor(3)
    panel.follow(4)
    panel.grab()
    assert (panel.maps.picture_count, panel.spectrum.picture_count) == before


def test_top_layer_is_asked_for_once(panel: WeightsPanel, qtbot) -> None:
    snapshot = make_snapshot(layers=3)
    looked_at = replace(snapshot, looks={"weights": replace(make_weights("lstm", 32, 3, 1), layer=0)})
    with qtbot.waitSignal(panel.focus_changed) as asked:
        show(panel, looked_at)
    assert asked.args == [2]
    again = replace(snapshot, looks={"weights": replace(make_weights("lstm", 32, 3, 2), layer=1)})
    with qtbot.assertNotEmitted(panel.focus_changed):
        show(panel, again)
    assert panel._layer_choice.layer == 1


def test_large_layer_says_why_there_are_no_values(panel: WeightsPanel) -> None:
    show(panel, make_snapshot(units=512))
    assert panel.spectrum.is_empty() and "256" in panel.spectrum.hint
    assert panel.as_sentence() == "Weights of the forget gate, 512 units."


def test_nan_weights(panel: WeightsPanel) -> None:
    look = make_weights()
    broken = {name: np.full_like(values, np.nan) for name, values in look.parameters.items()}
    spectra = {gate: replace(s, radius=float("nan"), singular_values=s.singular_values * np.nan) for gate, s in look.spectra.items()}
    look = replace(look, parameters=broken, spectra=spectra, jacobian=look.jacobian * np.nan)
    show(panel, replace(make_snapshot(), looks={"weights": look}))
    panel.set_theme(LIGHT)
    press(panel, ("W_h", 7, 3))
    assert "nan" not in panel.as_sentence() and panel.editor.field.value() == 0.0


def test_look_that_could_not_be_taken(panel: WeightsPanel) -> None:
    show(panel, replace(make_snapshot(), looks={"weights": NoLook("no reason")}))
    assert panel.as_sentence() == "No weights yet: press play."


def test_while_the_run_rests_every_spectrum_is_of_its_last_weights(make_window, monkeypatch, qtbot) -> None:
    monkeypatch.setattr(weights_look, "MANY_UNITS", 1)
    window = make_window()
    window.bench.show_panel("weights")
    panel = window.bench.docks["weights"].panel
    qtbot.waitUntil(lambda: panel.weights is not None and len(panel.weights.spectra) == 4)
    frames = window.frame_count
    window.request_full_frame()
    qtbot.waitUntil(lambda: window.frame_count > frames)
    assert not panel.weights.is_partial
