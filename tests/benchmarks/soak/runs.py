"""What a person does with the run: train, step, change it, grow it, break it, go back in its time, take changes back."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from core import registry
from core.presets import preset_ids
from gui.panels.weights import WeightsPanel
from gui.run_state import RunState
from gui.speed import UNLIMITED, slow_motion
from tests.benchmarks.soak.person import Person

STEP_SIZES = ("time step", "sequence", "update", "epoch")
SPEEDS = (UNLIMITED, UNLIMITED, slow_motion(2), slow_motion(20), 1.0, 40.0)
LIVE: dict[str, tuple[Any, ...]] = {
    "learning_rate": (1e-4, 1e-3, 0.01, 0.1), "clip_norm": (0.0, 0.1, 1.0), "batch_size": (1, 8, 64), "weight_decay": (0.0, 0.01),
    "truncate": (0, 1, 10), "optimizer": tuple(registry.optimizers()),
}  # fmt: skip
BREAKING = {"training.optimizer": "sgd", "training.learning_rate": 100.0, "training.clip_norm": 0.0}
MOST_UNITS, MOST_LAYERS, MOST_STEPS = 128, 4, 400
TRAVEL_SECONDS = 3.0


def train_a_while(person: Person) -> None:
    """Play, and watch."""
    person.window.commands.on_play_toggled()
    person.wait(person.chance.uniform(0.2, 1.5))
    if person.window.state is not RunState.RUNNING:
        person.window.play()
        person.wait(0.5)


def press_transport(person: Person) -> None:
    """Play, pause, step, reset and new seed in quick succession."""
    commands = person.window.commands
    for _ in range(person.chance.randrange(3, 9)):
        wishes = [commands.on_play_toggled, commands.on_play_toggled, commands.on_reset, commands.on_new_seed, commands.on_step]
        wish = person.chance.choice([*wishes, lambda: commands.on_step_requested(person.draw("step sizes", STEP_SIZES))])
        wish()
        person.wait(person.chance.choice([0.0, 0.0, 0.02, 0.1]))


def choose_speed(person: Person) -> None:
    """From slow motion to unlimited."""
    speed = person.draw("speeds", SPEEDS)
    person.name(speed)
    person.window.transport.speed_changed.emit(speed)
    person.window.play()


def choose_task(person: Person) -> None:
    """Another task in mid-run."""
    name = person.draw("tasks", tuple(registry.tasks()))
    person.name(name)
    person.window.setup.task_selected.emit(name)


def choose_preset(person: Person) -> None:
    """A story in mid-run."""
    name = person.draw("presets", preset_ids())
    person.name(name)
    person.window.commands.on_preset_chosen(name)


def choose_cell(person: Person) -> None:
    """Another cell in mid-run."""
    name = person.draw("cells", tuple(registry.cells()))
    person.name(name)
    person.window.setup.changed.emit("network", "cell", name)


def change_live(person: Person) -> None:
    """Something of the training, while it goes on."""
    key = person.draw("live", tuple(LIVE))
    value = person.draw(f"live {key}", LIVE[key])
    person.name(f"{key} = {value}")
    person.window.setup.changed.emit("training", key, value)


def change_length(person: Person) -> None:
    """Shorter or longer sequences."""
    task = person.window.controller.wanted_settings.to_dict()["task"]
    if "seq_len" not in task:
        return
    length = min(MOST_STEPS, max(2, round(task["seq_len"] * person.chance.choice([0.5, 0.8, 1.5, 2.0]))))
    person.name(length)
    person.window.setup.changed.emit("task", "seq_len", length)


def grow(person: Person) -> None:
    """More units or layers; sometimes fewer again."""
    network = person.window.controller.wanted_settings.network
    units = min(MOST_UNITS, max(1, network.hidden_size + person.chance.choice([-8, 1, 4, 16, 32])))
    layers = min(MOST_LAYERS, max(1, network.num_layers + person.chance.choice([-1, 1])))
    key, value = person.chance.choice([("hidden_size", units), ("hidden_size", units), ("num_layers", layers)])
    person.name(f"{key} = {value}")
    person.window.setup.changed.emit("network", key, value)


def let_diverge(person: Person) -> None:
    """Settings that no network survives."""
    for key, value in BREAKING.items():
        section, _, name = key.partition(".")
        person.window.setup.changed.emit(section, name, value)
    person.window.play()
    person.wait(0.5)


def edit_weight(person: Person) -> None:
    """Choose a weight by a click, and set it."""
    window = person.window
    window.bench.show_panel("weights")
    window.request_full_frame()
    panel = window.bench.docks["weights"].panel
    assert isinstance(panel, WeightsPanel)
    if not person.wait_for(lambda: bool(panel.maps.areas) and panel.editor.isVisible(), 1.0):
        return
    block = person.chance.choice([name for name in panel.maps.areas if name in panel.maps.blocks])
    rows, columns = panel.maps.blocks[block].values.shape
    place = panel.maps.cell_rect((block, person.chance.randrange(rows), person.chance.randrange(columns))).center().toPoint()
    QTest.mouseClick(panel.maps, Qt.MouseButton.LeftButton, pos=place)
    person.wait(0.0)
    button = person.chance.choice([panel.editor.set_button, panel.editor.negate_button, panel.editor.zero_button])
    person.touch(button)
    person.click(button)


def rewind(person: Person) -> None:
    """Back to any update that is still known."""
    controller = person.window.controller
    step = person.chance.randint(controller.timeline.earliest, max(controller.timeline.earliest, controller.history.step))
    person.name(f"to {step} of {controller.history.step}")
    controller.rewind(step)
    if person.chance.random() < 0.2:
        person.wait(0.0)
        person.window.pause()


def fork(person: Person) -> None:
    """Back, with another setting, and on: the old curve stays as a ghost."""
    rewind(person)
    person.wait_for(lambda: not person.window.controller.is_rewinding, TRAVEL_SECONDS)
    change_live(person)
    person.window.play()
    person.wait(0.5)


def return_to_ghost(person: Person) -> None:
    """Go on at the end of a curve that was left."""
    branches = person.window.controller.timeline.branches
    if not branches:
        fork(person)
        branches = person.window.controller.timeline.branches
    if branches:
        person.window.controller.return_to(person.chance.choice(branches).number)
        person.wait(0.1)
        person.window.play()


def ask_to_rewind(person: Person) -> None:
    """The dialog: what is done in it comes with the other actions."""
    person.window.commands.on_rewind()


def undo_and_redo(person: Person) -> None:
    """Some changes back, and made again."""
    commands = person.window.commands
    for _ in range(person.chance.randrange(1, 6)):
        person.chance.choice([commands.on_undo, commands.on_undo, commands.on_redo])()
        person.wait(person.chance.choice([0.0, 0.05, 0.3]))


def take_remedy(person: Person) -> None:
    """What the status line offers."""
    buttons = [b for b in person.window.status_line.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    if buttons and person.root() is person.window:
        button = person.chance.choice(buttons)
        person.touch(button)
        person.click(button)


def test_lengths(person: Person) -> None:
    """How it does on longer sequences."""
    person.window.controller.test_lengths()


ACTIONS = {
    train_a_while: 8, press_transport: 5, choose_speed: 3, choose_task: 3, choose_preset: 3, choose_cell: 3, change_live: 4,
    change_length: 2, grow: 4, let_diverge: 1, edit_weight: 3, rewind: 3, fork: 3, return_to_ghost: 3, ask_to_rewind: 1,
    undo_and_redo: 4, take_remedy: 3, test_lengths: 1,
}  # fmt: skip
