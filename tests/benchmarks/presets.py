"""Does every preset keep what it promises? ``python -m tests.benchmarks.presets [PRESET …] [--seeds 5] [--out presets.md]``.

Each is run from several seeds with its own budget of updates, until it is solved. A preset whose outcome is "unsolved" or "diverged" must
end so on every seed. Seconds are those of training and held-out tests in one process, without compiling.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from core.compile import combination_for
from core.errors import InputError
from core.presets import PresetInfo, presets
from core.settings import Settings
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY

HEADER = "| preset | cell | outcome | kept | updates | budget | seconds | metric |\n|---|---|---|---|---|---|---|---|\n"


@dataclass(frozen=True)
class Run:
    """How one run ended."""

    outcome: str
    updates: int
    seconds: float
    metric: str


def run(settings: Settings, budget: int) -> Run:
    """Train until solved, or diverged, or at the end of ``budget`` updates."""
    trainer = Trainer(settings)
    begin = time.perf_counter()
    while trainer.solved_at is None and trainer.divergence is None and trainer.step_count < budget:
        trainer.train_to(min(budget, trainer.step_count + EVALUATE_EVERY))
    seconds = time.perf_counter() - begin
    outcome = "diverged" if trainer.divergence is not None else "solved" if trainer.solved_at is not None else "unsolved"
    metric = trainer.evaluations[-1].metric if trainer.evaluations else None
    return Run(outcome, trainer.step_count, seconds, f"{metric.value:.3g} {metric.unit} {metric.name}".replace("  ", " ") if metric else "")


def row(name: str, info: PresetInfo, seeds: Iterable[int]) -> tuple[str, bool]:
    """The preset's row of the table, and whether it keeps its promise on all seeds."""
    settings, budget = Settings.preset(name), info.steps
    assert budget is not None, f"{name} names no budget"
    combination_for(settings).compile()
    runs = [run(settings.with_changes({"training.seed": seed}), budget) for seed in seeds]
    kept = sum(each.outcome == info.outcome for each in runs)
    updates = sorted(each.updates for each in runs)
    seconds = sorted(each.seconds for each in runs)
    cells = (
        name,
        settings.network.cell,
        info.outcome,
        f"{kept} of {len(runs)}",
        f"{median(updates):.0f} ({updates[0]}–{updates[-1]})",
        str(budget),
        f"{median(seconds):.1f} ({seconds[0]:.1f}–{seconds[-1]:.1f})",
        runs[0].metric,
    )
    return f"| {' | '.join(cells)} |\n", kept == len(runs)


def main() -> int:
    """Print the table; 1 where a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", metavar="PRESET", help="left out: all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the table there as Markdown")
    options = parser.parse_args()
    known = presets()
    unknown = [name for name in options.presets if name not in known]
    if unknown:
        raise InputError(f"there is no preset {unknown[0]!r}: there are {', '.join(known)}")
    lines, are_kept = [HEADER], True
    print(HEADER, end="")
    for name in options.presets or known:
        line, is_kept = row(name, known[name], range(options.seeds))
        print(line, end="", flush=True)
        lines.append(line)
        are_kept &= is_kept
    if options.out is not None:
        options.out.write_text("".join(lines), encoding="utf-8")
    return 0 if are_kept else 1


if __name__ == "__main__":
    sys.exit(main())
