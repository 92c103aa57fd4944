"""A person's own file: which task takes it, what is recognised in it, and data made by hand."""

import codecs
from pathlib import Path

import numpy as np
import pytest

from core import made_files, own_data, registry
from core.errors import InputError
from core.exchange.midi import midi_bytes
from core.fields import column, fields_of, file
from core.folders import CORPORA, data_folder
from core.readers import head
from core.readers.head import contents_of
from core.readers.recognition import ColumnSummary
from core.readers.series import read_series
from core.settings import Settings, parse_override
from core.tunes import Tune, parse_notes

NUMBERS = "day,value\n" + "".join(f"2026-01-{k + 1:02d},{(k * 7) % 11 + k / 10}\n" for k in range(28))
REVIEWS = "text,label\n" + "".join(f"this film was really number {k},{'good' if k % 2 else 'bad'}\n" for k in range(30))


def written(folder: Path, content: str | bytes, name: str) -> str:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize(
    ("content", "name", "holds"),
    [
        (NUMBERS, "a.csv", "numbers"),
        (REVIEWS, "a.csv", "labelled texts"),
        (REVIEWS.replace("good", "1").replace("bad", "0"), "a.tsv", "labelled texts"),
        ("shop,sales\n" + "".join(f"north,{k * k}\n" for k in range(30)), "a.csv", "numbers"),
        ("some words\n", "a.txt", "text"),
        ("C4 E4:1/2 G4\n\nR D4\n", "a.txt", "tunes"),
        ("X:1\nK:C\nCDE\n", "a.abc", "tunes"),
        (b"MThd\0\0\0\6", "a.mid", "tunes"),
        (b"RIFF\0\0\0\6", "a.mid", ""),
        ("word\ttag\n" + "Paris\tB-LOC\nis\tO\n\nAda\tB-PER\n" * 12, "a.tsv", "tagged words"),
        ("a,b,anomaly\n" + "".join(f"{k % 5},{k % 7},{int(k > 20)}\n" for k in range(60)), "a.csv", "channels"),
        ("a,b\nx,y\n", "a.csv", ""),
        (b"\0\1\2" * 50, "a.txt", ""),
        ("", "a.csv", ""),
    ],
)
def test_the_content_is_judged_by_the_beginning(tmp_path: Path, content: str | bytes, name: str, holds: str) -> None:
    assert "".join(contents_of(written(tmp_path, content, name))[:1]) == holds


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp932"])
def test_a_cut_in_the_middle_of_a_row_does_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, codec: str) -> None:
    path = written(tmp_path, REVIEWS.replace("film", "映画").encode(codec), "a.csv")
    for size in (600, 601, 602, 603):
        monkeypatch.setattr(head, "HEAD_BYTES", size)
        assert contents_of(path)[0] == "labelled texts"


def test_a_dropped_file_finds_its_task(tmp_path: Path) -> None:
    numbers, reviews, text = (
        written(tmp_path, content, name) for content, name in ((NUMBERS, "n.csv"), (REVIEWS, "r.CSV"), ("some words", "t.txt"))
    )
    assert own_data.tasks_for(numbers)[0] == "prices"
    assert own_data.tasks_for(reviews)[0] == "sentiment"
    assert own_data.tasks_for(text)[0] == "completion"
    assert own_data.tasks_for(reviews, present="prices")[0] == "sentiment"
    assert own_data.tasks_for(numbers, present="prices")[0] == "prices"
    assert own_data.tasks_for(written(tmp_path, "x", "notes.docx")) == []
    with pytest.raises(InputError, match=r"gone\.csv: there is no such file"):
        own_data.tasks_for(str(tmp_path / "gone.csv"))


@pytest.mark.parametrize("present", ["", "prices", "sensor", "adding"])
@pytest.mark.parametrize(
    ("task", "name"),
    [
        ("completion", "everyday.txt"),
        ("sentiment", "reviews.csv"),
        ("prices", "prices.csv"),
        ("prices", "airline_passengers.csv"),
        ("tagging", "names.tsv"),
        ("melody", "tunes.abc"),
    ],
)
def test_bundled_data_find_their_own_task(tmp_path: Path, task: str, name: str, present: str) -> None:
    path = written(tmp_path, (CORPORA / name).read_bytes(), f"my {name}")
    assert own_data.tasks_for(path, present)[0] == task
    registry.tasks()[task](registry.tasks()[task].Settings(file=path))


