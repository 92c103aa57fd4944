"""The compare panel commands the race; while the race has the transport, play, counter and status line are about it."""

from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from core.assistant import core_count
from core.settings import Settings
from gui.add_run_dialog import AddRunDialog
from gui.panel_actions import table_as_csv
from gui.panels.compare import ComparePanel
from gui.race_words import facts, race_sentence
from gui.run_state import RunState
from gui.status_words import Said
from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow

FRAMES_OF_WORDS = 8


def _connect(window: "MainWindow", panel: ComparePanel) -> None:
    race, controller, transport = window.race, window.controller, window.transport

    def show_race() -> None:
        panel.show_race(race.runs, race.is_playing, race.is_even, race.is_matched)
        show_transport()

    frames = count()

    def show_progress() -> None:
        if panel.isVisible():
            panel.show_progress()
        if race.is_driven:
            transport.set_step(race.step)
            # Words are read, not watched.
            if next(frames) % FRAMES_OF_WORDS == 0:
                window.words.say()

    def show_transport() -> None:
        if race.is_driven:
            transport.set_state((RunState.RUNNING if race.is_playing else RunState.PAUSED).value)
            transport.set_step(race.step)
            window.words.say()

    def give_back() -> None:
        transport.set_state(controller.state.value)
        transport.set_step(window.frames.shown_step)
        window.words.say()

    def say() -> Said | None:
        if not race.is_driven:
            return None
        state = RunState.RUNNING if race.is_playing else RunState.PAUSED
        return Said(state.value, race_sentence(race.runs), facts(race.runs, core_count()))

    def on_main_state(state: RunState, _said: str) -> None:
        if state is RunState.RUNNING:
            race.give_up_transport()

    def on_main_began(settings: Settings) -> None:
        base = race.base
        if race.is_driven and base is not None and base.task == settings.task:
            race.set_seed(settings.training.seed)

    def ask_for_run() -> None:
        base = race.base or controller.settings
        dialog = AddRunDialog(window, base, race.is_matched)
        dialog.chosen.connect(race.add)
        dialog.open()

    panel.race_requested.connect(window.commands.on_race)
    panel.play_toggled.connect(race.toggle)
    panel.add_requested.connect(ask_for_run)
    panel.end_requested.connect(race.end)
    panel.evenness_chosen.connect(race.set_even)
    panel.matching_chosen.connect(race.set_matched)
    panel.copy_requested.connect(lambda: QGuiApplication.clipboard().setText(table_as_csv(panel)))
    panel.run_used.connect(race.use)
    panel.run_stopped.connect(race.stop)
    panel.run_removed.connect(race.remove)
    race.changed.connect(show_race)
    race.progressed.connect(show_progress)
    race.refused.connect(window.words.say_problem)
    race.taken.connect(window.commands.on_run_taken)
    race.driven_changed.connect(lambda is_driven: None if is_driven else give_back())
    controller.state_changed.connect(on_main_state)
    controller.run_began.connect(on_main_began)
    transport.speed_changed.connect(race.set_speed)
    transport.offer_race(True)
    window.words.stand_in = say
    window.bench.docks["compare"].visibilityChanged.connect(race.set_watched)


WIRING = Wiring("compare", _connect)
