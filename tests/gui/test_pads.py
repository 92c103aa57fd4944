"""Pads: strokes of mouse and keyboard become a text that the task reads."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt

from core.pads import CurvePad, PixelPad
from core.prediction import Answer
from core.settings import Settings
from core.tasks.captioning import DRAWN, TASK
from gui.panels.drawing_page import DrawingPage
from gui.panels.pads.curve_pad_view import CurvePadView
from gui.panels.pads.examples import PixelExamples
from gui.panels.pads.pixel_pad_view import PixelPadView

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def shown(qtbot, view, size=(400, 240)):
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    return view


@pytest.fixture
def pixels(qtbot) -> PixelPadView:
    return shown(qtbot, PixelPadView(PixelPad(7, 5)))


@pytest.fixture
def curve(qtbot) -> CurvePadView:
    return shown(qtbot, CurvePadView(CurvePad(11, 100.0, 200.0)))


def center(view: PixelPadView, row: int, column: int) -> QPoint:
    return view.box_of(row, column).center().toPoint()


def test_a_stroke_paints_and_the_right_button_erases(pixels: PixelPadView, qtbot) -> None:
    texts: list[str] = []
    pixels.drawn.connect(lambda: texts.append(pixels.text()))
    qtbot.mousePress(pixels, LEFT, pos=center(pixels, 0, 0))
    assert texts == ["#.... ..... ..... ..... ..... ..... ....."]
    qtbot.mousePress(pixels, LEFT, pos=center(pixels, 0, 0))
    assert len(texts) == 1
    qtbot.mousePress(pixels, LEFT, pos=center(pixels, 6, 4))
    qtbot.mousePress(pixels, RIGHT, pos=center(pixels, 0, 0))
    assert texts[-1] == "..... ..... ..... ..... ..... ..... ....#"
    qtbot.mousePress(pixels, RIGHT, pos=center(pixels, 6, 4))
    assert texts[-1] == ""
    qtbot.mousePress(pixels, LEFT, pos=QPoint(1, 1))
    assert len(texts) == 4


def test_a_digit_is_drawn_by_keyboard(pixels: PixelPadView, qtbot) -> None:
    for line in DRAWN[7].split():
        for column, pixel in enumerate(line):
            if pixel == "#":
                qtbot.keyClick(pixels, Qt.Key.Key_Space)
            if column < 4:
                qtbot.keyClick(pixels, Qt.Key.Key_Right)
        for _ in range(4):
            qtbot.keyClick(pixels, Qt.Key.Key_Left)
        qtbot.keyClick(pixels, Qt.Key.Key_Down)
    assert pixels.text() == DRAWN[7]
    assert "pixels painted" in pixels.accessibleDescription()
    qtbot.keyClick(pixels, Qt.Key.Key_Space)
    assert pixels.text() != DRAWN[7]


def test_a_picture_can_be_shown_and_cleared(pixels: PixelPadView) -> None:
    pixels.set_text(DRAWN[3])
    assert pixels.text() == DRAWN[3]
    pixels.clear()
    assert pixels.text() == ""


def test_examples_are_held_out_pictures() -> None:
    settings = Settings.preset("captioning").task
    examples = PixelExamples()
    texts = [examples.next_text(settings) for _ in range(3)]
    pictures = TASK(settings.fields).held_out(64).inputs[0]
    for text, picture in zip(texts, pictures, strict=False):
        assert [float(pixel == "#") for pixel in text.replace(" ", "")] == picture.tolist()


def test_a_stroke_goes_through_all_steps_between(curve: CurvePadView, qtbot) -> None:
    curve._draw_to(curve.point_of(2, 120.0), is_erasing=False)
    assert curve.text() == ""
    curve._draw_to(curve.point_of(6, 160.0), is_erasing=False)
    np.testing.assert_allclose(curve.values(), [120, 130, 140, 150, 160], atol=1e-6)
    assert curve.text() == "120.0, 130.0, 140.0, 150.0, 160.0"
    qtbot.mousePress(curve, LEFT, pos=curve.point_of(9, 110.0).toPoint())
    np.testing.assert_allclose(curve.values()[5:], [160 - 50 / 3, 160 - 100 / 3, 110], atol=1)
    qtbot.mousePress(curve, RIGHT, pos=curve.point_of(9, 110.0).toPoint())
    assert len(curve.values()) == 5


def test_strokes_stay_inside(curve: CurvePadView) -> None:
    curve._draw_to(QPointF(-50, -50), is_erasing=False)
    curve._draw_to(QPointF(5000, 5000), is_erasing=False)
    values = curve.values()
    assert len(values) == 11 and (values[0], values[-1]) == (200.0, 100.0)


def test_a_curve_is_drawn_by_keyboard(curve: CurvePadView, qtbot) -> None:
    texts: list[str] = []
    curve.drawn.connect(lambda: texts.append(curve.text()))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Right, Qt.Key.Key_Down):
        qtbot.keyClick(curve, key)
    np.testing.assert_allclose(curve.values(), [152, 154, 152])
    assert texts[-1] == "152.0, 154.0, 152.0"


@pytest.mark.parametrize(("low", "high", "right"), [(0.0, 1.0, "0.500"), (100.0, 600.0, "350"), (0.0, 0.001, "0.000500")])
def test_decimals_suit_the_range(curve: CurvePadView, low: float, high: float, right: str) -> None:
    curve.set_bounds(low, high)
    curve.set_text(f"{(low + high) / 2}, {low}")
    assert curve.text().split(", ")[0] == right


def test_the_end_of_a_longer_series_is_shown(curve: CurvePadView) -> None:
    curve.set_text(", ".join(str(100 + k) for k in range(50)))
    np.testing.assert_allclose(curve.values(), np.arange(139, 150))


def test_the_forecast_is_drawn_behind_the_curve(curve: CurvePadView) -> None:
    curve.set_text("120, 140, 160, 180")
    box = curve.plot_box()
    right_half = box.adjusted(box.width() * 0.75, 0, -2, 0).toRect()

    def colors() -> set[int]:
        image = curve.grab(right_half).toImage()
        return {image.pixel(x, y) for x in range(image.width()) for y in range(0, image.height(), 2)}

    before = colors()
    curve.show_answer(Answer((150.0,) * 12, None, "", (140.0,) * 12, (160.0,) * 12))
    assert len(colors()) > len(before) + 1
    curve.show_answer(None)
    assert colors() == before


def test_the_page_swaps_pads_and_keeps_what_was_drawn(qtbot) -> None:
    page = DrawingPage()
    shown(qtbot, page)
    page.set_pad(PixelPad(7, 5))
    page.view.set_text(DRAWN[1])
    page.set_pad(PixelPad(7, 5))
    assert page.view.text() == DRAWN[1]
    page.set_pad(CurvePad(5, 0, 1))
    assert isinstance(page.view, CurvePadView)
    with qtbot.waitSignal(page.drawn) as emitted:
        page.show_text("0.1, 0.9")
    assert emitted.args == ["0.100, 0.900"]
    with qtbot.waitSignal(page.drawn) as emitted:
        page.clear_button.click()
    assert emitted.args == [""]
