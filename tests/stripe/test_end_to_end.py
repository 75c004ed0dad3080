"""Stripe's own client and a fake Stripe, end to end: what is done there is read here and compared.

Each story is told twice: to localstripe, by requests, and to this library, by actions at the
instants the server answered with. What the reading functions make of the server's objects must be
what `replay` makes of the actions. Then the whole way round: an action becomes calls, the calls are
made, and the subscription read must be the one that the action leads to here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

pytest.importorskip("stripe", reason="needs stripe")
pytest.importorskip("localstripe", reason="needs localstripe, a fake Stripe server")

import stripe
from attrs import evolve

from chatim_plans import (
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    AddPaymentMethod,
    Cancel,
    ChangeSeats,
    ChoosePlan,
    Decision,
    Feature,
    Money,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentOverdueError,
    PaymentSucceeded,
    Period,
    Quota,
    RemovePaymentMethod,
    Resume,
    ScheduledChange,
    StartFree,
    StartTrial,
    Status,
    Subscription,
    apply,
    days_left,
    entitlements,
    preview,
    replay,
    status,
    trial_eligibility,
)
from chatim_plans.stripe import (
    InvalidStripeError,
    StripeIds,
    account_from_stripe,
    calls,
    ids_from_stripe,
    preview_call,
    subscription_from_stripe,
)
from tests.stripe.local_stripe import (
    DECLINED_AFTER_AUTHENTICATION,
    DECLINED_WHEN_CHARGED,
    DECLINED_WHEN_GIVEN,
    GOOD,
    NOT_THERE,
    NOT_WHEN_CHANGED,
    NOT_WHEN_CREATED,
    TAKEN_BACK,
    LocalStripe,
    Reading,
    as_dict,
    complete,
    local_stripe,
    unsaid,
    unsaid_of_customer,
)
from tests.stripe.written_objects import PRICES, from_unix

DAY = 86_400


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    """One server for the module; its customers know nothing of one another."""
    with local_stripe(tmp_path_factory.mktemp("localstripe")) as started:
        yield started


@pytest.fixture
def customer(server: LocalStripe) -> stripe.Customer:
    """A customer with a good card."""
    return server.customer(GOOD)


@pytest.fixture
def pro(server: LocalStripe, customer: stripe.Customer) -> Reading:
    """Three seats on Pro, in the middle of the first period."""
    began = {"backdate_start_date": customer.created - 12 * DAY}
    return server.read(server.subscribe(customer, "price_pro", 3, **began))


def bought(start: datetime) -> tuple[Action, ...]:
    """The story of whoever bought three seats on Pro at `start`, with a card."""
    return StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, 3, at=start)


def read(reading: Reading) -> Subscription:
    """What the library reads: the same from the client's object and from a plain dict."""
    from_object = subscription_from_stripe(reading.obj, PRICES, at=reading.at)
    assert from_object == subscription_from_stripe(reading.plain, PRICES, at=reading.at)
    return from_object


def told(reading: Reading, *story: Action) -> Subscription:
    """What the library says of the story at the instant of the reading, as Stripe can tell it.

    Since when an account is overdue stands in no object of Stripe's.
    """
    facts = replay(story, until=reading.at).account.subscription
    if not isinstance(facts.phase, OnPaid):
        return facts
    return evolve(facts, phase=evolve(facts.phase, standing_since=None))


def access(subscription: Subscription, at: datetime) -> list[Decision]:
    """Each decision at `at`: on every feature, and on a team of one, of three and of four."""
    may = entitlements(subscription, at)
    teams = [may.decide_usage(Quota.seats, count) for count in (1, 3, 4)]
    return [*map(may.decide, Feature), *teams]


def assert_agree(reading: Reading, *story: Action) -> Subscription:
    """What is read must be what the story says, fact by fact, now and when the period is over."""
    ours, theirs = told(reading, *story), read(reading)
    assert theirs == ours
    assert status(theirs, reading.at) is status(ours, reading.at)
    for at in (reading.at, reading.end):
        assert access(theirs, at) == access(ours, at)
    return theirs


