"""Thumbnails are drawn from what a task really generates; the gallery chooses one."""

import dataclasses
import json
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from core import registry
from core.batch import Batch
from core.errors import InputError
from core.pads import PixelPad
from gui.controls import thumbnail_store
from gui.controls.task_gallery import CARD_WIDTH, TaskGallery
from gui.controls.thumbnail import Bars, Bitmap, Blocks, Curve, Dashes, Heat, Lines, Tagged, Thumbnail, Words, thumbnail_of
from gui.controls.thumbnail_picture import draw_thumbnail
from gui.controls.thumbnail_store import as_plain, from_plain, made_thumbnails, stored_thumbnails
from gui.style import Look
from gui.theme import LIGHT
from tests.tasks_here import skipped_where_missing


@dataclasses.dataclass(frozen=True)
class NoSettings:
    """Nothing to set."""


class FakeTask:
    """As much of a task as a thumbnail asks for; every sample is counted."""

    title: ClassVar[str] = "Fake"
    summary: ClassVar[str] = "Does nothing."
    group: ClassVar[str] = "everyday"
    Settings = NoSettings
    topology = "sequence_to_vector"
    output_size = 2
    inputs = np.zeros((4, 1))
    targets = np.zeros((1, 1))
    labels: tuple[str, ...] = ()
    marked: tuple[int, ...] = ()
    heights: np.ndarray | None = None
    output_lengths: np.ndarray | None = None
    pad: PixelPad | None = None
    samples = 0

    def __init__(self, settings: NoSettings) -> None:
        self.settings = settings

    def sample(self, rng: np.random.Generator, count: int) -> Batch:
        type(self).samples += 1
        return Batch(self.inputs[:, None, :], self.targets, None, np.array([len(self.inputs)]), output_lengths=self.output_lengths)

    def label_inputs(self, inputs: np.ndarray) -> tuple[str, ...]:
        return self.labels

    def label_outputs(self, targets: np.ndarray) -> tuple[str, ...]:
        return tuple("abcd."[k] for k in targets)

    def step_heights(self, inputs: np.ndarray) -> np.ndarray | None:
        return None if self.heights is None else self.heights[: len(inputs)]

    def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
        return self.marked


def fake(**attributes: Any) -> Any:
    return type("Fake", (FakeTask,), attributes | {"samples": 0})


def made(**attributes: Any) -> Thumbnail | None:
    return thumbnail_of(fake(**attributes)(NoSettings()))


def one_hot(symbols: list[int], size: int) -> np.ndarray:
    return np.eye(size)[symbols]


def test_marked_numbers_become_bars() -> None:
    values = np.array([[0.5, 0], [1.0, 1], [0.25, 0]])
    assert made(inputs=values, marked=(1,)) == Bars((0.5, 1.0, 0.25), (1,))


def test_marked_bars_are_kept_in_long_sequences() -> None:
    values = np.random.default_rng(1).random((500, 2))
    bars = made(inputs=values, marked=(123, 400))
    assert isinstance(bars, Bars) and len(bars.marked) == 2 and len(bars.heights) < 30
    assert bars.heights[bars.marked[0]] / max(bars.heights) == pytest.approx(values[123, 0] / values[:, 0].max(), rel=0.1)


def test_numbers_become_a_curve() -> None:
    assert made(inputs=np.array([[-2.0], [0.0], [2.0]])) == Curve((0.0, 0.5, 1.0))
    assert made(inputs=np.ones((3, 1))) == Curve((0.0, 0.0, 0.0))


def test_symbols_that_lie_high_and_low_become_dashes() -> None:
    symbols, heights = one_hot([0, 1, 2] * 10, 40), np.array([np.nan, 60.0, 64.0] * 10)
    dashes = made(inputs=symbols, heights=heights)
    assert isinstance(dashes, Dashes) and len(dashes.heights) == 16
    np.testing.assert_array_equal(dashes.heights[:3], [np.nan, 0.0, 1.0])


def test_few_symbols_become_blocks() -> None:
    assert made(inputs=one_hot([3, 3, 0, 7], 8)) == Blocks((0, 0, 1, 2), ())