def test_a_table_of_a_machine_goes_to_the_sensor(tmp_path: Path) -> None:
    rows = [f"{k},{np.sin(k):.3f},{np.cos(k):.3f},{int(k % 9 == 0)}" for k in range(100)]
    path = written(tmp_path, "\n".join(["time,flow,heat,anomaly", *rows]), "machine.csv")
    for present in ("", "prices", "sentiment"):
        assert own_data.tasks_for(path, present)[0] == "sensor"
    assert own_data.tasks_for(path, "prices")[1] == "prices"
    recognition = own_data.recognise(Settings.preset("sensor").with_changes({"task.file": path}))
    assert recognition is not None and recognition.picked == {"label_column": "anomaly"}
    assert recognition.sentence == (
        "100 rows, header, comma between cells, UTF-8. 2 channels; by column 'anomaly' something is wrong in 12.0 % of the rows."
    )
    assert [column.name for column in recognition.columns] == ["time", "flow", "heat", "anomaly"]


def test_a_midi_file_goes_to_the_melody(tmp_path: Path) -> None:
    path = tmp_path / "tune.mid"
    path.write_bytes(midi_bytes(Tune(parse_notes("C4 E4 G4 C5 " * 5))))
    assert own_data.tasks_for(str(path)) == ["melody"]
    recognition = own_data.recognise(Settings.preset("melody").with_changes({"task.file": str(path)}))
    assert recognition is not None and recognition.sentence == "1 tune, 20 notes."


def test_what_was_recognised_in_the_bundled_words_and_tunes() -> None:
    for name, sentence in (("tagging", "2,000 sentences"), ("melody", " tunes, ")):
        settings = Settings.preset(name)
        assert Path(registry.tasks()[name].data_path(settings.task.fields)).parent == CORPORA
        recognition = own_data.recognise(settings)
        assert recognition is not None and sentence in recognition.sentence
    assert registry.tasks()["sensor"].data_path(Settings.preset("sensor").task.fields) == ""


@pytest.mark.parametrize("name", ["names.tsv", "prices.csv", "reviews.csv", "everyday.txt", "tunes.abc"])
def test_only_tasks_that_can_read_a_file_are_named(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, (CORPORA / name).read_bytes(), name)
    for task in own_data.tasks_for(path):
        registry.tasks()[task](registry.tasks()[task].Settings(file=path))


def test_a_long_table_sorted_by_its_labels_can_be_learned(tmp_path: Path) -> None:
    rows = sorted((row for row in REVIEWS.splitlines()[1:] * 100), key=lambda row: row.endswith("bad"))
    path = written(tmp_path, "\n".join(["text,label", *rows]), "sorted.csv")
    assert "sentiment" in own_data.tasks_for(path)


def test_of_tasks_that_a_file_suits_alike_the_present_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Other(registry.tasks()["prices"]):
        order = 1

    tasks = {**registry.tasks(), "other": Other}
    monkeypatch.setattr(registry, "tasks", lambda: tasks)
    path = written(tmp_path, NUMBERS, "n.csv")
    assert own_data.tasks_for(path)[:2] == ["other", "prices"]
    assert own_data.tasks_for(path, present="prices")[:2] == ["prices", "other"]


def test_every_file_field_says_what_the_file_holds() -> None:
    for task in registry.tasks().values():
        infos = fields_of(task.Settings)
        for info in infos.values():
            assert info.kind != "column" or (infos[info.of].kind == "file" and info.holds)
    assert set(own_data.endings()) >= {".txt", ".csv", ".tsv"}


def test_recognised_in_the_bundled_data() -> None:
    prices = own_data.recognise(Settings.preset("prices"))
    assert prices is not None and prices.picked == {"column": "price"}
    assert prices.columns == (ColumnSummary("date", "dates"), ColumnSummary("price", "numbers"))
    reviews = own_data.recognise(Settings.preset("sentiment"))
    assert reviews is not None and "labels in 'label': negative (1,000), positive (1,000)." in reviews.sentence
    text = own_data.recognise(Settings.preset("completion"))
    assert text is not None and "418 different, UTF-8. The 400 most frequent of the training part are in the vocabulary" in text.sentence
    assert own_data.recognise(Settings.preset("adding")) is None