# --- Bought ---
def test_a_purchase_reads_as_a_paid_plan(server: LocalStripe, customer: stripe.Customer) -> None:
    """A card, three seats on Pro: active, and the period is the server's own."""
    bought_now = server.read(server.subscribe(customer, "price_pro", 3))
    facts = assert_agree(bought_now, *bought(bought_now.start))
    period = Period(bought_now.start, bought_now.end)
    assert isinstance(facts.phase, OnPaid)
    assert (facts.plan, facts.seats, facts.phase.period) == (PRO, 3, period)
    assert (facts.present_status, facts.payment_method) == (Status.active, True)


def test_a_purchase_is_asked_for_as_stripe_is_asked_today(
    server: LocalStripe, customer: stripe.Customer
) -> None:
    """The parameters of today pass the adapter."""
    today = {
        "billing_mode": {"type": "flexible"},
        "payment_behavior": "default_incomplete",
        "payment_settings": {"save_default_payment_method": "on_subscription"},
        "proration_behavior": "create_prorations",
        "metadata": {"team": "blue"},
    }
    made = server.read(server.subscribe(customer, "price_ultimate", 2, **today))
    story = bought(made.start)[:2]
    facts = assert_agree(made, *story, ChoosePlan(ULTIMATE, 2, at=made.start))
    assert (facts.plan, made.plain["metadata"]) == (ULTIMATE, {"team": "blue"})


def test_a_purchase_reads_the_same_from_its_event(server: LocalStripe, pro: Reading) -> None:
    """The event about it says all but the customer's card."""
    events = server.client.v1.events.list({"type": "customer.subscription.created", "limit": 100})
    (event,) = (each for each in events.data if each["data"]["object"].id == pro.obj.id)
    complete(event["data"]["object"], unsaid(event["data"]["object"]))
    assert event.object == "event"
    assert subscription_from_stripe(event, PRICES, at=pro.at) == evolve(
        read(pro), payment_method=False
    )


@pytest.mark.parametrize(
    ("price", "seats", "cents"),
    [("price_pro", 1, 19_00), ("price_pro", 3, 57_00), ("price_ultimate", 5, 195_00)],
)
def test_the_first_invoice_is_the_seats_at_their_price(
    server: LocalStripe, customer: stripe.Customer, price: str, seats: int, cents: int
) -> None:
    """Rules B1, B2: one line over the whole period, paid."""
    made = server.read(server.subscribe(customer, price, seats))
    theirs = server.client.v1.invoices.retrieve(made.plain["latest_invoice"])
    opened = replay(bought(made.start)[:2]).account
    (ours,) = apply(opened, ChoosePlan(PRICES[price], seats, at=made.start)).invoices
    (their_line,), (our_line,) = theirs.lines.data, ours.lines
    their_period = Period(from_unix(their_line.period.start), from_unix(their_line.period.end))
    assert (their_line.quantity, their_period) == (our_line.seats, our_line.period)
    assert (theirs["status"], theirs.amount_paid) == ("paid", ours.amount_due.amount)
    assert theirs.total == their_line.amount == ours.total.amount == cents


def test_a_credit_balance_meets_the_first_invoice(server: LocalStripe) -> None:
    """Rule B7: of $57 with $10 in the customer's favour, $47 are due."""
    owed = server.customer(GOOD, balance=-10_00)
    made = server.read(server.subscribe(owed, "price_pro", 3))
    theirs = server.client.v1.invoices.retrieve(made.plain["latest_invoice"])
    opened = replay(bought(made.start)[:2]).account
    credited = evolve(opened, credit_balance=Money(10_00, USD))
    (ours,) = apply(credited, bought(made.start)[2]).invoices
    assert theirs.amount_due == ours.amount_due.amount == 47_00


def test_an_account_reads_with_its_money(server: LocalStripe) -> None:
    """The balance has the opposite sign at Stripe."""
    owed = server.customer(GOOD, balance=-10_00)
    made = server.read(server.subscribe(owed, "price_pro", 3))
    for subscription, owner in (
        (made.obj, made.obj["customer"]),
        (made.plain, made.plain["customer"]),
    ):
        account = account_from_stripe(subscription, owner, [], PRICES, at=made.at)
        assert account == Account(told(made, *bought(made.start)), (), Money(10_00, USD))


