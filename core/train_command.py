"""``rnn-playground train``: trains without a window, with a progress bar, and says or saves what came of it."""

import argparse
import json
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path
from typing import Any

from tqdm import tqdm

from core import session
from core.command_line import EXIT_DIVERGED, EXIT_DONE, EXIT_FAILED, open_trainer
from core.compile import combination_for
from core.errors import InputError
from core.files import write_atomically
from core.length_test import LengthResult
from core.own_data import recognise
from core.presets import info_in, preset_ids, preset_path
from core.run_record import moment_of
from core.runs_command import check_library, record
from core.settings import Settings
from core.snapshot import Metric
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY

DEFAULT_STEPS = 2_000
MAX_STEPS_UNTIL_SOLVED = 20_000
SAVE_EVERY_SECONDS = 30.0


def named_budget(what: str | None) -> int:
    """The budget that a preset or a settings .toml names, in updates; where it names none DEFAULT_STEPS."""
    budget = None
    if what in preset_ids():
        budget = info_in(preset_path(what)).steps
    elif what is not None and what.endswith(".toml"):
        budget = info_in(Path(what)).steps
    return DEFAULT_STEPS if budget is None else budget


def run_train(options: argparse.Namespace) -> int:
    """``rnn-playground train``."""
    if options.steps is not None and options.steps < 0:
        raise InputError(f"--steps {options.steps}: must be 0 or more")
    trainer = open_trainer(options.what, options.overrides, options.seed)
    budget = options.steps
    if budget is None:
        budget = MAX_STEPS_UNTIL_SOLVED if options.until_solved else named_budget(options.what)
    if options.record:
        check_library()
    with _output_folder(options.out):
        return _train(trainer, budget, options)


def _print_recognised(settings: Settings) -> None:
    """What was recognised in a file of one's own, before it is trained on."""
    recognition = recognise(settings)
    if recognition is not None:
        print(f"{settings.task.fields.file}: {recognition.sentence}", file=sys.stderr)


def _train(trainer: Trainer, budget: int, options: argparse.Namespace) -> int:
    """Train, save, say what came of it; returns the exit code."""
    first_step = trainer.step_count
    has_own_file = bool(getattr(trainer.settings.task.fields, "file", None))
    if has_own_file and not options.quiet:
        _print_recognised(trainer.settings)
    wait_for_kernels(trainer, options.quiet)
    seconds, is_interrupted = _train_with_progress(trainer, budget, options)
    if trainer.divergence is None and (not trainer.evaluations or trainer.evaluations[-1].step != trainer.step_count):
        trainer.evaluate()
    path = None
    if options.out is not None and trainer.divergence is None:
        path = _save(trainer, options.out)
    is_unrecorded = options.record and not _record(trainer, trainer.step_count - first_step, seconds, options)
    result = _result(trainer, trainer.step_count - first_step, seconds, path)
    if options.json:
        print(json.dumps(result))
    elif not options.quiet:
        _print_summary(trainer, result)
    if trainer.divergence is not None:
        print(
            f"rnn-playground: training diverged at update {trainer.divergence.step}: {trainer.divergence.what} became infinite or NaN; "
            f"a smaller training.learning_rate or training.clip_norm = 1.0 would help",
            file=sys.stderr,
        )
        return EXIT_DIVERGED
    if is_interrupted:
        print(f"rnn-playground: stopped at update {trainer.step_count}" + (f", saved to {path}" if path else ""), file=sys.stderr)
        return EXIT_FAILED
    return EXIT_FAILED if is_unrecorded else EXIT_DONE


def _record(trainer: Trainer, updates: int, seconds: float, options: argparse.Namespace) -> bool:
    """Add the run to the library; whether that went well. What was trained is told and saved in any case."""
    try:
        run_id = record(moment_of(trainer, updates, seconds), options.what if options.what in preset_ids() else "")
    except InputError as error:
        print(f"rnn-playground: the run is not kept: {error}", file=sys.stderr)
        return False
    if not options.quiet:
        print(f"kept as run {run_id}; see: rnn-playground runs show {run_id}", file=sys.stderr)
    return True


def wait_for_kernels(trainer: Trainer, is_quiet: bool) -> None:
    """Compile what the run needs, once a machine, and say so."""
    combination = combination_for(trainer.settings)
    if combination.is_ready:
        return
    if not is_quiet:
        print("Compiling the kernels for this machine; this happens once and takes some seconds …", file=sys.stderr, flush=True)
    combination.compile()


