"""The title bar of a panel."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpacerItem, QWidget

from gui.controls.button import Button
from gui.controls.caption import Title, YieldingCaption
from gui.controls.menu import Menu
from gui.controls.painting import draw_icon, painting
from gui.controls.tooltips import first_sentence, tooltip
from gui.style import Styled, current_look
from gui.theme import HEIGHT_PANEL_HEADER, SIZE_LABEL

BUTTON, HELP_BUTTON, HELP_ICON = 24, 18, 12
SIDE = 12
LINE = 1


class DockHeader(Styled, QWidget):
    """Title, one secondary sentence, the panel's options, float and a menu; a double click enlarges the panel.

    ``help`` is the panel's tooltip. The signals ask for what their names say; a dock moves when its header is pulled.
    """

    float_requested = Signal()
    maximise_requested = Signal()
    close_requested = Signal()
    table_requested = Signal()
    save_picture_requested = Signal()
    save_data_requested = Signal()
    copy_data_requested = Signal()
    help_requested = Signal()

    def __init__(self, title: str, help: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _PanelTitle(title, self)
        self.title.setToolTip(tooltip(first_sentence(help), note="The ? beside it says more, a double click shows it large"))
        self.title.setWhatsThis(help)
        self.help_button = _HelpButton(title, help)
        self.help_button.setVisible(bool(help))
        self.subtitle = YieldingCaption(parent=self)
        self._sentence = self._notice = ""
        self.back_button = Button("Back to bench", icon="close", help="Show all panels again (F11)", height=BUTTON, size=SIZE_LABEL)
        self.back_button.hide()
        self.float_button = Button(icon="float", name=f"{title}: float", help="In a window of its own", frame="bare", height=BUTTON)
        self.menu_button = Button(icon="more", name=f"{title}: more", help="Save, copy, table, help", frame="bare", height=BUTTON)
        self._fill_menu()
        self._row = QHBoxLayout(self)
        self._row.setSpacing(8)
        self._heading = QHBoxLayout()
        self._heading.setSpacing(4)
        self._heading.addWidget(self.title)
        self._heading.addWidget(self.help_button)
        self._row.addLayout(self._heading)
        self._row.addWidget(self.subtitle, 1)
        self._row.addWidget(self.back_button)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.float_button)
        buttons.addWidget(self.menu_button)
        self._row.addLayout(buttons)
        # A dock gives its title bar the height it hints at, not its fixed one. It asks thousands of times while docks are moved, so that
        # the hint comes from the layout and not from a method in Python.
        self._height = QSpacerItem(0, 0, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row.addSpacerItem(self._height)
        self.float_button.clicked.connect(self.float_requested)
        self.help_button.clicked.connect(self.help_requested)
        self.back_button.clicked.connect(self.maximise_requested)
        self.menu_button.clicked.connect(self.open_menu)
        self.restyle()

    def _fill_menu(self) -> None:
        self.menu = Menu(self)
        entries: tuple[tuple[str, SignalInstance] | None, ...] = (
            ("Save &picture as PNG or SVG…", self.save_picture_requested),
            ("Save &data as CSV…", self.save_data_requested),
            ("&Copy data", self.copy_data_requested),
            ("Show as &table", self.table_requested),
            ("&What is this?", self.help_requested),
            None,
            ("&Maximise", self.maximise_requested),
            ("&Float", self.float_requested),
            ("C&lose", self.close_requested),
        )
        self._actions: dict[str, QAction] = {}
        for entry in entries:
            if entry is None:
                self.menu.addSeparator()
                continue
            text, signal = entry
            action = self.menu.add(text)
            action.triggered.connect(lambda _=False, signal=signal: signal.emit())
            self._actions[text] = action

    def add_options(self, options: Sequence[QWidget]) -> None:
        """Show a panel's small widgets before the buttons; Tab comes to them in this order too."""
        previous = self.back_button.previousInFocusChain() or self
        for place, option in enumerate(options, self._row.indexOf(self.back_button)):
            self._row.insertWidget(place, option)
            QWidget.setTabOrder(previous, option)
            previous = option

    @property
    def is_tabbed(self) -> bool:
        """Whether a tab above says the title."""
        return self.title.isHidden()

    def set_enlarged(self, is_enlarged: bool) -> None:
        """Whether the panel has the whole bench: a button then leads back."""
        self.back_button.setVisible(is_enlarged)
        self._actions["&Maximise"].setText("Back to &bench" if is_enlarged else "&Maximise")

    def set_tabbed(self, is_tabbed: bool) -> None:
        """Whether a tab above says the title already."""
        if self.is_tabbed != is_tabbed:
            self.title.setHidden(is_tabbed)
            # A row within a row keeps the widths that it knows, where it is not told.
            self._heading.invalidate()

    def set_subtitle(self, sentence: str) -> None:
        """The secondary sentence."""
        self._sentence = sentence
        self.subtitle.setText(self._notice or sentence)

    def set_notice(self, notice: str, *shorter: str) -> None:
        """Something to know about the panel that goes before its own sentence; "" for nothing.

        ``shorter`` say it in fewer and fewer words, where there is no room.
        """
        if notice != self._notice:
            self._notice = notice
            self.subtitle.shorter = shorter
            self.subtitle.setText(notice or self._sentence)

    def set_floating(self, is_floating: bool) -> None:
        """Whether the panel has a window of its own: the button then brings it back."""
        self.float_button.set_icon("dock" if is_floating else "float")
        self._actions["&Float"].setText("Back into the &frame" if is_floating else "&Float")
        self.float_button.setToolTip(tooltip("Back to the bench" if is_floating else "In a window of its own"))

    def open_menu(self) -> None:
        """Show the menu below its button."""
        self.menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def restyle(self) -> None:
        look = current_look()
        height = look.px(HEIGHT_PANEL_HEADER)
        self.setFixedHeight(height)
        self._row.setContentsMargins(look.px(SIDE), 0, look.px(6), LINE)
        self._height.changeSize(0, height - LINE, QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._row.invalidate()
        super().restyle()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        # Not passed on: the dock would float.
        self.maximise_requested.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = current_look()
        with painting(self) as painter:
            painter.fillRect(0, self.height() - LINE, self.width(), LINE, look.color("line"))


class _PanelTitle(Title):
    """A title that gives way to the panel's options: one that is wider than its dock would push it over the next one."""

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self) as painter:
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class _HelpButton(Button):
    """The small ? after a title, fainter than what the panel says; it stays where a tab says the title."""

    def __init__(self, title: str, help: str) -> None:
        said = f"{first_sentence(help)} More…".strip()
        super().__init__(icon="help", name=f"{title}: what is this?", help=said, frame="bare", height=HELP_BUTTON)

    def _paint_face(self, painter: QPainter, rect: QRectF) -> None:
        look = current_look()
        color = look.theme.text if self.underMouse() else look.theme.text_3
        draw_icon(painter, look, "help", color, rect.center(), HELP_ICON)