# --- Changed ---
@pytest.mark.parametrize("seats", [1, 2, 5])
def test_a_change_of_seats_reads_at_once(server: LocalStripe, pro: Reading, seats: int) -> None:
    """Rule S1: more or fewer, the period stays."""
    changed = server.seats(pro.obj.id, seats)
    facts = assert_agree(changed, *bought(pro.start), ChangeSeats(seats, at=changed.at))
    assert facts.seats == seats
    assert (changed.start, changed.end) == (pro.start, pro.end)


def test_an_upgrade_reads_at_once(server: LocalStripe, pro: Reading) -> None:
    """Rule P1: Ultimate from now, and the anchor does not move."""
    changed = server.upgrade(pro.obj.id, "price_ultimate")
    facts = assert_agree(changed, *bought(pro.start), ChoosePlan(ULTIMATE, at=changed.at))
    assert (facts.plan, facts.seats) == (ULTIMATE, 3)
    assert entitlements(facts, changed.at).allows(Feature.white_label)


def test_an_upgrade_at_the_first_second_costs_what_the_server_says(
    server: LocalStripe, customer: stripe.Customer
) -> None:
    """Rules B5, B8: no time has gone by, so localstripe's whole amounts are prorations too."""
    made = server.read(server.subscribe(customer, "price_pro", 3))
    account = replay(bought(made.start)).account
    (ours,) = preview(account, ChoosePlan(ULTIMATE, at=made.start)).invoices
    previewed = server.previewed(made, "price_ultimate")
    charged = server.renewal(server.upgrade(made.obj.id, "price_ultimate"))
    expected = Counter(line.amount.amount for line in ours.lines)
    for theirs in (previewed, charged):
        assert Counter(line.amount for line in theirs.lines.data) == expected
        assert theirs.total == ours.total.amount == 60_00
    assert (charged["status"], charged.amount_paid) == ("paid", ours.amount_due.amount)


def test_a_credit_without_time_in_it_is_refused(server: LocalStripe, pro: Reading) -> None:
    """A line that waits must say which time it is for; localstripe's says none."""
    changed = server.seats(pro.obj.id, 4)
    waiting = server.client.v1.invoice_items.list({"customer": changed.plain["customer"]["id"]})
    assert [item.amount for item in waiting.data] == [-57_00]
    with pytest.raises(InvalidStripeError, match="pending_items"):
        account_from_stripe(changed.obj, changed.obj["customer"], waiting, PRICES, at=changed.at)


# --- Cancelled ---
def test_a_cancellation_waits_for_the_end_of_the_period(server: LocalStripe, pro: Reading) -> None:
    """Rule P4: Pro to the end of the period, then Free."""
    cancelled = server.change(pro.obj.id, cancel_at_period_end=True)
    facts = assert_agree(cancelled, *bought(pro.start), Cancel(at=cancelled.at))
    assert facts.scheduled_change == ScheduledChange(FREE, pro.end)
    assert status(facts, pro.end) is Status.free
    assert entitlements(facts, pro.end - timedelta(seconds=1)).allows(Feature.visitor_export)
    assert not entitlements(facts, pro.end).allows(Feature.visitor_export)


def test_a_cancellation_at_a_date_waits_for_it(server: LocalStripe, pro: Reading) -> None:
    """The portal's way to say the end of the period: the instant itself."""
    cancelled = server.change(pro.obj.id, cancel_at=pro.plain["current_period_end"])
    assert_agree(cancelled, *bought(pro.start), Cancel(at=cancelled.at))


def test_a_cancellation_taken_back_leaves_nothing_waiting(
    server: LocalStripe, pro: Reading
) -> None:
    """Rule P5: the plan goes on as if nothing had been said."""
    cancelled = server.change(pro.obj.id, cancel_at_period_end=True)
    resumed = server.change(pro.obj.id, cancel_at_period_end=False)
    story = Cancel(at=cancelled.at), Resume(at=resumed.at)
    facts = assert_agree(resumed, *bought(pro.start), *story)
    assert facts.scheduled_change is None


def test_a_subscription_deleted_at_once_is_free(server: LocalStripe, pro: Reading) -> None:
    """What a cancelled account is at its period's end, this one is now."""
    deleted = server.delete(pro.obj.id)
    facts = read(deleted)
    ended = replay((*bought(pro.start), Cancel(at=pro.at)), until=pro.end).account.subscription
    assert facts == evolve(ended, as_of=deleted.at)
    assert (facts.phase, facts.plan, facts.seats) == (OnFree(), FREE, 3)
    assert access(facts, deleted.at) == access(ended, pro.end)


