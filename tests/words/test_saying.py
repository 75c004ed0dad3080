"""`say`: which values have words, in which languages and zones, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Never, get_args
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    ActionRefusedError,
    AdjustCredit,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Currency,
    InvalidTypeError,
    InvalidValueError,
    Invoice,
    Money,
    OutOfOrderError,
    Period,
    Refusal,
    ScheduledChange,
    SeatLimitError,
    Statement,
    Status,
    TrialEndedNotice,
    TrialRefusedError,
    UnknownKeyError,
    advance,
    replay,
    utc,
)
from chatim_plans.strategies import histories
from chatim_plans.words import (
    Level,
    Message,
    Sayable,
    badge,
    date_text,
    explain,
    html,
    instant_text,
    matrix_svg,
    money_text,
    number_text,
    payment_method_text,
    period_text,
    plan_cards,
    say,
    terms_in_words,
    timeline_svg,
)
from chatim_plans.words.bills import _what_the_balance_did
from chatim_plans.words.saying import _WORDS
from tests.accounts import a_catalog, a_plan, after, on_plan, on_trial, usd
from tests.instants import HALF, JULY, JUNE, TENTH
from tests.refused import error_of
from tests.words_page import bills

CHANGE = ScheduledChange(FREE, utc("2026-07-01 23:30"))
INVOICE = bills()["a start"]


@pytest.mark.parametrize("language", ["fr", "FR", "fr-FR", "fr_CA"])
def test_a_tag_of_a_language_is_that_language(language: str) -> None:
    """As a browser or a setting names it."""
    assert say(Status.free, language) == "Gratuit"


def test_days_and_times_are_those_of_the_zone() -> None:
    """Half past eleven at night in UTC is the next day in Paris."""
    assert say(CHANGE, "fr") == "Passage au plan Gratuit le 1er juillet 2026 à 23:30 UTC."
    paris = say(CHANGE, "fr", ZoneInfo("Europe/Paris"))
    assert paris == "Passage au plan Gratuit le 2 juillet 2026 à 01:30."


def test_lines_and_periods_have_the_days_of_the_zone() -> None:
    """In Auckland, June begins later."""
    auckland = ZoneInfo("Pacific/Auckland")
    late = Period(utc("2026-06-30 20:00"), utc("2026-07-30 20:00"))
    assert say(late, "en", auckland) == "Jul 1\u2009–\u200931, 2026"
    assert say(INVOICE.lines[0], "en", ZoneInfo("America/New_York")) == (
        "3 seats of the Pro plan at $19.00, May 31\u2009–\u2009Jun 30, 2026: $57.00"
    )


def test_utc_by_any_name_says_so() -> None:
    """Whichever object stands for it."""
    for zone in (UTC, timezone(timedelta()), ZoneInfo("UTC")):
        assert instant_text(JUNE, "en", zone) == "June 1, 2026 at 12:00\u202fAM UTC"


def test_plain_facts_are_said_too() -> None:
    """Money, a plan, a period."""
    assert say(Money(1900, USD), "en") == "$19.00"
    assert (say(FREE, "fr"), say(ULTIMATE, "en")) == ("Gratuit", "Ultimate")
    assert say(Period(JUNE, JULY), "en") == "Jun 1\u2009–\u2009Jul 1, 2026"


def test_whatever_is_sayable_has_words() -> None:
    """The type that callers are checked by, and the table, name the same classes."""
    texts = {kind for kind, words in _WORDS.items() if not words.__module__.endswith("messages")}
    assert set(get_args(Sayable)) == texts


def test_a_refusal_of_any_class_is_said() -> None:
    """Also of one that an application derives."""

    class TooLateError(ActionRefusedError):
        """An application's own."""

    message = say(TooLateError("too late", "call"), "en")
    assert isinstance(message, Message)
    assert message.title == "Not possible"


@pytest.mark.parametrize(
    "value", [None, "active", 7, object(), CHATIM, on_trial(JUNE), ValueError()]
)
def test_a_value_without_words_is_refused(value: Any) -> None:
    """Nothing is printed by accident."""
    error = error_of(InvalidTypeError, say, value, "fr")
    assert (error.name, error.value, error.expected) == (
        "value",
        value,
        "a value that has words, such as a notice, a decision or an invoice",
    )


def test_what_is_explained_and_shown_is_refused_likewise() -> None:
    """`explain` knows lines and invoices, `html` what notebooks show."""
    error = error_of(InvalidTypeError, explain, PRO, "fr")
    assert (error.name, error.value, error.expected) == ("value", PRO, "a Line or an Invoice")
    error = error_of(InvalidTypeError, html, PRO, "fr")
    expected = "a value that is shown, such as a Catalog, an Account or an Invoice"
    assert (error.name, error.value, error.expected) == ("value", PRO, expected)


