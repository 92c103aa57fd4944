"""Numbers of settings as they stand in fields, and back."""

import math

from core.errors import InputError
from core.fields import FieldInfo

OFF = "off"
MINUS = "\u2212"


def plain_number(value: float) -> str:
    """A number that can be typed back: "0.003", "1.0", "250", "1e-6", "−2.5"."""
    text = f"{abs(value):.6g}"
    mantissa, e, exponent = text.partition("e")
    if e:
        text = f"{mantissa}e{int(exponent)}"
    elif "." not in mantissa and 0 < abs(value) < 10:
        text += ".0"
    return (MINUS if value < 0 else "") + text


def number_text(info: FieldInfo, value: float) -> str:
    """``value`` of field ``info`` as it stands in its field: "off" for the value that switches it off."""
    if info.off_value is not None and value == info.off_value:
        return OFF
    if info.kind == "integer":
        return str(int(value)).replace("-", MINUS)
    return plain_number(value)


def parse_number(info: FieldInfo, text: str) -> float | int:
    """The value that a person typed; raises InputError that says what would be right."""
    typed = text.strip().replace(MINUS, "-").replace(" ", "")
    if typed.lower() == OFF and info.off_value is not None:
        return info.checked(info.label, info.off_value)
    # One comma alone in a real number is a decimal one.
    is_decimal_comma = info.kind == "number" and "." not in typed and typed.count(",") == 1
    typed = typed.replace(",", "." if is_decimal_comma else "")
    try:
        value: float = int(typed)
    except ValueError:
        try:
            value = float(typed)
        except ValueError:
            raise InputError(f"{text.strip() or 'nothing'}: {range_text(info)}") from None
    if not math.isfinite(value):
        raise InputError(f"{text.strip()}: {range_text(info)}")
    try:
        return info.checked(info.label, value)
    except InputError:
        raise InputError(f"{text.strip()}: {range_text(info)}") from None


def range_text(info: FieldInfo) -> str:
    """What is allowed, in words: "must be a whole number from 1 to 1024"."""
    wanted = "a whole number" if info.kind == "integer" else "a number"
    low, high = (number_text_without_off(info, bound) for bound in (info.minimum, info.maximum))
    off = f", or {OFF}" if info.off_value is not None else ""
    return f"must be {wanted} from {low} to {high}{off}"


def number_text_without_off(info: FieldInfo, value: float | None) -> str:
    """A bound of the range, as a number even where it switches the feature off."""
    assert value is not None, f"{info.label} has no range"
    return str(int(value)).replace("-", MINUS) if value == int(value) else plain_number(value)
