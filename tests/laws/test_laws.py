"""Laws that hold over any history: of money, of time and of access."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from chatim_plans import (
    PRO,
    USD,
    Account,
    AccountEvent,
    AdjustCredit,
    BillingMode,
    ChangeSeats,
    EventKind,
    Feature,
    Held,
    Invoice,
    Line,
    LineKind,
    Money,
    MoveToEdition,
    OnPaid,
    OnTrial,
    Period,
    PlansError,
    Statement,
    advance,
    apply,
    entitlements,
    notices,
    preview,
    prorate,
    replay,
    statements,
    upcoming_invoice,
)
from chatim_plans.catalog.features import within
from tests.accounts import on_plan
from tests.instants import from_unix, utc
from tests.laws.areas import Area
from tests.laws.histories import DAY, Story, overdue_stories, paid_stories, seconds, stories


def lived(story: Story) -> Statement:
    """The statement of a whole history."""
    catalog, history = story
    return replay(history, catalog=catalog)


def moments(account: Account, gaps: list[int]) -> list[int]:
    """Unix seconds from the account's instant on, in order."""
    now = seconds(account.subscription.as_of)
    return sorted(now + gap for gap in gaps)


def steps(story: Story) -> Iterator[tuple[Account, Statement]]:
    """Each account of a history with what it came to next: by time alone, then by the action."""
    catalog, (opening, *actions) = story
    account = replay([opening], catalog=catalog).account
    for action in actions:
        waited = advance(account, action.at)
        yield account, waited
        done = apply(waited.account, action)
        yield waited.account, done
        account = done.account


def lines_of(statement: Statement) -> list[Line]:
    """Every line that was billed, and then those that wait."""
    billed = [line for invoice in statement.invoices for line in invoice.lines]
    return [*billed, *statement.account.pending_lines]


def is_flexible(account: Account) -> bool:
    """Whether the account is billed in flexible mode (B12)."""
    phase = account.subscription.phase
    return isinstance(phase, OnPaid) and phase.billing_mode is BillingMode.flexible


def adjustment(event: AccountEvent) -> int:
    """The balance that Chatim granted or took with an event (B13)."""
    return event.action.amount.amount if isinstance(event.action, AdjustCredit) else 0


GAPS = st.lists(st.integers(0, 500 * DAY), min_size=1, max_size=5)


# --- money ---
@given(stories(), st.integers(0, 200 * DAY))
def test_lines_equal_dues_and_adjustments_less_the_final_balance(story: Story, gap: int) -> None:
    """B7, B13: Σ lines is Σ amounts due, and Σ adjustments, less the final balance."""
    past = lived(story)
    later = advance(past.account, from_unix(moments(past.account, [gap])[0]))
    invoices = past.invoices + later.invoices
    lines = sum(line.amount.amount for invoice in invoices for line in invoice.lines)
    dues = sum(invoice.amount_due.amount for invoice in invoices)
    adjustments = sum(map(adjustment, past.events))
    assert lines == dues + adjustments - later.account.credit_balance.amount


@given(stories())
def test_balances_follow_from_event_to_event(story: Story) -> None:
    """B7, B13: an invoice starts from the balance left before; adjustments alone move it too."""
    statement, balance = lived(story), 0
    for event in statement.events:
        balance += adjustment(event)
        if event.invoice is not None:
            assert event.invoice.credit_before.amount == balance
            balance = event.invoice.credit_after.amount
    assert statement.account.credit_balance.amount == balance


@given(stories())
def test_what_is_billed_is_price_times_seats_over_the_time_paid_for(story: Story) -> None:
    """B3, B5, B12: billed and waiting lines are the area under price × seats, in both modes.

    D3, P10 and an overdue shrink (B11) are terms of it; each line is within half a cent.
    """
    area = Area()
    for before, statement in steps(story):
        for event in statement.events:
            area.follow(event, flexible=is_flexible(before))
    lines = lines_of(lived(story))
    difference = sum(line.amount.amount for line in lines) - area.total()
    assert abs(difference) <= Fraction(len(lines), 2)