SUBSCRIPTION = on_trial(JUNE).subscription
IN_A_LANGUAGE: dict[str, Any] = {
    "say": lambda tag: say(Status.free, tag),
    "explain": lambda tag: explain(INVOICE, tag),
    "money_text": lambda tag: money_text(usd(1), tag),
    "number_text": lambda tag: number_text(1, tag),
    "date_text": lambda tag: date_text(JUNE, tag),
    "instant_text": lambda tag: instant_text(JUNE, tag),
    "period_text": lambda tag: period_text(Period(JUNE, JULY), tag),
    "badge": lambda tag: badge(SUBSCRIPTION, JUNE, tag),
    "payment_method_text": lambda tag: payment_method_text("visa", tag),
    "plan_cards": lambda tag: plan_cards(CHATIM, tag),
    "terms_in_words": lambda tag: terms_in_words(CHATIM, tag),
    "timeline_svg": lambda tag: timeline_svg(on_trial(JUNE), JULY, tag),
    "matrix_svg": lambda tag: matrix_svg(CHATIM, tag),
    "html": lambda tag: html(CHATIM, tag),
}


@pytest.mark.parametrize("call", IN_A_LANGUAGE.values(), ids=IN_A_LANGUAGE)
def test_an_unknown_language_is_refused(call: Any) -> None:
    """A language that is not spoken is an error, never half a translation."""
    for tag in ("", "de", "français", "fr fr", "*"):
        error = error_of(UnknownKeyError, call, tag)
        assert (error.kind, error.key, error.known) == ("language", tag, ("fr", "en"))
    for other in (None, 1, b"fr"):
        error_of(InvalidTypeError, call, other)


class LostZone(tzinfo):
    """A zone that does not know."""

    def utcoffset(self, _at: datetime | None) -> Never:
        """Fail."""
        raise RuntimeError

    dst = tzname = utcoffset


IN_A_ZONE: dict[str, Any] = {
    "say": lambda zone: say(CHANGE, "fr", zone),
    "explain": lambda zone: explain(INVOICE, "fr", zone),
    "date_text": lambda zone: date_text(JUNE, "fr", zone),
    "instant_text": lambda zone: instant_text(JUNE, "fr", zone),
    "period_text": lambda zone: period_text(Period(JUNE, JULY), "fr", zone),
    "timeline_svg": lambda zone: timeline_svg(on_trial(JUNE), JULY, "fr", zone),
    "html": lambda zone: html(on_trial(JUNE), "fr", zone),
}


@pytest.mark.parametrize("call", IN_A_ZONE.values(), ids=IN_A_ZONE)
def test_what_is_no_zone_is_refused(call: Any) -> None:
    """A name, an offset; and a zone that fails to tell its time."""
    for zone in (None, "Europe/Paris", timedelta(hours=1), tzinfo):
        error = error_of(InvalidTypeError, call, zone)
        expected = "a tzinfo, such as UTC or ZoneInfo('Europe/Paris')"
        assert (error.name, error.value, error.expected) == ("zone", zone, expected)
    lost = LostZone()
    assert error_of(InvalidValueError, call, lost).value is lost


class Moody(datetime):
    """A datetime that tells nothing."""

    @property
    def day(self) -> Never:
        """Fail."""
        raise RuntimeError


class MoodyZone(tzinfo):
    """A zone that gives its own datetimes."""

    def utcoffset(self, _at: datetime | None) -> timedelta:
        """None to speak of."""
        return timedelta()

    dst = utcoffset

    def tzname(self, _at: datetime | None) -> str:
        """Its name."""
        return "moody"

    def fromutc(self, at: datetime) -> datetime:
        """A datetime of its own class."""
        return Moody(at.year, at.month, at.day, tzinfo=self)


def test_a_zone_whose_time_cannot_be_read_is_refused() -> None:
    """As one that fails to tell it."""
    for call in IN_A_ZONE.values():
        error_of(InvalidValueError, call, MoodyZone())


def test_a_refusal_whose_facts_are_none_is_refused_itself() -> None:
    """Made by hand of what has no words."""
    for seats, limit in ((None, 1), (3, None), (3, object())):
        broken = SeatLimitError("because", "instead", seats, limit, PRO, None)  # type: ignore[arg-type]
        assert error_of(InvalidTypeError, say, broken, "fr").name == "fact"


def test_a_status_needs_no_zone_but_refuses_what_is_none() -> None:
    """Whether or not the value has a day to say."""
    error_of(InvalidTypeError, say, Status.free, "fr", "Europe/Paris")


def test_an_instant_that_leaves_the_calendar_is_refused() -> None:
    """The last second of the year 9999 is not one in Paris."""
    last = utc("9999-12-31 23:59:59")
    error = error_of(InvalidValueError, date_text, last, "fr", ZoneInfo("Europe/Paris"))
    assert (error.name, error.expected) == ("zone", "a zone that tells its time at any instant")


@pytest.mark.parametrize("call", [money_text, number_text])
def test_what_is_no_amount_is_refused(call: Any) -> None:
    """A float, a text, a bool."""
    for value in (1.5, "1", True, None):
        error_of(InvalidTypeError, call, value, "fr")


def test_what_is_no_instant_or_period_is_refused() -> None:
    """A day, a naive instant, a pair."""
    error_of(InvalidTypeError, date_text, "2026-06-01", "fr")
    error_of(InvalidValueError, date_text, datetime(2026, 6, 1), "fr")
    assert error_of(InvalidTypeError, period_text, (JUNE, JULY), "fr").name == "period"


