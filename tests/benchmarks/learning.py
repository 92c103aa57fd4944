"""What learns what, and in how many updates. Run by hand: python -m tests.benchmarks.learning [TABLE …] [--seeds 5] [--out FILE].

Each row of a table is a setting: a preset, changes to it, and a budget of updates. Every row is run from several seeds, each run stops when
its task is solved. The tables are printed as Markdown; the single runs are written to FILE as JSON, or printed below the tables.
"""

import argparse
import json
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from core.errors import InputError
from core.settings import Settings
from core.trainer import Trainer
from core.training_loop import EVALUATE_EVERY

WORKERS = 2
REACH = 50
CELLS = ("rnn", "lstm", "gru")


@dataclass(frozen=True)
class Row:
    """A setting: its name, the preset it begins with, how many updates it may take, and what is changed."""

    label: str
    preset: str
    budget: int
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """What came of one row from one seed; ``problem`` says why it could not be run."""

    table: str
    row: str
    seed: int
    updates: int = 0
    solved_at: int | None = None
    is_diverged: bool = False
    loss: float | None = None
    baseline_loss: float | None = None
    metric: str = ""
    metric_value: float | None = None
    reach: int | None = None
    problem: str = ""


def per_cell(label: str, preset: str, budget: int, **task: Any) -> list[Row]:
    """One row for each cell, all with the settings of the preset."""
    changes = {f"task.{name}": value for name, value in task.items()}
    return [Row(f"{label}{cell}", preset, budget, {"network.cell": cell, **changes}) for cell in CELLS]


RELU = {"network.cell": "rnn", "network.activation": "relu", "network.init": "identity", "training.learning_rate": 0.004}
RNN = {"network.cell": "rnn", "task.seq_len": 100}
TABLES: dict[str, list[Row]] = {
    "adding": per_cell("T = 50, ", "adding", 4000, seq_len=50) + per_cell("T = 100, ", "adding", 8000, seq_len=100),
    "temporal_order": per_cell("T = 50, ", "temporal_order", 3000, seq_len=50),
    "embedded_reber": per_cell("", "embedded_reber", 2000),
    "counting": per_cell("aⁿbⁿcⁿ, n ≤ 10, ", "counting", 5000, letters=3, longest=10),
    "copy": per_cell("T = 20, ", "copy", 4000, lag=20),
    "clipping": [
        Row(f"rnn with ReLU, T = 50, {label}", "adding", 5000, {**RELU, "training.clip_norm": clip_norm})
        for label, clip_norm in (("clipped at 1", 1.0), ("not clipped", 0.0))
    ],
    "forget_bias": [
        Row(f"lstm, temporal order, T = 50, forget bias {bias:g}", "temporal_order", 3000, {"network.forget_bias": bias})
        for bias in (0.0, 1.0)
    ],
    "hessian_free": [
        Row("rnn, T = 100, Adam", "adding", 8000, RNN),
        Row("rnn, T = 100, Hessian-free", "adding", 100, {**RNN, "training.optimizer": "hessian_free", "training.batch_size": 512}),
    ],
}


def run(table: str, row: Row, seed: int) -> Run:
    """Train until it is solved, diverges or has used up its budget."""
    try:
        trainer = Trainer(Settings.preset(row.preset).with_changes({**row.changes, "training.seed": seed}))
    except InputError as error:
        return Run(table, row.label, seed, problem=str(error))
    while trainer.step_count < row.budget and trainer.solved_at is None and trainer.divergence is None:
        trainer.train_to(min(row.budget, trainer.step_count + EVALUATE_EVERY))
    last = trainer.evaluate()
    # How far a network generalises is asked of those tasks that can tell.
    reach = trainer.task.reach(trainer.network.forward, REACH) if hasattr(trainer.task, "reach") else None
    return Run(
        table,
        row.label,
        seed,
        trainer.step_count,
        trainer.solved_at,
        trainer.divergence is not None,
        last.loss,
        trainer.task.baseline_loss,
        last.metric.name,
        last.metric.value,
        reach,
    )


def markdown(table: str, runs: list[Run]) -> str:
    """A table with a line for each row: how often and when it was solved, and medians over the seeds."""
    has_reach = any(each.reach is not None for each in runs)
    lines = ["| setting | solved | updates until then | held-out loss | line | metric |", "|---|---|---|---|---|---|"]
    if has_reach:
        lines = [lines[0] + f" right up to n (of {REACH}) |", lines[1] + "---|"]
    for label in dict.fromkeys(each.row for each in runs):
        mine = [each for each in runs if each.row == label]
        done = [each for each in mine if not each.problem]
        cells = [label, mine[0].problem, "", "", "", ""]
        if done:
            solved = sorted(each.solved_at for each in done if each.solved_at is not None)
            diverged = sum(each.is_diverged for each in done)
            cells[1] = f"{len(solved)} of {len(done)}" + (f", {diverged} diverged" if diverged else "")
            cells[2] = f"{median(solved):.0f} ({solved[0]}–{solved[-1]})" if solved else f"not in {max(each.updates for each in done)}"
            cells[3] = f"{median(each.loss for each in done):.4f}"
            cells[4] = f"{done[0].baseline_loss:.4f}"
            cells[5] = f"{median(each.metric_value for each in done):.1f} {done[0].metric}"
        if has_reach:
            cells.append(f"{median(each.reach for each in done):.0f}" if done else "")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join([f"## {table}", "", *lines, ""])


def main(arguments: list[str]) -> int:
    """Run the tables asked for, all of them if none is named."""
    parser = argparse.ArgumentParser(prog="learning", description=__doc__.split("\n")[0])
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"any of {', '.join(TABLES)}; none: all")
    parser.add_argument("--seeds", type=int, default=5, help="runs of each row")
    parser.add_argument("--out", type=Path, help="JSON file for the single runs")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.tables if name not in TABLES]
    if unknown or options.seeds < 1:
        parser.error(f"no table {unknown[0]!r}: there are {', '.join(TABLES)}" if unknown else "--seeds: must be 1 or more")
    names = list(dict.fromkeys(options.tables)) or list(TABLES)
    jobs = [(name, row, seed) for name in names for row in TABLES[name] for seed in range(options.seeds)]
    runs = []
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        for each in pool.map(run, *zip(*jobs, strict=True)):
            runs.append(each)
            print(f"{len(runs)}/{len(jobs)} {each.table}: {each.row}, seed {each.seed}", file=sys.stderr, flush=True)
    for name in names:
        print(markdown(name, [each for each in runs if each.table == name]))
    text = json.dumps([asdict(each) for each in runs], indent=1, ensure_ascii=False)
    if options.out is None:
        print(text)
    else:
        options.out.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
