"""The page of all words: every vocabulary, message, answer and event, in both languages.

`python -m tests.words_page` writes `docs/reference/words.md`; `tests/words/test_words_page.py`
checks that it is current, and that it has every kind in every status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    Account,
    AccountEvent,
    AccountRestrictedNotice,
    ActionRefusedError,
    AddPaymentMethod,
    AdjustCredit,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Decision,
    EventKind,
    Feature,
    Invoice,
    InvoiceCause,
    LineKind,
    MoveToEdition,
    MoveTrialEnd,
    Notice,
    PaymentFailed,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PaymentSucceeded,
    PriceChangeNotice,
    Quota,
    Reason,
    Refunded,
    RemovePaymentMethod,
    Resume,
    Role,
    Rounding,
    ScheduledChange,
    SeatsOverLimitNotice,
    Standing,
    StartFree,
    StartTrial,
    Status,
    TrialEligibility,
    TrialEndedNotice,
    TrialRefusal,
    TrialRefusedError,
    TrialRunningNotice,
    advance,
    apply,
    difference,
    downgrade_report,
    entitlements,
    monthly_charge,
    notices,
    preview,
    replay,
)
from chatim_plans.words import Message, badge, explain, plan_cards, say, terms_in_words, timeline
from tests.accounts import (
    a_catalog,
    a_plan,
    after,
    history,
    on_free,
    on_plan,
    on_ten,
    on_trial,
    on_year,
    past_due,
    repriced,
    restricted,
    to_eighteen,
    usd,
    with_enterprise,
)
from tests.instants import AUGUST, HALF, JULY, JUNE, TENTH

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "words.md"
LANGUAGES = ("fr", "en")
VOCABULARIES = (
    *(Status, Standing, Reason, Role, TrialRefusal, PaymentRequiredBecause),
    *(LineKind, InvoiceCause, EventKind),
)


def trial_ended() -> Account:
    """A team of three whose trial ended without a payment method."""
    return advance(on_trial(JUNE, seats=3), JULY).account


STANDING: dict[Status, Callable[[], Account]] = {
    Status.trialing: lambda: on_trial(JUNE, seats=3),
    Status.trial_ended: trial_ended,
    Status.free: lambda: on_free(JUNE),
    Status.active: lambda: on_plan(PRO, JUNE, seats=3),
    Status.past_due: lambda: past_due(seats=3),
    Status.restricted: lambda: restricted(seats=3),
}
"""An account in each status; all but the ended trial in June."""

NOTICES: dict[str, Callable[[], Notice]] = {
    "restricted": lambda: AccountRestrictedNotice(PRO),
    **{
        f"payment required, {because}": partial(PaymentRequiredNotice, because)
        for because in (*PaymentRequiredBecause, None)
    },
    "trial ended": TrialEndedNotice,
    "one seat over": lambda: SeatsOverLimitNotice(2, 1, 1),
    "seats over": lambda: SeatsOverLimitNotice(3, 1, 2),
    "change scheduled": lambda: ChangeScheduledNotice(FREE, JULY),
    "price change": lambda: PriceChangeNotice(
        repriced(pro=21_00).plan("pro"), PRO.price, usd(21_00), JULY
    ),
    "trial's last day": lambda: TrialRunningNotice(PRO, 1, JULY),
    "trial running": lambda: TrialRunningNotice(PRO, 12, JULY),
}


def refused(call: Callable[[], object]) -> ActionRefusedError:
    """The refusal of a call."""
    try:
        call()
    except ActionRefusedError as error:
        return error
    raise AssertionError


def small() -> Catalog:
    """A catalogue whose largest plan has five seats."""
    return a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 19_00, seats=5))


REFUSALS: dict[str, Callable[[], object]] = {
    "account_restricted": lambda: apply(restricted(), ChangeSeats(2, at=HALF)),
    "already_open": lambda: apply(on_free(JUNE), StartFree(at=HALF)),
    "edition_mismatch": lambda: apply(on_free(JUNE), MoveToEdition(small(), at=HALF)),
    "interval_mismatch": lambda: monthly_charge(with_enterprise().plan("enterprise"), 1),
    "never_invoiced": lambda: apply(on_free(JUNE), PaymentFailed(at=HALF)),
    "no_trial": lambda: apply(on_free(JUNE), MoveTrialEnd(JULY, at=HALF)),
    "not_lower": lambda: downgrade_report(on_plan(PRO, JUNE).subscription, PRO, HALF),
    "not_open": lambda: replay([]),
    "payment_method_required": lambda: apply(on_free(JUNE), ChoosePlan(PRO, 3, at=HALF)),
    "payment_overdue": lambda: apply(past_due(), ChoosePlan(ULTIMATE, at=HALF)),
    "plan_not_offered": lambda: apply(
        on_free(JUNE), ChoosePlan(with_enterprise().plan("enterprise"), at=HALF)
    ),
    "refund_too_large": lambda: apply(on_plan(PRO, JUNE), Refunded(1, usd(19_01), at=HALF)),
    "seat_limit": lambda: apply(on_free(JUNE), ChangeSeats(3, at=HALF)),
    "seat_limit, no plan has as many": lambda: apply(
        on_trial(JUNE, catalog=small()), ChangeSeats(6, at=HALF)
    ),
    "seats_with_choice": lambda: apply(on_plan(PRO, JUNE), ChoosePlan(PRO, 2, at=HALF)),
    "trial_end_past": lambda: apply(on_trial(JUNE), MoveTrialEnd(JUNE, at=HALF)),
    "trial_refused, had_trial": lambda: apply(on_trial(JUNE), StartTrial(at=HALF)),
    "trial_refused, was_invoiced": lambda: apply(on_plan(PRO, JUNE), StartTrial(at=HALF)),
    "unknown_invoice": lambda: apply(on_plan(PRO, JUNE), PaymentFailed(invoice=2, at=HALF)),
}
"""By the word of a refusal: what is refused so."""

MADE_BY_HAND: dict[str, ActionRefusedError] = {
    "trial_refused, no reason": TrialRefusedError("no", "no", None),
    "without a word": ActionRefusedError("no", "no"),
}


def decisions() -> Iterator[tuple[str, Decision]]:
    """In every status, on a feature and on a quota; and what did not keep what was asked."""
    for status, account in STANDING.items():
        may = entitlements(account().subscription, JULY if status is Status.trial_ended else TENTH)
        for feature in (Feature.javascript_sdk, Feature.visitor_export, Feature.api_access):
            yield f"{status}, {feature}", may.decide(feature)
        for used in (1, 3):
            yield f"{status}, {used} seats", may.decide_usage(Quota.seats, used)
    limited = entitlements(on_trial(JUNE, catalog=small()).subscription, TENTH)
    yield "trialing, beyond any plan", limited.decide_usage(Quota.seats, 6)
    for reason, plan in {
        Reason.granted_by_plan: PRO,
        Reason.granted_by_trial: PRO,
        Reason.not_in_plan: FREE,
        Reason.over_limit: FREE,
        Reason.trial_ended: FREE,
        Reason.restricted: FREE,
    }.items():
        granted = reason.startswith("granted")
        ends = JULY if granted or reason is Reason.restricted else None
        cheapest = None if granted or reason is Reason.restricted else PRO
        yield f"{reason}, not kept what was asked", Decision(granted, reason, plan, cheapest, ends)


def events() -> dict[str, AccountEvent]:
    """One event of each kind, of lives that between them meet all."""
    graceful = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=7))
    begun = [StartFree(at=JUNE), AddPaymentMethod(at=JUNE), ChoosePlan(PRO, 3, at=JUNE)]
    lives: list[Any] = [
        history(
            *begun,
            ChangeSeats(5, at=TENTH),
            ChangeSeats(4, at=TENTH),
            ChoosePlan(ULTIMATE, at=TENTH),
            ChoosePlan(PRO, at=TENTH),
            Resume(at=TENTH),
            AdjustCredit(usd(-500), at=TENTH),
            Refunded(1, usd(19_00), at=TENTH),
            MoveToEdition(repriced(), at=TENTH),
            PaymentFailed(at=HALF),
            PaymentSucceeded(at=HALF),
            RemovePaymentMethod(at=HALF),
            Cancel(at=HALF),
            until=AUGUST,
        ),
        history(*begun, until=JULY),
        history(*begun, PaymentFailed(final=True, at=TENTH), until=JULY),
        history(*begun, PaymentFailed(at=TENTH), until=HALF + timedelta(days=3), catalog=graceful),
        history(*begun, Cancel(at_once=True, at=TENTH)),
        history(
            StartTrial(3, at=JUNE),
            AddPaymentMethod(at=TENTH),
            MoveTrialEnd(HALF, at=TENTH),
            until=JULY,
        ),
        history(StartTrial(at=JUNE), until=JULY),
        history(
            *begun[:2],
            ChoosePlan(with_enterprise().plan("pro"), 3, at=JUNE),
            ChoosePlan(with_enterprise().plan("enterprise"), at=TENTH),
            ChoosePlan(with_enterprise().plan("pro"), at=HALF),
            catalog=with_enterprise(),
        ),
    ]
    found: dict[str, AccountEvent] = {}
    for life in lives:
        for event in life.events:
            found.setdefault(event.kind.value, event)
    found["keep_plan"] = apply(trial_ended(), ChoosePlan(FREE, at=JULY)).events[-1]
    found["choose_free, after a trial"] = apply(trial_ended(), Cancel(at=JULY)).events[-1]
    return {name: found[name] for name in sorted(found)}


def in_yen() -> Invoice:
    """An upgrade where the smallest unit is the currency's own, and nothing is due but a balance."""
    yen = Currency("JPY", 0)
    plans = [
        a_plan("free", 0, seats=1, currency=yen),
        a_plan("pro", 19_00, currency=yen),
        a_plan("ultimate", 39_00, currency=yen),
    ]
    catalog = a_catalog(*plans)
    held = on_plan(catalog.plan("pro"), JUNE, catalog=catalog)
    later = HALF + timedelta(seconds=1)
    return preview(held, ChoosePlan(catalog.plan("ultimate"), at=later)).invoices[-1]


