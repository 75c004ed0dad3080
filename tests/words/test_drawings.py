"""Pictures: well formed, small, accessible, and drawn to scale."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    InvalidTypeError,
    Money,
    PaymentFailed,
    PaymentSucceeded,
    StartFree,
    StartTrial,
    Statement,
    apply,
    comparison_table,
    replay,
)
from chatim_plans.strategies import histories
from chatim_plans.words import matrix_svg, timeline_svg
from chatim_plans.words.drawings import _areas, _Box
from tests.accounts import a_catalog, a_plan, history, on_free, on_trial, with_enterprise
from tests.instants import AUGUST, HALF, JULY, JUNE, SEPTEMBER, TENTH
from tests.refused import error_of

SVG = "{http://www.w3.org/2000/svg}"
BEGUN = (StartFree(at=JUNE), AddPaymentMethod(at=JUNE), ChoosePlan(PRO, 5, at=JUNE))
UPGRADED = history(*BEGUN, ChoosePlan(ULTIMATE, at=HALF))


def texts(drawn: str) -> list[str]:
    """What is written in a picture, from the first to the last."""
    return [each.text or "" for each in ET.fromstring(drawn).iter(f"{SVG}text")]


def boxes(drawn: str, kind: str) -> list[tuple[int, ...]]:
    """The areas of a class: left, bottom, top, right."""
    paths = [each for each in ET.fromstring(drawn).iter(f"{SVG}path") if each.get("class") == kind]
    found = re.findall(
        r"M(\d+) (\d+)V(\d+)H(\d+)V\d+z", "".join(each.get("d", "") for each in paths)
    )
    return [tuple(map(int, box)) for box in found]


def test_a_picture_has_a_title_and_a_description() -> None:
    """For those who do not see it: its days, and its events in words."""
    root = ET.fromstring(timeline_svg(UPGRADED, AUGUST, "fr"))
    assert root.attrib == {
        "class": "cp",
        "role": "img",
        "viewBox": "0 0 760 312",
        "width": "760",
        "height": "312",
    }
    title, told = (root.find(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title is not None
    assert told is not None
    assert title.text == "Chronologie, 1er juin 2026 – 1er août 2026"
    assert (told.text or "").splitlines()[2] == (
        "1er juin 2026 à 00:00 UTC\xa0: Passage au plan Pro, 5 places."
        " Facture n°\xa01\xa0: 95,00\xa0$US."
    )
    assert len((told.text or "").splitlines()) == 6


def test_light_and_dark_are_in_the_picture() -> None:
    """By the reader's own setting, and nothing is fetched."""
    drawn = timeline_svg(UPGRADED, AUGUST)
    assert "@media(prefers-color-scheme:dark)" in drawn
    assert re.findall(r"https?://[^\"]+", drawn) == ["http://www.w3.org/2000/svg"]


