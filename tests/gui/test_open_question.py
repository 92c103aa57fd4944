"""When a question is answered anew: only for another network, at most twice a second, within its budget."""

import pytest

from core.sampling import GREEDY
from core.settings import Settings
from gui.open_question import ANSWER_SHARE, OpenQuestion, Question

SETTINGS = Settings()


def answered(cost: float = 0.0, at: float = 100.0) -> OpenQuestion:
    """A question that was answered at step 10, at second ``at``."""
    question = OpenQuestion()
    question.newest = Question("why", GREEDY)
    question.note_answer(question.newest, 10, SETTINGS, at - cost, at)
    return question


def test_the_same_network_is_not_asked_twice() -> None:
    question = answered()
    assert question.due(10, SETTINGS, 200.0, is_holding_up=False) is None
    assert question.due(11, SETTINGS, 200.0, is_holding_up=False) is question.newest
    changed = SETTINGS.with_changes({"task.seq_len": 7})
    assert question.due(10, changed, 200.0, is_holding_up=False) is question.newest


def test_what_was_not_answered_yet_waits_for_its_own_turn() -> None:
    question = answered()
    question.newest = Question("and why", GREEDY)
    assert question.due(11, SETTINGS, 200.0, is_holding_up=False) is None
    question.newest = None
    assert question.due(11, SETTINGS, 200.0, is_holding_up=False) is None


def test_training_is_asked_at_most_twice_a_second() -> None:
    question = answered()
    assert question.due(11, SETTINGS, 100.4, is_holding_up=True) is None
    assert question.due(11, SETTINGS, 100.4, is_holding_up=False) is question.newest
    assert question.due(11, SETTINGS, 100.6, is_holding_up=True) is question.newest


@pytest.mark.parametrize("cost", [0.001, 0.02, 0.3])
def test_answers_take_a_small_share_of_the_time_of_training(cost: float) -> None:
    question, spent, now, step = answered(), 0.0, 100.0, 10
    while now < 160.0:
        now, step = now + 0.01, step + 1
        due = question.due(step, SETTINGS, now, is_holding_up=True)
        if due is not None:
            question.note_answer(due, step, SETTINGS, now, now + cost)
            now, spent = now + cost, spent + cost
    assert 0 < spent / 60 <= (ANSWER_SHARE + 0.001 if cost < 0.002 else 0.11)