def bills() -> dict[str, Invoice]:
    """Invoices that between them have every line, cause and movement of the balance."""
    flexible = history(
        StartFree(at=JUNE),
        AddPaymentMethod(at=JUNE),
        ChoosePlan(PRO, 3, at=JUNE),
        ChangeSeats(5, at=TENTH),
        ChoosePlan(ULTIMATE, at=HALF),
    )
    granted = after(on_plan(PRO, JUNE), AdjustCredit(usd(30_00), at=TENTH))
    tiny = a_catalog(a_plan("free", 0, seats=1), a_plan("pro", 30))
    carried = advance(on_plan(tiny.plan("pro"), JUNE, catalog=tiny), JULY)
    shrunk = after(on_plan(PRO, JUNE, seats=9), ChangeSeats(1, at=TENTH), Cancel(at=TENTH))
    return {
        "a start": flexible.invoices[0],
        "an upgrade after a change of seats": flexible.invoices[1],
        "a half": preview(on_ten(), to_eighteen(on_ten())).invoices[-1],
        "a half by other terms": preview(
            dear := on_ten(Rounding.ties_away_from_zero), to_eighteen(dear)
        ).invoices[-1],
        "rounded down": preview(
            cheap := on_ten(Rounding.down),
            ChoosePlan(cheap.subscription.catalog.plan("eighteen"), at=TENTH),
        ).invoices[-1],
        "rounded down from over a half": preview(
            cheap,
            ChoosePlan(
                cheap.subscription.catalog.plan("eighteen"), at=TENTH + timedelta(seconds=7)
            ),
        ).invoices[-1],
        "without minor units": in_yen(),
        "a year": advance(on_year(JUNE), JUNE.replace(year=2027)).invoices[-1],
        "paid from the balance": advance(granted, JULY).invoices[-1],
        "carried over": preview(
            on_free(JUNE, catalog=tiny), ChoosePlan(tiny.plan("pro"), at=JUNE)
        ).invoices[-1],
        "carried here": carried.invoices[-1],
        "added to the balance": advance(shrunk, JULY).invoices[-1],
        "without a number": evolve(flexible.invoices[0], number=None, cause=None),
    }