def test_answers_after_a_wait_are_blocks_to_be_filled() -> None:
    asked = one_hot([3, 1, 3, 2, 0, 8, 8, 8, 8, 8, 8, 8], 9)
    targets = np.array([8] * 7 + [3, 1, 3, 2, 0])[:, None]
    assert made(inputs=asked, targets=targets) == Blocks((0, 1, 0, 2, 3), (0, 1, 0, 2, 3))


def test_only_marked_symbols_matter_to_one_answer_at_the_end() -> None:
    string = one_hot([5] + [1, 2] * 20 + [6], 8)
    blocks = made(inputs=string, targets=np.array([1]), marked=(0, 41))
    assert isinstance(blocks, Blocks) and blocks.marked == (0, len(blocks.given) - 1) and len(blocks.given) <= 10
    assert len(set(blocks.given)) == 4 and not blocks.wanted


def test_words_are_read_and_one_follows() -> None:
    words = ("I", "am", "going", "to", "the", "park", ".", "<unknown>", "the")
    assert made(inputs=one_hot(list(range(9)), 40), labels=words) == Words("I am going to the", "park")


def test_characters_become_words() -> None:
    text = "xt the green trees stand in the w"
    assert made(inputs=one_hot([3] * len(text), 40), labels=tuple(text)) == Words("the green trees", "stand")


def test_what_is_read_and_written_becomes_words() -> None:
    found = made(inputs=one_hot([0, 1, 2], 40), labels=tuple("1 b"), targets=np.array([[3], [0], [4], [0]]), output_lengths=np.array([3]))
    assert found == Words("1 b", "da")


def test_a_vector_that_is_written_about_becomes_a_bitmap() -> None:
    pixels = np.array([[1.0, 0, 0, 1, 1, 1]])
    found = made(inputs=pixels, targets=np.array([[1], [4]]), output_lengths=np.array([2]))
    assert found == Bitmap(((1, 0), (0, 1), (1, 1)), "b")


def test_numbers_that_are_written_become_a_curve_to_be_filled() -> None:
    targets = np.array([[[-1.0]], [[0.0]], [[1.0]], [[0.5]]])
    assert made(inputs=np.ones((1, 3)), targets=targets, output_lengths=np.array([4])) == Curve((0.0, 0.5, 1.0), known=0.0)


@pytest.mark.parametrize("shape", [(4, 3), (12, 1)])
def test_what_could_be_drawn_is_shown_as_a_picture(shape: tuple[int, int]) -> None:
    """Row by row, however it is read."""
    grey = np.linspace(0, 1, 12)
    found = made(inputs=grey.reshape(shape), targets=np.array([7]), pad=PixelPad(4, 3))
    assert found == Bitmap(tuple(tuple(row) for row in grey.reshape(4, 3).tolist()), "7")


def test_words_with_classes_keep_them_from_the_first_special_one_on() -> None:
    labels, classes = ("we", "met", "Ann", "in", "Rome", "."), np.array([3, 3, 0, 3, 1, 3])
    task = {"inputs": one_hot([0, 1, 2, 3, 4, 5], 40), "targets": classes[:, None], "labels": labels, "output_size": 4}
    found = made(**task, topology="sequence_to_sequence")
    assert found == Tagged(("Ann", "in", "Rome"), (0, None, 1))


def test_channels_become_lines_with_what_is_marked() -> None:
    values = np.array([[0.0, 4], [1, 4], [2, 2], [4, 0], [0, 0]])
    targets = np.array([0.0, 1, 1, 0, 0])[:, None, None]
    found = made(inputs=values, targets=targets)
    assert found == Lines(((0.0, 0.25, 0.5, 1.0, 0.0), (1.0, 1.0, 0.5, 0.0, 0.0)), ((0.25, 0.75),))


def test_many_channels_become_a_picture_with_the_first_at_the_bottom() -> None:
    values = np.arange(14.0).reshape(2, 7)
    found = made(inputs=values)
    assert isinstance(found, Heat) and len(found.rows) == 7
    np.testing.assert_allclose(found.rows, values.T[::-1] / 13)