def test_recognised_in_a_table_of_ones_own(tmp_path: Path) -> None:
    rows = "".join(f"{k % 28 + 1:02d}.{k // 28 + 1:02d}.2026;{'' if k in (3, 4) else k % 7},5;Süd\n".replace(";,5", ";") for k in range(60))
    path = written(tmp_path, ("Datum;Umsatz;Ort\n" + rows).encode("cp1252"), "laden.csv")
    settings = Settings.preset("prices").with_changes({"task.file": path})
    recognition = own_data.recognise(settings)
    assert recognition is not None
    assert recognition.sentence == (
        "60 rows, header, semicolon between cells, Windows-1252. Column 'Umsatz', dates in 'Datum' (01.01.2026 to 04.03.2026); "
        "2 gaps are filled by a straight line between the neighbours."
    )
    assert [column.content for column in recognition.columns] == ["dates", "numbers", "words"]
    # What can't be used still says which columns there are to choose from.
    refused = own_data.recognise(settings.with_changes({"task.column": "Ort"}))
    assert refused is not None and [column.name for column in refused.columns] == ["Datum", "Umsatz", "Ort"]
    assert own_data.recognise(settings.with_changes({"task.file": str(tmp_path / "gone.csv")})) is None


def test_rows_left_out_are_told(tmp_path: Path) -> None:
    path = written(tmp_path, REVIEWS + "a text without a label,\n", "r.csv")
    recognition = own_data.recognise(Settings.preset("sentiment").with_changes({"task.file": path}))
    assert recognition is not None and recognition.sentence.endswith("1 row without text or label is left out.")


def test_a_table_with_the_newest_row_first_is_turned_round(tmp_path: Path) -> None:
    header, *rows = NUMBERS.splitlines()
    forward = read_series(written(tmp_path, NUMBERS, "a.csv"), "")
    backward = read_series(written(tmp_path, "\n".join([header, *reversed(rows)]), "b.csv"), "")
    np.testing.assert_array_equal(forward.values, backward.values)
    assert "The newest row stands first: read from the end." in backward.recognition.sentence
    assert "newest" not in forward.recognition.sentence


def test_columns_of_the_same_name_are_told_apart(tmp_path: Path) -> None:
    path = written(tmp_path, "v,v\n" + "".join(f"{k},{k * k % 13}\n" for k in range(30)), "a.csv")
    assert [column.name for column in read_series(path, "").recognition.columns] == ["v", "v (2)"]
    np.testing.assert_array_equal(read_series(path, "v (2)").values, [k * k % 13 for k in range(30)])


def test_column_is_a_text_for_settings_and_the_command_line() -> None:
    info = column("Column", "Which one.", holds="numbers", of="table").metadata["info"]
    assert info.checked("task.column", "price") == "price" and (info.of, info.default) == ("table", "")
    with pytest.raises(InputError, match=r"task\.column = 3: must be a text in quotes"):
        info.checked("task.column", 3)
    assert parse_override(Settings.preset("prices"), "task.column=2024") == ("task.column", "2024")
    assert file((".txt",), "Text", "A text.", holds="text").metadata["info"].holds == "text"


# Made by hand


def test_typed_and_drawn_data_become_files_that_can_be_trained_on() -> None:
    text = made_files.save_text("Grüße ", "2026-01-31 12.00.00")
    assert text == data_folder() / "typed 2026-01-31 12.00.00.txt" and text.read_bytes() == "Grüße ".encode()
    values = np.sin(np.arange(30.0)) * 1e-3
    series = [made_files.save_series(values, "drawn", "now") for _ in range(2)]
    assert [path.name for path in series] == ["drawn now.csv", "drawn now (2).csv"]
    read = read_series(str(series[1]), "")
    assert read.name == "value"
    np.testing.assert_allclose(read.values, values, rtol=1e-4)
    assert codecs.BOM_UTF8 not in series[0].read_bytes()


@pytest.mark.parametrize("count", [20, 150, 1000])
def test_a_drawn_curve_keeps_its_shape(count: int) -> None:
    places = np.arange(400)
    line = np.where((places < 40) | (places > 360), np.nan, places / 400)
    line[100:140] = np.nan
    np.testing.assert_allclose(made_files.resampled(line, count), np.linspace(0.1, 0.9, count), atol=1e-9)
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * places / 100)
    expected = np.interp(np.linspace(0, 399, count), places, wave)
    assert np.abs(made_files.resampled(wave, count) - expected).max() < 0.03
    jagged = wave + 0.05 * (-1.0) ** places
    smooth = made_files.resampled(jagged, 400)
    assert np.abs(np.diff(smooth, 2)).max() < 0.1 * np.abs(np.diff(jagged, 2)).max()
    assert np.isfinite(made_files.resampled(np.where(places < 2, 0.5, np.nan), count)).all()
