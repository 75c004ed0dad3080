"""Laws that hold over any history: of money, of time and of access."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from chatim_plans import (
    PRO,
    USD,
    Account,
    Action,
    Catalog,
    ChangeSeats,
    Feature,
    Invoice,
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
    upcoming_invoice,
)
from chatim_plans.catalog.features import within
from tests.accounts import on_plan
from tests.instants import from_unix, utc
from tests.laws.histories import DAY, paid_stories, seconds, stories

Story = tuple[Catalog, list[Action]]


def lived(story: Story) -> Statement:
    """The statement of a whole history."""
    catalog, history = story
    return replay(history, catalog=catalog)


def moments(account: Account, gaps: list[int]) -> list[int]:
    """Unix seconds from the account's instant on, in order."""
    now = seconds(account.subscription.as_of)
    return sorted(now + gap for gap in gaps)


GAPS = st.lists(st.integers(0, 500 * DAY), min_size=1, max_size=5)


# --- money ---
@given(stories(), st.integers(0, 200 * DAY))
def test_lines_equal_dues_less_the_final_balance(story: Story, gap: int) -> None:
    """B7: the sum of lines is the sum of amounts due less the final balance."""
    past = lived(story)
    later = advance(past.account, from_unix(moments(past.account, [gap])[0]))
    invoices = past.invoices + later.invoices
    lines = sum(line.amount.amount for invoice in invoices for line in invoice.lines)
    dues = sum(invoice.amount_due.amount for invoice in invoices)
    assert lines == dues - later.account.credit_balance.amount


@given(stories())
def test_balances_follow_from_invoice_to_invoice(story: Story) -> None:
    """B7: each invoice starts from the balance the one before left; only invoices move it."""
    statement = lived(story)
    balance = Money(0, story[0].free_plan.price.currency)
    for invoice in statement.invoices:
        assert invoice.credit_before == balance
        balance = invoice.credit_after
    assert statement.account.credit_balance == balance


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
def test_seats_changed_and_changed_back_cost_nothing_but_ties(
    story: Story, grown: int, share: float
) -> None:
    """B5, S1: there and back at one instant nets to zero, but for halves going to the customer."""
    account = lived(story).account
    facts = account.subscription
    assert isinstance(facts.phase, OnPaid)
    assume(within(facts.seats, facts.plan.limit("seats")))  # over it, there is no way back
    left = facts.phase.period.end - facts.as_of
    at = facts.as_of + timedelta(seconds=int(left.total_seconds() * share))
    seats = facts.seats + grown if within(facts.seats + grown, facts.plan.limit("seats")) else 1
    there = apply(account, ChangeSeats(seats, at=at))
    again = apply(there.account, ChangeSeats(facts.seats, at=at))
    issued = [line for invoice in there.invoices + again.invoices for line in invoice.lines]
    new = [*issued, *again.account.pending_lines][len(account.pending_lines) :]
    assert sum(line.exact for line in new) == 0
    ties = sum(line.exact.denominator == 2 for line in new)
    assert -ties <= sum(line.amount.amount for line in new) <= 0


@given(stories(), GAPS)
def test_one_step_issues_what_many_steps_issue(story: Story, gaps: list[int]) -> None:
    """B9: going forward in one step or in many gives the same invoices and the same account."""
    account = lived(story).account
    stops = [from_unix(at) for at in moments(account, gaps)]
    invoices: tuple[Invoice, ...] = ()
    stepped = account
    for stop in stops:
        statement = advance(stepped, stop)
        stepped, invoices = statement.account, invoices + statement.invoices
    assert Statement(stepped, invoices) == advance(account, stops[-1])


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


# --- facts ---
@given(stories())
def test_an_account_has_at_most_one_trial_and_at_least_one_seat(story: Story) -> None:
    """R2, S3: no history starts two trials or drops below a seat."""
    catalog, (opening, *actions) = story
    account = replay([opening], catalog=catalog).account
    trials = (
        {account.subscription.phase} if isinstance(account.subscription.phase, OnTrial) else set()
    )
    for action in actions:
        account = apply(account, action).account
        assert account.subscription.seats >= 1
        if isinstance(account.subscription.phase, OnTrial):
            trials.add(account.subscription.phase)
    assert len(trials) <= 1


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
