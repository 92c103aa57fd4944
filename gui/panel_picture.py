"""A panel's picture as a file: pixels (PNG), or lines and letters that stay sharp at any size (SVG)."""

from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect
from PySide6.QtGui import QPaintDevice, QPainter, QPixmap, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QWidget

from core.files import write_atomically
from gui.plots.canvas import drawing_as_lines
from gui.style import current_look

PNG, SVG = ".png", ".svg"


def save_picture(widget: QWidget, path: Path, title: str) -> None:
    """Write what ``widget`` shows to ``path``, as its ending says.

    Raises
    ------
    InputError
        Where it can't be written.
    """
    write_atomically(path, as_svg(widget, title) if path.suffix.lower() == SVG else as_png(widget))


def as_png(widget: QWidget) -> bytes:
    """What ``widget`` shows, in pixels."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    ratio = widget.devicePixelRatioF()
    picture = QPixmap(widget.size() * ratio)
    picture.setDevicePixelRatio(ratio)
    _render(widget, picture)
    picture.save(buffer, "PNG")
    return bytes(content.data())


def as_svg(widget: QWidget, title: str) -> bytes:
    """What ``widget`` shows, in lines and letters; only heatmaps are pixels in it."""
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(widget.size())
    generator.setViewBox(QRect(QPoint(0, 0), widget.size()))
    # One unit is one pixel of the screen, as in the picture's size.
    generator.setResolution(widget.logicalDpiX())
    with drawing_as_lines():
        _render(widget, generator)
    buffer.close()
    return bytes(content.data())


def _render(widget: QWidget, device: QPaintDevice) -> None:
    """Draw ``widget`` on the ground on which it stands in its dock."""
    with QPainter(device) as painter:
        painter.fillRect(widget.rect(), current_look().color("panel"))
        widget.render(painter, QPoint(), QRegion(), QWidget.RenderFlag.DrawChildren)
