"""Line icons of assets/icons, drawn in any colour and sharp at any device pixel ratio."""

from functools import cache, lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from core.folders import ASSETS

ICONS = ASSETS / "icons"
BOX = 16


def icon_names() -> tuple[str, ...]:
    """The line icons there are: pictures that take a colour."""
    return tuple(sorted(path.stem for path in ICONS.glob("*.svg") if "currentColor" in _source(path.stem)))


def paint_icon(painter: QPainter, name: str, color: str, rect: QRectF) -> None:
    """Paint icon ``name`` in ``color`` (#RRGGBB) into ``rect``: as lines, so that it is sharp at any scale."""
    _renderer(name, color).render(painter, rect)


def icon(name: str, color: str) -> QIcon:
    """Icon ``name`` in ``color`` for menus and Qt's own buttons, at single and double density."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(_drawn(name, color, BOX, ratio))
    return made


@cache
def _source(name: str) -> str:
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", color).encode()))


def _drawn(name: str, color: str, size: int, ratio: float) -> QPixmap:
    pixels = round(size * ratio)
    pixmap = QPixmap(QSize(pixels, pixels))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_icon(painter, name, color, QRectF(0, 0, pixels, pixels))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
