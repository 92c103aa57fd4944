"""What is greyed out makes no difference or is refused, and nothing else is."""

import numpy as np
import pytest

from core import registry
from core.errors import InputError
from core.idle import STEP_KEYS, idle_keys, refused_flags
from core.settings import Settings, all_fields
from core.trainer import Trainer


def idle_in(settings: Settings) -> set[str]:
    values = settings.to_dict()
    reasons = idle_keys(settings.task.name, values["network"], values["training"])
    assert all(reasons.values())
    return set(reasons)


def test_step_keys_where_the_optimizer_finds_its_steps(optimizer_name: str) -> None:
    idle = idle_in(Settings().with_changes({"training.optimizer": optimizer_name}))
    steps = {f"training.{name}" for name in STEP_KEYS}
    assert (steps <= idle) == (optimizer_name in ("lbfgs", "hessian_free"))
    assert idle < set(all_fields(Settings())) - {"training.optimizer", "training.weight_decay", "training.batch_size"}


@pytest.mark.parametrize("task_name", list(registry.tasks()))
def test_refused_flags_are_refused(task_name: str) -> None:
    """And the others are taken; changing to the task switches them off."""
    settings = Settings().with_changes({"task.name": task_name})
    for key in ("network.bidirectional", "training.carry_state"):
        if key in refused_flags(task_name):
            with pytest.raises(InputError, match=f"^{key} = true: .* must be false for task {task_name}"):
                settings.with_changes({key: True})
        else:
            assert settings.with_changes({key: True}).to_dict() != settings.to_dict()


def test_another_task_switches_off_what_it_refuses() -> None:
    both = Settings().with_changes({"network.bidirectional": True})
    assert both.network.bidirectional
    assert both.with_changes({"task.name": "sentiment"}).network.bidirectional
    assert not both.with_changes({"task.name": "completion"}).network.bidirectional
    stream = Settings().with_changes({"task.name": "completion"}).with_changes({"training.carry_state": True})
    assert not stream.with_changes({"task.name": "adding"}).training.carry_state
    with pytest.raises(InputError, match=r"network\.bidirectional"):
        both.with_changes({"task.name": "completion", "network.bidirectional": True})


def test_idle_fields_make_no_difference() -> None:
    """Each moved to another value leaves the run as it is."""
    settings = Settings.preset("adding").with_changes({"network.hidden_size": 4, "task.seq_len": 8, "network.coupled_gates": True})
    idle = idle_in(settings) - set(refused_flags("adding")) - {"network.no_input_gate", "network.no_forget_gate"}
    assert {"network.dropout", "network.forget_bias", "training.schedule_steps", "training.teacher_forcing"} <= idle
    losses = Trainer(settings).train(5)
    for key in idle:
        info = all_fields(settings)[key]
        other = info.minimum if info.default != info.minimum else info.maximum
        np.testing.assert_array_equal(Trainer(settings.with_changes({key: other})).train(5), losses)


def test_refused_options_are_idle() -> None:
    """What would contradict another flag can't be switched on, nor is it offered."""
    for first, others in (("coupled_gates", ("no_input_gate", "no_forget_gate")), ("no_forget_gate", ("coupled_gates",))):
        settings = Settings().with_changes({f"network.{first}": True})
        for other in others:
            assert f"network.{other}" in idle_in(settings)
            with pytest.raises(InputError):
                settings.with_changes({f"network.{other}": True})


def test_the_bundled_series_is_idle_beside_an_own_table() -> None:
    values = Settings.preset("prices").to_dict()
    for path, is_idle in (("", False), ("mine.csv", True)):
        idle = idle_keys("prices", values["network"], values["training"], {**values["task"], "file": path})
        assert ("task.series" in idle) == is_idle