def _train_with_progress(trainer: Trainer, budget: int, options: argparse.Namespace) -> tuple[float, bool]:
    """Do up to ``budget`` updates; returns the seconds they took, and whether Ctrl+C ended them."""
    target = trainer.step_count + budget
    begin = saved = time.perf_counter()
    bar = tqdm(total=budget, unit="update", disable=options.quiet, file=sys.stderr, dynamic_ncols=True, desc=trainer.task.title)
    is_interrupted = False
    try:
        while trainer.step_count < target and trainer.divergence is None:
            if options.until_solved and trainer.solved_at is not None:
                break
            before = trainer.step_count
            trainer.train_to(min(target, (before // EVALUATE_EVERY + 1) * EVALUATE_EVERY))
            bar.update(trainer.step_count - before)
            bar.set_postfix_str(
                f"loss {trainer.recent_loss:.4g}, {trainer.task.baseline_label} {trainer.task.baseline_loss:.4g}", refresh=False
            )
            if options.out is not None and trainer.divergence is None and time.perf_counter() - saved > SAVE_EVERY_SECONDS:
                _save(trainer, options.out)
                saved = time.perf_counter()
    except KeyboardInterrupt:
        is_interrupted = True
    finally:
        bar.close()
    return time.perf_counter() - begin, is_interrupted


def _check_output_folder(folder: Path) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise InputError(f"--out {folder}: is a file, must be a folder")
    existing = next(parent for parent in (folder, *folder.absolute().parents) if os.path.exists(parent))
    if not existing.is_dir():
        raise InputError(f"--out {folder}: {existing} is a file, must be a folder")


@contextmanager
def _output_folder(folder: Path | None) -> Iterator[None]:
    """Make the folder and try to write in it, before any work is done; if nothing is saved in it, it goes again."""
    if folder is None:
        yield
        return
    _check_output_folder(folder)
    missing = list(takewhile(lambda path: not os.path.exists(path), (folder.absolute(), *folder.absolute().parents)))
    try:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise InputError(f"--out {folder}: can't be written: {error.strerror}") from None
        yield
    finally:
        for made in missing:
            with suppress(OSError):
                made.rmdir()


def _save(trainer: Trainer, folder: Path) -> Path:
    state = trainer.state()
    session.save(folder / "session.rnnp", state)
    write_atomically(folder / "history.csv", session.history_csv(state.losses).encode())
    return folder / "session.rnnp"


def _result(trainer: Trainer, steps: int, seconds: float, path: Path | None) -> dict[str, Any]:
    settings = trainer.settings
    latest = trainer.evaluations[-1] if trainer.evaluations else None
    return {
        "cell": settings.network.cell,
        "task": settings.task.name,
        "parameters": trainer.network.layout.parameter_count,
        "steps": steps,
        "seconds": round(seconds, 3),
        "steps_per_second": round(steps / seconds, 1) if seconds > 0 else None,
        "loss": _finite(trainer.recent_loss),
        "held_out_loss": _finite(latest.loss) if latest else None,
        "baseline_loss": trainer.task.baseline_loss,
        "metric": _metric(latest.metric) if latest else None,
        "longer": [_longer(each) for each in _longer_results(trainer)],
        "solved": trainer.solved_at is not None,
        "solved_at": trainer.solved_at,
        "diverged": trainer.divergence is not None,
        "seed": settings.training.seed,
        "step_count": trainer.step_count,
        "session": str(path) if path else None,
    }


def _longer_results(trainer: Trainer) -> tuple[LengthResult, ...]:
    """How it does on longer sequences; nothing where there is no network to ask, or no data left to ask it about."""
    try:
        return trainer.longer_results() if trainer.divergence is None else ()
    except InputError:
        return ()


def _longer(result: LengthResult) -> dict[str, Any]:
    return {"factor": result.factor, "steps": result.steps, "loss": _finite(result.loss), "metric": _metric(result.metric)}


def _metric(metric: Metric) -> dict[str, Any]:
    return {"name": metric.name, "value": _finite(metric.value), "unit": metric.unit}


def _metric_text(metric: dict[str, Any]) -> str:
    return f"{metric['value']:.4g}{' ' + metric['unit'] if metric['unit'] else ''}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _print_summary(trainer: Trainer, result: dict[str, Any]) -> None:
    metric = result["metric"]
    said = f", {metric['name']} {_metric_text(metric)}" if metric and metric["value"] is not None else ""
    loss = "not finite" if result["loss"] is None else f"{result['loss']:.4g}"
    solved = f"solved at update {result['solved_at']}" if result["solved"] else "not solved yet"
    print(
        f"{trainer.task.title}, {result['cell'].upper()}, {result['parameters']:,} parameters: update {result['step_count']:,}, "
        f"loss {loss} ({trainer.task.baseline_label} {result['baseline_loss']:.4g}){said}; {solved}"
    )
    lengths = [f"{each['factor']}× {_metric_text(each['metric'])}" for each in result["longer"] if each["metric"]["value"] is not None]
    if lengths:
        print(f"{result['longer'][0]['metric']['name']} by length: {', '.join(lengths)}")
    if result["session"]:
        print(f"saved to {result['session']}")