def test_data_that_cannot_be_read_leave_no_picture() -> None:
    class Broken(FakeTask):
        def sample(self, rng: np.random.Generator, count: int) -> Batch:
            raise InputError("there is no such file")

    assert thumbnail_of(Broken(NoSettings())) is None


@pytest.mark.parametrize("name", ["adding", "adding_1997"])
def test_both_numbers_that_are_added_are_marked(name: str) -> None:
    """In rare sequences of adding_1997, that of the first seed among them, only one is."""
    thumbnail = thumbnail_of(registry.tasks()[name](registry.tasks()[name].Settings()))
    assert isinstance(thumbnail, Bars) and len(thumbnail.marked) == 2


def test_as_many_marks_as_most_sequences_have() -> None:
    class Marking(FakeTask):
        """Its first sequence has one mark, the second none, all others have two."""

        def sample(self, rng: np.random.Generator, count: int) -> Batch:
            type(self).samples += 1
            marked = {1: [1], 2: []}.get(self.samples, [0, 2])
            inputs = np.column_stack([[0.5, 1.0, 0.25], np.isin(np.arange(3), marked)])
            return Batch(inputs[:, None], self.targets, None, np.array([3]))

        def marked_steps(self, inputs: np.ndarray) -> tuple[int, ...]:
            return tuple(np.flatnonzero(inputs[:, 1]).tolist())

    assert thumbnail_of(Marking(NoSettings())) == Bars((0.5, 1.0, 0.25), (0, 2))


@pytest.mark.parametrize("name", skipped_where_missing(registry.tasks()))
def test_every_task_has_a_picture(name: str) -> None:
    task = registry.tasks()[name]
    thumbnail = thumbnail_of(task(task.Settings()))
    assert thumbnail is not None
    image = QImage(160, 64, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.raised))
    blank = image.copy()
    painter = QPainter(image)
    painter.scale(2, 2)
    draw_thumbnail(painter, QRectF(2, 2, 76, 28), thumbnail, Look(LIGHT))
    painter.end()
    assert image != blank
    assert {image.pixel(x, y) for x in (0, 159) for y in range(64)} == {QColor(LIGHT.raised).rgb()}, "drawn beyond its frame"


@pytest.fixture
def gallery(qtbot: QtBot) -> TaskGallery:
    tasks = {name: fake(title=name.capitalize()) for name in ("one", "two", "three", "four")}
    widget = TaskGallery(tasks)
    qtbot.addWidget(widget)
    widget.resize(3 * CARD_WIDTH + 16, widget.sizeHint().height())
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


def test_three_cards_in_a_row(gallery: TaskGallery) -> None:
    cards = [gallery.card(name).geometry() for name in ("one", "two", "three", "four")]
    assert cards[0].y() == cards[1].y() == cards[2].y() < cards[3].y()
    assert all(72 <= card.width() <= 80 for card in cards)


def test_click_selects(qtbot: QtBot, gallery: TaskGallery) -> None:
    gallery.set_current("one")
    names: list[str] = []
    gallery.selected.connect(names.append)
    for name in ("two", "two", "four"):
        qtbot.mouseClick(gallery.card(name), Qt.MouseButton.LeftButton)
    gallery.set_current("one")
    assert names == ["two", "four"] and gallery.current() == "one"
    assert gallery.card("one").isChecked() and not gallery.card("four").isChecked()


def test_arrows_select(qtbot: QtBot, gallery: TaskGallery) -> None:
    gallery.set_current("one")
    names: list[str] = []
    gallery.selected.connect(names.append)
    gallery.card("one").setFocus()
    qtbot.waitUntil(gallery.card("one").hasFocus)
    qtbot.keyClick(gallery.card("one"), Qt.Key.Key_Right)
    qtbot.keyClick(gallery.card("two"), Qt.Key.Key_Left)
    qtbot.keyClick(gallery.card("one"), Qt.Key.Key_Down)
    assert names == ["two", "one", "four"]


