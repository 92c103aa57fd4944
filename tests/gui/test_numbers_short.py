"""Numbers in ever less room."""

from gui.plots.numbers import shorter_texts


def test_small_numbers_end_as_a_power_of_ten() -> None:
    assert shorter_texts(2.13e-7) == ("2.1·10⁻⁷", "2·10⁻⁷", "10⁻⁷")
    assert shorter_texts(0.43) == ("0.43", "0.4") and shorter_texts(0.0)[-1] == "0" and shorter_texts(float("nan"))[-1] == "–"