# --- The page ---
def cell(text: str) -> str:
    """A text as a cell of a table."""
    return text.replace("|", "\\|").replace("\n", "<br>")


def table(header: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [header, ("---",) * len(header), *(tuple(map(cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _whole(message: Message) -> str:
    return "\n".join(filter(None, (f"**{message.title}**", message.text, message.what_to_do)))


def _messages(said: dict[str, Any]) -> str:
    rows = (
        (
            name,
            say(value, "fr").level.value + (", admins" if say(value, "fr").admins_only else ""),
            *(_whole(say(value, language)) for language in LANGUAGES),
        )
        for name, value in said.items()
    )
    return table(("of", "level", *LANGUAGES), rows)


def _texts(said: dict[str, Any]) -> str:
    rows = (
        (name, *(str(say(value, language)) for language in LANGUAGES))
        for name, value in said.items()
    )
    return table(("of", *LANGUAGES), rows)


def _standing() -> Iterator[tuple[str, ...]]:
    for status, account in STANDING.items():
        subscription = account().subscription
        at = JULY if status is Status.trial_ended else TENTH
        for language in LANGUAGES:
            shown = badge(subscription, at, language)
            told = "\n".join(_whole(say(each, language)) for each in notices(subscription, at))
            yield status.value, language, f"{shown.text} ({shown.colour})", told


def _fenced(said: dict[str, Any], how: Callable[[Any, str], str]) -> Iterator[str]:
    for name, value in said.items():
        yield f"{name[0].upper()}{name[1:]}:"
        for language in LANGUAGES:
            yield f"```text\n{how(value, language)}\n```"


def parts() -> Iterator[str]:
    """The page, part by part."""
    yield "# Words"
    yield (
        "Everything that `chatim_plans.words` says, in French and English: made by"
        " `python -m tests.words_page` from the library itself, and held to it by a test."
    )
    yield "## By status"
    yield table(("status", "language", "badge", "notices"), _standing())
    yield "## Notices"
    yield _messages({name: make() for name, make in NOTICES.items()})
    yield "## Refusals"
    yield _messages({name: refused(call) for name, call in REFUSALS.items()} | MADE_BY_HAND)
    yield "## Decisions"
    yield _texts(dict(decisions()))
    yield "## Plans and changes"
    subscription = STANDING[Status.active]().subscription
    yield _texts({
        "Free to Pro": difference(FREE, PRO),
        "Pro to Free": difference(PRO, FREE),
        "no difference": difference(PRO, PRO),
        "a downgrade": downgrade_report(subscription, FREE, HALF),
        "a cheaper plan": downgrade_report(
            on_plan(ULTIMATE, JUNE, seats=3).subscription, PRO, HALF
        ),
        "one seat over": downgrade_report(on_plan(PRO, JUNE, seats=2).subscription, FREE, HALF),
        "a change that waits": ScheduledChange(FREE, JULY),
        "trial, allowed": TrialEligibility(eligible=True, reason=None),
        **{
            f"trial, {reason}": TrialEligibility(eligible=False, reason=reason)
            for reason in TrialRefusal
        },
    })
    yield "## What happened"
    yield _texts(events())
    yield "## Invoices"
    yield from _fenced(bills(), say)
    yield "## How a cent came about"
    yield from _fenced(bills(), explain)
    yield "## A time-line"
    life = history(StartTrial(3, at=JUNE), AddPaymentMethod(at=TENTH))
    yield from _fenced({"a trial that goes on": timeline(life, AUGUST)}, say)
    yield "## Vocabularies"
    for vocabulary in VOCABULARIES:
        yield f"### {vocabulary.__name__}"
        yield _texts({f"`{member}`": member for member in vocabulary})
    yield "## The page's own words"
    for language in LANGUAGES:
        for card in plan_cards(CHATIM, language):
            bullets = "\n".join(f"* {bullet}" for bullet in card.bullets)
            yield "\n\n".join(
                filter(
                    None, (f"### {card.title}", card.tagline, card.heading, bullets, card.limits)
                )
            )
        terms = terms_in_words(CHATIM, language)
        for said in (
            terms.per_seat,
            terms.trial,
            terms.trial_bullets,
            terms.payment_methods,
            terms.payment_fails,
            terms.refund,
            terms.support,
        ):
            yield said if isinstance(said, str) else "\n".join(f"* {each}" for each in said)


def page() -> str:
    """The whole page."""
    return "\n\n".join(parts()) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