# --- In the trial ---
@pytest.fixture
def trial(server: LocalStripe) -> Reading:
    """The tenth day of a trial with three seats; no card."""
    nobody = server.customer()
    start = nobody.created - 10 * DAY
    days = {"backdate_start_date": start, "trial_end": start + 30 * DAY}
    ends = {"trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}}
    return server.read(server.subscribe(nobody, "price_pro", 3, **days, **ends))


def test_a_trial_reads_without_a_card(trial: Reading) -> None:
    """Rule R1: Pro for thirty days, nothing invoiced; no card means Free at the end."""
    facts = assert_agree(trial, StartTrial(3, at=trial.start))
    assert (facts.present_status, facts.plan, facts.seats) == (Status.trialing, PRO, 3)
    assert (facts.phase, facts.payment_method) == (OnTrial(trial.end), False)
    assert days_left(facts, trial.start + timedelta(days=10)) == 20
    assert status(facts, trial.end) is Status.trial_ended
    assert trial.plain["latest_invoice"] is None


def test_a_card_given_in_the_trial_is_read(server: LocalStripe, trial: Reading) -> None:
    """Rule R4: then Pro goes on after the trial."""
    server.pay_with(trial.plain["customer"]["id"], GOOD)
    with_card = server.read(trial.obj.id)
    facts = assert_agree(
        with_card, StartTrial(3, at=trial.start), AddPaymentMethod(at=with_card.at)
    )
    assert (facts.payment_method, status(facts, trial.end)) == (True, Status.active)


def test_a_card_declined_when_given_is_not_on_file(server: LocalStripe, trial: Reading) -> None:
    """Stripe's client raises its card error, and nothing has changed."""
    with pytest.raises(stripe.CardError, match="declined"):
        server.pay_with(trial.plain["customer"]["id"], DECLINED_WHEN_GIVEN)
    assert_agree(server.read(trial.obj.id), StartTrial(3, at=trial.start))


def test_seats_change_in_the_trial(server: LocalStripe, trial: Reading) -> None:
    """Rule S5: the trial goes on."""
    changed = server.seats(trial.obj.id, 7)
    facts = assert_agree(changed, StartTrial(3, at=trial.start), ChangeSeats(7, at=changed.at))
    assert (facts.seats, facts.phase) == (7, OnTrial(trial.end))


def test_a_trial_cancelled_goes_on_to_its_end(server: LocalStripe, trial: Reading) -> None:
    """Rule R5: then Free, without the mark of a trial that ended."""
    cancelled = server.change(trial.obj.id, cancel_at_period_end=True)
    facts = assert_agree(cancelled, StartTrial(3, at=trial.start), Cancel(at=cancelled.at))
    assert facts.scheduled_change == ScheduledChange(FREE, trial.end)
    assert status(facts, trial.end) is Status.free


def test_a_trial_deleted_at_once_is_free(server: LocalStripe, trial: Reading) -> None:
    """Nothing was ever invoiced, and there is no second trial."""
    deleted = server.delete(trial.obj.id)
    facts = read(deleted)
    story = StartTrial(3, at=trial.start), Cancel(at=trial.at)
    ended = replay(story, until=trial.end).account.subscription
    assert facts == evolve(ended, as_of=deleted.at)
    assert (facts.was_invoiced, trial_eligibility(facts).eligible) == (False, False)


# --- Not paid ---
def test_a_first_payment_that_fails_is_no_purchase(server: LocalStripe) -> None:
    """Rule P8: incomplete is Free, until another card pays."""
    unlucky = server.customer(DECLINED_WHEN_CHARGED)
    tried = server.read(server.subscribe(unlucky, "price_pro", 3))
    assert tried.plain["status"] == "incomplete"
    assert_free(tried, *bought(tried.start)[:2])
    server.pay_with(unlucky.id, GOOD)
    server.pay(tried.plain["latest_invoice"])
    paid = server.read(tried.obj.id)
    assert_agree(paid, *bought(tried.start))


def test_a_first_payment_given_up_is_no_purchase(server: LocalStripe) -> None:
    """Rule P8: the invoice is void, the subscription incomplete_expired, the account on Free."""
    unlucky = server.customer(DECLINED_WHEN_CHARGED)
    tried = server.read(server.subscribe(unlucky, "price_pro", 3))
    void = server.client.v1.invoices.void_invoice(tried.plain["latest_invoice"])
    expired = server.read(tried.obj.id)
    assert (void["status"], expired.plain["status"]) == ("void", "incomplete_expired")
    assert_free(expired, *bought(tried.start)[:2])


def assert_free(reading: Reading, *story: Action) -> None:
    """What is read must be what the story says: Free, but for the seats that were asked for."""
    ours, theirs = told(reading, *story), read(reading)
    assert theirs == evolve(ours, seats=3)
    assert access(theirs, reading.at) == access(ours, reading.at)
    assert theirs.present_status is Status.free


def decline(server: LocalStripe, held: Reading) -> Reading:
    """The subscription after a renewal that the card did not pay."""
    server.pay_with(held.plain["customer"]["id"], DECLINED_AFTER_AUTHENTICATION)
    with pytest.raises(stripe.CardError, match="declined"):
        server.renewal(held)
    return server.read(held.obj.id)


def test_a_failed_renewal_is_past_due_until_it_is_paid(server: LocalStripe, pro: Reading) -> None:
    """Rules D1, D2: the features stay, and good standing comes back with the payment."""
    owner = pro.plain["customer"]["id"]
    failed = decline(server, pro)
    story = *bought(pro.start), PaymentFailed(at=failed.at)
    facts = assert_agree(failed, *story)
    assert facts.present_status is Status.past_due
    assert entitlements(facts, failed.at).allows(Feature.visitor_export)
    server.pay_with(owner, GOOD)
    invoice = server.pay(failed.plain["latest_invoice"])
    paid = server.read(pro.obj.id)
    facts = assert_agree(paid, *story, PaymentSucceeded(at=paid.at))
    assert (invoice["status"], facts.present_status) == ("paid", Status.active)


def test_a_card_taken_away_is_missed(server: LocalStripe, pro: Reading) -> None:
    """Rule D5: without a default there is no payment method."""
    none: Any = {"invoice_settings": {"default_payment_method": ""}}
    server.client.v1.customers.update(pro.plain["customer"]["id"], none)
    without = server.read(pro.obj.id)
    facts = assert_agree(without, *bought(pro.start), RemovePaymentMethod(at=without.at))
    assert not facts.payment_method


# --- One after the other ---
STEPS: Mapping[
    str, tuple[Callable[[LocalStripe, Reading], Reading], Callable[[datetime], Action]]
] = {
    "seats": (lambda server, held: server.seats(held.obj.id, 5), lambda at: ChangeSeats(5, at=at)),
    "upgrade": (
        lambda server, held: server.upgrade(held.obj.id, "price_ultimate"),
        lambda at: ChoosePlan(ULTIMATE, at=at),
    ),
    "cancel": (
        lambda server, held: server.change(held.obj.id, cancel_at_period_end=True),
        lambda at: Cancel(at=at),
    ),
    "decline": (decline, lambda at: PaymentFailed(at=at)),
}


GROWING = ("seats", "upgrade")
ORDERS = [*permutations(STEPS)]
PAID_FIRST = [order for order in ORDERS if {*GROWING} <= {*order[: order.index("decline")]}]


@pytest.mark.parametrize("order", PAID_FIRST, ids=" ".join)
def test_changes_read_alike_in_any_order(
    server: LocalStripe, pro: Reading, order: Sequence[str]
) -> None:
    """Each step leads to the same facts on both sides, whatever came before it."""
    held, story = pro, bought(pro.start)
    for name in order:
        request, action = STEPS[name]
        held = request(server, held)
        story = (*story, action(held.at))
        assert_agree(held, *story)


@pytest.mark.parametrize("name", GROWING)
def test_stripe_lets_an_overdue_account_grow_and_the_library_does_not(
    server: LocalStripe, pro: Reading, name: str
) -> None:
    """Rule B11: the action is refused here; what was done at Stripe reads as Stripe holds it."""
    failed = decline(server, pro)
    request, action = STEPS[name]
    grown = request(server, failed)
    with pytest.raises(PaymentOverdueError):
        told(grown, *bought(pro.start), PaymentFailed(at=failed.at), action(grown.at))
    facts = read(grown)
    held = (ULTIMATE, 3) if name == "upgrade" else (PRO, 5)
    assert (facts.plan, facts.seats) == held
    assert facts.present_status is Status.past_due


# --- The adapter ---
def answer(server: LocalStripe, method: str, path: str, **params: Any) -> int | None:
    """The status of the server's answer to a request that no adapter has seen."""
    try:
        server.client.raw_request(method, path, **params)
    except stripe.StripeError as error:
        return error.http_status
    return 200


@pytest.mark.parametrize("name", [None, *NOT_WHEN_CREATED])
def test_what_is_left_out_of_a_purchase_is_refused(
    server: LocalStripe, customer: stripe.Customer, name: str | None
) -> None:
    """Each parameter left out makes a good request a bad one."""
    asked = {"customer": customer.id, "items": [{"plan": "price_pro"}]}
    left_out = {} if name is None else {name: NOT_WHEN_CREATED[name]}
    status_code = answer(server, "post", "/v1/subscriptions", **asked, **left_out)
    assert status_code == (200 if name is None else 400)


@pytest.mark.parametrize("name", [None, *NOT_WHEN_CHANGED])
def test_what_is_left_out_of_a_change_is_refused(
    server: LocalStripe, pro: Reading, name: str | None
) -> None:
    """Each parameter left out makes a good request a bad one: the server falls over it."""
    left_out = {} if name is None else {name: NOT_WHEN_CHANGED[name]}
    path = f"/v1/subscriptions/{pro.obj.id}"
    status_code = answer(server, "post", path, metadata={"team": "blue"}, **left_out)
    assert status_code == (200 if name is None else 500)


def test_an_item_with_a_price_is_refused(server: LocalStripe, customer: stripe.Customer) -> None:
    """The adapter calls it a plan."""
    items = [{"price": "price_pro", "quantity": 3}]
    assert answer(server, "post", "/v1/subscriptions", customer=customer.id, items=items) == 400


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_is_not_covered_is_not_there(server: LocalStripe, path: str) -> None:
    """The server knows neither prices, nor schedules, nor a clock that a test could turn."""
    assert answer(server, "get", path) == 404


def test_what_the_adapter_adds_is_left_unsaid(server: LocalStripe) -> None:
    """Each field added is missing or wrong in what the server says."""
    owner = server.customer(GOOD, balance=-10_00)
    days = {"trial_end": owner.created + 5 * DAY}
    made = (server.subscribe(owner, "price_pro", 3, **asked) for asked in ({}, days))
    said = [as_dict(server.client.v1.subscriptions.retrieve(each)) for each in made]
    answers = [(each, unsaid(each)) for each in said]
    answers.append((as_dict(owner), unsaid_of_customer(owner)))
    for theirs, added in answers:
        assert {name for name in added if theirs.get(name) == added[name]} == set()


# --- The whole way round ---
def came(customer: stripe.Customer) -> tuple[Action, ...]:
    """The story of a customer before anything was chosen; a card was given where there is one."""
    at = from_unix(customer.created)
    settings = customer.invoice_settings
    has_card = settings is not None and settings.default_payment_method is not None
    return StartFree(at=at), *((AddPaymentMethod(at=at),) if has_card else ())


def begin(server: LocalStripe, customer: stripe.Customer, action: Action) -> Reading:
    """The subscription that the action's one call creates."""
    before = replay(came(customer)).account.subscription
    (call,) = calls(action, before, StripeIds(customer.id, PRICES))
    return server.read(server.send(**call)["id"])


def do(server: LocalStripe, held: Reading, story: Sequence[Action], action: Action) -> Reading:
    """The subscription after the action's calls."""
    before = replay(story, until=action.at).account.subscription
    for call in calls(action, before, ids_of(held)):
        server.send(**call)
    return server.read(held.obj.id)


def ids_of(held: Reading) -> StripeIds:
    """The ids that the subscription states."""
    return ids_from_stripe(held.obj, PRICES)


@pytest.fixture
def begun(server: LocalStripe) -> tuple[Reading, tuple[Action, ...]]:
    """Three seats on Pro, and the story: the choice happened where Stripe's first period starts."""
    customer = server.customer(GOOD)
    held = begin(server, customer, ChoosePlan(PRO, 3, at=from_unix(customer.created)))
    return held, (*came(customer), ChoosePlan(PRO, 3, at=held.start))


def test_a_choice_becomes_a_subscription(begun: tuple[Reading, tuple[Action, ...]]) -> None:
    """Rule P2: paid at once, and held from the server's instant on."""
    held, story = begun
    assert (assert_agree(held, *story).plan, held.plain["quantity"]) == (PRO, 3)


def test_a_choice_not_paid_has_not_happened(server: LocalStripe) -> None:
    """Rule P8: the subscription is incomplete, and the account where it was."""
    customer = server.customer(DECLINED_WHEN_CHARGED)
    held = begin(server, customer, ChoosePlan(PRO, 3, at=from_unix(customer.created)))
    read = subscription_from_stripe(held.obj, PRICES, at=held.at)
    told = replay(came(customer), until=held.at).account.subscription
    assert held.plain["status"] == "incomplete"
    assert read == evolve(told, seats=3)
    assert isinstance(read.phase, OnFree)


ASKED: Mapping[str, Callable[[datetime], Action]] = {
    "seats": lambda at: ChangeSeats(5, at=at),
    "upgrade": lambda at: ChoosePlan(ULTIMATE, at=at),
    "cancel": lambda at: Cancel(at=at),
    "resume": lambda at: Resume(at=at),
}


@pytest.mark.parametrize("order", [*permutations(ASKED)], ids=" ".join)
def test_actions_lead_where_their_calls_lead(
    server: LocalStripe, begun: tuple[Reading, tuple[Action, ...]], order: Sequence[str]
) -> None:
    """Rules S1, P1, P4, P5: each action in any order, with whatever its calls take back."""
    held, story = begun
    for name in order:
        action = ASKED[name](held.at)
        held, story = do(server, held, story, action), (*story, action)
        assert_agree(held, *story)


@pytest.mark.parametrize("order", [*permutations(("seats", "cancel", "resume"))], ids=" ".join)
def test_actions_in_the_trial_lead_where_their_calls_lead(
    server: LocalStripe, order: Sequence[str]
) -> None:
    """Rules R1, R5, S5: the trial's end is the one stored, whatever happens in it."""
    customer = server.customer()
    start = StartTrial(3, at=from_unix(customer.created))
    held, story = begin(server, customer, start), (*came(customer), start)
    end = assert_agree(held, *story).phase.end
    for name in order:
        action = ASKED[name](held.at)
        held, story = do(server, held, story, action), (*story, action)
        assert assert_agree(held, *story).phase == OnTrial(from_unix(held.plain["trial_end"]))
    assert from_unix(held.plain["trial_end"]) == end


def test_an_upgrade_is_previewed_at_what_it_costs(
    server: LocalStripe, begun: tuple[Reading, tuple[Action, ...]]
) -> None:
    """Rule B8: at the first second no time has gone by, so localstripe's amounts are prorations."""
    held, story = begun
    account = replay(story).account
    upgrade = ChoosePlan(ULTIMATE, at=held.start)
    theirs = server.send(**preview_call(upgrade, account.subscription, ids_of(held)))
    (ours,) = preview(account, upgrade).invoices
    lines = Counter(line["amount"] for line in theirs["lines"]["data"])
    assert lines == Counter(line.amount.amount for line in ours.lines)
    assert theirs["total"] == ours.amount_due.amount == 60_00


@pytest.mark.parametrize(
    "asked", [{name: value} for name, value in TAKEN_BACK.items()] + [{}], ids=str
)
def test_what_takes_an_end_back_is_not_sent(
    server: LocalStripe, begun: tuple[Reading, tuple[Action, ...]], asked: dict[str, Any]
) -> None:
    """The server refuses an empty text, and a change of nothing; with anything else it would do."""
    path = f"/v1/subscriptions/{begun[0].obj.id}"
    good = {"cancel_at_period_end": False}
    assert server.client.raw_request("post", path, **good).code == 200
    with pytest.raises(stripe.StripeError):
        server.client.raw_request("post", path, **(good | asked if asked else {}))
    assert server.send(f"POST {path}", asked)["id"] == begun[0].obj.id
