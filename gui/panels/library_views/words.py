"""A past run in words: what came of it, how long it took, when it was."""

import time
import tomllib
from functools import lru_cache

from core.run_record import RunRecord
from gui.plots.numbers import NARROW_SPACE, count_text, counted, value_text

MINUTE, HOUR = 60.0, 3600.0
# Names of months and days stay English whatever the system speaks.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def outcome(record: RunRecord) -> tuple[str, str]:
    """What came of it, and the theme's colour for that."""
    if record.solved_at is not None:
        later = ", then diverged" if record.diverged_at is not None else ""
        return f"solved at {count_text(record.solved_at)}{later}", "ok"
    if record.diverged_at is not None:
        return f"diverged at {count_text(record.diverged_at)}", "bad"
    return "not solved", "text_2"


def figure(record: RunRecord) -> str:
    """Its best figure on held-out data in short: 94 %, or with its name, error 0.7 %; "" where nothing was measured."""
    if record.metric_value is None:
        return "" if record.best_loss is None else f"held out {value_text(record.best_loss)}"
    if record.metric_unit == "%":
        percent = percent_text(record.metric_value)
        return percent if record.is_higher_better else f"{record.metric_name} {percent}"
    return f"{record.metric_name} {value_text(record.metric_value)} {record.metric_unit}".rstrip()


def percent_text(percent: float) -> str:
    """94 %; one digit more where that makes the difference to all or nothing."""
    digits = 0 if percent in (0, 100) or 1 <= percent < 99.5 else 1
    return f"{percent:.{digits}f}{NARROW_SPACE}%"


def figure_in_full(record: RunRecord) -> str:
    """The same with its name: 94 % right within 0.04."""
    said = figure(record)
    return said if record.metric_value is None or said.startswith(record.metric_name) else f"{said} {record.metric_name}"


def duration_text(seconds: float) -> str:
    """0.4 s, 12 s, 3 min, 1.5 h."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / MINUTE:.0f} min" if seconds < HOUR else f"{seconds / HOUR:.1f} h"


def when_text(then: float, now: float) -> str:
    """Just now, 5 min ago, 14:05, yesterday 14:05, 12 Nov, 12 Nov 2025."""
    age = now - then
    if 0 <= age < MINUTE:
        return "just now"
    if 0 <= age < HOUR:
        return f"{age / MINUTE:.0f} min ago" if age >= 1.5 * MINUTE else "1 min ago"
    day, today, yesterday = (time.localtime(moment) for moment in (then, now, now - 24 * HOUR))
    clock = f"{day.tm_hour}:{day.tm_min:02}"
    for name, other in (("", today), ("yesterday ", yesterday)):
        if (day.tm_year, day.tm_yday) == (other.tm_year, other.tm_yday):
            return name + clock
    year = "" if day.tm_year == today.tm_year else f" {day.tm_year}"
    return f"{day.tm_mday} {MONTHS[day.tm_mon - 1]}{year}"


def effort(record: RunRecord) -> str:
    """1,240 updates in 12 s."""
    return f"{counted(record.updates, 'update')} in {duration_text(record.seconds)}"


@lru_cache(maxsize=500)
def _length(settings_toml: str) -> int | None:
    """The length of the sequences; None where the task has none, or the settings can't be read any more."""
    try:
        length = tomllib.loads(settings_toml).get("task", {}).get("seq_len")
    except tomllib.TOMLDecodeError:
        return None
    return length if isinstance(length, int) else None


def setting(record: RunRecord) -> str:
    """What tells runs of the same task and network apart: length 50 · rate 0.004 · seed 0."""
    length = _length(record.settings_toml)
    parts = [] if length is None else [f"length {length}"]
    return " · ".join([*parts, f"rate {record.learning_rate:g}", f"seed {record.seed}"])


def what_it_is(record: RunRecord) -> str:
    """Task and network, where a name of its own does not say it."""
    return f"{record.task_title}, {record.network_title}"


def spoken(record: RunRecord, now: float) -> str:
    """Everything in one sentence, for screen readers and the tooltip."""
    parts = [record.title]
    if record.name:
        parts.append(what_it_is(record))
    parts += [outcome(record)[0], figure_in_full(record), effort(record), f"{count_text(record.parameters)} parameters"]
    parts += [f"seed {record.seed}", when_text(record.updated_at, now)]
    if record.is_favourite:
        parts.append("favourite")
    if not record.has_session:
        parts.append("its weights are not kept any more")
    return ", ".join(part for part in parts if part) + (f'. Note: "{record.note}"' if record.note else "")
