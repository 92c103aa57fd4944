"""The melody view: where notes lie, a tune of the person's own, and saving what is shown."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor

from core.prediction import Answer
from core.readers.tunes import read_tunes
from core.tunes import Note, Tune, parse_notes
from gui import dialogs
from gui.panels.prediction_views.melody import MIDI, SOUND, MelodyView
from gui.plots.piano_roll import Bar, Roll, placed
from gui.theme import DARK, LIGHT
from tests.gui.snapshots import melody_prediction


@pytest.fixture
def view(qtbot) -> MelodyView:
    view = MelodyView(DARK)
    qtbot.addWidget(view)
    view.resize(900, 340)
    view.show()
    view.show_prediction(melody_prediction(), None)
    view.grab()
    return view


def own_answer(given: int = 3) -> Answer:
    tune = Tune(parse_notes("C4 E4 G4 C5:2 B4:1/2 A4:1/2 G4"), 36, 90.0)
    return Answer(("C5:2", "B4:1/2", "A4:1/2", "G4"), {"C5:2": 0.5, "G4": 0.2}, "C4 E4 G4 …", tune=tune, given=given)


def test_notes_lie_one_behind_the_other() -> None:
    bars, begins, ends = placed([None, Note(60, 12), Note(None, 6), Note(62, 24), None], 10, shares=[0, 0.5, 0.25, 1, 0])
    assert [(bar.begin, bar.end, bar.step, bar.share) for bar in bars] == [(10, 22, 1, 0.5), (22, 28, 2, 0.25), (28, 52, 3, 1.0)]
    assert begins == [10, 10, 22, 28, 52] and ends == [10, 52]


def test_what_is_read_came_and_was_written(view: MelodyView) -> None:
    roll, prediction = view.roll.roll, melody_prediction()
    assert [bar.note for bar in roll.read] == list(prediction.notes[1 : prediction.given])
    assert [bar.note for bar in roll.came] == [note for note in prediction.notes[prediction.given :] if note]
    assert [bar.note for bar in roll.written] == [note for note in prediction.continuation if note]
    assert roll.cut == roll.read[-1].end == roll.written[0].begin == roll.came[0].begin == 4 * 48
    # The end of the tune that was read, and of the one that was written; not the one before the first note.
    assert roll.ends == (8 * 48, roll.written[-1].end)


def test_every_note_has_its_place(view: MelodyView) -> None:
    roll = view.roll
    boxes = [roll.box_of(bar) for bar in (*roll.roll.read, *roll.roll.written)]
    assert all(roll.area().contains(box) for box in boxes)
    first, second = boxes[:2]
    # C4 for a beat, then E4, four semitones higher, for half a beat.
    assert second.left() == pytest.approx(first.right() + 1) and first.width() + 1 == pytest.approx(2 * (second.width() + 1))
    assert first.top() - second.top() == pytest.approx(4 * roll.row_height())


def test_written_notes_wear_the_accent_and_sure_ones_are_bright(view: MelodyView) -> None:
    prediction = melody_prediction()
    shares = np.full(len(prediction.notes), 1.0)
    shares[2] = 0.0
    for theme in (DARK, LIGHT):
        view.set_theme(theme)
        view.show_prediction(replace(prediction, shares=shares), None)
        roll, image = view.roll, view.roll.grab().toImage()

        def color(bar: Bar, roll=roll, image=image) -> QColor:
            return image.pixelColor(roll.box_of(bar).center().toPoint())

        assert color(roll.roll.written[0]).name().upper() == theme.accent
        sure, surprised = color(roll.roll.read[0]), color(roll.roll.read[1])
        assert sure.name().upper() == theme.hidden.mark
        assert (surprised.lightness() < sure.lightness()) == theme.is_dark


def test_click_chooses_the_step_that_begins_there(view: MelodyView, qtbot) -> None:
    roll = view.roll
    for bar in (roll.roll.read[4], roll.roll.came[2]):
        with qtbot.waitSignal(view.step_chosen) as emitted:
            qtbot.mouseClick(roll, Qt.MouseButton.LeftButton, pos=roll.box_of(bar).center().toPoint())
        assert emitted.args == [bar.step]
    with qtbot.assertNotEmitted(view.step_chosen):
        qtbot.mouseClick(roll, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_hover_tells_the_note_and_how_likely_it_was(view: MelodyView) -> None:
    roll = view.roll
    bar = roll.roll.read[3]
    (row,) = [roll._readout(each) for each in roll._bars_at(roll.box_of(bar).center())]
    assert row[0] == "G4, one beat" and row[1].startswith("held ")
    plain = roll.grab().toImage()
    roll.hover = roll.box_of(bar).center()
    assert roll.grab().toImage() != plain
    assert roll._bars_at(QPointF(roll.area().right() - 0.5, 50))[0].step >= 0


@pytest.mark.parametrize("size", [(300, 120), (460, 220), (900, 340), (1600, 900)], ids=str)
def test_fits_any_room(view: MelodyView, size) -> None:
    view.resize(*size)
    view.grab()
    assert view.roll.rect().contains(view.save.geometry())
    assert view.next_symbols.isVisible() == (size[0] >= 480)


def test_names_of_pitches_need_room(view: MelodyView) -> None:
    view.resize(900, 900)
    assert {pitch % 12 for pitch in view.roll._named_pitches()} == {0, 2, 4, 5, 7, 9, 11}
    view.resize(900, 140)
    assert {pitch % 12 for pitch in view.roll._named_pitches()} == {0, 4, 7}


def test_an_empty_roll_is_drawn(view: MelodyView) -> None:
    view.roll.set_roll(Roll())
    view.set_cursor(2)
    assert not view.roll.grab().isNull()
    view.show_prediction(replace(melody_prediction(), notes=(None, None), shares=np.full(2, np.nan), given=1, continuation=()), None)
    assert not view.roll.grab().isNull()


# A tune of one's own


def test_own_tune_stays_until_the_person_goes_back(view: MelodyView, qtbot) -> None:
    view.show_answer(own_answer())
    assert view.back.isVisible()
    roll = view.roll.roll
    assert [bar.note for bar in roll.read] == list(parse_notes("C4 E4 G4"))
    assert [bar.note for bar in roll.written] == list(parse_notes("C5:2 B4:1/2 A4:1/2 G4"))
    assert roll.bar == 36 and roll.cut == 36 and not roll.came
    assert view.next_symbols.rows()[0] == ("C5, 2 beats", 0.5)
    view.show_prediction(melody_prediction(seed=9), None)
    assert view.roll.roll is roll
    qtbot.mouseClick(view.back, Qt.MouseButton.LeftButton)
    assert not view.back.isVisible() and view.roll.roll.came and view.next_symbols.rows()[0] == ("C4, 1 beat", 0.58)


def test_of_a_long_tune_the_end_is_shown(view: MelodyView) -> None:
    tune = Tune(parse_notes("C4 " * 100 + "E4"))
    view.show_answer(Answer(("E4",), None, "", tune=tune, given=100))
    assert len(view.roll.roll.read) == 32 and len(view.roll.roll.written) == 1
    assert view.tune() == tune


def test_answers_without_a_tune_change_nothing(view: MelodyView) -> None:
    view.show_answer(Answer(("x",), None, "x"))
    assert view.own is None and not view.back.isVisible()


# Saving


def test_saves_what_is_shown(view: MelodyView, tmp_path: Path, monkeypatch) -> None:
    asked = []

    def ask(parent, title, proposal, kinds, suffix):
        asked.append(proposal)
        return tmp_path / proposal

    monkeypatch.setattr(dialogs, "ask_to_save", ask)
    view._on_save(*MIDI)
    prediction = melody_prediction()
    shown = (*prediction.notes[: prediction.given], *prediction.continuation)
    assert read_tunes(str(tmp_path / "tune.mid"))[0].notes == tuple(note for note in shown if note)
    view.show_answer(own_answer())
    view._on_save(*MIDI)
    assert read_tunes(str(tmp_path / "tune.mid"))[0].notes == own_answer().tune.notes
    view._on_save(*SOUND)
    assert (tmp_path / "tune.wav").read_bytes()[:4] == b"RIFF"
    assert asked == ["tune.mid", "tune.mid", "tune.wav"]
    assert [action.text() for action in view.menu.actions()] == ["As notes (MIDI)…", "As sound (WAV)…"]


def test_says_what_can_not_be_saved(view: MelodyView, monkeypatch) -> None:
    said = []
    monkeypatch.setattr(dialogs, "show_help", lambda parent, title, text: said.append((title, text)))
    monkeypatch.setattr(dialogs, "ask_to_save", lambda *_: Path("/proc/nowhere/tune.mid"))
    view._on_save(*MIDI)
    ((title, text),) = said
    assert title == "Not saved" and "tune.mid" in text
    monkeypatch.setattr(dialogs, "ask_to_save", lambda *_: None)
    view._on_save(*MIDI)
    assert len(said) == 1


def test_nothing_to_save_before_the_first_prediction(qtbot) -> None:
    view = MelodyView(DARK)
    qtbot.addWidget(view)
    assert view.tune() is None and view.subtitle() == "" and len(view.as_table()) == 1
    view._on_save(*MIDI)


def test_words_and_table(view: MelodyView) -> None:
    assert view.subtitle().replace("\u202f", " ") == "likeliest next: C4, one beat (58 %)"
    header, first, second, *_ = view.as_table()
    assert header == ["t", "note", "held likely", "goes on with"]
    assert first == ["1", "end", "", ""] and second[1] == "C4"
    prediction = melody_prediction()
    assert view.as_table()[1 + prediction.given][3] == str(prediction.continuation[0])