@given(stories())
def test_no_credit_exceeds_what_was_debited(story: Story) -> None:
    """B12, flexible: a credit is for the rest of one charge, at most all of it, and only once."""
    charges: list[Line] = []
    seen = 0
    billed: tuple[Invoice, ...] = ()
    for before, statement in steps(story):
        billed += statement.invoices
        lines = lines_of(Statement(statement.account, billed))
        for line in lines[seen:]:
            if line.kind is not LineKind.unused_time:
                charges.append(line)
            elif is_flexible(before):
                debit = next(each for each in reversed(charges) if each.period == line.whole)
                charges.remove(debit)
                assert line.base == debit.amount
                assert Money(0, debit.amount.currency) <= -line.amount <= debit.amount
        seen = len(lines)


@given(stories())
def test_invoices_are_numbered_from_one(story: Story) -> None:
    """B14: 1, 2, 3 … whatever the steps; the account knows what was due on each."""
    once = lived(story)
    stepped = [invoice for _, statement in steps(story) for invoice in statement.invoices]
    assert [invoice.number for invoice in stepped] == list(range(1, len(stepped) + 1))
    assert tuple(stepped) == once.invoices
    assert [each.amount_due for each in once.account.issued] == [i.amount_due for i in stepped]


@given(stories())
def test_no_amount_due_is_negative_or_too_small(story: Story) -> None:
    """B7, B10: what is due is nothing, or at least the smallest charge, here of any edition."""
    catalog, history = story
    editions = [action.catalog for action in history if isinstance(action, MoveToEdition)]
    smallest = min(edition.terms.smallest_charge.amount for edition in (catalog, *editions))
    for invoice in lived(story).invoices:
        assert invoice.amount_due.amount == 0 or invoice.amount_due.amount >= smallest


@given(stories())
def test_every_line_is_its_exact_amount_rounded_in_the_customers_favour(story: Story) -> None:
    """B4, B6: a line differs from the exact amount by at most half a cent, an exact half down."""
    for invoice in lived(story).invoices:
        for line in invoice.lines:
            assert Fraction(-1, 2) <= line.rounding_difference < Fraction(1, 2)
            assert line.fraction == Fraction(line.period.seconds, line.whole.seconds)


@given(
    st.integers(-10_000, 10_000),
    st.lists(st.integers(1, 40 * DAY), min_size=2, max_size=8, unique=True).map(sorted),
)
def test_parts_of_a_period_sum_to_the_whole(price: int, cuts: list[int]) -> None:
    """B3: parts that tile a period cost the whole, within half a cent a part."""
    start, *ends = (from_unix(cut) for cut in [0, *cuts])
    whole = Period(start, ends[-1])
    parts = [Period(a, b) for a, b in zip([start, *ends], ends, strict=False)]
    shares = [prorate(Money(price, USD), part=part, whole=whole).amount for part in parts]
    exact = sum(Fraction(price * part.seconds, whole.seconds) for part in parts)
    assert exact == price
    assert abs(sum(shares) - price) <= Fraction(len(parts), 2)


@given(paid_stories(), st.integers(1, 2), st.floats(0, 1, exclude_max=True))
def test_seats_changed_and_changed_back_cost_nothing_but_rounding(
    story: Story, grown: int, share: float
) -> None:
    """B5, B12, S1: there and back at one instant nets to zero, but for what rounding gives.

    In classic mode that is a half that goes to the customer. In flexible mode the way back takes
    back the very charge of the way there; what is left is within a cent of what held before, where
    all its seats had been debited (after an overdue shrink they were not).
    """
    account = lived(story).account
    facts, debit = account.subscription, account.standing_debit
    assert isinstance(facts.phase, OnPaid)
    assume(within(facts.seats, facts.plan.limit("seats")))  # over it, there is no way back
    left = facts.phase.period.end - facts.as_of
    at = facts.as_of + timedelta(seconds=int(left.total_seconds() * share))
    seats = facts.seats + grown if within(facts.seats + grown, facts.plan.limit("seats")) else 1
    there = apply(account, ChangeSeats(seats, at=at))
    again = apply(there.account, ChangeSeats(facts.seats, at=at))
    issued = [line for invoice in there.invoices + again.invoices for line in invoice.lines]
    new = [*issued, *again.account.pending_lines][len(account.pending_lines) :]
    net = sum(line.amount.amount for line in new)
    if debit is None:
        assert sum(line.exact for line in new) == 0
        assert -sum(line.exact.denominator == 2 for line in new) <= net <= 0
    elif new:
        assert new[2].amount == -new[1].amount
        assert abs(net) <= 1 or debit.seats != facts.seats


