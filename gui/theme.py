"""Colours, type and spacing of the window: the one place where a colour or a size is written down."""

from dataclasses import dataclass

from core.signal import Role

RUN_LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Tone:
    """A mark colour (lines, fills; at least 3.1:1 on the panel) and its text tone (at least 4.5:1 on any ground)."""

    mark: str
    text: str


@dataclass(frozen=True)
class Theme:
    """Every colour of one theme, as #RRGGBB."""

    name: str
    is_dark: bool
    window: str
    panel: str
    raised: str
    raised_2: str
    line: str
    line_2: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_fill: str
    accent_wash: str
    on_accent: str
    ok: str
    warn: str
    bad: str
    ghost: str
    forget: Tone
    input: Tone
    candidate: Tone
    output: Tone
    cell_state: Tone
    hidden: Tone
    runs: tuple[str, ...]

    def tone(self, role: Role) -> Tone:
        """The colours of a gate or state, the same in every plot, diagram and equation."""
        tone: Tone = getattr(self, role)
        return tone


DARK = Theme(
    name="dark",
    is_dark=True,
    window="#0E1115",
    panel="#171B21",
    raised="#1F242C",
    raised_2="#29303A",
    line="#2A313B",
    line_2="#3A434F",
    text="#E8ECF2",
    text_2="#A9B3C0",
    text_3="#8D98A6",
    accent="#9298FF",
    accent_fill="#5F66E8",
    accent_wash="#262A4A",
    on_accent="#FFFFFF",
    ok="#5CCB8F",
    warn="#F2B84B",
    bad="#FF7A6E",
    ghost="#66717F",
    forget=Tone("#3D9BE8", "#5DB0F5"),
    input=Tone("#E8823A", "#F0924E"),
    candidate=Tone("#2CD39A", "#2CD39A"),
    output=Tone("#C77BAA", "#D48DBB"),
    cell_state=Tone("#EADB4C", "#EADB4C"),
    hidden=Tone("#DDE3EA", "#E8ECF2"),
    runs=("#E58399", "#6FD0DA", "#B7A3F5", "#DCC66A", "#9CCB86", "#C9A58A"),
)

LIGHT = Theme(
    name="light",
    is_dark=False,
    window="#E6E9EE",
    panel="#FFFFFF",
    raised="#F2F4F7",
    raised_2="#E4E8EE",
    line="#DDE2E9",
    line_2="#B9C1CC",
    text="#1F252D",
    text_2="#4A5563",
    text_3="#5E6978",
    accent="#4A4FD6",
    accent_fill="#4A4FD6",
    accent_wash="#E9EAFD",
    on_accent="#FFFFFF",
    ok="#0B7741",
    warn="#8A5A00",
    bad="#BE362C",
    ghost="#858E9A",
    forget=Tone("#0068A8", "#0068A8"),
    input=Tone("#9A3D00", "#9A3D00"),
    candidate=Tone("#00A080", "#00705A"),
    output=Tone("#6D1A6B", "#6D1A6B"),
    cell_state=Tone("#9E9300", "#6E6700"),
    hidden=Tone("#1F252D", "#1F252D"),
    runs=("#B23A5E", "#1C727E", "#5B3FB5", "#6B5A00", "#3C742C", "#7A5236"),
)

THEMES = {"dark": DARK, "light": LIGHT}

# Type sizes in px at text size 1.0; heights and gaps in px.
SIZE_TICK = 11
SIZE_LABEL = 12
SIZE_BODY = 13
SIZE_EMPHASIS = 15
SIZE_HEADLINE = 20
SIZE_COUNTER = 26
GAP = 8
PADDING = 16
RADIUS_PANEL = 8
RADIUS_BUTTON = 6
RADIUS_FIELD = 4
RADIUS_PLAY = 20
HEIGHT_FIELD = 24
HEIGHT_BUTTON = 28
HEIGHT_MENU = 28
HEIGHT_PANEL_HEADER = 32
HEIGHT_STATUS = 40
HEIGHT_SLIDER_ROW = 44
HEIGHT_STRIP = 44
HEIGHT_TRANSPORT = 56
WIDTH_TAB_OVERFLOW = 32
WIDTH_NUMBER_FIELD = 64
WIDTH_RAIL = 56
WIDTH_SETUP_COLUMN = 288
# Narrower windows fold the left column to a rail.
WIDTH_COMPACT = 1440

# Weights of the type, and how long things move, in ms.
WEIGHT_BODY = 400
WEIGHT_NUMBER = 500
WEIGHT_TITLE = 600
DURATION_DRAWER = 160
