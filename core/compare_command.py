"""``rnn-playground compare``: trains several cells on the same data, turn by turn, and prints what was measured."""

import argparse
import json
import math
import sys
import time
from collections.abc import Sequence

from tqdm import tqdm

from core import registry
from core.command_line import EXIT_DONE, EXIT_FAILED, settings_for
from core.errors import InputError
from core.matching import match_parameters, parameter_count
from core.race import DIGITS, MOST_RUNS, Measured, Row, as_dict, cell_title, measure, rows
from core.settings import Settings
from core.train_command import named_budget, wait_for_kernels
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY
from core.training_time import TrainingTime
from core.warm_up import load_kernels

NAME_WIDTH, VALUE_WIDTH = 34, 12


def run_compare(options: argparse.Namespace) -> int:
    """``rnn-playground compare``."""
    if options.steps is not None and options.steps < 1:
        raise InputError(f"--steps {options.steps}: must be 1 or more")
    if options.what is not None and options.what.endswith(".rnnp"):
        raise InputError(f"{options.what}: a comparison begins anew: it takes a preset's id or a settings .toml")
    base = settings_for(options.what, options.overrides, options.seed)
    contenders = _contenders(base, _cells(options.cells), options.match_parameters)
    budget = named_budget(options.what) if options.steps is None else options.steps
    trainers = [_ready(settings, options.quiet) for settings in contenders]
    is_interrupted = False
    try:
        _train(trainers, budget, options.quiet)
    except KeyboardInterrupt:
        is_interrupted = True
    _say(base, [_measure(trainer) for trainer in trainers if trainer.step_count or trainer.divergence is not None], options.json)
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
    twice = [name for k, name in enumerate(names) if name in names[:k]]
    if twice:
        raise InputError(f"--cells {text}: {twice[0]} stands there twice: each once, for the same run again would only be the same again")
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


def _ready(settings: Settings, is_quiet: bool) -> Trainer:
    """A fresh run whose kernels are compiled and loaded, and whose time is taken."""
    trainer = Trainer(settings)
    wait_for_kernels(trainer, is_quiet)
    load_kernels(trainer)
    trainer.time = TrainingTime(time.perf_counter)
    return trainer


def _train(trainers: Sequence[Trainer], budget: int, is_quiet: bool) -> None:
    """All of them in turns of a few updates, so that what else the machine does meanwhile slows all alike."""
    bar = tqdm(total=budget * len(trainers), unit="update", disable=is_quiet, file=sys.stderr, dynamic_ncols=True)
    try:
        for target in (*range(EVALUATE_EVERY, budget, EVALUATE_EVERY), budget):
            for trainer in trainers:
                before = trainer.step_count
                trainer.train_to(target)
                bar.update(trainer.step_count - before)
            losses = (f"{cell_title(trainer.settings.network.cell)} {trainer.recent_loss:.4g}" for trainer in trainers)
            bar.set_postfix_str(f"loss {', '.join(losses)}", refresh=False)
    finally:
        bar.close()
    for trainer in trainers:
        if trainer.divergence is None and (not trainer.evaluations or trainer.evaluations[-1].step != trainer.step_count):
            trainer.evaluate()


def _measure(trainer: Trainer) -> Measured:
    return measure(
        trainer.settings,
        trainer.network.layout.parameter_count,
        trainer.step_count,
        trainer.time.seconds,
        trainer.evaluations,
        trainer.solved_at,
        trainer.time.to_solved,
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
        filled = zip(row.values, row.gaps, row.is_best, strict=True)
        texts = [_text(value, row, gap) + ("*" if is_best else " ") for value, gap, is_best in filled]
        print(f"{label:<{NAME_WIDTH}}" + "".join(f"{text:>{VALUE_WIDTH}}" for text in texts))
    for run in done:
        if run.diverged_at is not None:
            print(f"{cell_title(run.cell)} diverged at update {run.diverged_at:,}.")
    if len(done) > 1:
        print("* clearly the best")


def _text(value: float | None, row: Row, gap: str) -> str:
    if value is None or not math.isfinite(value):
        return gap or "-"
    if isinstance(value, int):
        return f"{value:,}"
    if row.key == "updates_per_second" and value >= 10:
        return f"{value:,.0f}"
    return f"{value:.{DIGITS}g}"
