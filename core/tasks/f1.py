"""F1: how well what was searched for was found (van Rijsbergen 1979, chapter 7).

::

    F1 = 2 TP / (2 TP + FP + FN)

the harmonic mean of precision TP / (TP + FP) and recall TP / (TP + FN). Where there was nothing to find, and nothing was named, it is 0/0;
it counts as 0 here, for nothing was shown that could be called solved.
"""


def f1_percent(right: int, named: int, wanted: int) -> float:
    """F1 in percent of ``right`` finds among ``named`` ones (TP + FP), where ``wanted`` were there (TP + FN); 0 where both are none."""
    return 200.0 * right / (named + wanted) if named + wanted else 0.0
