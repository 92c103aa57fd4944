"""A tune as a piano roll: what was read, how the network goes on with it, and what really came; and how sure it is of the next note.

A person should see the network's notes settle first on the scale, then on the metre, then come back to the phrase that began the
tune; pale notes came as a surprise to it. What is shown can be saved as a MIDI file or as sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.errors import InputError
from core.prediction import Answer, MelodyPrediction
from core.snapshot import Trace
from core.tunes import Note, Tune, parse_notes
from gui import dialogs
from gui.controls.button import Button
from gui.controls.menu import Menu
from gui.panels.prediction_views.view import PredictionView
from gui.plots.next_symbols import NextSymbols
from gui.plots.numbers import share_text
from gui.plots.piano_roll import LEFT, TOP, PianoRoll, Roll, placed
from gui.theme import SIZE_TICK, Theme

END = "end"
LEAST_WIDTH_WITH_BARS = 480
LONGEST_GIVEN = 32
"""Notes of one's own tune that are drawn before those that the network wrote."""
HEIGHT_BUTTON = 22
MIDI, SOUND = ("As notes (MIDI)…", "MIDI (*.mid)", ".mid"), ("As sound (WAV)…", "Sound (*.wav)", ".wav")


@dataclass(frozen=True)
class NextNotes:
    """What the bars show."""

    prompt: str
    next_symbols: tuple[str, ...]
    next_probabilities: np.ndarray
    is_words: bool = True


