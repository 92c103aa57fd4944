"""Stories: a menu of presets, and a card that says what to watch and leads on."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from core.presets import PresetInfo, presets, stories
from core.settings import Settings
from gui.app import create_main_window
from gui.controls.menu import Menu
from gui.controls.story_card import StoryCard
from gui.controls.tooltips import tooltip
from gui.run_state import RunState
from gui.story_menu import fill_story_menu


@pytest.fixture
def card(qtbot):
    card = StoryCard()
    qtbot.addWidget(card)
    return card


def test_the_menu_begins_every_preset(qtbot):
    menu, begun = Menu(), []
    qtbot.addWidget(menu)
    fill_story_menu(menu, begun.append)
    actions = [action for each in menu.findChildren(QMenu) for action in each.actions()]
    for action in actions:
        action.trigger()
    assert set(begun) == set(presets())
    by_text = {action.text().replace("&", ""): action for action in actions}
    assert by_text[presets()["exploding"].title].toolTip() == tooltip(presets()["exploding"].description)


def test_the_card_tells_and_leads_on(qtbot, card):
    card.show_preset("exploding", presets()["exploding"])
    assert not card.isHidden() and card.title.text() == presets()["exploding"].title
    with qtbot.waitSignal(card.chosen) as chosen:
        qtbot.mouseClick(card.next_button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["exploding_clipped"]
    card.show_preset("exploding_clipped", presets()["exploding_clipped"])
    assert card.next_button.isHidden() and card.story.text() == "Exploding, then clipped · 2 of 2"
    with qtbot.waitSignal(card.chosen) as chosen:
        qtbot.mouseClick(card.back_button, Qt.MouseButton.LeftButton)
    assert chosen.args == ["exploding"]


@pytest.mark.parametrize("info", [None, PresetInfo(title="Adding", description="No story.")])
def test_no_story_no_card(card, info):
    card.show_preset("adding", info)
    assert card.isHidden()


def test_a_task_begins_without_a_story(qtbot):
    """Adding is the last chapter of one, but whoever begins with it has not read the first."""
    window = create_main_window(preset="adding", is_remembering=False)
    qtbot.addWidget(window)
    qtbot.waitUntil(lambda: window.state is not RunState.LOADING)
    assert window.setup.story.isHidden()
    window.close()


def test_the_window_follows_a_story_to_its_end(qtbot):
    story = stories()["Exploding, then clipped"]
    window = create_main_window(preset=story[0], is_remembering=False)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitUntil(lambda: window.state is not RunState.LOADING)
    card = window.setup.story
    assert not card.isHidden() and card.title.text() == presets()[story[0]].title
    card.next_button.click()
    qtbot.waitUntil(lambda: window.controller.settings == Settings.preset(story[1]))
    assert card.title.text() == presets()[story[1]].title
    # What belongs to the story stays in it; another task does not.
    window.setup_controller.set_seed(7)
    qtbot.waitUntil(lambda: window.controller.settings.training.seed == 7)
    assert not card.isHidden()
    window.setup_controller.begin_task("adding")
    qtbot.waitUntil(lambda: window.controller.settings.task.name == "adding")
    assert card.isHidden()
    window.commands.on_preset_chosen(story[0])
    qtbot.waitUntil(lambda: window.controller.settings == Settings.preset(story[0]))
    card.close_button.click()
    assert card.isHidden() and window.controller.settings == Settings.preset(story[0])
    window.close()