def test_one_group_at_a_time(qtbot: QtBot) -> None:
    def of(group: str) -> type:
        return type("Grouped", (fake(),), {"group": group})

    tasks = {"one": of("everyday"), "two": of("classic"), "three": of("everyday")}
    widget = TaskGallery(tasks)
    qtbot.addWidget(widget)
    widget.show()

    def shown() -> list[str]:
        return [name for name in tasks if widget.card(name).isVisible()]

    assert widget.groups.isVisible() and shown() == ["one", "three"]
    names: list[str] = []
    widget.selected.connect(names.append)
    qtbot.mouseClick(widget.groups.segment("classic"), Qt.MouseButton.LeftButton)
    assert shown() == ["two"] and names == [], "looking about selects nothing"
    widget.set_current("three")
    assert shown() == ["one", "three"] and widget.groups.value() == "everyday"
    qtbot.mouseClick(widget.groups.segment("classic"), Qt.MouseButton.LeftButton)
    widget.set_current("three")
    assert shown() == ["two"], "the same task again does not lead away"
    qtbot.mouseClick(widget.card("two"), Qt.MouseButton.LeftButton)
    assert names == ["two"] and not widget.card("three").isChecked()


def test_a_single_group_needs_no_choice(gallery: TaskGallery) -> None:
    assert not gallery.groups.isVisible()


def test_picture_is_made_when_first_seen_and_once(qtbot: QtBot) -> None:
    task = fake()
    widget = TaskGallery({"one": task})
    qtbot.addWidget(widget)
    assert task.samples == 0
    widget.grab()
    widget.grab()
    assert task.samples == 1


def test_card_of_a_task_without_its_library_says_how_to_get_it(qtbot: QtBot) -> None:
    class Missing(FakeTask):
        def __init__(self, settings: NoSettings) -> None:
            raise InputError("fake: pip install it")

    widget = TaskGallery({"one": Missing, "two": fake()})
    qtbot.addWidget(widget)
    before = widget.grab().toImage()
    card = widget.card("one")
    assert card.thumbnail() is None and "pip install it" in card.toolTip() and "Does nothing." in card.toolTip()
    assert "pip install it" in card.accessibleDescription() and "pip" not in widget.card("two").toolTip()
    assert widget.grab().toImage() == before, "it is the same from the first drawing on"
    names: list[str] = []
    widget.selected.connect(names.append)
    qtbot.mouseClick(card, Qt.MouseButton.LeftButton)
    assert names == ["one"]


def test_stored_thumbnails_are_those_that_the_generators_make() -> None:
    """Where this fails a generator has changed: python -m gui.controls.thumbnail_store."""
    made, stored = made_thumbnails(), stored_thumbnails()
    assert set(made) <= set(stored) and len(stored) > 10
    for name, picture in made.items():
        # As text, for a NaN is not equal to itself.
        assert str(from_plain(json.loads(json.dumps(as_plain(picture))))) == str(stored[name]), name


def test_a_damaged_store_of_thumbnails_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in ("", "{", '{"adding": 3}', '{"adding": {"kind": "Cake"}}', '{"adding": {"kind": "Bars"}}'):
        path = tmp_path / "thumbnails.json"
        path.write_text(content)
        monkeypatch.setattr(thumbnail_store, "STORE", path)
        assert stored_thumbnails.__wrapped__() == {}


def test_two_rows_are_shown_with_the_chosen_task_among_them_and_all_on_demand(qtbot: QtBot) -> None:
    gallery = TaskGallery(registry.tasks())
    qtbot.addWidget(gallery)
    gallery.show()
    classics = [name for name, task in registry.tasks().items() if task.group == "classic"]
    for name in (classics[0], classics[-1]):
        gallery.set_current(name)
        shown = [task for task in classics if gallery.card(task).isVisible()]
        assert len(shown) == 6 and name in shown and sorted(shown) == sorted(gallery.shown_names("classic"))
    gallery.all_button.click()
    assert all(gallery.card(task).isVisible() for task in classics)
    gallery.all_button.click()
    assert sum(gallery.card(task).isVisible() for task in classics) == 6
