"""The library against the independent model, invoice by invoice, answer by answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    Account,
    AccountRestrictedError,
    AccountRestrictedNotice,
    Action,
    ActionRefusedError,
    BillingMode,
    ChangeScheduledNotice,
    CurrencyMismatchError,
    Decision,
    Feature,
    Held,
    Invoice,
    Line,
    Notice,
    OnFree,
    OnPaid,
    OnTrial,
    OutOfOrderError,
    PaymentMethodRequiredError,
    PaymentOverdueError,
    PaymentRequiredNotice,
    PlanNotOfferedError,
    PlansError,
    PriceChangeNotice,
    Quota,
    ScheduledChange,
    SeatLimitError,
    SeatsOverLimitNotice,
    Statement,
    TrialEndedNotice,
    TrialRefusedError,
    TrialRunningNotice,
    advance,
    apply,
    days_left,
    entitlements,
    notices,
    open_account,
    preview,
    replay,
    status,
    upcoming_invoice,
)
from tests.instants import from_unix
from tests.laws import model
from tests.laws.histories import (
    DAY,
    Story,
    model_act,
    model_catalog,
    model_plan,
    seconds,
    stories,
)
from tests.laws.model import Model, Refused

KINDS: dict[type[PlansError], str] = {
    OutOfOrderError: "out_of_order",
    SeatLimitError: "seat_limit",
    PaymentMethodRequiredError: "payment_method_required",
    AccountRestrictedError: "account_restricted",
    TrialRefusedError: "trial_refused",
    PlanNotOfferedError: "plan_not_offered",
    PaymentOverdueError: "payment_overdue",
    CurrencyMismatchError: "currency_mismatch",
    ActionRefusedError: "action_refused",
}

NOTICES = {
    AccountRestrictedNotice: "restricted",
    PaymentRequiredNotice: "payment_required",
    TrialEndedNotice: "trial_ended",
    SeatsOverLimitNotice: "seats_over_limit",
    ChangeScheduledNotice: "change_scheduled",
    PriceChangeNotice: "price_change",
    TrialRunningNotice: "trial_running",
}


def plain_line(line: Line) -> model.Line:
    """A library line in the model's terms."""
    return model.Line(
        kind=line.kind.value,
        plan_key=line.plan.key,
        unit_price=line.unit_price.amount,
        seats=line.seats,
        part_start=seconds(line.period.start),
        part_end=seconds(line.period.end),
        whole_start=seconds(line.whole.start),
        whole_end=seconds(line.whole.end),
        base=line.base.amount,
        exact=line.exact,
        amount=line.amount.amount,
    )


def plain_invoice(invoice: Invoice) -> model.Invoice:
    """A library invoice in the model's terms."""
    assert invoice.number is not None
    assert invoice.cause is not None
    return model.Invoice(
        number=invoice.number,
        cause=invoice.cause.value,
        issued_at=seconds(invoice.issued_at),
        lines=tuple(map(plain_line, invoice.lines)),
        total=invoice.total.amount,
        credit_before=invoice.credit_before.amount,
        amount_due=invoice.amount_due.amount,
        credit_after=invoice.credit_after.amount,
        refundable_until=seconds(invoice.refundable_until),
    )


def plain_invoices(statement: Statement) -> list[model.Invoice]:
    """A statement's invoices in the model's terms."""
    return list(map(plain_invoice, statement.invoices))


def plain_events(statement: Statement) -> list[model.Event]:
    """What happened, in the model's terms."""
    return [
        model.Event(
            at=seconds(event.at),
            kind=event.kind.value,
            before=None if event.before is None else plain_held(event.before),
            after=plain_held(event.after),
            invoice=None if event.invoice is None else plain_invoice(event.invoice),
            act=None if event.action is None else model_act(event.action),
        )
        for event in statement.events
    ]


def plain_held(held: Held) -> model.Held:
    """What was held, in the model's terms."""
    return model_plan(held.plan), held.seats, held.status.value


def plain_phase(account: Account) -> Mapping[str, object]:
    """The facts of the phase that are new with modes, graces and owing, in the model's terms."""
    phase = account.subscription.phase
    match phase:
        case OnPaid(standing_since=since, grace_end=grace_end):
            known = {"since": since, "grace_end": grace_end}
            return {name: at and seconds(at) for name, at in known.items()} | {
                "anchor": seconds(phase.cycle.anchor),
                "mode": phase.billing_mode.value,
                "owes": False,
            }
        case _:
            owes = isinstance(phase, OnFree) and phase.owes
            return {"since": None, "grace_end": None, "anchor": None, "mode": "", "owes": owes}


