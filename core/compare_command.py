"""``rnn-playground compare``: trains several cells on the same data, one after the other, and prints what was measured."""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tqdm import tqdm

from core import registry
from core.command_line import EXIT_DONE, EXIT_FAILED, settings_for
from core.errors import InputError
from core.matching import match_parameters, parameter_count
from core.race import MOST_RUNS, Measured, as_dict, cell_title, measure, rows
from core.settings import Settings
from core.train_command import named_budget, wait_for_kernels
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY

NAME_WIDTH, VALUE_WIDTH = 34, 12


@dataclass
class _Clock:
    """Seconds that a run trained, all of them and until it was solved."""

    seconds: float = 0.0
    to_solved: float | None = None


def run_compare(options: argparse.Namespace) -> int:
    """``rnn-playground compare``."""
    if options.steps is not None and options.steps < 1:
        raise InputError(f"--steps {options.steps}: must be 1 or more")
    if options.what is not None and options.what.endswith(".rnnp"):
        raise InputError(f"{options.what}: a comparison begins anew: it takes a preset's id or a settings .toml")
    base = settings_for(options.what, options.overrides, options.seed)
    contenders = _contenders(base, _cells(options.cells), options.match_parameters)
    budget = named_budget(options.what) if options.steps is None else options.steps
    done: list[Measured] = []
    is_interrupted = False
    for settings in contenders:
        trainer = Trainer(settings)
        wait_for_kernels(trainer, options.quiet)
        clock = _Clock()
        try:
            _train(trainer, budget, clock, options.quiet)
        except KeyboardInterrupt:
            is_interrupted = True
        done.append(_measure(trainer, clock))
        if is_interrupted:
            break
    _say(base, done, options.json)
    if is_interrupted:
        print("rnn-playground: stopped", file=sys.stderr)
        return EXIT_FAILED
    return EXIT_DONE


def _cells(text: str | None) -> list[str]:
    available = registry.cells()
    names = list(available) if text is None else [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in available]
    if unknown or not names:
        raise InputError(f"--cells {text}: must be some of {', '.join(available)}, separated by commas")
    if len(names) > MOST_RUNS:
        raise InputError(f"--cells {text}: {len(names)} runs are too many: at most {MOST_RUNS} can be compared")
    return names


def _contenders(base: Settings, cells: Sequence[str], is_matched: bool) -> list[Settings]:
    """The settings of each run: another cell, and where wanted as many parameters as ``base`` has."""
    # The same cell keeps its options.
    made = [base.with_changes({"network.cell": cell}) for cell in cells]
    if not is_matched:
        return made
    task = registry.tasks()[base.task.name](base.task.fields)
    budget = parameter_count(base, task)
    return [match_parameters(settings, budget, task) for settings in made]


def _train(trainer: Trainer, budget: int, clock: _Clock, is_quiet: bool) -> None:
    bar = tqdm(
        total=budget, unit="update", disable=is_quiet, file=sys.stderr, dynamic_ncols=True, desc=cell_title(trainer.settings.network.cell)
    )
    try:
        while trainer.step_count < budget and trainer.divergence is None:
            before, begin = trainer.step_count, time.perf_counter()
            try:
                trainer.train_to(min(budget, (before // EVALUATE_EVERY + 1) * EVALUATE_EVERY))
            finally:
                clock.seconds += time.perf_counter() - begin
            if trainer.solved_at is not None and clock.to_solved is None:
                clock.to_solved = clock.seconds
            bar.update(trainer.step_count - before)
            bar.set_postfix_str(
                f"loss {trainer.recent_loss:.4g}, {trainer.task.baseline_label} {trainer.task.baseline_loss:.4g}", refresh=False
            )
    finally:
        bar.close()
    if trainer.divergence is None and (not trainer.evaluations or trainer.evaluations[-1].step != trainer.step_count):
        trainer.evaluate()


def _measure(trainer: Trainer, clock: _Clock) -> Measured:
    return measure(
        trainer.settings,
        trainer.network.layout.parameter_count,
        trainer.step_count,
        clock.seconds,
        trainer.evaluations,
        trainer.solved_at,
        clock.to_solved if clock.to_solved is not None else clock.seconds,
        trainer.snapshot(has_prediction=False).trace,
        trainer.divergence.step if trainer.divergence is not None else None,
    )


def _say(base: Settings, done: Sequence[Measured], is_json: bool) -> None:
    if is_json:
        task = {"task": base.task.name, "seed": base.training.seed}
        print(json.dumps({**task, "runs": [as_dict(run) for run in done]}, ensure_ascii=False))
        return
    print(f"{'':<{NAME_WIDTH}}" + "".join(f"{cell_title(run.cell):>{VALUE_WIDTH}}" for run in done))
    for row in rows(done):
        label = row.label if not row.unit else f"{row.label} ({row.unit})"
        texts = [_text(value, row.key) + ("*" if is_best else " ") for value, is_best in zip(row.values, row.is_best, strict=True)]
        print(f"{label:<{NAME_WIDTH}}" + "".join(f"{text:>{VALUE_WIDTH}}" for text in texts))
    for run in done:
        if run.diverged_at is not None:
            print(f"{cell_title(run.cell)} diverged at update {run.diverged_at:,}.")
    if len(done) > 1:
        print("* best")


def _text(value: float | None, key: str) -> str:
    if value is None or not math.isfinite(value):
        return "not yet" if key in ("solved_at", "seconds_to_solved") else "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.0f}" if key == "updates_per_second" and value >= 10 else f"{value:.3g}"