def test_steps_are_as_high_as_price_times_seats_and_as_wide_as_their_time() -> None:
    """June and July are 61 days on 728 pixels; Ultimate with 5 seats is the highest."""
    drawn = timeline_svg(UPGRADED, AUGUST)
    assert boxes(drawn, "p1") == [(16, 216, 216 - 140 * 95 // 195, 16 + 15 * 728 // 61)]
    assert boxes(drawn, "p2") == [(195, 216, 76, 744)]


def test_credits_are_areas_below_the_line() -> None:
    """For the time that was credited, as high as the price of what was given up."""
    drawn = timeline_svg(UPGRADED, AUGUST)
    assert boxes(drawn, "c") == [(195, 216 + 38 * 95 // 195, 216, 16 + 30 * 728 // 61)]
    assert "-$47.50" in texts(drawn)


def test_invoices_are_marks_with_their_amounts() -> None:
    """One for each column, the amount under it where there is room."""
    drawn = timeline_svg(UPGRADED, AUGUST)
    assert [text for text in texts(drawn) if text in {"$95.00", "$50.00", "$195.00"}] == [
        *("$95.00", "$50.00", "$195.00", "$195.00"),
    ]
    (marks,) = [e for e in ET.fromstring(drawn).iter(f"{SVG}path") if e.get("class") == "i"]
    assert (marks.get("d") or "").count("M") == 4


def test_trial_and_trouble_are_shaded() -> None:
    """From top to bottom, each in its colour, with its name where there is room."""
    life = history(
        StartTrial(3, at=JUNE),
        AddPaymentMethod(at=JUNE),
        PaymentFailed(at=JULY),
        PaymentFailed(final=True, at=JULY + timedelta(days=10)),
    )
    drawn = timeline_svg(life, SEPTEMBER)
    assert boxes(drawn, "t") == [(16, 276, 24, 253)]
    assert boxes(drawn, "d") == [(253, 276, 24, 332)]
    assert boxes(drawn, "x") == [(332, 276, 24, 498)]
    assert {"Free trial", "Past due", "Limited"} <= set(texts(drawn))
    assert boxes(drawn, "p1 o") == [(16, 216, 76, 253)]
    assert boxes(drawn, "p0") == [(498, 216, 214, 744)]


def test_what_comes_is_paler_behind_a_line_at_now() -> None:
    """Where there is anything on both sides."""
    assert "now" in texts(timeline_svg(UPGRADED, AUGUST))
    assert "maintenant" in texts(timeline_svg(UPGRADED, AUGUST, "fr"))
    assert "now" not in texts(timeline_svg(UPGRADED, HALF))
    assert "now" not in texts(timeline_svg(on_trial(JUNE), AUGUST))


def test_days_are_marked_where_something_changed() -> None:
    """Starts, invoices and the end, none over another."""
    days = [text for text in texts(timeline_svg(UPGRADED, AUGUST)) if "2026" in text]
    assert days == ["Jun 1, 2026", "Jun 16, 2026", "Jul 1, 2026", "Aug 1, 2026"]


def test_a_step_says_as_much_as_fits() -> None:
    """Plan, seats and charge; plan and charge; or nothing."""
    wide = timeline_svg(history(*BEGUN), JUNE + timedelta(days=30))
    assert "Pro, 5 seats, $95.00" in texts(wide)
    narrow = history(*BEGUN, ChangeSeats(6, at=TENTH))
    assert {"Pro $95.00", "Pro, 6 seats, $114.00"} <= set(texts(timeline_svg(narrow, SEPTEMBER)))
    least = history(*BEGUN, ChangeSeats(6, at=JUNE + timedelta(days=3)))
    assert not any(
        "$95.00" in text and "Pro" in text for text in texts(timeline_svg(least, SEPTEMBER))
    )


def test_plans_have_their_colours_by_price() -> None:
    """Free is grey; of more than three paid plans the dearest share one."""
    plans = [
        a_plan("free", 0, seats=1),
        *(a_plan(key, 1000 * n) for n, key in enumerate(("pro", "b", "c", "d"), 1)),
    ]
    own = a_catalog(*plans)
    choices = [
        ChoosePlan(plan, at=JUNE + timedelta(days=3 * n)) for n, plan in enumerate(plans[1:])
    ]
    drawn = timeline_svg(replay([*BEGUN[:2], *choices], catalog=own), AUGUST)
    assert [len(boxes(drawn, kind)) for kind in ("p0", "p1", "p2", "p3")] == [0, 1, 1, 2]


def test_a_year_is_as_high_as_a_twelfth_of_it() -> None:
    """Price × seats by the month, so that plans of other intervals compare."""
    large = with_enterprise()
    pro, year = large.plan("pro"), large.plan("enterprise")
    life = replay(
        [*BEGUN[:2], ChoosePlan(pro, 1, at=JUNE), ChoosePlan(year, at=HALF)], catalog=large
    )
    drawn = timeline_svg(life, JULY)
    assert year.price == Money(360_00, USD)
    assert (boxes(drawn, "p1")[0][2], boxes(drawn, "p2")[0][2]) == (216 - 140 * 19 // 30, 76)


def test_nothing_to_draw_is_drawn() -> None:
    """Free alone is a thin line; no time at all an empty picture."""
    assert boxes(timeline_svg(on_free(JUNE), JULY), "p0") == [(16, 216, 214, 744)]
    assert texts(timeline_svg(on_free(JUNE), JUNE)) == ["Jun 1, 2026"]


@given(histories().map(replay), st.integers(0, 4_000), st.sampled_from(["fr", "en"]))
def test_a_picture_is_small_and_its_labels_lie_side_by_side(
    statement: Statement, days: int, language: str
) -> None:
    """At most 20 KB, however long the life; within the picture; none over another in its row."""
    until = statement.account.subscription.as_of + timedelta(days=days)
    drawn = timeline_svg(statement, until, language)
    assert len(drawn.encode()) <= 20_000
    for row in rows_of(drawn):
        assert all(left >= 0 and right <= 760 for left, right in row)
        assert all(before[1] <= after[0] for before, after in pairwise(row))


def rows_of(drawn: str) -> Iterator[list[tuple[int, int]]]:
    """The extents of the labels at the foot, where rows are common: amounts, then days."""
    for height in ("286", "304"):
        row: list[tuple[int, int]] = []
        for each in ET.fromstring(drawn).iter(f"{SVG}text"):
            if each.get("y") == height:
                middle, width = int(each.get("x", "")), len(each.text or "") * 6
                row.append((middle - width // 2, middle + width // 2))
        yield row


def test_ten_thousand_changes_are_one_small_picture() -> None:
    """What is narrower than a step is drawn as one with its neighbours."""
    minute = timedelta(minutes=4)
    changes = [ChangeSeats(1 + n % 7, at=JUNE + minute * n) for n in range(1, 5_000)]
    drawn = timeline_svg(history(*BEGUN, *changes), JULY)
    assert len(drawn.encode()) <= 20_000


def test_the_matrix_is_the_table_of_the_page() -> None:
    """Cell by cell, header first; its description says it row by row."""
    for language in ("fr", "en"):
        drawn = matrix_svg(CHATIM, language)
        table = comparison_table(CHATIM, language)
        assert texts(drawn) == [cell for row in table for cell in row]
    root = ET.fromstring(matrix_svg(CHATIM, "fr"))
    told = root.find(f"{SVG}desc")
    assert told is not None
    assert (told.text or "").splitlines()[0] == "Places d'équipe\xa0: 1, Illimités, Illimités"
    assert root.get("viewBox") == "0 0 600 346"
    assert error_of(InvalidTypeError, matrix_svg, PRO).name == "catalog"


@pytest.mark.parametrize("key", ['<script>alert("1")</script>', "a & b", "é</text>"])
def test_a_text_is_escaped(key: str) -> None:
    """Whatever a plan is called."""
    own = a_catalog(FREE, evolve(PRO, key="pro"), evolve(ULTIMATE, key=key))
    life = replay([*BEGUN[:2], ChoosePlan(own.plan(key), at=JUNE)], catalog=own)
    for drawn in (timeline_svg(life, JULY), matrix_svg(own)):
        assert any(key in text for text in texts(drawn))
        assert key not in drawn


@pytest.mark.parametrize(
    ("key", "shown"),
    [("\x00x", "\ufffdx"), ("\x0bq", "\ufffdq"), ("a\ud800", "a\ufffd"), ("\ufffe", "\ufffd")],
)
def test_what_xml_has_no_place_for_is_replaced(key: str, shown: str) -> None:
    """The picture can be read by any parser."""
    own = a_catalog(FREE, evolve(PRO, key="pro"), evolve(ULTIMATE, key=key))
    life = replay([*BEGUN[:2], ChoosePlan(own.plan(key), at=JUNE)], catalog=own)
    assert f"{shown}, 1 seat, $39.00" in texts(timeline_svg(life, JULY))
    assert shown in texts(matrix_svg(own))


def test_trouble_cuts_no_step_and_takes_no_label() -> None:
    """What was held went on, past due or not."""
    life = history(*BEGUN, PaymentFailed(at=TENTH), PaymentSucceeded(at=HALF))
    drawn = timeline_svg(life, AUGUST)
    assert boxes(drawn, "p1") == [(16, 216, 76, 744)]
    assert "Pro, 5 seats, $95.00" in texts(drawn)


def test_a_credit_stays_in_the_picture() -> None:
    """However large the team was for a while."""
    life = history(*BEGUN, ChangeSeats(60, at=TENTH), ChangeSeats(2, at=TENTH), until=JULY)
    drawn = timeline_svg(evolve(life, events=life.events[-1:], invoices=life.invoices[-1:]), AUGUST)
    assert all(bottom <= 254 for _, bottom, _, _ in boxes(drawn, "c"))


def test_a_thousand_troubles_are_one_small_picture() -> None:
    """Failed, paid and grown each day."""
    daily = [
        action
        for day in range(400)
        for at in [JUNE + timedelta(days=day + 1)]
        for action in (
            PaymentFailed(at=at),
            PaymentSucceeded(at=at + timedelta(hours=8)),
            ChangeSeats(2 + day % 9, at=at + timedelta(hours=16)),
        )
    ]
    drawn = timeline_svg(history(*BEGUN, *daily), JUNE + timedelta(days=401))
    assert len(drawn.encode()) <= 20_000


def test_a_second_is_as_wide_as_the_picture() -> None:
    """And no time at all is a line at its left, a credit a thin one."""
    life = history(*BEGUN)
    assert boxes(timeline_svg(life, JUNE + timedelta(seconds=1)), "p1") == [(16, 216, 76, 744)]
    step = apply(life.account, ChoosePlan(ULTIMATE, at=TENTH))
    assert boxes(timeline_svg(step, TENTH), "c") == [(16, 218, 216, 17)]
    assert boxes(timeline_svg(step, TENTH), "p2") == []


def test_a_plan_of_nothing_is_a_thin_line_beside_one_of_much() -> None:
    """Free has no price by the month, whatever its seats."""
    life = history(*BEGUN, Cancel(at=JUNE))
    drawn = timeline_svg(life, AUGUST)
    assert boxes(drawn, "p0") == [(374, 216, 214, 744)]


@pytest.mark.parametrize(("hours", "row"), [(8_459, 0), (1_725, 1)])
def test_labels_stand_a_letter_apart_at_least(hours: int, row: int) -> None:
    """And no more than that is asked: amounts, then days."""
    drawn = timeline_svg(history(*BEGUN), JUNE + timedelta(hours=hours))
    extents = list(rows_of(drawn))[row]
    assert min(after[0] - before[1] for before, after in pairwise(extents)) == 6


@pytest.mark.parametrize(("count", "lefts"), [(100, [17, 25]), (101, [12, 24])])
def test_only_of_many_areas_are_narrow_ones_drawn_as_one(count: int, lefts: list[int]) -> None:
    """A hundred stand where they are; of more, those in the same twelve pixels are one."""
    areas = [_Box(17 + 8 * n, 20 + 8 * n, 76, 216, "p1", 71, ()) for n in range(count)]
    (path,) = _areas(areas)
    found = re.findall(r"M(\d+) ", path.get("d") or "")
    assert [int(left) for left in found[:2]] == lefts


def test_the_description_tells_the_latest_two_dozen_events() -> None:
    """However many there were."""
    many = history(
        *BEGUN, *(ChangeSeats(1 + n % 5, at=JUNE + timedelta(hours=n)) for n in range(30))
    )
    told = ET.fromstring(timeline_svg(many, JULY)).find(f"{SVG}desc")
    assert told is not None
    assert len((told.text or "").splitlines()) == 24
