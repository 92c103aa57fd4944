"""The same seed gives the same run to the last bit, in another process and with one thread or two."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import sys
from pathlib import Path
from core.settings import Settings
from core.trainer import Trainer
changes = {"task.name": "adding", "network.hidden_size": 40, "network.num_layers": 2, "network.dropout": 0.2, "network.init": "orthogonal"}
settings = Settings().with_changes({**changes, "training.batch_size": 64, "training.optimizer": sys.argv[1]})
trainer = Trainer(settings)
trainer.train(int(sys.argv[2]))
print(trainer.losses.tobytes().hex(), trainer.evaluate().loss.hex(), trainer.network.flat.tobytes().hex()[-400:])
"""
THREADS = ("NUMBA_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@pytest.mark.parametrize(("optimizer", "count"), [("adam", 12), ("hessian_free", 2)])
def test_one_thread_or_two(optimizer: str, count: int) -> None:
    found = []
    for threads in ("1", "2"):
        environment = os.environ | dict.fromkeys(THREADS, threads)
        run = subprocess.run(
            [sys.executable, "-c", RUN, optimizer, str(count)], capture_output=True, text=True, env=environment, check=True, timeout=300
        )
        found.append(run.stdout)
    assert found[0] == found[1] and len(found[0]) > 400


def test_compiled_just_now_or_found_on_disk(tmp_path: Path) -> None:
    """The process that compiles the kernels gets the same bits as the next one, which loads them."""
    found = []
    for _ in range(2):
        environment = os.environ | {"RNN_PLAYGROUND_CACHE_DIR": str(tmp_path)}
        run = subprocess.run(
            [sys.executable, "-c", RUN, "adam", "12"], capture_output=True, text=True, env=environment, check=True, timeout=300
        )
        found.append(run.stdout)
    assert found[0] == found[1] and len(found[0]) > 400