@given(stories(), GAPS)
def test_one_step_does_what_many_steps_do(story: Story, gaps: list[int]) -> None:
    """B9, B14: in one step or in many: the same invoices, events and account."""
    account = lived(story).account
    stops = [from_unix(at) for at in moments(account, gaps)]
    invoices: tuple[Invoice, ...] = ()
    events: tuple[AccountEvent, ...] = ()
    stepped = account
    for stop in stops:
        statement = advance(stepped, stop)
        invoices, events = invoices + statement.invoices, events + statement.events
        stepped = statement.account
    assert Statement(stepped, invoices, events) == advance(account, stops[-1])


@given(stories(), GAPS)
def test_many_instants_are_one_fold(story: Story, gaps: list[int]) -> None:
    """T4, B9: the statements at several instants are the replays up to each; none before."""
    catalog, history = story
    opened = history[0].at
    instants = [from_unix(seconds(opened) + gap - 30 * DAY) for gap in gaps]
    replays = [
        replay(history, until=at, catalog=catalog) if at >= opened else None for at in instants
    ]
    assert list(statements(history, instants, catalog)) == replays


@given(stories())
def test_going_nowhere_issues_nothing(story: Story) -> None:
    """T4: advancing to the instant an account stands at changes nothing."""
    account = lived(story).account
    assert advance(account, account.subscription.as_of) == Statement(account, ())


@given(stories(refused=True))
def test_a_preview_is_the_charge_and_a_refusal_changes_nothing(story: Story) -> None:
    """B8, P7: with a payment method on file, preview and apply are one; refusals raise in both."""
    catalog, (opening, *actions) = story
    account = replay([opening], catalog=catalog).account
    for action in actions:
        held = repr(account)
        try:
            done = apply(account, action)
        except PlansError:
            assert repr(account) == held
            continue
        assert preview(account, action) == done
        assert repr(account) == held
        account = done.account


@given(stories())
def test_the_upcoming_invoice_is_the_next_that_time_issues(story: Story) -> None:
    """B2, B8: what is announced is what comes; where nothing is announced nothing comes."""
    account = lived(story).account
    announced = upcoming_invoice(account)
    horizon = account.subscription.as_of + timedelta(days=800)
    issued = advance(account, horizon).invoices
    assert (issued[0] if issued else None) == announced


# --- what happened ---
@given(stories(), st.integers(0, 400 * DAY))
def test_what_happened_leads_from_before_to_after(story: Story, gap: int) -> None:
    """B14: each event begins with what the last one led to, and the last leads to what is held."""
    catalog, history = story
    end = from_unix(seconds(history[-1].at) + gap)
    statement = replay(history, until=end, catalog=catalog)
    first, *rest = statement.events
    assert first.before is None
    held = first.after
    for event in rest:
        assert event.before == held
        held = event.after
    facts = statement.account.subscription
    assert held == Held(facts.plan, facts.seats, facts.present_status)
    instants = [event.at for event in statement.events]
    assert instants == sorted(instants)
    assert statement.invoices == tuple(e.invoice for e in statement.events if e.invoice)


@given(stories())
def test_what_is_not_listed_changed_nothing(story: Story) -> None:
    """B14, P7: the actions of the events alone, folded, lead to the same account and invoices."""
    catalog, history = story
    statement = replay(history, catalog=catalog)
    listed = [event.action for event in statement.events if event.action is not None]
    assert replay(listed, until=history[-1].at, catalog=catalog) == statement


@given(stories())
def test_an_event_of_time_comes_at_a_boundary(story: Story) -> None:
    """B14, A3: what carries no action happens at the instant until which answers held."""
    for before, statement in steps(story):
        boundary = before.subscription.next_boundary
        timely = [event for event in statement.events if event.action is None]
        assert [event.at for event in timely[:1]] == [boundary] * bool(timely)


