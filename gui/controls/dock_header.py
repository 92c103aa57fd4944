"""The title bar of a panel."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from gui.controls.button import Button
from gui.controls.caption import Title, YieldingCaption
from gui.controls.painting import painting
from gui.controls.tooltips import tooltip
from gui.style import Styled, current_look
from gui.theme import HEIGHT_PANEL_HEADER

BUTTON = 24
SIDE = 12


class DockHeader(Styled, QWidget):
    """Title, one secondary sentence, the panel's ``options``, float and a menu.

    ``help`` is the panel's tooltip. The signals ask for what their names say; a dock moves when its header is pulled.
    """

    float_requested = Signal()
    save_picture_requested = Signal()
    save_data_requested = Signal()
    copy_data_requested = Signal()
    help_requested = Signal()

    def __init__(self, title: str, help: str = "", options: Sequence[QWidget] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Title(title, self)
        self.title.setToolTip(tooltip(help))
        self.subtitle = YieldingCaption(parent=self)
        self.float_button = Button(icon="float", name=f"{title}: float", help="In a window of its own", frame="bare", height=BUTTON)
        self.menu_button = Button(icon="more", name=f"{title}: more", help="Save, copy, help", frame="bare", height=BUTTON)
        self.menu = QMenu(self)
        entries = (
            ("Save &picture as PNG…", self.save_picture_requested),
            ("Save &data as CSV…", self.save_data_requested),
            ("&Copy data", self.copy_data_requested),
            ("&What is this?", self.help_requested),
        )
        for text, signal in entries:
            self.menu.addAction(text).triggered.connect(lambda _=False, signal=signal: signal.emit())
        self._row = QHBoxLayout(self)
        self._row.setSpacing(8)
        self._row.addWidget(self.title)
        self._row.addWidget(self.subtitle, 1)
        for option in options:
            self._row.addWidget(option)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.float_button)
        buttons.addWidget(self.menu_button)
        self._row.addLayout(buttons)
        self.float_button.clicked.connect(self.float_requested)
        self.menu_button.clicked.connect(self.open_menu)
        self.restyle()

    def set_subtitle(self, sentence: str) -> None:
        """The secondary sentence."""
        self.subtitle.setText(sentence)

    def set_floating(self, is_floating: bool) -> None:
        """Whether the panel has a window of its own: the button then brings it back."""
        self.float_button.set_icon("dock" if is_floating else "float")
        self.float_button.setToolTip(tooltip("Back to the bench" if is_floating else "In a window of its own"))

    def open_menu(self) -> None:
        """Show the menu below its button."""
        self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def sizeHint(self) -> QSize:
        # A dock gives its title bar the height it hints at, not its fixed one.
        return QSize(super().sizeHint().width(), current_look().px(HEIGHT_PANEL_HEADER))

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), current_look().px(HEIGHT_PANEL_HEADER))

    def restyle(self) -> None:
        look = current_look()
        self.setFixedHeight(look.px(HEIGHT_PANEL_HEADER))
        self._row.setContentsMargins(look.px(SIDE), 0, look.px(6), 1)
        super().restyle()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            painter.fillRect(0, self.height() - 1, self.width(), 1, look.color("line"))
