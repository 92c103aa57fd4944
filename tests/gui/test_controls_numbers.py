"""Numbers in fields, and their places on sliders."""

import dataclasses
import math

import pytest

from core.errors import InputError
from core.fields import FieldInfo, fields_of, integer, number
from core.settings import NetworkSettings, TrainingSettings
from gui.controls.number_text import number_text, parse_number, range_text
from gui.controls.stepper import stepped
from gui.controls.value_scale import LogScale, PowersScale, scale_of

TRAINING = fields_of(TrainingSettings)
RATE, CLIP, BATCH = TRAINING["learning_rate"], TRAINING["clip_norm"], TRAINING["batch_size"]


@dataclasses.dataclass(frozen=True)
class Sample:
    length: int = integer(50, 2, 500, "Length", "")
    share: float = number(0.0, 0.0, 0.9, "Share", "")
    offset: float = number(1.0, -10.0, 10.0, "Offset", "")


LENGTH, SHARE, OFFSET = fields_of(Sample).values()
ALL = [info for infos in (TRAINING, fields_of(NetworkSettings), fields_of(Sample)) for info in infos.values()]
NUMERIC = [info for info in ALL if info.kind in ("integer", "number")]


AS_TEXT: list[tuple[FieldInfo, float, str]] = [
    (RATE, 0.003, "0.003"),
    (RATE, 1e-6, "1e-6"),
    (RATE, 100.0, "100"),
    (CLIP, 1.0, "1.0"),
    (CLIP, 0.0, "off"),
    (SHARE, 0.0, "0"),
    (OFFSET, -2.5, "−2.5"),
    (BATCH, 1024, "1024"),
]
AS_TYPED: list[tuple[FieldInfo, str, float]] = [
    (RATE, "0,004", 0.004),
    (RATE, " .01 ", 0.01),
    (BATCH, "1,024", 1024),
    (BATCH, "32.0", 32),
    (OFFSET, "-3", -3.0),
]
WRONG: list[tuple[FieldInfo, str, str]] = [
    (RATE, "200", "from 1e-6 to 100"),
    (RATE, "off", "from 1e-6 to 100"),
    (RATE, "", "nothing: must be a number"),
    (RATE, "nan", "must be a number"),
    (RATE, "inf", "must be a number"),
    (BATCH, "2.5", "a whole number from 1 to 1024"),
    (CLIP, "-1", "from 0 to 1000, or off"),
]


def test_number_as_text_and_back() -> None:
    assert [number_text(info, value) for info, value, _ in AS_TEXT] == [text for _, _, text in AS_TEXT]
    assert [parse_number(info, text) for info, _, text in AS_TEXT] == [value for _, value, _ in AS_TEXT]


def test_number_as_people_type_it() -> None:
    for info, text, value in AS_TYPED:
        parsed = parse_number(info, text)
        assert parsed == value
        assert isinstance(parsed, int) == (info.kind == "integer")


def test_wrong_number_is_told_what_is_right() -> None:
    for info, text, right in WRONG:
        with pytest.raises(InputError, match=right):
            parse_number(info, text)


def test_range_in_words() -> None:
    assert range_text(BATCH) == "must be a whole number from 1 to 1024"


def test_scale_of_every_field() -> None:
    for info in NUMERIC:
        check_scale(info)


def check_scale(info: FieldInfo) -> None:
    """Ends are reached, positions ascend with the values, and every value that sliding gives is allowed."""
    scale = scale_of(info)
    assert scale.position(info.minimum) == 0
    assert scale.position(info.maximum) == pytest.approx(1)
    positions = [scale.position(tick) for tick in scale.ticks]
    assert positions == sorted(set(positions))
    for k in range(101):
        value = scale.value_at(k / 100)
        assert info.checked("key", value) == value
        assert scale.position(value) == pytest.approx(k / 100, abs=0.18 if info.kind == "integer" else 0.06)
    assert info.checked("key", scale.value_at(0)) == info.minimum
    assert info.checked("key", scale.value_at(1)) == info.maximum


def test_steps_stay_in_range_and_end() -> None:
    for info in NUMERIC:
        for direction in (-1, 1):
            check_steps(info, direction)


def check_steps(info: FieldInfo, direction: int) -> None:
    scale = scale_of(info)
    end = info.maximum if direction > 0 else info.minimum
    value = info.default
    for _ in range(len(scale.ticks)):
        value = info.checked("key", scale.stepped(value, direction))
    assert value == end
    moved = info.checked("key", scale.moved(info.default, direction / 10))
    assert moved == end or (moved - info.default) * direction > 0


def test_log_ticks_are_decades() -> None:
    ticks = scale_of(RATE).ticks
    assert ticks[0] == 1e-6 and ticks[-1] == 100
    assert [math.log10(tick) for tick in ticks] == pytest.approx(list(range(-6, 3)))
    assert scale_of(RATE).stepped(0.004, 1) == 0.01
    assert scale_of(RATE).stepped(0.004, -1) == 0.001


def test_off_stands_at_the_left_of_a_log_scale() -> None:
    scale = scale_of(CLIP)
    assert scale.value_at(0) == 0.0
    assert scale.position(0.0) == 0
    lowest = scale.ticks[1]
    assert lowest > 0 and scale.position(lowest) > 0.03
    assert scale.stepped(lowest, -1) == 0.0
    assert scale.stepped(0.0, 1) == lowest
    assert scale.moved(lowest, -0.1) == 0.0


def test_values_below_the_shown_decades_keep_their_place_inside() -> None:
    scale = scale_of(CLIP)
    assert scale.position(1e-9) == scale.position(scale.ticks[1])


def test_unlimited_stands_at_the_right() -> None:
    scale = LogScale(1, 1000, False, math.inf)
    assert scale.value_at(1) == math.inf
    assert scale.position(math.inf) == 1
    assert scale.stepped(1000, 1) == math.inf
    assert scale.stepped(math.inf, -1) == 1000


def test_powers_of_two() -> None:
    scale = PowersScale(1, 1024)
    assert scale.ticks == tuple(2.0**k for k in range(11))
    assert scale.stepped(48, 1) == 64 and scale.stepped(48, -1) == 32
    assert scale.position(32) < scale.position(48) < scale.position(64)


def test_linear_values_are_round() -> None:
    scale = scale_of(SHARE)
    assert {round(scale.value_at(k / 57) * 100, 9) % 1 for k in range(58)} == {0.0}
    assert scale_of(LENGTH).value_at(0.5) == 251


def test_stepper_walks_sensibly() -> None:
    size, layers = fields_of(NetworkSettings)["hidden_size"], fields_of(NetworkSettings)["num_layers"]
    walk = [16.0]
    for _ in range(6):
        walk.append(stepped(size, walk[-1], 1))
    assert walk == [16, 24, 32, 48, 64, 96, 128]
    assert stepped(size, 33, -1) == 32
    assert stepped(size, 1024, 1) == 1024 and stepped(size, 1, -1) == 1
    assert [stepped(layers, n, 1) for n in (1, 2, 4)] == [2, 3, 4]
    assert stepped(OFFSET, 1.0, -1) == 0.0
