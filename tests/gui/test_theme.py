"""Colours are readable and tell the gates apart, whatever eyes look at them; icons and style follow the theme."""

import itertools
from collections.abc import Iterator
from typing import get_args

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPalette
from PySide6.QtWidgets import QApplication, QLabel

from core.signal import Role
from gui.icons import ICONS, icon, icon_names
from gui.style import Look, Styled, apply_look, current_look
from gui.style_sheet import style_sheet
from gui.theme import DARK, LIGHT, RUN_LETTERS, THEMES, Theme

READABLE = 4.5
VISIBLE = 3.0
DISTINCT = 20.0

# Any text may be written on any ground: a list of what is drawn today would be wrong tomorrow.
TEXTS = ("text", "text_2", "text_3", "ok", "warn", "bad", "accent")
GROUNDS = ("panel", "window", "raised", "raised_2", "accent_wash")

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB.
SIGHTS = {
    "normal": np.eye(3),
    "protan": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deutan": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritan": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
# sRGB, linear, to CIE XYZ at D65.
TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
WHITE = TO_XYZ.sum(axis=1)


def linear_rgb(color: str) -> np.ndarray:
    values = np.array([int(color[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: str, second: str) -> float:
    """WCAG 2 contrast ratio."""
    dark, light = sorted(float(linear_rgb(color) @ TO_XYZ[1]) for color in (first, second))
    return (light + 0.05) / (dark + 0.05)


def lab(color: str, sight: np.ndarray) -> np.ndarray:
    x, y, z = TO_XYZ @ np.clip(sight @ linear_rgb(color), 0, 1) / WHITE
    f = [value ** (1 / 3) if value > (6 / 29) ** 3 else value / (3 * (6 / 29) ** 2) + 4 / 29 for value in (x, y, z)]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application, whose look may be changed."""
    before = current_look()
    yield qapp
    apply_look(qapp, before)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_every_text_is_readable_on_every_ground(theme: Theme) -> None:
    """Words in all tones, gates' symbols, and names of runs."""
    texts = {name: getattr(theme, name) for name in TEXTS}
    texts |= {role: theme.tone(role).text for role in get_args(Role)}
    texts |= {f"run {letter}": color for letter, color in zip(RUN_LETTERS, theme.runs, strict=True)}
    for (text, color), ground in itertools.product(texts.items(), GROUNDS):
        assert contrast(color, getattr(theme, ground)) >= READABLE, (text, ground)
    assert contrast(theme.on_accent, theme.accent_fill) >= READABLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_gates_are_visible_on_the_panel(theme: Theme) -> None:
    for role in get_args(Role):
        assert contrast(theme.tone(role).mark, theme.panel) >= VISIBLE, role
        assert contrast(theme.tone(role).text, theme.panel) >= READABLE, role


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_runs_are_readable_as_marks_as_words_and_as_badges(theme: Theme) -> None:
    """A run's colour draws its curve, writes its name on the panel, and is the ground of its letter."""
    assert len(theme.runs) == len(RUN_LETTERS)
    for color in theme.runs:
        assert contrast(color, theme.panel) >= READABLE, color
        assert contrast(theme.window if theme.is_dark else theme.panel, color) >= READABLE, color


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_marks_without_words_are_visible(theme: Theme) -> None:
    """Curves, handles, focus rings and branches that were left, on every ground that they are drawn on."""
    for ground in ("panel", "raised"):
        for mark in ("accent", "ghost", "text_3"):
            assert contrast(getattr(theme, mark), getattr(theme, ground)) >= VISIBLE, (mark, ground)
    assert contrast(theme.accent, theme.raised_2) >= VISIBLE and contrast(theme.accent, theme.window) >= VISIBLE


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_gates_are_told_apart(theme: Theme) -> None:
    distances = {
        (sight, *pair): float(np.linalg.norm(lab(theme.tone(pair[0]).mark, matrix) - lab(theme.tone(pair[1]).mark, matrix)))
        for sight, matrix in SIGHTS.items()
        for pair in itertools.combinations(get_args(Role), 2)
    }
    assert min(distances.values()) >= DISTINCT, min(distances, key=lambda pair: distances[pair])


def test_distance_catches_colours_that_look_alike() -> None:
    red, green = (lab(color, SIGHTS["deutan"]) for color in ("#B07A30", "#8A8A30"))
    assert np.linalg.norm(red - green) < DISTINCT


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_style_sheet_is_complete(theme: Theme) -> None:
    sheet = style_sheet(theme, 1.4)
    assert "$" not in sheet
    assert theme.window in sheet
    other = LIGHT if theme is DARK else DARK
    assert other.window not in sheet


def test_style_sheet_grows_with_the_text() -> None:
    assert style_sheet(DARK, 1.0) != style_sheet(DARK, 1.4)


def test_look_reaches_qt(dressed: QApplication) -> None:
    apply_look(dressed, Look(LIGHT, 1.4))
    assert dressed.palette().color(QPalette.ColorRole.Window) == QColor(LIGHT.window)
    assert dressed.font().pixelSize() == round(13 * 1.4)
    assert current_look().theme is LIGHT


def test_look_reaches_styled_widgets(dressed: QApplication) -> None:
    class Watcher(Styled, QLabel):
        restyled = 0

        def restyle(self) -> None:
            self.restyled += 1

    watcher = Watcher()
    apply_look(dressed, Look(LIGHT))
    assert watcher.restyled == 1


def test_figures_have_one_width() -> None:
    for weight in (400, 600):
        metrics = QFontMetricsF(Look().font(13, weight))
        widths = [metrics.horizontalAdvance(figure * 8) for figure in "0123456789"]
        assert max(widths) - min(widths) < 0.2


def test_reduced_motion_takes_no_time() -> None:
    assert Look(is_motion_reduced=True).duration(160) == 0
    assert Look().duration(160) == 160


def painted(image: QImage) -> list[QColor]:
    colors = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return [color for color in colors if color.alpha() == 255]


def test_icons_take_the_colour_and_stay_in_their_box(qapp: QApplication) -> None:
    for name in icon_names():
        image = icon(name, "#FF0000").pixmap(QSize(16, 16), 2.0).toImage()
        assert image.size() == QSize(32, 32)
        solid = painted(image)
        assert solid and all(color.red() == 255 and color.green() == 0 and color.blue() == 0 for color in solid), name
        border = [image.pixelColor(x, y) for k in range(32) for x, y in ((k, 0), (k, 31), (0, k), (31, k))]
        assert all(color.alpha() < 255 for color in border), name


def test_icons_are_line_drawings() -> None:
    assert len(icon_names()) > 20
    for name in icon_names():
        source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 16 16"' in source, name
        assert 'stroke="currentColor"' in source and 'stroke-width="1.5"' in source and 'stroke-linecap="round"' in source, name
        assert "#" not in source, name
