"""The lens over time: its formula, its inverse, a cursor that stays under the pointer; and which rows find room."""

import numpy as np
import pytest

from gui.plots.unrolled.bands import Kind, Show, bands_for, stacked
from gui.plots.unrolled.lens import Lens, step_pulled_to
from gui.plots.unrolled.places import Places, steps_by_importance

LEFT, WIDTH = 40.0, 528.0
SHAPES = [(1, 0), (2, 1), (50, 27), (50, 0), (50, 49), (1000, 500), (50, None)]


@pytest.mark.parametrize(("seq_len", "cursor"), SHAPES)
def test_widths_follow_the_formula_and_fill_the_room(seq_len: int, cursor: int | None) -> None:
    lens = Lens(seq_len, cursor, LEFT, WIDTH)
    weights = [1.0 if cursor is None else 1 + 4.2 * np.exp(-((t - cursor) ** 2) / 4.2) for t in range(seq_len)]
    np.testing.assert_allclose(lens.widths, WIDTH * np.array(weights) / sum(weights), rtol=1e-9)
    assert lens.edges[0] == LEFT and lens.edges[-1] == pytest.approx(LEFT + WIDTH)


@pytest.mark.parametrize(("seq_len", "cursor"), SHAPES)
def test_a_click_finds_the_step_that_is_drawn_there(seq_len: int, cursor: int | None) -> None:
    lens = Lens(seq_len, cursor, LEFT, WIDTH)
    assert [lens.step_at(x) for x in lens.middles] == list(range(seq_len))
    positions = np.linspace(0, seq_len, 997)
    np.testing.assert_allclose(lens.position_at(lens.to_x(positions)), positions, atol=1e-9)
    assert lens.step_at(LEFT - 100) == 0 and lens.step_at(LEFT + WIDTH + 100) == seq_len - 1


@pytest.mark.parametrize("seq_len", [1, 2, 50, 1000])
def test_a_pulled_cursor_stays_under_the_pointer(seq_len: int) -> None:
    for step in range(0, seq_len, max(1, seq_len // 40)):
        x = float(Lens(seq_len, step, LEFT, WIDTH).middles[step])
        assert step_pulled_to(x, seq_len, LEFT, WIDTH) == step
    pulled = [step_pulled_to(x, seq_len, LEFT, WIDTH) for x in np.linspace(LEFT - 50, LEFT + WIDTH + 50, 60)]
    assert pulled == sorted(pulled) and pulled[0] == 0 and pulled[-1] == seq_len - 1


def kinds(height: float, show: Show = Show.BOTH, layers=(0,), has_answers: bool = True) -> list[Kind]:
    return [row.band.kind for row in stacked(bands_for(show, layers, layers[0], 2, has_answers, True), height)]


def test_rows_fill_the_height_without_overlap() -> None:
    for height in (60, 120, 200, 300, 700):
        rows = stacked(bands_for(Show.BOTH, (3, 2, 1, 0), 3, 2, True, True), height)
        assert rows[0].top == 0 and rows[-1].bottom == pytest.approx(height) or rows[-1].bottom < height
        assert all(after.top == before.bottom for before, after in zip(rows, rows[1:], strict=False))


def test_what_matters_least_goes_first() -> None:
    assert Kind.FORWARD_CAPTION in kinds(320) and Kind.BACKWARD_CAPTION in kinds(320)
    assert Kind.BACKWARD_CAPTION not in kinds(160)
    assert kinds(70) == [Kind.CELLS, Kind.AXIS]
    small = stacked(bands_for(Show.BOTH, (3, 2, 1, 0), 3, 1, False, True), 170)
    assert [row.band.layer for row in small if row.band.kind is Kind.CELLS][0] == 3
    large = stacked(bands_for(Show.BOTH, (3, 2, 1, 0), 3, 1, False, True), 500)
    assert [row.band.layer for row in large if row.band.kind is Kind.CELLS] == [3, 2, 1, 0]


def test_one_way_shows_no_rows_of_the_other() -> None:
    assert Kind.GRADIENTS not in kinds(400, Show.FORWARD) and Kind.GRADIENTS not in kinds(400, Show.BACKWARD)
    assert Kind.ANSWERS not in kinds(400, Show.BACKWARD) and Kind.FORWARD_CAPTION not in kinds(400, Show.BACKWARD)


def test_labels_never_overlap_and_the_chosen_one_comes_first() -> None:
    lens = Lens(50, 27, LEFT, WIDTH)
    order = steps_by_importance(lens, (8, 27))
    assert order[:2] == [27, 8] and sorted(order) == list(range(50))
    places, taken = Places(LEFT, LEFT + WIDTH), []
    for step in order:
        left = places.take(float(lens.middles[step]), 30.0)
        if left is not None:
            assert all(abs(left - other) >= 30 for other in taken)
            taken.append(left)
    assert len(taken) > 5