def test_a_badge_is_of_no_earlier_instant() -> None:
    """As every answer about an account."""
    error_of(OutOfOrderError, badge, SUBSCRIPTION, JUNE - timedelta(seconds=1), "fr")
    error_of(InvalidTypeError, badge, None, JUNE, "fr")


def sums_of(invoice: Invoice) -> list[str]:
    """The rows of an invoice below its lines, without their spaces."""
    rows = say(invoice, "en").splitlines()[1 + len(invoice.lines) :]
    return [" ".join(row.split()) for row in rows]


def test_what_a_balance_did_is_told_fact_by_fact() -> None:
    """B7, B10, B13: used, carried here, carried over and added are rows of their own."""
    begun = on_plan(PRO, JUNE)
    spent = advance(after(begun, AdjustCredit(usd(18_70), at=TENTH)), JULY).invoices[-1]
    assert sums_of(spent) == [
        "Total $19.00",
        "Paid from the balance -$18.70",
        "Carried over to the next invoice -$0.30",
        "Due $0.00",
    ]
    team = after(on_plan(PRO, JUNE, seats=2), ChangeSeats(1, at=TENTH))
    owed = after(team, AdjustCredit(usd(-50_00), at=HALF), Cancel(at=HALF))
    assert sums_of(advance(owed, JULY).invoices[-1]) == [
        "Total -$13.30",
        "Carried over from earlier $50.00",
        "Due $36.70",
    ]
    lent = after(team, AdjustCredit(usd(-10_00), at=HALF), Cancel(at=HALF))
    assert sums_of(advance(lent, JULY).invoices[-1]) == [
        "Total -$13.30",
        "Carried over from earlier $10.00",
        "Added to the balance $3.30",
        "Due $0.00",
    ]


@given(histories().map(replay))
def test_the_rows_of_an_invoice_sum_to_what_is_due(statement: Statement) -> None:
    """Whatever the balance did."""
    for invoice in statement.invoices:
        rows = list(_what_the_balance_did(invoice))
        moved = sum((amount for _, amount in rows), usd(0) if not rows else rows[0][1] * 0)
        assert all(amount for _, amount in rows)
        assert not rows or invoice.total + moved == invoice.amount_due
        assert rows or invoice.total == invoice.amount_due


def test_a_renewal_on_another_plan_is_told_as_a_move_to_it() -> None:
    """P3: the lower plan that waited."""
    down = after(on_plan(ULTIMATE, JUNE, seats=3), ChoosePlan(PRO, at=TENTH))
    moved, renewed = advance(down, utc("2026-08-01")).events
    assert say(moved, "en").split(": ")[1] == "Move to the Pro plan, 3 seats. Invoice no. 2"
    assert say(renewed, "en").split(": ")[1] == "Renewal of the Pro plan, 3 seats. Invoice no. 3"


def test_only_some_currencies_have_cents() -> None:
    """A penny is a minor unit, and less than two of a unit are singular where they are."""
    line = bills()["a half"].lines[0]
    assert "-5/2 cents" in explain(line, "fr")
    assert "1/2 cent." in explain(line, "en")
    pound = Currency("GBP", 2)
    plan = a_plan("pro", 19_00, currency=pound)
    own = a_catalog(a_plan("free", 0, seats=1, currency=pound), plan)
    waiting = after(on_plan(plan, JUNE, catalog=own), ChangeSeats(2, at=TENTH + timedelta(hours=1)))
    assert "minor unit" in explain(waiting.pending_lines[0], "en")
    assert "cent" not in explain(waiting.pending_lines[0], "en").replace("recent", "")


def test_a_notice_of_a_derived_class_is_said_as_its_own() -> None:
    """An application may derive from it; what is no notice's fact has no part in it."""

    class Ended(TrialEndedNotice):
        """An application's own."""

    class Booked(Invoice):
        """An application's own."""

    assert say(Ended(), "en").title == "Trial ended"
    booked = Booked(*(getattr(INVOICE, fact.name) for fact in attrs.fields(Invoice)))
    assert html(booked) == html(INVOICE)


@pytest.mark.parametrize("word", [*Refusal, "bogus", None])
def test_a_refusal_made_by_hand_is_said_whatever_word_it_has(word: Any) -> None:
    """It has no facts to tell, and needs none."""
    message = say(ActionRefusedError("because", "instead", refusal=word), "fr")
    assert message.level is Level.blocking
    assert say(TrialRefusedError("because", "instead", word), "en").title == (
        "No trial for this account"
    )


def test_the_first_of_a_month_is_written_as_the_french_write_it() -> None:
    """In a sentence, where CLDR's own form alone is `1 juillet 2026`; the eleventh as it is."""
    assert say(ScheduledChange(FREE, utc("2026-07-01")), "fr").startswith(
        "Passage au plan Gratuit le 1er juillet 2026 à 00:00"
    )
    assert "le 11 juillet" in say(ScheduledChange(FREE, utc("2026-07-11")), "fr")
    assert date_text(utc("2026-07-01"), "fr") == "1 juillet 2026"