class MelodyView(PredictionView):
    """Left the piano roll, right what comes next. A tune of the person's own stays until they go back to the example."""

    name = "melody"
    prediction_type = MelodyPrediction
    default_length = 24
    has_temperature = True

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.prediction: MelodyPrediction | None = None
        self.own: Answer | None = None
        self.roll = PianoRoll(theme)
        self.roll.step_chosen.connect(self.step_chosen)
        self.next_symbols = NextSymbols(theme)
        self.save = Button(
            "Save tune",
            name="Save the tune that is shown",
            help="Save what was read and what the network wrote, as notes (MIDI) or as sound (WAV).",
            height=HEIGHT_BUTTON,
            size=SIZE_TICK,
            parent=self.roll,
        )
        self.menu = Menu(self)
        for kind in (MIDI, SOUND):
            self.menu.add(kind[0]).triggered.connect(lambda _checked=False, kind=kind: self._on_save(*kind))
        self.save.clicked.connect(lambda: self.menu.popup(self.save.mapToGlobal(self.save.rect().bottomLeft())))
        self.back = Button(
            "Back to the example",
            help="Show the tune that the network reads in training again.",
            height=HEIGHT_BUTTON,
            size=SIZE_TICK,
            parent=self.roll,
        )
        self.back.clicked.connect(self._on_back)
        self.back.setVisible(False)
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.roll, 66)
        layout.addWidget(self.next_symbols, 34)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self.roll.set_theme(theme)
        self.next_symbols.set_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.next_symbols.setVisible(self.width() >= LEAST_WIDTH_WITH_BARS * self.roll.text_scale)
        self._layout.activate()
        self._place_buttons()

    def show_prediction(self, prediction: MelodyPrediction, trace: Trace | None) -> None:
        self.prediction = prediction
        if self.own is None:
            self._show_prediction(prediction)

    def show_answer(self, answer: Answer) -> None:
        """Show a tune of the person's own, and what the network wrote after it."""
        if answer.tune is None:
            return
        self.own = answer
        tune, given = answer.tune, answer.given
        first = max(0, given - LONGEST_GIVEN)
        read, _, _ = placed(tune.notes[first:given])
        cut = read[-1].end if read else 0
        written, _, _ = placed(tune.notes[given:], cut, None)
        self.roll.set_roll(Roll(tuple(read), (), tuple(written), (), (), cut, tune.bar))
        shares = answer.probabilities or {}
        self._show_next(tune.notes[first:given], tuple(shares), np.array(list(shares.values())))
        self.back.setVisible(True)
        self._place_buttons()

    def _on_back(self) -> None:
        self.own = None
        self.back.setVisible(False)
        self._place_buttons()
        if self.prediction is not None:
            self._show_prediction(self.prediction)

    def _show_prediction(self, prediction: MelodyPrediction) -> None:
        bars, begins, ends = placed(prediction.notes, shares=list(map(float, prediction.shares)))
        cut = begins[prediction.given] if prediction.given < len(begins) else sum(note.length for note in prediction.notes if note)
        written, _, written_ends = placed(prediction.continuation, cut, None)
        self.roll.set_roll(
            Roll(
                tuple(bar for bar in bars if bar.step < prediction.given),
                tuple(bar for bar in bars if bar.step >= prediction.given),
                tuple(written),
                tuple(begins),
                tuple(end for end in (*ends, *written_ends) if end > 0),
                cut,
                prediction.bar,
            )
        )
        self._show_next(prediction.notes[: prediction.given], prediction.next_symbols, prediction.next_probabilities)

    def _show_next(self, notes: Sequence[Note | None], symbols: tuple[str, ...], probabilities: np.ndarray) -> None:
        self.next_symbols.show_prediction(NextNotes(_prompt(notes), tuple(map(_label, symbols)), probabilities))

    def _place_buttons(self) -> None:
        """At the right above the roll, where the legend leaves them room."""
        scale = self.roll.text_scale
        right = self.roll.width() - 16 * scale
        for button in (self.save, self.back):
            if button.isHidden():
                continue
            size = button.sizeHint()
            button.setGeometry(round(right - size.width()), round((TOP * scale - size.height()) / 2), size.width(), size.height())
            right -= size.width() + 6 * scale
        room = self.roll.width() - right
        # No room for them: the legend is the less important.
        self.save.setVisible(right > LEFT * scale)
        if room != self.roll.legend_room:
            self.roll.legend_room = room
            self.roll.reframe()

    def tune(self) -> Tune | None:
        """What is shown, as a tune to be saved: what was read and what was written after it."""
        if self.own is not None:
            return self.own.tune
        prediction = self.prediction
        if prediction is None:
            return None
        notes = (*prediction.notes[: prediction.given], *prediction.continuation)
        return Tune(tuple(note for note in notes if note is not None), prediction.bar, prediction.tempo)

    def _on_save(self, title: str, kinds: str, suffix: str) -> None:
        tune = self.tune()
        if tune is None:
            return
        path = dialogs.ask_to_save(self, "Save tune", f"tune{suffix}", kinds, suffix)
        if path is not None:
            # Only who saves a tune waits for the library that writes MIDI.
            from core.exchange.melody import save_tune

            try:
                save_tune(path, tune)
            except InputError as error:
                dialogs.show_help(self, "Not saved", str(error))

    def set_cursor(self, step: int) -> None:
        self.roll.set_cursor_step(step)

    def subtitle(self) -> str:
        prediction = self.prediction
        if prediction is None or not prediction.next_symbols:
            return ""
        share = share_text(float(prediction.next_probabilities[0]))
        best = _note(prediction.next_symbols[0])
        return f"likeliest next: {'the end of the tune' if best is None else best.words} ({share})"

    def as_table(self) -> list[list[str]]:
        rows = [["t", "note", "held likely", "goes on with"]]
        prediction = self.prediction
        if prediction is None:
            return rows
        written = [""] * prediction.given + [_name(note) for note in prediction.continuation]
        for t in range(max(len(prediction.notes), len(written))):
            is_read = t < len(prediction.notes)
            share = float(prediction.shares[t]) if is_read else float("nan")
            note = _name(prediction.notes[t]) if is_read else ""
            rows.append([str(t + 1), note, f"{share:.4g}" if np.isfinite(share) else "", written[t] if t < len(written) else ""])
        return rows


def _name(note: Note | None) -> str:
    return END if note is None else str(note)


def _note(symbol: str) -> Note | None:
    """The note that a symbol of the vocabulary is; None for what is no note."""
    try:
        return parse_notes(symbol)[0]
    except InputError:
        return None


def _label(symbol: str) -> str:
    """A symbol of the vocabulary where room is scarce."""
    note = _note(symbol)
    return symbol if note is None else note.label


def _prompt(notes: Sequence[Note | None]) -> str:
    """What stands before the next note."""
    last = notes[-1] if notes else None
    return END if last is None else last.label


VIEW = MelodyView
