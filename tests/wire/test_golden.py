"""Documents as each version wrote them: they stay readable, and the latest is written to this day.

Never change a file of `golden`: the data of customers look like it. A change of the form is a new
version, with a step that upgrades the old one on reading, and a folder of its own for the documents
that it writes otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import pytest

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    UNLIMITED,
    USD,
    Account,
    AccountEvent,
    AccountRestrictedNotice,
    AddPaymentMethod,
    AdjustCredit,
    BillingMode,
    Cancel,
    Catalog,
    ChangeScheduledNotice,
    ChangeSeats,
    ChoosePlan,
    Currency,
    Cycle,
    Decision,
    Difference,
    DowngradeReport,
    Entitlements,
    EventKind,
    Feature,
    Held,
    Invoice,
    InvoiceCause,
    IssuedInvoice,
    LimitChange,
    Limits,
    Line,
    LineKind,
    Money,
    MoveToEdition,
    MoveTrialEnd,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentRequiredBecause,
    PaymentRequiredNotice,
    PaymentSucceeded,
    Period,
    PriceChangeNotice,
    Quota,
    Reason,
    Refunded,
    Refusal,
    RemovePaymentMethod,
    Resume,
    Role,
    Rounding,
    ScheduledChange,
    SeatsOverLimitNotice,
    Standing,
    StartFree,
    StartTrial,
    Statement,
    Status,
    Subscription,
    Terms,
    TrialEligibility,
    TrialEndedNotice,
    TrialRefusal,
    TrialRunningNotice,
    replay,
)

pytest.importorskip("cattrs", reason="documents need the extra `serialization`")

from chatim_plans.wire import VERSION, WireFormat
from chatim_plans.wire.documents import UPGRADES
from chatim_plans.wire.forms import KINDS
from tests.wire.values import (
    anatomy,
    by_the_year,
    dearer,
    folder,
    golden,
    golden_editions,
    kind_of,
    without_ultimate,
)

AT = datetime(2026, 1, 15, 9, tzinfo=UTC)
LATER = datetime(2026, 1, 27, 17, 30, tzinfo=UTC)
END = datetime(2026, 2, 15, 9, tzinfo=UTC)
DEADLINE = datetime(2026, 1, 29, 9, tzinfo=UTC)


def wire() -> WireFormat:
    """The wire form among those who know the four editions."""
    return WireFormat(golden_editions())


def month() -> Period:
    """A month from the first instant on."""
    return Period(AT, END)


def paid(catalog: Catalog = CHATIM) -> Subscription:
    """Ultimate with three seats, in classic billing and good standing; Pro waits."""
    return Subscription(
        catalog=catalog,
        plan=ULTIMATE,
        seats=3,
        as_of=LATER,
        phase=OnPaid(Cycle(AT), month(), billing_mode=BillingMode.classic),
        scheduled_change=ScheduledChange(catalog.plan("pro"), END),
        payment_method=True,
        tried_plan="pro",
        was_invoiced=True,
    )


def whole_line() -> Line:
    """Three seats of Ultimate for a month."""
    return Line(LineKind.subscription, ULTIMATE, 3, month(), month(), Money(11_700, USD))


def credit_line() -> Line:
    """The unused time of one seat of Ultimate: 3,900 × 1,611,000 s of 2,678,400 s, rounded."""
    part = Period(LATER, END)
    return Line(LineKind.unused_time, ULTIMATE, 1, part, month(), Money(-2346, USD))


def invoice() -> Invoice:
    """An invoice met in part from the credit balance."""
    return Invoice(AT, (whole_line(),), Money(700, USD), Money(11_000, USD), DEADLINE)


def account() -> Account:
    """An account whose lines wait."""
    return Account(paid(), (credit_line(),), Money(-30, USD))


def lived() -> Statement:
    """Pro in flexible billing, a refund, a seat more; then a failure, and a cancellation."""
    return replay([
        StartFree(at=AT),
        AddPaymentMethod(at=AT),
        ChoosePlan(PRO, 3, at=AT),
        AdjustCredit(Money(500, USD), at=LATER),
        Refunded(1, Money(1900, USD), at=LATER),
        ChangeSeats(4, at=LATER),
        PaymentFailed(invoice=1, at=LATER),
        Cancel(at=LATER),
    ])


def owing() -> Account:
    """Free, left by the end of a month that nobody paid."""
    return replay(
        [
            StartFree(at=AT),
            AddPaymentMethod(at=AT),
            ChoosePlan(PRO, at=AT),
            PaymentFailed(at=LATER),
            Cancel(at=LATER),
        ],
        until=END,
    ).account


def flexible_credit() -> Line:
    """The unused time of what two seats of Pro were debited: 3,172 × 1,611,000 s of 2,235,600 s."""
    debited = Period(datetime(2026, 1, 20, 12, tzinfo=UTC), END)
    part = Period(LATER, END)
    debit = Money(3172, USD)
    return Line(LineKind.unused_time, PRO, 2, part, debited, Money(-2286, USD), debit)


EXAMPLES: dict[str, Callable[[], object]] = {
    # foundation
    "Currency": lambda: Currency("JPY", 0),
    "Money": lambda: Money(-1900, USD),
    "Rounding": lambda: Rounding.ties_to_customer,
    "Period": month,
    "Cycle": lambda: Cycle(AT, 12),
    # catalog
    "Feature": lambda: Feature.api_access,
    "Quota": lambda: Quota.chatbot_flows,
    "Limit": lambda: UNLIMITED,
    "Limit-5": lambda: 5,
    "Limits": lambda: Limits({"seats": 1, "chats": UNLIMITED, "chatbot_flows": 0}),
    "Plan": lambda: PRO,
    "Plan-of-another-edition": lambda: dearer().plan("pro"),
    "Plan-by-the-year": lambda: by_the_year().plan("enterprise"),
    "FeatureMatrix": lambda: CHATIM.matrix,
    "Difference": lambda: CHATIM.matrix.difference("pro", "free"),
    "Difference-up": lambda: Difference(
        frozenset({Feature.white_label, Feature.api_access}),
        frozenset(),
        (LimitChange(Quota.chats, 5, UNLIMITED),),
        (),
    ),
    "LimitChange": lambda: LimitChange(Quota.seats, UNLIMITED, 1),
    "Terms": lambda: Terms(
        "pro",
        30,
        14,
        Money(50, USD),
        Rounding.down,
        True,
        ("visa", "amex"),
        billing_mode=BillingMode.classic,
    ),
    "Terms-with-support": lambda: attrs.evolve(CHATIM.terms, support="support@example.com"),
    "Terms-with-grace": lambda: attrs.evolve(CHATIM.terms, grace_days=7),
    "BillingMode": lambda: BillingMode.flexible,
    "Catalog": dearer,
    # subscriptions
    "StartTrial": lambda: StartTrial(4, at=AT),
    "StartFree": lambda: StartFree(at=AT),
    "ChoosePlan": lambda: ChoosePlan(PRO, 3, at=AT),
    "ChangeSeats": lambda: ChangeSeats(5, at=AT),
    "Cancel": lambda: Cancel(at=AT),
    "Cancel-at-once": lambda: Cancel(at_once=True, at=AT),
    "Resume": lambda: Resume(at=AT),
    "AddPaymentMethod": lambda: AddPaymentMethod(at=AT),
    "RemovePaymentMethod": lambda: RemovePaymentMethod(at=AT),
    "PaymentFailed": lambda: PaymentFailed(final=True, at=AT),
    "PaymentFailed-of-an-invoice": lambda: PaymentFailed(invoice=3, at=AT),
    "PaymentSucceeded": lambda: PaymentSucceeded(at=AT),
    "PaymentSucceeded-of-an-invoice": lambda: PaymentSucceeded(3, at=AT),
    "MoveTrialEnd": lambda: MoveTrialEnd(END, at=AT),
    "AdjustCredit": lambda: AdjustCredit(Money(-500, USD), at=AT),
    "Refunded": lambda: Refunded(3, Money(1900, USD), at=AT),
    "EventKind": lambda: EventKind.grace_lapses,
    "MoveToEdition": lambda: MoveToEdition(dearer(), at=AT),
    "Subscription": paid,
    "Subscription-of-another-edition": lambda: paid(dearer()),
    "Subscription-moving": lambda: attrs.evolve(paid(), next_catalog=dearer()),
    "Subscription-on-free": lambda: Subscription(
        CHATIM, FREE, 3, AT, OnFree(trial_ended=True), tried_plan="pro"
    ),
    "Subscription-on-trial": lambda: Subscription(
        CHATIM, PRO, 1, AT, OnTrial(END), tried_plan="pro"
    ),
    "Subscription-owing": lambda: owing().subscription,
    "OnFree": lambda: OnFree(trial_ended=True),
    "OnFree-owing": lambda: OnFree(owes=True),
    "OnTrial": lambda: OnTrial(END),
    "OnPaid": lambda: OnPaid(
        Cycle(AT), month(), Standing.past_due, billing_mode=BillingMode.classic
    ),
    "OnPaid-in-grace": lambda: OnPaid(
        Cycle(AT), month(), Standing.past_due, standing_since=AT, grace_end=LATER
    ),
    "OnPaid-restricted": lambda: OnPaid(
        Cycle(AT), month(), Standing.restricted, standing_since=LATER
    ),
    "Standing": lambda: Standing.restricted,
    "ScheduledChange": lambda: ScheduledChange(FREE, END),
    "Status": lambda: Status.past_due,
    "TrialEligibility": lambda: TrialEligibility(eligible=False, reason=TrialRefusal.had_trial),
    "Refusal": lambda: Refusal.seat_limit,
    "TrialRefusal": lambda: TrialRefusal.was_invoiced,
    # billing
    "Line": whole_line,
    "Line-of-credit": credit_line,
    "Line-of-flexible-credit": flexible_credit,
    "LineKind": lambda: LineKind.remaining_time,
    "Invoice": invoice,
    "Invoice-numbered": lambda: attrs.evolve(
        invoice(), number=3, cause=InvoiceCause.period_renewed
    ),
    "InvoiceCause": lambda: InvoiceCause.billing_stopped,
    "IssuedInvoice": lambda: IssuedInvoice(Money(5700, USD), Money(1900, USD)),
    "Account": account,
    "Account-flexible": lambda: lived().account,
    "Held": lambda: Held(PRO, 3, Status.past_due),
    "AccountEvent": lambda: lived().events[2],
    "AccountEvent-opening": lambda: lived().events[0],
    "AccountEvent-of-time": lambda: AccountEvent(
        END,
        EventKind.restriction_lapses,
        Held(PRO, 3, Status.restricted),
        Held(FREE, 3, Status.free),
    ),
    "Statement": lambda: Statement(account(), (invoice(),)),
    "Statement-with-events": lived,
    # access
    "Entitlements": lambda: Entitlements(CHATIM, ULTIMATE, None, Status.restricted, END),
    "Entitlements-trial-ended": lambda: Entitlements(CHATIM, FREE, PRO, Status.trial_ended, None),
    "Entitlements-on-free": lambda: Entitlements(CHATIM, FREE, None, Status.free, None),
    "Entitlements-from": lambda: Entitlements(
        CHATIM, PRO, None, Status.active, END, valid_from=LATER
    ),
    "Entitlements-of-a-team": lambda: Entitlements(
        without_ultimate(), without_ultimate().plan("pro"), None, Status.active, END, LATER, 3
    ),
    "Decision": lambda: Decision(False, Reason.not_in_plan, FREE, PRO, None),
    "Decision-on-a-feature": lambda: Decision(
        True, Reason.granted_by_trial, PRO, None, END, Feature.visitor_export
    ),
    "Decision-on-a-quota": lambda: Decision(
        False, Reason.over_limit, FREE, PRO, None, Quota.seats, 2
    ),
    "Reason": lambda: Reason.granted_by_trial,
    "DowngradeReport": lambda: DowngradeReport(
        END,
        frozenset({Feature.white_label, Feature.ai_chatbot}),
        (LimitChange(Quota.seats, UNLIMITED, 1),),
        2,
        Money(5700, USD),
    ),
    "AccountRestrictedNotice": lambda: AccountRestrictedNotice(PRO),
    "PaymentRequiredNotice": PaymentRequiredNotice,
    "PaymentRequiredNotice-because": lambda: PaymentRequiredNotice(
        PaymentRequiredBecause.no_payment_method
    ),
    "PaymentRequiredBecause": lambda: PaymentRequiredBecause.standing,
    "TrialEndedNotice": TrialEndedNotice,
    "SeatsOverLimitNotice": lambda: SeatsOverLimitNotice(3, 1, 2),
    "ChangeScheduledNotice": lambda: ChangeScheduledNotice(FREE, END),
    "PriceChangeNotice": lambda: PriceChangeNotice(
        dearer().plan("pro"), PRO.price, Money(2500, USD), END
    ),
    "TrialRunningNotice": lambda: TrialRunningNotice(PRO, 30, END),
    "Role": lambda: Role.manager,
}
"""By file: the value that it has told of since it was written."""

VERSIONS = range(1, VERSION + 1)


def text(document: object) -> str:
    """A document as it is kept."""
    return json.dumps(document, indent=1) + "\n"


@pytest.mark.parametrize(
    ("version", "name"), [(version, name) for version in VERSIONS for name in golden(version)]
)
def test_a_document_of_any_version_reads_as_the_value_it_told_of(version: int, name: str) -> None:
    """What was stored stays readable, and means what it meant."""
    value = wire().value(golden(version)[name], KINDS[kind_of(name)])
    assert anatomy(value) == anatomy(EXAMPLES[name]())


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_value_is_written_as_it_always_was(name: str) -> None:
    """To the letter: another text is another form, and another form is another version."""
    assert text(wire().document(EXAMPLES[name]())) == text(golden(VERSION)[name])


@pytest.mark.parametrize("version", VERSIONS)
def test_every_file_is_kept_as_it_was_written(version: int) -> None:
    """Under its version, and nothing that an earlier one had written alike."""
    kept = {file.stem: file.read_text("utf-8") for file in folder(version).iterdir()}
    earlier = golden(version - 1)
    told = golden(version)
    assert kept == {name: text(told[name]) for name in kept}
    assert [n for n in kept if n in earlier and told[n]["value"] == earlier[n]["value"]] == []


def test_every_kind_has_a_golden_document() -> None:
    """No kind is without one, and no file without a test."""
    assert set(golden(VERSION)) == set(EXAMPLES)
    assert {kind_of(name) for name in EXAMPLES} == set(KINDS)


def test_every_earlier_version_has_its_step() -> None:
    """There is one step less than there are versions."""
    assert len(UPGRADES) == VERSION - 1


if (
    __name__ == "__main__"
):  # a new version writes what is new, once: python -m tests.wire.test_golden
    folder(VERSION).mkdir(exist_ok=True)
    for each, example in EXAMPLES.items():
        written = wire().document(example())
        if written != golden(VERSION).get(each):
            (folder(VERSION) / f"{each}.json").write_text(text(written), "utf-8")