# --- facts ---
@given(stories())
def test_an_account_has_at_most_one_trial_and_at_least_one_seat(story: Story) -> None:
    """R2, R8, S3: no history starts two trials, whose end may move, or drops below a seat."""
    events = lived(story).events
    assert sum(event.kind is EventKind.start_trial for event in events) <= 1
    assert min(event.after.seats for event in events) >= 1
    trialing = [isinstance(account.subscription.phase, OnTrial) for account, _ in steps(story)]
    assert sum(now and not before for before, now in pairwise([False, *trialing])) <= 1


@given(stories())
def test_every_invoice_keeps_the_anchor_and_the_order(story: Story) -> None:
    """T4, S2: invoices come in order, lines that waited first, and pay for periods they touch."""
    invoices = lived(story).invoices
    assert [invoice.issued_at for invoice in invoices] == sorted(i.issued_at for i in invoices)
    for invoice in invoices:
        starts = [line.period.start for line in invoice.lines]
        assert starts == sorted(starts)
        assert starts[-1] <= invoice.issued_at
        kinds = [line.kind for line in invoice.lines]
        assert LineKind.subscription not in kinds[:-1]


# --- access ---
@given(stories(), GAPS)
def test_access_does_not_depend_on_when_it_is_asked(story: Story, gaps: list[int]) -> None:
    """A1: asked from old facts or from facts brought forward, the answer at an instant is one."""
    account = lived(story).account
    *stops, last = (from_unix(at) for at in moments(account, gaps))
    expected = entitlements(account.subscription, last)
    for stop in stops:
        facts = advance(account, stop).account.subscription
        assert entitlements(facts, last) == expected
        assert notices(facts, last) == notices(account.subscription, last)


@given(overdue_stories(), st.integers(-1, 1), st.lists(st.integers(0, 40 * DAY), max_size=3))
def test_a_grace_lapses_whether_or_not_anybody_advanced(
    story: Story, shift: int, gaps: list[int]
) -> None:
    """A1, D6: around the end of a grace, access does not depend on who went there first."""
    account = lived(story).account
    phase = account.subscription.phase
    assert isinstance(phase, OnPaid)
    assert phase.grace_end is not None
    last = phase.grace_end + timedelta(seconds=shift)
    expected = entitlements(account.subscription, last)
    # Who had cancelled may be on Free by then (P4), and who was restricted too (D3).
    assert expected.status in {"past_due" if shift < 0 else "restricted", "free"}
    for stop in moments(account, gaps):
        facts = advance(account, min(from_unix(stop), last)).account.subscription
        assert entitlements(facts, last) == expected
        assert notices(facts, last) == notices(account.subscription, last)


@given(stories(), st.integers(0, 400 * DAY), st.data())
def test_no_answer_changes_before_it_expires(story: Story, gap: int, data: st.DataObject) -> None:
    """A3: until `valid_until` every answer stays; at it, time does something to the account."""
    facts = lived(story).account.subscription
    at = from_unix(seconds(facts.as_of) + gap)
    may = entitlements(facts, at)
    if may.valid_until is None:
        assert entitlements(facts, at + timedelta(days=3000)) == may
        return
    left = int((may.valid_until - at).total_seconds())
    assert left > 0
    inside = at + timedelta(seconds=data.draw(st.integers(0, left - 1)))
    assert entitlements(facts, inside) == may
    assert entitlements(facts, may.valid_until).valid_until != may.valid_until


@given(paid_stories())
def test_nobody_in_good_standing_loses_what_was_paid_for(story: Story) -> None:
    """P3, P4, A5: to the last second of a paid period its plan's features are there."""
    facts = lived(story).account.subscription
    assert isinstance(facts.phase, OnPaid)
    may = entitlements(facts, facts.phase.period.end - timedelta(seconds=1))
    assert {feature for feature in Feature if may.allows(feature)} == facts.plan.features


def test_a_century_of_renewals_is_answered_like_a_day() -> None:
    """A1, T3: reading far ahead lands on the boundary that the anchor gives."""
    may = entitlements(on_plan(PRO, utc(2026, 1, 31)).subscription, utc(2126, 2, 28))
    assert may.valid_until == utc(2126, 3, 31)
