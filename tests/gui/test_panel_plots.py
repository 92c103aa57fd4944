"""The drawing helpers: ticks, numbers, colours, places of labels, lines of a passage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyqtgraph import colormap
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from core.signal import Signal
from gui.plots import colormaps
from gui.plots.curves import pieces, polygon, smoothed, stairs
from gui.plots.gate_maps import best_columns, range_text
from gui.plots.labels import LEAST_LABEL, crosses, freest, place_labels
from gui.plots.legend import Entry, Legend, lay_out, row_count
from gui.plots.numbers import count_text, log_tick_text, power_text, share_text, short_count_text, value_text
from gui.plots.passage import wrap
from gui.plots.scales import LinearScale, LogScale, StepScale, UpdateScale, axis_end, plain_text, snapped_bounds, snapped_log_scale
from gui.plots.sticky import PATIENCE, SHORT_PATIENCE, StickyBounds
from gui.plots.unit_order import ActivityOrder
from gui.theme import DARK, LIGHT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        (0.1, "0.1"),
        (0.01, "0.01"),
        (1e-3, "10⁻³"),
        (1e-12, "10⁻¹²"),
        (0.05, "0.05"),
        (5e-3, "0.005"),
        (2e-4, "2·10⁻⁴"),
        (1000, "1,000"),
        (1e4, "10⁴"),
    ],
)
def test_log_ticks_read_as_a_person_writes_them(value: float, text: str) -> None:
    assert log_tick_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00312, "0.0031"), (0.0999, "0.10"), (12345.6, "12,346"), (3.14e-7, "3.1·10⁻⁷"), (-0.06, "−0.060"), (0.0, "0"), (1.4, "1.4")]
    + [(float("nan"), "–"), (float("inf"), "∞"), (-float("inf"), "−∞"), (1.7976931348623157e308, "1.8·10³⁰⁸"), (5e-324, "4.9·10⁻³²⁴")],
)
def test_values_have_two_significant_digits(value: float, text: str) -> None:
    assert value_text(value) == text


def test_counts_powers_and_shares() -> None:
    assert (count_text(1240), power_text(-6)) == ("1,240", "10⁻⁶")
    shares = [share_text(value).replace("\u202f", " ") for value in (0.0, 0.001, 0.93, 0.999, 1.0)]
    assert shares == ["0 %", "< 1 %", "93 %", "> 99 %", "100 %"]


@given(st.floats(1e-9, 1e6), st.floats(1, 1e9))
def test_snapped_log_scale_holds_its_values(lowest: float, factor: float) -> None:
    scale = snapped_log_scale(lowest, lowest * factor)
    assert scale.low <= lowest * (1 + 1e-6)
    assert scale.high >= lowest * factor * (1 - 1e-6)
    assert scale.high / scale.low >= 9.9


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_snapped_bounds_hold_their_values(lowest: float, span: float) -> None:
    low, high = snapped_bounds(lowest, lowest + span)
    slack = 1e-5 * max(1.0, abs(lowest), span)
    assert low <= lowest + slack
    assert high >= lowest + span - slack
    assert high > low


@given(st.integers(1, 5000), st.floats(40, 1500))
def test_time_ticks_begin_with_1_end_with_T_and_keep_their_distance(seq_len: int, length: float) -> None:
    scale = StepScale(1, seq_len)
    ticks = [value for value, _ in scale.ticks(length, 40)]
    assert ticks[0] == 1
    assert ticks == sorted(set(ticks))
    assert all(value == round(value) for value in ticks)
    gaps = np.diff([float(scale.fraction(np.array(value))) * length for value in ticks])
    assert (gaps >= 29.9).all()
    if seq_len > 1 and length > 40:
        assert ticks[-1] == seq_len


def test_log_axis_has_its_own_tick_words() -> None:
    assert [text for _, text in LogScale(1e-4, 1).ticks(130, 26)] == ["10⁻⁴", "10⁻³", "0.01", "0.1", "1"]
    assert [text for _, text in LogScale(0.2, 5).ticks(200, 26)] == ["0.2", "0.5", "1", "2", "5"]
    assert len(LogScale(1e-12, 1).ticks(130, 26)) <= 5


def test_update_ticks_are_whole() -> None:
    assert [text for _, text in UpdateScale(0, 1400).ticks(560, 62)] == ["0", "200", "400", "600", "800", "1,000", "1,200", "1,400"]
    assert all("." not in text for _, text in UpdateScale(0, 3).ticks(600, 60))


def test_axis_end_moves_in_rare_jumps() -> None:
    ends = [axis_end(step) for step in range(1, 3000)]
    assert all(end > step for step, end in enumerate(ends, 1))
    assert len(set(ends)) < 30


def test_plain_text_has_just_the_decimals_needed() -> None:
    assert [plain_text(value, 0.5) for value in (-0.5, 0.0, 1000.0)] == ["−0.5", "0.0", "1,000.0"]
    assert plain_text(-1e-17, 1.0) == "0"


def test_scales_invert() -> None:
    for scale in (LinearScale(-2, 6), LogScale(1e-4, 10), StepScale(1, 50)):
        for value in (scale.low, scale.high, scale.value(0.3)):
            assert scale.value(float(scale.fraction(np.array(value)))) == pytest.approx(value)


def test_single_step_lies_in_the_middle() -> None:
    assert float(StepScale(1, 1).fraction(np.array(1.0))) == 0.5


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (1533, "1.5k"), (9960, "10k"), (15_330, "15k"), (999_600, "1.0M"), (2_400_000, "2.4M")],
)
def test_short_counts_keep_two_digits(value: int, text: str) -> None:
    assert short_count_text(value) == text


# Colours


@pytest.mark.parametrize("name", ["viridis", "magma"])
def test_maps_are_the_published_ones(name: str) -> None:
    published = colormap.get(name).getLookupTable(0, 1, colormaps.COLORS)[:, :3].astype(int)
    table = colormaps.table(name)
    ours = np.column_stack([(table >> shift) & 0xFF for shift in (16, 8, 0)]).astype(int)
    assert np.abs(ours - published).max() <= 2


def test_diverging_maps_are_dark_or_light_in_the_middle() -> None:
    def lightness(name: str, at: int) -> float:
        return QColor(int(colormaps.table(name)[at])).lightnessF()

    assert lightness("berlin", 128) < 0.1 < 0.5 < min(lightness("berlin", 0), lightness("berlin", 255))
    assert lightness("vik", 128) > 0.85 > 0.3 > max(lightness("vik", 0), lightness("vik", 255))


def test_signed_signals_wear_the_theme_s_diverging_map() -> None:
    gate, state = Signal("forget", "f", "forget", 0, 1), Signal("cell state", "C", "cell_state", -4, 4, is_gate=False)
    assert [colormaps.name_for(gate, theme) for theme in (DARK, LIGHT)] == ["viridis", "viridis"]
    assert [colormaps.name_for(state, theme) for theme in (DARK, LIGHT)] == ["berlin", "vik"]
    assert [range_text(signal.low, signal.high) for signal in (gate, state)] == ["0…1", "±4"]
    assert range_text(state.low, state.high, is_beyond=True) == "≤−4…≥4"


def test_image_has_the_colours_of_its_values() -> None:
    image = colormaps.to_image(np.array([[0.0, 1.0, 2.0], [-1.0, np.nan, np.inf]]), 0, 1, "viridis", "#123456")
    low, high = int(colormaps.table("viridis")[0]), int(colormaps.table("viridis")[-1])
    pixels = [[image.pixel(x, y) for x in range(3)] for y in range(2)]
    assert pixels == [[low, high, high], [low, 0xFF123456, high]]


# Curves and labels


def test_polygon_holds_the_points() -> None:
    points = polygon(np.array([1.0, 2.5]), np.array([3.0, -4.0]))
    assert [(point.x(), point.y()) for point in points] == [(1.0, 3.0), (2.5, -4.0)]
    assert len(polygon(np.empty(0), np.empty(0))) == 0


def test_gaps_cut_a_curve_into_pieces() -> None:
    x = np.arange(6.0)
    y = np.array([1, 2, np.nan, np.inf, 5, np.nan])
    assert [(list(a), list(b)) for a, b in pieces(x, y)] == [([0, 1], [1, 2]), ([4], [5])]
    assert pieces(np.empty(0), np.empty(0)) == []


def test_stairs_hold_a_value_until_the_next_step() -> None:
    x, y = stairs(np.array([1.0, 2, 3]), np.array([10.0, 20, 20]))
    assert list(zip(x, y, strict=True)) == [(1, 10), (2, 10), (2, 20), (3, 20), (3, 20)]


def test_smoothing_keeps_constants_and_gaps_and_calms_noise() -> None:
    np.testing.assert_allclose(smoothed(np.full(20, 3.0), 4), 3.0)
    noisy = np.random.default_rng(0).normal(size=400)
    assert smoothed(noisy, 5).std() < noisy.std() / 3
    assert np.isnan(smoothed(np.array([1.0, np.nan, 1.0]), 2)[1])


@given(st.lists(st.tuples(st.floats(50, 600), st.floats(20, 150)), min_size=1, max_size=12))
def test_labels_of_marks_never_overlap(marks: list[tuple[float, float]]) -> None:
    marks = sorted(marks)
    xs, widths = [x for x, _ in marks], [width for _, width in marks]
    places = place_labels(xs, widths, 46.0, 630.0)
    spans = sorted((place[0], place[0] + place[1]) for place in places if place)
    assert all(left_end <= right_start + 1e-6 for (_, left_end), (right_start, _) in zip(spans, spans[1:], strict=False))
    assert all(place[0] + place[1] <= 630.0 + 1e-6 for place in places if place)
    assert places[-1] is not None
    assert places[-1][1] >= min(widths[-1], LEAST_LABEL)


def test_newest_label_goes_left_where_there_is_no_room_at_its_right() -> None:
    assert place_labels([600.0], [100.0], 46.0, 630.0) == [(491.0, 100.0)]
    assert place_labels([300.0], [100.0], 46.0, 630.0) == [(309.0, 100.0)]


def test_curve_through_a_label_is_noticed() -> None:
    box, x = QRectF(10, 10, 50, 15), np.array([0.0, 20, 40, 100])
    assert crosses(box, x, np.array([50.0, 5, 30, 50]))
    assert crosses(box, x, np.array([50.0, 15, 15, 50]))
    assert not crosses(box, x, np.array([12.0, 30, 40, 12]))
    assert not crosses(box, x, np.full(4, np.nan))


def test_label_goes_where_it_covers_least_and_then_stays() -> None:
    box = QRectF(0, 0, 200, 100)
    left, right, outside = QRectF(10, 10, 50, 15), QRectF(120, 10, 50, 15), QRectF(180, 10, 50, 15)
    x = np.arange(0.0, 201.0)
    over_left = x, np.where(x < 100, 15.0, 80.0)
    below = x, np.full(len(x), 80.0)
    assert freest([left, right, outside], box, [over_left], [], None) == 1
    assert freest([left, right], box, [below], [], None) == 0
    assert freest([left, right], box, [below], [], 1) == 1
    assert freest([left, right], box, [below], [left.adjusted(5, 5, 5, 5)], 0) == 1
    assert freest([outside, left], box, [over_left], [], 0) == 1


NAMES = ("known", "guessed one step ahead", "what came", "forecast")


@pytest.mark.parametrize("room", [30, 120, 200, 260, 400, 900])
def test_legend_never_drops_an_entry(qtbot, room: float) -> None:
    legend = Legend(DARK)
    qtbot.addWidget(legend)
    entries = [Entry(name, "#FFFFFF") for name in NAMES]
    for most_rows in (1, 2):
        places = lay_out(legend, entries, room, most_rows=most_rows)
        assert len(places) == len(entries) and {place.row for place in places} <= set(range(most_rows))
        for row in range(most_rows):
            spans = [(place.left, place.left + place.sample + place.name) for place in places if place.row == row]
            assert all(end <= begin for (_, end), (begin, _) in zip(spans, spans[1:], strict=False))
            assert all(place.sample > 0 for place in places) and all(end <= room for _, end in spans)


def test_legend_takes_a_second_row_before_it_cuts_names(qtbot) -> None:
    legend = Legend(DARK)
    qtbot.addWidget(legend)
    entries = [Entry(name, "#FFFFFF") for name in NAMES]
    assert row_count(legend, entries, 900) == 1 and row_count(legend, entries, 330) == 2
    assert [place.name for place in lay_out(legend, entries, 330)] == [legend.text_width(name) + 1 for name in NAMES]


@pytest.mark.parametrize(
    ("count", "width", "height", "columns"),
    [(6, 640, 230, 3), (6, 640, 395, 3), (6, 1200, 130, 6), (6, 300, 900, 1), (1, 640, 230, 1), (4, 640, 260, 2)],
)
def test_grid_of_maps_suits_the_room(count: int, width: int, height: int, columns: int) -> None:
    assert best_columns(count, width, height) == columns


# Things that stand still


def test_bounds_widen_at_once_and_narrow_only_after_a_long_calm() -> None:
    bounds = StickyBounds()
    assert bounds.update(-4, 0) == (-4, 0)
    assert bounds.update(-7, 0) == (-7, 0)
    assert [bounds.update(-4, 0) for _ in range(PATIENCE)] == [(-7, 0)] * PATIENCE
    assert bounds.update(-4, 0) == (-4, 0)


def test_bounds_far_too_wide_narrow_soon_and_hold_what_was_seen_meanwhile() -> None:
    bounds = StickyBounds()
    bounds.update(-4, 4)
    seen = [bounds.update(-1, 1 if k % 2 else 0.5) for k in range(SHORT_PATIENCE)]
    assert seen == [(-4, 4)] * SHORT_PATIENCE
    assert bounds.update(-0.5, 0.5) == (-1, 1)


def test_order_of_units_ignores_small_swaps_and_follows_large_ones() -> None:
    scales = np.linspace(2, 0.1, 16)
    wave = np.sin(np.arange(50))[:, np.newaxis]
    order = ActivityOrder()
    assert list(order.update(wave * scales)) == list(range(16))
    swapped = scales.copy()
    swapped[[3, 4]] = swapped[[4, 3]]
    for _ in range(30):
        assert list(order.update(wave * swapped)) == list(range(16))
    for _ in range(60):
        turned = order.update(wave * scales[::-1])
    assert np.abs(turned - np.arange(15, -1, -1)).max() <= 2


# Passages


def test_characters_break_between_words() -> None:
    lines = wrap(tuple("the red kite flies"), 8, is_words=False)
    assert [line.joined() for line in lines] == ["the red ", "kite ", "flies"]
    assert [step for line in lines for step in line.steps] == list(range(18))


def test_words_are_set_apart() -> None:
    lines = wrap(("the", "red", "kite", "."), 8, is_words=True)
    assert [line.joined() for line in lines] == ["the red", "kite ."]
    assert lines[0].columns == [0, 4]


def test_line_breaks_are_shown_and_obeyed() -> None:
    assert [line.joined() for line in wrap(tuple("ab\ncd"), 20, is_words=False)] == ["ab↵", "cd"]


@given(st.text("ab \n", max_size=60), st.integers(1, 12))
def test_no_symbol_is_lost_and_no_line_too_long(text: str, columns: int) -> None:
    lines = wrap(tuple(text), columns, is_words=False)
    assert [step for line in lines for step in line.steps] == list(range(len(text)))
    assert all(len(line.joined().rstrip(" ")) <= columns for line in lines)
