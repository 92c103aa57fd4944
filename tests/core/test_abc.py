"""Tunes in ABC notation: read as they are sung, and refused in one line."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import InputError
from core.readers.abc import parse_abc
from core.tunes import parse_notes
from tests.core.melodies import ANY


def notes_of(abc: str, header: str = "K:C") -> str:
    (tune,) = parse_abc(f"X:1\n{header}\n{abc}\n", "a.abc")
    return " ".join(map(str, tune.notes))


@pytest.mark.parametrize(
    ("abc", "notes"),
    [
        ("C D E2 F/ G3/2 A8/6 B2/3 c", "C4:1/2 D4:1/2 E4 F4:1/4 G4:3/4 A4:2/3 B4:1/3 C5:1/2"),
        ("L:1/1\nC// D/4 E/3", "C4 D4 E4:4/3"),
        ("C, c' B,,", "C3:1/2 C6:1/2 B2:1/2"),
        ("^F F | F =F _B, ^^C __D", "F#4:1/2 F#4:1/2 F4:1/2 F4:1/2 Bb3:1/2 D4:1/2 C4:1/2"),
        ("C-C D- | D2", "C4 D4:3/2"),
        ("[CEG]2 [E2G2]", "G4 G4"),
        ("(3CDE F (2GA", "C4:1/3 D4:1/3 E4:1/3 F4:1/2 G4:3/4 A4:3/4"),
        ("C>D E<F G2>>A2", "C4:3/4 D4:1/4 E4:1/4 F4:3/4 G4:7/4 A4:1/4"),
        ("C2 z2 x Z", "C4 R R:1/2 R:4"),
        ('"Am"{ga}!trill!.C (DE) ~F', "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("|: C D :|2 E || F |]", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("C [K:G] F [L:1/4] F % F", "C4:1/2 F#4:1/2 F#4"),
        ("[V:1] C D [V:2] G, A, [V:1] E F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("V:1\nC D |\nV:2\nG, A, |\nV:1\nE F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("C D |\nV:2 clef=bass\n[K:G] F #!? F |\nV:1\nE F", "C4:1/2 D4:1/2 E4:1/2 F4:1/2"),
        ("[V:T1]z4\n[V:B]G,2 A,2\n[V:T1]^C2\n[V:B]C2 [V:T1]C [V:B] D2 |", "G3 A3 C4 D4"),
        ("V:1\n(3CD\nV:2\n(3GGG E-\nV:1\nE F-\nV:2\nE2\nV:1\nF", "C4:1/3 D4:1/3 E4:1/3 F4"),
    ],
)
def test_abc_is_read(abc: str, notes: str) -> None:
    assert notes_of(abc) == notes


@pytest.mark.parametrize(
    ("key", "sharps"),
    [
        ("C", ""), ("G", "F"), ("D", "FC"), ("F", "-B"), ("Bb", "-BE"), ("Am", ""), ("Em", "F"), ("F#m", "FCG"), ("Ddor", ""),
        ("D dorian", ""), ("Gmix", ""), ("A mixolydian", "FC"), ("Flyd", ""), ("Ephr", ""), ("Bloc", ""), ("C#", "FCGDAEB"),
        ("Gm", "-BE"), ("G major", "F"), ("none", ""), ("D clef=treble", "FC"),
    ],
)  # fmt: skip
def test_keys_have_their_signatures(key: str, sharps: str) -> None:
    by = -1 if sharps.startswith("-") else 1
    (tune,) = parse_abc(f"X:1\nK:{key}\nCDEFGAB\n", "a.abc")
    natural = dict(zip("CDEFGAB", (60, 62, 64, 65, 67, 69, 71), strict=True))
    wanted = [natural[letter] + (by if letter in sharps else 0) for letter in "CDEFGAB"]
    assert [note.pitch for note in tune.notes] == wanted


def test_fields_of_abc_give_lengths_bars_and_tempo() -> None:
    first, second, third = parse_abc(
        "X:1\nT:one\nM:3/4\nL:1/4\nQ:1/4=90\nK:C\nC D E|\nw:la la la\n\nX:2\nM:2/4\nK:C\nC D\n\nX:3\nM:C|\nQ:3/8=100\nK:C\nC\n", "a.abc"
    )
    assert (first.bar, first.tempo, [note.length for note in first.notes]) == (36, 90.0, [12, 12, 12])
    assert (second.bar, second.tempo, [note.length for note in second.notes]) == (24, 120.0, [3, 3])
    assert (third.bar, third.tempo, third.notes[0].length) == (48, 150.0, 6)


@pytest.mark.parametrize(("metre", "bar"), [("(2+3)/8", 30), ("2+2+3/8", 42), ("( 3 + 2 ) / 4", 60), ("6/8", 36), ("none", 48)])
def test_metres_may_be_sums(metre: str, bar: int) -> None:
    (tune,) = parse_abc(f"X:1\nM:{metre}\nK:C\nC\n", "a.abc")
    assert tune.bar == bar


def test_voices_announced_before_the_key_are_none_yet() -> None:
    header = "X:1\nV:1 clef=treble\nV:2 clef=bass\nL:1/4\nK:C\n"
    first, second = parse_abc(header + "C D\n\n" + header + "V:2\nE\nV:1\nF\n", "a.abc")
    assert (first.notes, second.notes) == (parse_notes("C4 D4"), parse_notes("E4"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("X:1\nK:C\nC D #4 E\n", r"a\.abc, line 3: '#4 E' is no ABC notation: notes look like C, \^f2 or B,/2"),
        ("X:1\nM:waltz\nK:C\nC\n", r"a\.abc, line 2: M:waltz can't be read: right is, for example, M:3/4"),
        ("X:1\nM:3/0\nK:C\nC\n", r"line 2: M:3/0"),
        ("X:1\nM:(2+)/8\nK:C\nC\n", r"line 2: M:\(2\+\)/8 can't be read"),
        ("X:1\nL:0/8\nK:C\nC\n", r"line 2: L:0/8 can't be read: right is, for example, L:1/8"),
        ("X:1\nK:H\nC\n", r"line 2: K:H is no key: right are, for example, K:G"),
        ("X:1\nK:C\nC0\n", r"line 3: a length of 0 is none"),
        ("X:1\nK:C\nC/0\n", r"line 3: a length of /0 is none"),
        ("X:1\nK:C\nc'''''''''\n", r"line 3: .* is too high or too low to be played"),
    ],
)
def test_what_is_no_abc_is_refused(content: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as raised:
        parse_abc(content, "a.abc")
    assert len(str(raised.value).splitlines()) == 1


@ANY
@given(st.text(alphabet="ABCDEFGabcdefgzxZ^_=,'/0123456789|:[](){}<>-~.!\"%+ \nKMLXQV", max_size=80))
@example("[K:][M:4/4]C")
@example("(9:9:9C(0D")
@example("(1:0:0C")
@example("[C]0")
def test_any_abc_is_read_or_refused(body: str) -> None:
    try:
        tunes = parse_abc(f"X:1\nK:C\n{body}\n", "a.abc")
    except InputError as error:
        assert str(error).startswith("a.abc, line ")
        return
    assert all(note.length >= 1 and tune.bar >= 1 for tune in tunes for note in tune.notes)
