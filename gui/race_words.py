"""What is going on in a race, in plain sentences."""

import math
from collections.abc import Sequence

import numpy as np

from core.registry import tasks
from gui.plots.numbers import count_text, counted, value_text
from gui.race_run import RaceRun

NEAR_LINE, STALLED_UPDATES, RECENT = 0.9, 300, 100
FADED = 1e-3
WORDS = ("no", "one", "two", "three", "four", "five", "six")


def joined(parts: Sequence[str]) -> str:
    """Words in a row, with commas and "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def letters_in_a_row(letters: Sequence[str]) -> str:
    """A, B, C and E as "A–C, E"."""
    groups: list[list[str]] = []
    for letter in sorted(letters):
        if groups and ord(letter) == ord(groups[-1][-1]) + 1:
            groups[-1].append(letter)
        else:
            groups.append([letter])
    return ", ".join(f"{group[0]}–{group[-1]}" if len(group) > 2 else ", ".join(group) for group in groups)


def progress_words(runs: Sequence[RaceRun]) -> str:
    """How far the race is: "after 2,400 updates"."""
    steps = {run.step for run in runs}
    if not steps or max(steps) == 0:
        return ""
    if len(steps) == 1 or max(steps) - min(steps) <= max(2, 0.02 * max(steps)):
        return f"after {counted(min(steps), 'update')}"
    return f"after {count_text(min(steps))} to {counted(max(steps), 'update')}"


def data_words(runs: Sequence[RaceRun]) -> str:
    """What all of them learn: "adding, 50 steps: same data, same seed"."""
    settings = runs[0].settings
    title = tasks()[settings.task.name].title
    length = getattr(settings.task.fields, "seq_len", None)
    steps = f", {length} steps" if length is not None else ""
    return f"{title}{steps}: same data, same seed {settings.training.seed}"


def race_sentence(runs: Sequence[RaceRun]) -> str:
    """Who has solved it, who leads, who stands still and why, in one or two sentences."""
    if not runs:
        return "No race yet: choose Race cells."
    ended = [run for run in runs if run.history.divergence is not None]
    diverged = [f"{run.title} diverged at update {count_text(run.history.divergence.step)}." for run in ended if run.history.divergence]
    failed = [f"{run.title} could not be trained: {run.said}." for run in runs if run.word == "Failed"]
    if all(run.step == 0 for run in runs):
        waiting = any(run.is_running for run in runs)
        names = joined([run.title for run in runs])
        start = "The first updates are being computed." if waiting else f"{names} stand at the start."
        return " ".join([start, *diverged, *failed])
    parts = [_winners(runs) or _leader(runs), *_stalled(runs), *diverged, *failed]
    return " ".join(part for part in parts if part)


def _winners(runs: Sequence[RaceRun]) -> str:
    solved = [(run.history.solved_at, run.title) for run in runs if run.history.solved_at is not None]
    if not solved:
        return ""
    solved.sort()
    at, first = solved[0]
    equal = [title for step, title in solved if step == at]
    rest = [f"{title} after {count_text(step)}" for step, title in solved if step is not None and step != at]
    if len(runs) == 1:
        return f"{first} has solved it after {counted(at or 0, 'update')}."
    who = f"{joined(equal)} solved it {'first' if len(equal) == 1 else 'together'}, after {counted(at or 0, 'update')}"
    return f"{who}; {joined(rest)}." if rest else f"{who}."


def _leader(runs: Sequence[RaceRun]) -> str:
    """Who is clearly ahead: below the others and below the dashed line, over many updates; else nobody is."""
    means = [(recent_loss(run), run) for run in runs if not run.has_ended]
    able = sorted(((loss, run) for loss, run in means if math.isfinite(loss)), key=lambda each: each[0])
    if not able:
        return ""
    loss, best = able[0]
    line = best.history.baseline_loss
    label = tasks()[best.settings.task.name].baseline_label
    if loss > NEAR_LINE * line:
        return f"Nobody is clearly below the dashed line ({label}, {value_text(line, 3)}) yet {progress_words(runs)}."
    below = f"{value_text(loss)}, {100 * (1 - loss / line):.0f}{chr(0x202F)}% below the dashed line ({label})"
    if len(runs) == 1:
        return f"The loss of {best.title} is {below}."
    near = [run for other, run in able if other * NEAR_LINE <= loss]
    if best.step < RECENT or len(near) == len(able) > 1:
        return f"Level so far {progress_words(runs)}: the lowest loss is {below}."
    if len(near) > 1:
        return f"{joined([run.title for run in near])} lead together: the loss is {below}."
    return f"{best.title} leads: its loss is {below}."


def recent_loss(run: RaceRun) -> float:
    """Mean over the last updates: a few of them alone may lie low by chance. NaN before the first."""
    recent = run.history.losses[-RECENT:]
    recent = recent[np.isfinite(recent)]
    return float(recent.mean()) if len(recent) else math.nan


def _stalled(runs: Sequence[RaceRun]) -> list[str]:
    """Who stands at the line for long, and where the gradient goes."""
    standing = [run for run in runs if is_at_line(run)]
    if not standing or any(run.step < 1 for run in runs):
        return []
    fades = {run.letter: run.steps_to_fade(FADED) for run in standing}
    topology = tasks()[runs[0].settings.task.name].topology
    known = [(steps, letter) for letter, steps in fades.items() if steps and topology == "sequence_to_vector"]
    after = f"still at the line after {counted(min(run.step for run in standing), 'update')}"
    if len(standing) == 1:
        why = f": its gradient fades to a thousandth within {counted(known[0][0], 'step')}" if known else ""
        return [f"{standing[0].title} is {after}{why}."]
    why = f"; the gradient of {min(known)[1]} fades to a thousandth within {counted(min(known)[0], 'step')}" if known else ""
    return [f"{joined([run.letter for run in standing])} are {after}{why}."]


def is_at_line(run: RaceRun) -> bool:
    """Whether it has trained for long and is no better than the dashed line."""
    history = run.history
    is_waiting = history.solved_at is None and not run.has_ended and run.step >= STALLED_UPDATES
    return is_waiting and recent_loss(run) > NEAR_LINE * history.baseline_loss


def flow_words(run: RaceRun) -> str:
    """How the gradient of ``run`` comes back: "fades below 10⁻¹² within 25 steps"."""
    flow = run.flows.get("now")
    if flow is None:
        return ""
    norms = flow.gradient_h if flow.gradient_c is None else flow.gradient_c
    there = (norms > 0).nonzero()[0]
    if not len(there) or not math.isfinite(float(norms.sum())):
        return "" if not len(there) else "not finite"
    last = int(there[-1])
    if last == 0:
        return ""
    share = float(norms[0] / norms[last])
    fades = run.steps_to_fade(FADED)
    if fades is not None:
        return f"a thousandth is left after {counted(fades, 'step')}"
    along = " along the cell state" if flow.gradient_c is not None else ""
    if share > 1.5:
        return f"grows{along} on its way back"
    return f"almost flat{along}" if share > 0.3 else f"{100 * share:.0f}{chr(0x202F)}% comes back{along}"


def facts(runs: Sequence[RaceRun], cores: int) -> list[str]:
    """Figures for the end of the status line."""
    return [counted(len(runs), "run"), counted(cores, "core")]