def plain_debit(account: Account) -> model.Line | None:
    """The standing debit, in the model's terms."""
    return None if account.standing_debit is None else plain_line(account.standing_debit)


def expected_debit(expected: Model) -> model.Line | None:
    """What the library keeps of the debit: classic billing has no use for it (B12)."""
    return expected.debit if expected.mode == BillingMode.flexible.value else None


def assert_same_account(account: Account, expected: Model) -> None:
    """Facts, waiting lines and balance agree."""
    facts = account.subscription
    change = facts.scheduled_change
    moving = facts.next_catalog
    actual = {
        "edition": model_catalog(facts.catalog),
        "as_of": seconds(facts.as_of),
        "plan": facts.plan.key,
        "seats": facts.seats,
        "card": facts.payment_method,
        "tried": facts.tried_plan,
        "invoiced": facts.was_invoiced,
        "change": None if change is None else (change.plan.key, seconds(change.at)),
        "moving": None if moving is None else model_catalog(moving),
        "pending": tuple(map(plain_line, account.pending_lines)),
        "credit": account.credit_balance.amount,
        "debit": plain_debit(account),
        "issued": [(each.amount_due.amount, each.refunded.amount) for each in account.issued],
        **plain_phase(account),
    }
    assert actual == {
        "edition": expected.catalog,
        "as_of": expected.now,
        "plan": expected.held,
        "seats": expected.team,
        "card": expected.card,
        "tried": expected.trialed,
        "invoiced": bool(expected.invoices),
        "change": expected.scheduled(expected.now),
        "moving": expected.moving,
        "pending": expected.pending,
        "credit": expected.credit,
        "debit": expected_debit(expected),
        "issued": [
            (invoice.amount_due, expected.given_back(invoice.number))
            for invoice in expected.invoices
        ],
        "since": expected.standing_since,
        "grace_end": expected.grace_end,
        "anchor": expected.anchor if expected.phase == "paid" else None,
        "mode": expected.mode,
        "owes": expected.owes,
    }
    upcoming = upcoming_invoice(account)
    assert (None if upcoming is None else plain_invoice(upcoming)) == expected.upcoming()


def plain_decision(decision: Decision) -> model.Decided:
    """A library decision in the model's terms."""
    cheapest, until = decision.cheapest_plan, decision.valid_until
    return (
        decision.allowed,
        decision.reason.value,
        decision.plan.key,
        None if cheapest is None else cheapest.key,
        None if until is None else seconds(until),
    )


def assert_same_answers(account: Account, expected: Model, at: int) -> None:
    """Everything that can be asked at `at` is answered alike."""
    facts, moment = account.subscription, from_unix(at)
    may = entitlements(facts, moment)
    assert status(facts, moment).value == expected.status(at)
    assert days_left(facts, moment) == expected.days_left(at)
    assert may.held_plan.key == expected.plan_key(at)
    assert may.plan.key == expected.effective_plan_key(at)
    for feature in Feature:
        assert plain_decision(may.decide(feature)) == expected.decide(feature.value, at)
        assert may.allows(feature) == expected.decide(feature.value, at)[0]
    for quota in Quota:
        for used in (0, 1, 2, 3, 7):
            actual = plain_decision(may.decide_usage(quota, used))
            assert actual == expected.decide_usage(quota.value, used, at)
    for more in (0, 1, 4):
        actual = plain_decision(may.decide_more(Quota.seats, more))
        assert actual == expected.decide_more(more, at)
    assert tuple(map(plain_notice, notices(facts, moment))) == expected.notices(at)


def plain_notice(notice: Notice) -> tuple[object, ...]:
    """A notice in the model's terms: its name, why "payment required", both prices and when."""
    name = NOTICES[type(notice)]
    match notice:
        case PaymentRequiredNotice(because=because):
            return name, None if because is None else because.value
        case PriceChangeNotice(before=before, after=after, at=at):
            return name, before.amount, after.amount, seconds(at)
        case _:
            return (name,)


def outcome(do: Callable[[], Statement]) -> Statement | str:
    """What the library did, or the kind of its refusal."""
    try:
        return do()
    except PlansError as error:
        return KINDS[type(error)]


