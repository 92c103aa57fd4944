"""Numbers as a person reads them: thousands with commas, powers of ten with superscripts, shares in per cent."""

import math

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
MINUS = "\u2212"
NARROW_SPACE = "\u202f"


def count_text(value: int) -> str:
    """1240 -> "1,240"."""
    return f"{value:,}"


def short_count_text(value: int) -> str:
    """A count where room is scarce: 987 -> "987", 1533 -> "1.5k", 15330 -> "15k", 2400000 -> "2.4M"."""
    if value < 1000:
        return str(value)
    # What would be rounded to 1000k is 1.0M.
    parts, unit = (value / 1000, "k") if value < 999_500 else (value / 1_000_000, "M")
    return f"{parts:.1f}{unit}" if round(parts, 1) < 10 else f"{parts:.0f}{unit}"


def counted(count: int, thing: str) -> str:
    """1 -> "1 update", 1240 -> "1,240 updates"."""
    return f"{count_text(count)} {thing}{'' if count == 1 else 's'}"


def power_text(exponent: int) -> str:
    """-3 -> "10⁻³"."""
    return "10" + str(exponent).translate(_SUPERSCRIPTS)


def log_tick_text(value: float) -> str:
    """A tick of a log axis: "1", "0.1", "0.05", "0.002", "10⁻³", "2·10⁻⁴"; powers of ten from 10⁻³ down and from 10⁴ up."""
    exponent = math.floor(math.log10(value) + 1e-9)
    digit = round(value / 10.0**exponent)
    if -3 < exponent < 4:
        return f"{digit * 10**exponent:,}" if exponent >= 0 else f"{value:.{-exponent}f}"
    if exponent == -3 and digit != 1:
        # Shorter than with a power.
        return f"{value:.3f}"
    return power_text(exponent) if digit == 1 else f"{digit}·{power_text(exponent)}"


def value_text(value: float, digits: int = 2) -> str:
    """A measured value with ``digits`` significant digits and a true minus: "0.0031", "12,400", "3.1·10⁻⁵", "−0.06", "–" for NaN."""
    if math.isnan(value):
        return "–"
    sign = MINUS if value < 0 else ""
    size = abs(value)
    if math.isinf(size):
        return sign + "∞"
    if size == 0:
        return "0"
    # From the rounded figure as text: as a number the largest ones would be rounded up to infinity.
    figure, _, power = f"{size:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if -5 < exponent < 6:
        return sign + f"{size:,.{max(0, digits - 1 - exponent)}f}"
    return sign + f"{figure}·{power_text(exponent)}"


def shorter_texts(value: float) -> tuple[str, ...]:
    """``value`` in ever less room: "3.1·10⁻⁷", "3·10⁻⁷", "10⁻⁷"; of sizes from 0.01 to 100 there is no power of ten."""
    texts = (value_text(value), value_text(value, 1))
    if not (math.isfinite(value) and value > 0) or 0.01 <= value <= 100:
        return texts
    return (*texts, power_text(round(math.log10(value))))


def share_text(share: float) -> str:
    """0.93 -> "93 %"; shares that are not quite 0 or 1 never read 0 % or 100 %."""
    if math.isnan(share):
        return "–"
    percent = 100 * share
    if 0 < percent < 0.5:
        return f"<{NARROW_SPACE}1{NARROW_SPACE}%"
    if 99.5 <= percent < 100:
        return f">{NARROW_SPACE}99{NARROW_SPACE}%"
    return f"{percent:.0f}{NARROW_SPACE}%"
