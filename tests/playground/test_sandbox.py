"""The sandbox's module: its stories are the worked examples, and it shows their figures."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chatim_plans import CHATIM, AddPaymentMethod, ChangeSeats, utc
from docs.sandbox.sandbox import STORIES, Story, lived, moved, page
from tests.playground.figures import FIGURES
from tests.playground.picture import PICTURE, picture

EXAMPLES = Path(__file__).parents[2] / "docs" / "rules" / "examples.md"
KEYS = [story.key for story in STORIES]


def story_of(key: str) -> Story:
    """The story with this key."""
    (found,) = (story for story in STORIES if story.key == key)
    return found


def asked(**fields: str) -> dict[str, Any]:
    """What the page is answered."""
    answer: dict[str, Any] = json.loads(page(json.dumps(fields)))
    return answer


def histories() -> dict[str, tuple[Any, Any]]:
    """What the page of the worked examples replays under each number, and its catalogue."""
    text = EXAMPLES.read_text("utf-8")
    names: dict[str, Any] = {}
    found = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        for code in re.findall(r"^```python\n(.*?)^```", part, re.MULTILINE | re.DOTALL):
            names.pop("history", None)
            names["catalog"] = CHATIM
            exec(code, names)
        found[part.split()[0]] = (names.get("history"), names["catalog"])
    names["catalog"] = CHATIM
    found["E1"] = (names["paid"](names["PRO"], 3, "2026-01-15 09:00"), CHATIM)
    found["E2"] = (names["paid"](names["PRO"], 1, "2026-01-31"), CHATIM)
    found["E7"] = ([names["trial"]], CHATIM)
    return found


def test_the_stories_are_those_of_the_worked_examples() -> None:
    """Action by action, under the same catalogue; classic billing is the second of E9."""
    found = histories()
    for story in STORIES:
        if story.key in found:
            history, catalog = found[story.key]
            assert (story.key, story.actions) == (story.key, history)
            if story.key != "E9":  # the page's last is the classic one
                assert (story.key, story.catalog) == (story.key, catalog)
    assert story_of("E9").catalog == CHATIM
    assert story_of("E9 classic").catalog == found["E9"][1]
    assert {key for key in KEYS if key.startswith("E")} == FIGURES.keys()
    assert {each.split()[0] for each in FIGURES} == {key for key in found if key.startswith("E")}


@pytest.mark.parametrize("key", FIGURES)
def test_a_story_gives_its_figures(key: str) -> None:
    """At every instant that the table names: invoices, badge, plan, and what the account may do."""
    for each in FIGURES[key]:
        assert each.stands_in(asked(story=key, now=each.now)["shown"])


@pytest.mark.parametrize("key", KEYS)
def test_a_story_is_told_in_both_languages_at_every_instant(key: str) -> None:
    """From its first action to its end, with nothing refused."""
    first = asked(story=key)
    span = first["last"] - first["first"]
    for part in range(5):
        now = f"{minutes(first['first'] + span * part // 4):%Y-%m-%dT%H:%M}"
        french, english = (asked(story=key, language=each, now=now) for each in ("fr", "en"))
        assert french["now"] == english["now"] == first["first"] + span * part // 4
        for each, headings in ((french, FRENCH), (english, ENGLISH)):
            assert re.findall("<h2>(.*?)</h2>", each["shown"]) == headings
            assert each["shown"].count("<svg ") == 1


def minutes(since_1970: int) -> datetime:
    """The instant so many minutes after 1970 began."""
    return datetime.fromtimestamp(since_1970 * 60, UTC)


FRENCH = ["Ce qu'on lui dit", "Prochaine facture", "Factures", "Ce que le compte peut faire"]
ENGLISH = ["What it is told", "Upcoming invoice", "Invoices", "What the account may do"]


def test_what_is_moved_changes_the_amount() -> None:
    """E3 with its upgrade half a period after the start and 2 seats: half of 78.00 less 38.00."""
    fields = {
        "story": "E3",
        "at-0": "2026-11-01T00:00",
        "seats-0": "2",
        "at-1": "2026-11-16T00:00",
        "now": "2026-11-16T00:00",
    }
    assert "<td>$20.00</td>" in asked(**fields)["shown"]
    assert 'name="seats-0" value="2"' in asked(**fields)["form"]


def test_actions_that_change_places_happen_in_the_order_of_their_instants() -> None:
    """The card that is added after the trial's end comes too late."""
    trial = story_of("start")
    fields = {"at-0": "2026-10-01T09:00", "seats-0": "3", "at-1": "2026-11-11T12:00"}
    assert [action.at for action in moved(trial, fields).actions] == [
        utc("2026-10-01 09:00"),
        utc("2026-11-11 12:00"),
    ]
    assert "Trial ended" in asked(story="start", now="2026-11-05T00:00", **fields)["shown"]
    swapped = {**fields, "at-1": "2026-09-20T12:00"}
    assert moved(trial, swapped).actions[0] == AddPaymentMethod(at=utc("2026-09-20 12:00"))


def test_what_is_refused_is_said_and_changes_nothing() -> None:
    """Ultimate is chosen before there is an account; the account then opens as ever."""
    fields = {
        "at-0": "2026-10-15T09:00",
        "seats-0": "5",
        "at-1": "2026-10-10T00:00",
        "now": "2026-10-30T00:00",
    }
    shown = asked(story="E3", **fields)["shown"]
    refusal = "<h2>Refused</h2>" + '<div class="sandbox-message blocking"><b>Not possible</b>'
    assert refusal in shown
    assert "<dd>Pro</dd>" in shown


def test_seats_are_changed_where_they_are_told_alone() -> None:
    """The choice of a plan that tells no seats keeps on telling none."""
    story = moved(story_of("seats"), {"at-1": "2026-10-21T08:00", "seats-1": "9"})
    assert story.steps[1].actions == (ChangeSeats(9, at=utc("2026-10-21 08:00")),)
    assert story_of("E3").steps[1].seats is None


def test_an_account_that_is_not_open_yet_says_so() -> None:
    """A card cannot be added to what does not exist."""
    fields = {"at-0": "2026-10-01T09:00", "seats-0": "3", "at-1": "2026-09-20T12:00"}
    shown = asked(story="start", now="2026-09-25T00:00", **fields)["shown"]
    assert "The account is not open yet at this instant." in shown
    statement, refused = lived(moved(story_of("start"), fields), utc("2026-09-25"))
    assert (statement, len(refused)) == (None, 1)


def test_an_instant_beyond_the_time_line_is_its_end() -> None:
    """And one before it is its start."""
    for now, end in (("2020-01-01T00:00", "first"), ("2040-01-01T00:00", "last")):
        answer = asked(story="E1", now=now)
        assert answer["now"] == answer[end]


def test_the_picture_for_those_without_scripts_is_current() -> None:
    """`python -m tests.playground.picture` renews it."""
    assert PICTURE.read_text("utf-8") == picture()