Step = tuple[list[model.Invoice], list[model.Event]]


def plain_step(statement: Statement) -> Step:
    """What was issued and what happened, in the model's terms."""
    return plain_invoices(statement), plain_events(statement)


def expected_outcome(do: Callable[[], Step]) -> Step | str:
    """What the model did, or the kind of its refusal."""
    try:
        return do()
    except Refused as refusal:
        return refusal.kind


def test_the_published_catalogue_is_the_models() -> None:
    """C1, C2: what the model restates from the rules is what the library sells."""
    assert model_catalog(CHATIM) == model.CHATIM


@given(stories(refused=True), st.lists(st.integers(0, 800 * DAY), max_size=2))
def test_every_step_agrees_with_the_model(story: Story, gaps: list[int]) -> None:
    """Invoices, events, refusals, facts, previews and answers are the model's, act by act."""
    catalog, (opening, *actions) = story
    expected = Model.open(model_act(opening), model_catalog(catalog))
    opened = open_account(opening, catalog)
    assert plain_step(opened) == (list(expected.invoices), list(expected.events))
    account = opened.account
    assert_same_account(account, expected)
    assert_agree(account, expected, actions, gaps)


def assert_agree(
    account: Account, expected: Model, actions: Iterable[Action], gaps: list[int]
) -> None:
    """Both live on in the same way, act by act, and then as time goes by."""
    for action in actions:
        act = model_act(action)
        seen = outcome(lambda: preview(account, action))  # noqa: B023 — called at once
        foreseen = expected_outcome(lambda: expected.preview(act))  # noqa: B023
        assert (seen if isinstance(seen, str) else plain_step(seen)) == foreseen
        done = outcome(lambda: apply(account, action))  # noqa: B023
        due = expected_outcome(lambda: expected.act(act))  # noqa: B023
        if isinstance(done, str):
            assert done == due
            continue
        assert plain_step(done) == due
        account = done.account
        assert_same_account(account, expected)
        ends = {end for end in (expected.until, expected.grace_end) if end is not None}
        for at in sorted({expected.now, *ends, *(end - 1 for end in ends)}):
            assert_same_answers(account, expected, at)
    for gap in gaps:
        assert_same_answers(account, expected, expected.now + gap)
        statement = advance(account, from_unix(expected.now + gap))
        assert plain_step(statement) == expected.advance(expected.now + gap)
        account = statement.account
        assert_same_account(account, expected)


@given(stories(), st.integers(0, 400 * DAY))
def test_replay_is_the_models_life(story: Story, gap: int) -> None:
    """A whole history replayed gives the invoices and events of a life lived act by act."""
    catalog, history = story
    opening, *acts = map(model_act, history)
    expected = Model.open(opening, model_catalog(catalog))
    for act in acts:
        expected.act(act)
    end = expected.now + gap
    expected.advance(end)
    statement = replay(history, until=from_unix(end), catalog=catalog)
    assert plain_step(statement) == (list(expected.invoices), list(expected.events))
    assert_same_account(statement.account, expected)


@given(stories(), st.data())
def test_an_end_inside_a_period_or_beyond_a_trial_agrees_with_the_model(
    story: Story, data: st.DataObject
) -> None:
    """P4, D3, D6, D8, R8: Stripe's `cancel_at`, from which a history goes on."""
    catalog, history = story
    known = data.draw(st.integers(1, len(history)))
    account = replay(history[:known], catalog=catalog).account
    facts = account.subscription
    end = facts.phase.end
    assume(end is not None)
    assert end is not None
    opening, *acts = map(model_act, history[:known])
    expected = Model.open(opening, model_catalog(catalog))
    for act in acts:
        expected.act(act)
    first = seconds(end if isinstance(facts.phase, OnTrial) else facts.as_of) + 1
    seams = [at for at in (seconds(end), expected.grace_end) if at is not None and at >= first]
    days = st.integers(0, 70 * DAY).map(lambda after: first + after)
    at = data.draw(st.sampled_from(seams) | days if seams else days)
    expected.leave_at(at)
    change = ScheduledChange(facts.catalog.free_plan, from_unix(at))
    account = evolve(account, subscription=evolve(facts, scheduled_change=change))
    assert_same_account(account, expected)
    gaps = data.draw(st.lists(st.integers(0, 100 * DAY), max_size=2))
    assert_agree(account, expected, history[known:], gaps)
