"""Hand-made past runs for tests and pictures."""

import numpy as np

from core.run_record import RunRecord

NOW = 1_795_300_000.0


def past_run(run_id: int, **changes: object) -> RunRecord:
    """A row as the library gives it."""
    falls = -0.8 - 1.6 / (1 + np.exp((32 - np.arange(64)) / 3))
    values = {
        "id": run_id,
        "begun_at": NOW - 7200.0 * run_id,
        "updated_at": NOW - 3600.0 * run_id,
        "settings_toml": '[task]\nname = "adding"\n',
        "task": "adding",
        "cell": "lstm",
        "hidden_size": 32,
        "num_layers": 1,
        "optimizer": "adam",
        "learning_rate": 0.003,
        "seed": 3,
        "parameters": 4513,
        "updates": 1240,
        "seconds": 12.4,
        "loss": 0.003,
        "best_loss": 0.0021,
        "baseline_loss": 1 / 6,
        "metric_name": "right within 0.04",
        "metric_value": 94.0,
        "metric_unit": "%",
        "solved_at": 740,
        "curve": falls.astype(np.float32),
        "has_session": True,
    }
    return RunRecord(**(values | changes))  # type: ignore[arg-type]


def past_runs() -> tuple[RunRecord, ...]:
    """Of every kind: solved, diverged, neither, named, marked, without weights, without a curve."""
    unmeasured = {"metric_name": "", "metric_value": None, "metric_unit": "", "best_loss": None}
    bits = {"metric_name": "bits per symbol", "metric_value": 2.13, "metric_unit": "", "is_higher_better": False}
    return (
        past_run(1),
        past_run(2, cell="gru", hidden_size=16, num_layers=2, solved_at=None, metric_value=53.0),
        past_run(3, cell="rnn", solved_at=None, diverged_at=12, updates=11, **unmeasured),
        past_run(4, name="My first LSTM", note="Falls off the plateau.\nTry a longer lag.", is_favourite=True),
        past_run(5, task="completion", solved_at=None, **bits),
        past_run(6, has_session=False, curve=np.zeros(0, np.float32), baseline_loss=None, updates=0, solved_at=None),
        past_run(7, task="of another version", cell="xlstm", curve=np.array([-0.5], np.float32)),
    )
