"""Transport bar, status line, panel header, quick strip, rail and drawer."""

import itertools
import math
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from core import registry
from core.fields import fields_of
from core.settings import Settings, TrainingSettings
from gui.controls.counter import counter_text, epoch_text
from gui.controls.dock_header import DockHeader
from gui.controls.drawer import Drawer
from gui.controls.quick_strip import QuickStrip
from gui.controls.rail import Rail
from gui.controls.segments import Segments
from gui.controls.status_line import StatusLine
from gui.controls.tooltips import tooltip
from gui.controls.transport_bar import TransportBar
from gui.speed import speed_text
from gui.style import Look, apply_look, current_look
from gui.theme import HEIGHT_PANEL_HEADER, HEIGHT_STATUS, HEIGHT_STRIP, HEIGHT_TRANSPORT

LEFT = Qt.MouseButton.LeftButton


def shown(qtbot: QtBot, widget: QWidget, width: int) -> QWidget:
    qtbot.addWidget(widget)
    widget.resize(width, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.fixture
def transport(qtbot: QtBot) -> TransportBar:
    bar = TransportBar()
    shown(qtbot, bar, 1600)
    return bar


def test_transport_asks_for_what_its_buttons_say(qtbot: QtBot, transport: TransportBar) -> None:
    asked: list[Any] = []
    transport.play_toggled.connect(lambda: asked.append("play"))
    transport.reset_requested.connect(lambda: asked.append("reset"))
    transport.step_requested.connect(asked.append)
    transport.theme_toggled.connect(lambda: asked.append("theme"))
    transport.help_requested.connect(lambda: asked.append("help"))
    for button in (transport.play_button, transport.reset_button, transport.theme_button, transport.help_button, transport.step_button):
        qtbot.mouseClick(button, LEFT)
    qtbot.mouseClick(transport.step_sizes.segment("epoch"), LEFT)
    qtbot.mouseClick(transport.step_button, LEFT)
    assert asked == ["play", "reset", "theme", "help", "update", "epoch"]


def test_play_button_says_what_it_does_next(transport: TransportBar) -> None:
    width = transport.play_button.width()
    transport.set_state("Running")
    assert transport.play_button.text() == "Pause" and transport.play_button.accessibleName() == "Pause"
    for word in ("Paused", "Diverged", "Failed", "Loading", "Stopped"):
        transport.set_state(word)
        assert transport.play_button.text() == "Play"
    transport.set_state("Rewinding")
    assert transport.play_button.text() == "Cancel"
    assert transport.play_button.width() == width


def test_counter(transport: TransportBar) -> None:
    transport.set_step(1240)
    assert transport.counter.text == "001,240" and transport.counter.epoch == "epoch 12.4"
    assert [counter_text(step) for step in (0, 999_999, 1_234_567)] == ["000,000", "999,999", "1,234,567"]
    assert epoch_text(100) == "epoch 1.0"


def test_counter_does_not_move_its_neighbours(transport: TransportBar) -> None:
    transport.set_step(0)
    QApplication.processEvents()
    before = transport.seed.x()
    transport.set_step(888_888)
    QApplication.processEvents()
    assert transport.seed.x() == before


def test_step_sizes_have_short_words_where_room_is_scarce(transport: TransportBar) -> None:
    sizes = transport.step_sizes
    names = ["time step", "sequence", "update", "epoch"]
    transport.set_compact(True)
    transport.setMinimumWidth(1)
    for width, words in ((1280, names), (780, ["t", "seq", "update", "epoch"]), (1280, names)):
        transport.resize(width, transport.height())
        assert [sizes.segment(name).text() for name in names] == words
        assert [sizes.segment(name).accessibleName() for name in names] == names


@pytest.mark.parametrize("text_size", [1.0, 1.2, 1.4])
@pytest.mark.parametrize("width", [960, 1280, 1440, 1600, 2560])
def test_nothing_overlaps_at_any_size_of_the_text(qtbot: QtBot, text_size: float, width: int) -> None:
    application = QApplication.instance()
    before = current_look()
    started = shown(qtbot, TransportBar(), 1600)
    apply_look(application, Look(text_size=text_size))
    try:
        switched, fresh = started, shown(qtbot, TransportBar(), width)
        for bar in (switched, fresh):
            bar.offer_race(True)
            bar.set_compact(width < 1440)
            bar.setMinimumWidth(1)
            bar.resize(width, bar.height())
            bar.layout().activate()
            direct = Qt.FindChildOption.FindDirectChildrenOnly
            there = [child for child in bar.findChildren(QWidget, options=direct) if child.isVisible()]
            there.sort(key=lambda child: child.x())
            assert all(left.geometry().right() < right.x() for left, right in itertools.pairwise(there))
            assert there[-1].geometry().right() < width
            assert all(child.width() >= child.minimumSizeHint().width() for child in there)
            segments = [bar.step_sizes.segment(name) for name in ("time step", "sequence", "update", "epoch")]
            assert all(segment.width() >= segment.sizeHint().width() for segment in segments)
        seen = [[child.isVisible() for child in bar.findChildren(QWidget)] for bar in (switched, fresh)]
        assert seen[0] == seen[1]
    finally:
        apply_look(application, before)


def test_speed(qtbot: QtBot, transport: TransportBar) -> None:
    speeds: list[float] = []
    transport.speed_changed.connect(speeds.append)
    assert transport.speed.text == "unlimited"
    transport.set_speed(40)
    assert transport.speed.text == "40 updates/s" and speeds == []
    qtbot.keyClick(transport.speed.track, Qt.Key.Key_Home)
    qtbot.keyClick(transport.speed.track, Qt.Key.Key_End)
    assert speeds == [-0.5, math.inf]
    assert [speed_text(speed) for speed in (1, 2.5, 1000, math.inf)] == ["1 update/s", "2.5 updates/s", "1,000 updates/s", "unlimited"]


def test_seed_is_typed_and_drawn(qtbot: QtBot, transport: TransportBar) -> None:
    seeds: list[int] = []
    transport.seed_changed.connect(seeds.append)
    transport.set_seed(3)
    assert transport.seed.seed() == 3 and seeds == []
    transport.seed.field.selectAll()
    qtbot.keyClicks(transport.seed.field, "7")
    qtbot.keyClick(transport.seed.field, Qt.Key.Key_Return)
    for _ in range(20):
        before = transport.seed.seed()
        qtbot.mouseClick(transport.seed.die, LEFT)
        assert transport.seed.seed() != before
    assert seeds[0] == 7 and len(seeds) == 21 and all(isinstance(seed, int) and seed >= 0 for seed in seeds)


def test_compact_transport_takes_less_room(transport: TransportBar) -> None:
    transport.set_compact(True)
    assert not transport.seed.isVisible()
    transport.set_compact(False)
    assert transport.seed.isVisible()


def test_dock_header(qtbot: QtBot) -> None:
    option = Segments([("a", "A"), ("b", "B")])
    header = DockHeader("Loss", "What it shows")
    header.add_options([option])
    shown(qtbot, header, 400)
    asked: list[str] = []
    header.float_requested.connect(lambda: asked.append("float"))
    header.save_picture_requested.connect(lambda: asked.append("picture"))
    header.save_data_requested.connect(lambda: asked.append("data"))
    header.copy_data_requested.connect(lambda: asked.append("copy"))
    header.table_requested.connect(lambda: asked.append("table"))
    header.help_requested.connect(lambda: asked.append("help"))
    header.maximise_requested.connect(lambda: asked.append("maximise"))
    header.close_requested.connect(lambda: asked.append("close"))
    qtbot.mouseClick(header.float_button, LEFT)
    assert header.help_button.isVisible() and header.help_button.accessibleName() == "Loss: what is this?"
    header.help_button.setFocus()
    qtbot.keyClick(header.help_button, Qt.Key.Key_Space)
    assert asked.pop() == "help"
    entries = [action for action in header.menu.actions() if not action.isSeparator()]
    for action in entries:
        action.trigger()
    assert asked == ["float", "picture", "data", "copy", "table", "help", "maximise", "float", "close"]
    assert header.isAncestorOf(option)
    assert all("&" in action.text() for action in entries)
    header.set_subtitle("a sentence that is far too long for a header of four hundred pixels and so on")
    header.grab()
    assert header.subtitle.shown_text().endswith("…")
    assert header.minimumSizeHint().width() < 300


def test_what_goes_before_a_panels_own_sentence_is_said_in_the_words_that_there_is_room_for(qtbot: QtBot) -> None:
    """Whole where it is wide, shorter where it is narrow, never cut as long as there are shorter words; the tooltip has all of them."""
    header = DockHeader("Gates", "Unit by time.")
    header.add_options([Segments([("a", "Activity"), ("i", "Index")], "Sort")])
    shown(qtbot, header, 700)
    header.set_subtitle("32 units, sorted by activity")
    words = ("own run, waiting at update 1,240", "own run, at 1,240", "own run")
    header.set_notice(*words)
    said = set()
    for width in range(700, 250, -10):
        header.resize(width, header.height())
        header.layout().activate()
        header.grab()
        if header.subtitle.width() < QFontMetrics(header.subtitle.font()).horizontalAdvance(words[-1]):
            break
        said.add(header.subtitle.shown_text())
        if header.subtitle.shown_text() != words[0]:
            assert header.subtitle.toolTip() == tooltip(words[0])
    assert said == set(words) and header.subtitle.accessibleName() == words[0]
    header.set_notice("")
    header.resize(700, header.height())
    header.layout().activate()
    assert header.subtitle.shown_text() == "32 units, sorted by activity"


def test_a_title_that_a_tab_says_leaves_no_gap_and_one_without_room_gives_way(qtbot: QtBot) -> None:
    header = DockHeader("Unrolled network", "What it shows")
    option = QWidget()
    option.setMinimumWidth(300)
    header.add_options([option])
    shown(qtbot, header, 700)
    at_first = header.help_button.x()
    header.hide()
    header.set_tabbed(True)
    header.restyle()
    header.resize(600, header.height())
    header.show()
    assert header.help_button.x() < 20 < at_first
    header.set_tabbed(False)
    assert header.minimumSizeHint().width() < 300 + 150
    header.resize(header.minimumSizeHint().width(), header.height())
    header.layout().activate()
    assert header.title.width() < header.title.sizeHint().width() and header.menu_button.geometry().right() <= header.width()


def test_dock_header_is_whole_in_a_dock(qtbot: QtBot) -> None:
    header = DockHeader("Loss")
    header.add_options([Segments([("a", "A"), ("b", "B")], height=24)])
    window, dock = QMainWindow(), QDockWidget()
    dock.setTitleBarWidget(header)
    dock.setWidget(QWidget())
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    shown(qtbot, window, 600)
    assert dock.widget().y() >= header.geometry().bottom() + 1
    assert header.height() == current_look().px(HEIGHT_PANEL_HEADER)


@pytest.fixture
def strip(qtbot: QtBot) -> QuickStrip:
    made = QuickStrip(fields_of(TrainingSettings))
    shown(qtbot, made, 1200)
    values = Settings().to_dict()
    made.set_settings(values["task"]["name"], values["task"], values["network"], values["training"])
    return made


def test_strip_shows_settings(strip: QuickStrip) -> None:
    settings = Settings()
    task, cell = registry.tasks()[settings.task.name], registry.cells()[settings.network.cell]
    assert strip.task.text().startswith(task.title) and strip.cell.text().startswith(cell.title)
    assert strip.rate.value() == settings.training.learning_rate and strip.seed.seed() == settings.training.seed


def test_strip_greys_out_what_the_optimizer_does_without(strip: QuickStrip) -> None:
    for optimizer, is_used in (("hessian_free", False), ("adam", True)):
        values = Settings().with_changes({"training.optimizer": optimizer}).to_dict()
        strip.set_settings(values["task"]["name"], values["task"], values["network"], values["training"])
        assert strip.rate.isEnabled() == strip.clip.isEnabled() == is_used


def test_strip_says_what_is_changed(qtbot: QtBot, strip: QuickStrip) -> None:
    changes: list[Any] = []
    strip.changed.connect(lambda *change: changes.append(change))
    strip.task_selected.connect(changes.append)
    strip.seed_changed.connect(changes.append)
    qtbot.keyClick(strip.rate.track, Qt.Key.Key_Right)
    qtbot.keyClick(strip.clip.track, Qt.Key.Key_Home)
    for menu, text in ((strip.cell.menu, "GRU"), (strip.task.menu, registry.tasks()["copy"].title)):
        next(action for action in menu.actions() if action.text() == text).trigger()
    strip.seed.field.selectAll()
    qtbot.keyClicks(strip.seed.field, "5")
    qtbot.keyClick(strip.seed.field, Qt.Key.Key_Return)
    assert changes == [("training", "learning_rate", 0.01), ("training", "clip_norm", 0.0), ("network", "cell", "gru"), "copy", 5]


def test_strip_gives_way_where_it_is_narrow(strip: QuickStrip) -> None:
    assert strip.clip.isVisible() and strip.seed.isVisible()
    strip.resize(strip._row.minimumSize().width() - 10, strip.height())
    assert not strip.clip.isVisible() and strip.seed.isVisible()
    strip.resize(1200, strip.height())
    assert strip.clip.isVisible()


def test_rail_asks_for_the_setup(qtbot: QtBot) -> None:
    rail = Rail()
    shown(qtbot, rail, 56)
    with qtbot.waitSignal(rail.setup_toggled):
        qtbot.mouseClick(rail.setup_button, LEFT)
    rail.set_setup_open(True)
    assert rail.setup_button.isChecked()


def opened_drawer(qtbot: QtBot) -> tuple[QWidget, Drawer, QWidget]:
    host, content = QWidget(), QWidget()
    content.setFixedWidth(200)
    host.resize(600, 400)
    drawer = Drawer(host)
    drawer.set_content(content)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    return host, drawer, content


@pytest.mark.parametrize("is_motion_reduced", [False, True])
def test_drawer_slides_over_the_bench(qtbot: QtBot, qapp: QApplication, is_motion_reduced: bool) -> None:
    before = current_look()
    apply_look(qapp, Look(is_motion_reduced=is_motion_reduced))
    host, drawer, content = opened_drawer(qtbot)
    states: list[bool] = []
    drawer.toggled.connect(states.append)
    assert not drawer.isVisible()
    drawer.toggle()
    assert (content.x() == 0) == is_motion_reduced
    qtbot.waitUntil(lambda: content.x() == 0)
    host.resize(700, 500)
    qtbot.waitUntil(lambda: content.height() == 500 and drawer.width() == 700)
    qtbot.mouseClick(drawer, LEFT, pos=drawer.rect().center())
    qtbot.waitUntil(lambda: not drawer.isVisible())
    apply_look(qapp, before)
    assert states == [True, False] and not drawer.is_open


def test_escape_closes_the_drawer(qtbot: QtBot) -> None:
    _, drawer, content = opened_drawer(qtbot)
    drawer.open_drawer()
    qtbot.keyClick(content, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not drawer.isVisible())


def test_a_drawer_that_stands_is_no_drawer(qtbot: QtBot) -> None:
    """What it holds stays in it, in full view."""
    _, drawer, content = opened_drawer(qtbot)
    drawer.open_drawer()
    drawer.stand()
    assert not drawer.is_open and content.isVisible() and content.x() == 0
    drawer.open_drawer()
    qtbot.mouseClick(drawer, LEFT, pos=drawer.rect().center())
    qtbot.keyClick(content, Qt.Key.Key_Escape)
    assert not drawer.is_open and content.isVisible() and content.x() == 0
    drawer.slide()
    assert content.parentWidget() is drawer and not content.isVisible() and not drawer.is_open
    drawer.open_drawer()
    assert drawer.is_open and content.isVisible()


def test_heights_are_those_of_the_design(qapp: QApplication, qtbot: QtBot) -> None:
    before = current_look()
    bars = {TransportBar: HEIGHT_TRANSPORT, StatusLine: HEIGHT_STATUS}
    widgets = {made(): height for made, height in bars.items()}
    widgets |= {DockHeader("Loss"): HEIGHT_PANEL_HEADER, QuickStrip(fields_of(TrainingSettings)): HEIGHT_STRIP}
    for text_size in (1.0, 1.4):
        apply_look(qapp, Look(text_size=text_size))
        assert {widget: widget.height() for widget in widgets} == {widget: round(height * text_size) for widget, height in widgets.items()}
    apply_look(qapp, before)
    for widget in widgets:
        qtbot.addWidget(widget)


def test_undo_and_redo_say_what_they_would_do(qtbot: QtBot, transport: TransportBar) -> None:
    assert not transport.undo_button.isEnabled() and "Nothing to undo" in transport.undo_button.toolTip()
    transport.set_undo("learning rate 0.01 → 0.003", "")
    assert transport.undo_button.isEnabled() and not transport.redo_button.isEnabled()
    assert transport.undo_button.accessibleName() == "Undo learning rate 0.01 → 0.003"
    with qtbot.waitSignal(transport.undo_requested):
        transport.undo_button.click()
    transport.set_undo("", "seed 1 → 2")
    with qtbot.waitSignal(transport.redo_requested):
        transport.redo_button.click()


def test_narrow_bars_leave_undo_to_the_menu(transport: TransportBar) -> None:
    transport.setMinimumWidth(1)
    transport.set_compact(True)
    for width, is_there in ((1280, True), (700, False), (1100, True)):
        transport.resize(width, transport.height())
        assert transport.undo_button.isVisibleTo(transport) is is_there
