"""While the race has the transport, play, counter and status line are about it; the compare panel shows and commands it."""

from itertools import count
from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

from core.assistant import core_count
from core.settings import Settings
from gui.add_run_dialog import AddRunDialog
from gui.panel_actions import table_as_csv
from gui.race_remedies import race_remedies
from gui.race_words import facts, race_sentence
from gui.run_state import RunState
from gui.status_words import Said
from gui.wiring.wiring import Wiring

if TYPE_CHECKING:
    from gui.main_window import MainWindow
    from gui.panels.compare import ComparePanel
    from gui.panels.panel import Panel

FRAMES_OF_WORDS = 8
ABOUT_NO_RUN = ("compare", "library")
ELSEWHERE = "Your own run waits; the race is in Compare"


def _prepare(window: "MainWindow") -> None:
    """The race and the window, whether or not anybody has seen the panel."""
    race, controller, transport = window.race, window.controller, window.transport
    loss = window.bench.docks.get("loss")
    frames = count()

    def show_progress() -> None:
        if race.is_driven:
            transport.set_step(race.step)
            # Words are read, not watched.
            if next(frames) % FRAMES_OF_WORDS == 0:
                window.words.say()

    def show_transport() -> None:
        transport.set_race("driven" if race.is_driven else "waits" if race.runs else "")
        if race.is_driven and race.base is not None:
            word = RunState.RUNNING if race.is_playing else RunState.PAUSED
            transport.set_state(word.value)
            window.menu_actions["play"].setText("&Pause" if race.is_playing else "&Play")
            transport.set_step(race.step)
            show_seed(race.base.training.seed)
            window.words.say()

    def show_seed(seed: int) -> None:
        transport.set_seed(seed)
        window.quick_strip.seed.set_seed(seed)

    def give_back() -> None:
        window.display.show_playing()
        transport.set_step(window.frames.shown_step)
        show_seed(controller.wanted_settings.training.seed)
        window.words.say()

    def say_elsewhere(panel: "Panel") -> None:
        panel.set_elsewhere(f"{ELSEWHERE}." if race.is_driven else "")  # type: ignore[attr-defined]

    def on_driven(is_driven: bool) -> None:
        transport.set_race("driven" if is_driven else "waits" if race.runs else "")
        step = f"{controller.history.step:,}"
        waiting = (f"own run, waiting at update {step}", f"own run, at {step}", "own run") if is_driven else ("",)
        for dock in window.bench.docks.values():
            if dock.spec.name not in ABOUT_NO_RUN:
                dock.header.set_notice(*waiting)
        if loss is not None and loss.is_made:
            say_elsewhere(loss.panel)
        if not is_driven:
            give_back()

    def say() -> Said | None:
        if not race.is_driven:
            return None
        state = RunState.RUNNING if race.is_playing else RunState.PAUSED
        remedies = window.commands.race.remedies(race_remedies(race.runs))
        return Said(state.value, f"Race: {race_sentence(race.runs)}", facts(race.runs, core_count()), remedies)

    def on_main_state(state: RunState, _said: str) -> None:
        if state is RunState.RUNNING:
            race.give_up_transport()

    def on_main_began(settings: Settings) -> None:
        # Whoever begins another run wants to see it; a race that began from it while it was loading goes on.
        if race.is_driven and settings != race.base:
            race.give_up_transport()

    def on_main_changed(_old: Settings, _new: Settings) -> None:
        if race.is_driven:
            window.words.say_problem("This changes your own run, which waits; the race goes on as it began.")

    if loss is not None:
        loss.panel_made.connect(say_elsewhere)
    race.changed.connect(show_transport)
    race.progressed.connect(show_progress)
    race.refused.connect(window.words.say_problem)
    race.taken.connect(window.commands.on_run_taken)
    race.driven_changed.connect(on_driven)
    controller.state_changed.connect(on_main_state)
    controller.run_began.connect(on_main_began)
    controller.live_changed.connect(on_main_changed)
    transport.speed_changed.connect(race.set_speed)
    transport.offer_race(True)
    window.words.stand_in = say
    window.bench.docks["compare"].visibilityChanged.connect(race.set_watched)


def _connect(window: "MainWindow", panel: "ComparePanel") -> None:
    race = window.race

    def show_race() -> None:
        panel.show_race(race.runs, race.is_playing, race.is_even)

    def show_progress() -> None:
        if panel.isVisible():
            panel.show_progress()

    def ask_for_run() -> None:
        base = race.base or window.controller.settings
        dialog = AddRunDialog(window, base, race.is_matched)
        dialog.chosen.connect(race.add)
        dialog.open()

    panel.race_requested.connect(window.commands.on_race)
    panel.play_toggled.connect(race.toggle)
    panel.add_requested.connect(ask_for_run)
    panel.end_requested.connect(window.commands.race.end)
    panel.evenness_chosen.connect(race.set_even)
    panel.matching_chosen.connect(window.commands.race.set_matched)
    panel.copy_requested.connect(lambda: QGuiApplication.clipboard().setText(table_as_csv(panel)))
    panel.run_used.connect(race.use)
    panel.run_stopped.connect(race.stop)
    panel.run_removed.connect(race.remove)
    race.changed.connect(show_race)
    race.progressed.connect(show_progress)
    show_race()


WIRING = Wiring("compare", _connect, _prepare)
