"""What Stripe is asked for, so that it holds what the library holds after an action."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import evolve, frozen

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidValueError
from chatim_plans.foundation.instants import days_after, seconds_between
from chatim_plans.foundation.money import CurrencyMismatchError, Money
from chatim_plans.stripe import requests
from chatim_plans.stripe.ids import StripeIds
from chatim_plans.stripe.requests import Call, SchedulePhase
from chatim_plans.stripe.versions import API_VERSION, day_of
from chatim_plans.subscriptions.actions import (
    Action,
    AdjustCredit,
    Cancel,
    ChoosePlan,
    MoveToEdition,
    PaymentFailed,
    Resume,
)
from chatim_plans.subscriptions.lifecycle import crossed, taken
from chatim_plans.subscriptions.occurrences import (
    IntervalChanged,
    Occurrence,
    PeriodStarted,
    Rate,
    RateChanged,
)
from chatim_plans.subscriptions.refusals import ActionRefusedError
from chatim_plans.subscriptions.subscription import OnFree, OnPaid, OnTrial, Standing, Subscription
from chatim_plans.subscriptions.timing import at_instant

# Stripe's own limit is two years.
_LONGEST_TRIAL = 731 * 86_400


def calls(
    action: Action, before: Subscription, ids: StripeIds, *, api_version: str = API_VERSION
) -> tuple[Call, ...]:
    """The calls that make Stripe hold what the library holds after `action`, in their order.

    Stop at a call whose payment is not taken (an `incomplete` subscription, a `pending_update`):
    the choice has not happened, and the calls after it are for when it is paid. If it never is, ask
    again for what waits: its schedule was released. `SCHEDULE` in an endpoint is the id that the
    call before it returned. Most reports ask for no call. What waits already is told again, so that
    a call that was lost can be made good.

    What stands in the way goes by itself, as far as `ids` name it: a schedule that is done, the
    invoice of a choice that waits for its payment where another choice takes its place, and a
    subscription that is not paid where another starts. What waits in a schedule that is not done
    `before` must know: read both with that schedule.

    `api_version` is the version of Stripe's API that you talk to, where it is not the newest.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import StripeIds, calls
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE}, "sub_1", "si_1")
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> (call,) = calls(upgrade, replay(paid).account.subscription, ids)
    >>> call["endpoint"], call["params"]["proration_behavior"], call["params"]["proration_date"]
    ('POST /v1/subscriptions/sub_1', 'always_invoice', 1793122200)

    Raises:
        ActionRefusedError, OutOfOrderError: what `preview` raises for the action; and where a
            change of price waits before a later end (see `MoveToEdition`).
        InvalidValueError, UnknownKeyError: `ids` lacks one that a call needs, or names a
            subscription where none can be in force, a start that is not the phase's, or a schedule
            of which the facts know nothing that waits, though the action would have to keep it; an
            `api_version` that is none, or one too old for flexible billing.
        CurrencyMismatchError: credit in another currency than the plan's.
        InvalidTypeError: no action, subscription or ids.

    Source: rules P1–P10, R1–R8, S1, S2, D3, D6, C5, B5, B8, B11–B13; Stripe's typed parameters.
    """
    asked = _asked(action, before, ids, api_version)
    return (*asked.before_it, *([] if asked.main is None else [asked.main]), *asked.after_it)


def preview_call(
    action: Action, before: Subscription, ids: StripeIds, *, api_version: str = API_VERSION
) -> Call:
    """The call that previews the invoice of `action`, with the parameters of the change itself.

    Of a change whose lines wait, Stripe previews the next invoice with those lines.

    >>> from chatim_plans import *
    >>> from chatim_plans.stripe import StripeIds, preview_call
    >>> at = utc("2026-10-15 09:00")
    >>> paid = [StartFree(at=at), AddPaymentMethod(at=at), ChoosePlan(PRO, 5, at=at)]
    >>> ids = StripeIds("cus_1", {"price_pro": PRO, "price_ultimate": ULTIMATE}, "sub_1", "si_1")
    >>> upgrade = ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30"))
    >>> call = preview_call(upgrade, replay(paid).account.subscription, ids)
    >>> call["endpoint"], call["params"]["subscription_details"]["items"]
    ('POST /v1/invoices/create_preview', [{'id': 'si_1', 'price': 'price_ultimate', 'quantity': 5}])

    Raises:
        ActionRefusedError: Stripe makes no invoice for the action; and as `calls`.
        OutOfOrderError, InvalidValueError, UnknownKeyError, CurrencyMismatchError,
            InvalidTypeError: as `calls`.

    Source: rule B8; Stripe's `invoices/create_preview`.
    """
    asked = _asked(action, before, ids, api_version)
    if asked.main is None:
        because = f"Stripe makes no invoice for {type(action).__name__} on this account"
        raise ActionRefusedError(because, "show `upcoming_invoice` of the account after it")
    return requests.preview(asked.main, ids)


def release_call(ids: StripeIds) -> Call:
    """The call that lets go of a schedule whose last phase has begun; it has nothing left to do.

    >>> from chatim_plans import PRO
    >>> from chatim_plans.stripe import StripeIds, release_call
    >>> ids = StripeIds("cus_1", {"price_pro": PRO}, "sub_1", "si_1", schedule="sub_sched_1")
    >>> release_call(ids)["endpoint"]
    'POST /v1/subscription_schedules/sub_sched_1/release'

    Raises:
        InvalidValueError: `ids` names no schedule.

    Source: rule P3; Stripe's schedules.
    """
    schedule = shapes.instance(ids, StripeIds, "ids").schedule
    if schedule is None:
        raise InvalidValueError("schedule", None, "the id of the schedule")
    return requests.release(schedule)


@frozen(order=False)
class _Asked:
    """The call that starts or changes what is charged, and those made before and after it."""

    before_it: tuple[Call, ...] = ()
    main: Call | None = None
    after_it: tuple[Call, ...] = ()


@frozen(order=False)
class _Asking:
    """An action, what it does to an account, and where Stripe is asked for it in which words."""

    action: Action
    held: _Course
    wanted: _Course
    occurrence: Occurrence | None
    ids: StripeIds
    api_version: str

    @property
    def is_told(self) -> bool:
        """Whether Stripe is told of it: it changes what Stripe knows, or is asked for again."""
        is_about_it = isinstance(self.action, MoveToEdition) or _withdraws(self.action)
        in_schedule = self.ids.schedule is not None and is_about_it
        return in_schedule or self.is_told_again or self.held.told != self.wanted.told

    @property
    def is_told_again(self) -> bool:
        """Whether what the action asks for is asked for again where it holds already."""
        after = self.wanted.now
        match self.action:
            case MoveToEdition():
                return after.next_catalog is not None
            case Cancel() | ChoosePlan():
                return after.scheduled_change is not None
            case PaymentFailed():
                return falls_unpaid(after)
            case action:
                return isinstance(action, Resume)


def _asked(action: Action, before: Subscription, ids: StripeIds, api_version: str) -> _Asked:
    shapes.instance(action, Action, "action")
    shapes.instance(ids, StripeIds, "ids")
    day_of(api_version)
    now = at_instant(before, action.at)
    step = taken(now, action, ask_payment_method=False)
    after, ends = step.subscription, isinstance(step.subscription.phase, OnFree)
    if isinstance(action, AdjustCredit):
        return _Asked(after_it=(_adjustment(action.amount, now, ids),))
    if isinstance(now.phase, OnFree):
        return _creation(action, now, after, ids, api_version)
    courses = _Course.of(now), _Course.of(after)
    asking = _Asking(action, *courses, step.occurrence, ids, api_version)
    asked = _Asked()
    if ends:
        asked = _ending(ids)
    elif asking.is_told:
        asked = _change(evolve(asking, ids=_as_known(ids, before, now)))
    if ids.pending_invoice is None or not (ends or asked.main or _withdraws(action)):
        return asked
    # The newest choice wins (P5): a late payment of the other would still change the plan.
    return evolve(asked, before_it=(requests.void(ids.pending_invoice), *asked.before_it))


def _adjustment(amount: Money, now: Subscription, ids: StripeIds) -> Call:
    currency = now.plan.price.currency
    if amount.currency != currency:
        raise CurrencyMismatchError(currency, amount.currency)
    if "customer" not in ids.payer:
        because = f"no call is known that adjusts the balance of the account {ids.customer}"
        raise ActionRefusedError(because, "adjust it at Stripe, and read the balance anew")
    return requests.adjustment(ids, amount)


def _creation(
    action: Action, now: Subscription, after: Subscription, ids: StripeIds, api_version: str
) -> _Asked:
    starts = not isinstance(after.phase, OnFree)
    gone = ids.to_cancel if starts or _withdraws(action) else None
    before_it = () if gone is None else (requests.ending(gone),)
    if isinstance(after.phase, OnFree):
        return _Asked(before_it)
    if ids.subscription is not None:
        expected = "None on Free: what has ended cannot be used again, and what has not must end"
        raise InvalidValueError("subscription", ids.subscription, expected)
    if isinstance(after.phase, OnTrial):
        terms = requests.trial_terms(after.phase.trial_end)
    else:
        terms = requests.first_payment_terms(on_file=now.payment_method)
    mode = requests.billing_mode(after.catalog.terms.billing_mode, api_version)
    return _Asked(before_it, requests.creation(ids, _rate(after), mode, terms))


def _ending(ids: StripeIds) -> _Asked:
    """The account is on Free at once; whatever waits in a schedule is over, too (rules P10, R8)."""
    subscription, _ = ids.in_force()
    released = () if ids.schedule is None else (requests.release(ids.schedule),)
    return _Asked(released, after_it=(requests.ending(subscription),))


def _change(asking: _Asking) -> _Asked:
    action, held, wanted, ids = asking.action, asking.held, asking.wanted, asking.ids
    subscription, _ = ids.in_force()
    _check_start(held.now, ids, action.at)
    main, planned = _charge(asking), _phases(held.now, wanted, ids)
    # A change of the rate splits the phase that a schedule is in, and a later phase would undo it;
    # under a schedule, Stripe neither sets nor takes back an end.
    stays = bool(planned) and main is None and held.end is None
    kept, released = _schedule_in_force(action, held.now, ids, stays=stays)
    moved_to = None if wanted.trial_end == held.trial_end else wanted.trial_end
    if moved_to is not None and kept is None:
        main = requests.move_of_trial_end(subscription, moved_to)
    may_end = held.end is not None or (isinstance(action, Resume) and ids.schedule is None)
    # An end that moves with the trial's is set anew: Stripe would keep it where it was.
    moves = moved_to is not None and wanted.end != held.end
    resumed: tuple[Call, ...] = ()
    if moves or (wanted.end is None and may_end):
        resumed = requests.resumption(subscription, held.end, held.now.phase.end)
    after_it = requests.scheduling(ids, kept, planned) if planned else ()
    is_told = wanted.end == held.end and not released and not asking.is_told_again
    if wanted.end is not None and not is_told:
        after_it = (requests.cancellation(subscription, wanted.end, wanted.now.phase.end),)
    if isinstance(asking.occurrence, RateChanged | IntervalChanged):
        # What is asked for is only had once it is paid: until then the cancellation stands.
        return _Asked(released, main, (*resumed, *after_it))
    return _Asked((*released, *resumed), main, after_it)


def _charge(asking: _Asking) -> Call | None:
    """The change of plan or seats that holds at once, or the end of a trial, if there is one."""
    before, after = asking.held.rate, asking.wanted.rate
    match asking.occurrence:
        case PeriodStarted():
            # A trial's end that somebody moved here is still time's: unpaid, it is past due (P8).
            terms, paid_first = requests.end_of_trial(), isinstance(asking.action, ChoosePlan)
        case IntervalChanged(at=at):
            terms, paid_first = requests.new_cycle(at, asking.api_version), True
        case RateChanged(at=at, at_once=at_once):
            terms = requests.proration(at, at_once=at_once)
            paid_first = at_once and not _only_shrinks(before, after)
        case _ if before == after:
            return None
        case _:
            terms, paid_first = requests.nothing_to_prorate(), False
    return requests.change(asking.ids, before, after, terms, paid_first=paid_first)


def _only_shrinks(before: Rate, after: Rate) -> bool:
    """A smaller team stands whether or not a payment is taken (rule S2)."""
    return after.plan == before.plan and after.seats < before.seats


def _schedule_in_force(
    action: Action, now: Subscription, ids: StripeIds, *, stays: bool
) -> tuple[str | None, tuple[Call, ...]]:
    """The schedule to give other phases, or the call that releases it.

    One that is done goes. One of which the facts know nothing that waits may hide a change: it goes
    where the action withdraws or replaces whatever waits, and is never written over.
    """
    schedule, is_done = ids.schedule, ids.schedule_is_done
    if schedule is None:
        return None, ()
    known = _knows_what_waits(now, ids)
    if not (known or is_done or _withdraws(action)):
        expected = "ids and facts that know what waits in it: read both with `schedule=`"
        raise InvalidValueError("schedule", schedule, expected)
    kept = known and stays and not is_done
    return (schedule, ()) if kept else (None, (requests.release(schedule),))


def _as_known(ids: StripeIds, before: Subscription, now: Subscription) -> StripeIds:
    """The ids, with a schedule that is done where what waited in it has come by now.

    So the facts say that knew of it before.
    """
    if ids.schedule is None or _knows_what_waits(now, ids) or not _knows_what_waits(before, ids):
        return ids
    return evolve(ids, schedule_is_done=True)


def _knows_what_waits(subscription: Subscription, ids: StripeIds) -> bool:
    """Whether the facts know of a change that a schedule can hold: of the plan, or of its price."""
    upcoming = subscription.upcoming_catalog.plan(subscription.plan.key)
    changes_price = ids.price(upcoming) != ids.price(subscription.plan)
    return subscription.scheduled_change is not None or changes_price


def _withdraws(action: Action) -> bool:
    """Whether the action withdraws or replaces what waits, whatever it is (rules P5, D3)."""
    match action:
        case PaymentFailed(final=final):
            return final
        case _:
            return isinstance(action, Cancel | ChoosePlan | Resume)


# --- what time will do ---
@frozen(order=False)
class _Course:
    """An account, and what time will do to it as far as Stripe must be told of it beforehand.

    `later` is the account after each boundary to come, until nothing waits.
    """

    now: Subscription
    later: tuple[Subscription, ...]

    @classmethod
    def of(cls, subscription: Subscription) -> _Course:
        """The course that the lifecycle gives the account, if its renewals are paid."""
        return cls(subscription, tuple(_later(_paying(subscription))))

    @property
    def rate(self) -> Rate:
        """What the account is charged by."""
        return _rate(self.now)

    @property
    def trial_end(self) -> datetime | None:
        """The instant at which its trial ends; None outside of one."""
        phase = self.now.phase
        return phase.end if isinstance(phase, OnTrial) else None

    @property
    def end(self) -> datetime | None:
        """The instant at which it falls to Free, by a choice or unpaid; None if it goes on.

        Source: rules P4, R5, D3, D6.
        """
        last = next(reversed(self.later), None)
        return last.as_of if last is not None and isinstance(last.phase, OnFree) else None

    @property
    def told(self) -> tuple[object, ...]:
        """All that Stripe is told: its rate, its trial's end, when the plan changes or ends."""
        changes = tuple((later.plan, later.as_of) for later in self.later)
        return self.rate, self.trial_end, changes


def _paying(facts: Subscription) -> Subscription:
    """The account as if its renewals were paid: a grace that outlasts the period then ends.

    If it is not paid, that is reported, and the end is told with the report.
    """
    phase = facts.phase
    if isinstance(phase, OnPaid) and not falls_unpaid(facts):
        phase = evolve(phase, grace_end=None)
    return evolve(facts, phase=phase, payment_method=True)


def _later(facts: Subscription) -> Iterator[Subscription]:
    while _has_something_waiting(facts):
        boundary = shapes.instance(facts.next_boundary, datetime, "next boundary")
        facts = crossed(facts, boundary).subscription
        yield facts


def _has_something_waiting(facts: Subscription) -> bool:
    waits = facts.scheduled_change is not None or facts.next_catalog is not None
    return waits or falls_unpaid(facts)


def falls_unpaid(facts: Subscription) -> bool:
    """Whether the account falls to Free with its period, unless somebody pays (rules D3, D6).

    Nobody acts when a grace lapses, so its end is told beforehand.
    """
    phase = facts.phase
    if not isinstance(phase, OnPaid):
        return False
    lapses = phase.grace_end is not None and phase.grace_end <= phase.end
    return lapses or phase.standing is Standing.restricted


def _rate(subscription: Subscription) -> Rate:
    """What the account is charged by, in a trial as if it were paid."""
    return Rate(subscription.plan, subscription.seats)


def _phases(held: Subscription, course: _Course, ids: StripeIds) -> tuple[SchedulePhase, ...]:
    """The phases of a schedule, the present one first; none where no change of price waits.

    It began as that of `held` did, whose trial's end may have moved since.

    The last ends with its first period; the schedule then lets go of the subscription.

    Raises:
        ActionRefusedError: the price changes at one boundary, and a later instant ends it all.
        InvalidValueError: the trial's start must be told: it did not last as long as the terms say.
        UnknownKeyError: no price sells a plan.

    Source: rules P3, R6, R8, C5.
    """
    rows = [_present(held, course.now, ids)]
    for later in course.later:
        phase, last = later.phase, rows[-1]
        if not isinstance(phase, OnPaid):
            continue
        if ids.price(later.plan) == ids.price(last.rate.plan):
            rows[-1] = evolve(last, end=phase.end)
        else:
            rows.append(SchedulePhase(_rate(later), phase.period.start, phase.end))
    if len(rows) <= 1:
        return ()
    if course.end is not None:
        because = f"the price changes at {rows[1].start}, and the account ends at {course.end}"
        raise ActionRefusedError(because, "resume it, and cancel in the period that is to be last")
    if rows[0].start > course.now.as_of:
        expected = "the trial's start, from Stripe: it is no trial of the terms' length"
        raise InvalidValueError("phase_start", ids.phase_start, expected)
    return tuple(rows)


def _present(held: Subscription, now: Subscription, ids: StripeIds) -> SchedulePhase:
    phase = now.phase
    end = shapes.instance(phase.end, datetime, "end of the phase")
    if isinstance(phase, OnPaid):
        return SchedulePhase(_rate(now), phase.period.start, end)
    planned = shapes.instance(held.phase.end, datetime, "end of the trial")
    start = ids.phase_start or days_after(planned, -now.catalog.terms.trial_days)
    return SchedulePhase(_rate(now), start, end, is_trial=True)


def _check_start(subscription: Subscription, ids: StripeIds, at: datetime) -> None:
    """Refuse a start that, at `at`, cannot be the one of the phase that the account is in.

    Two starts of a period are two periods: what is prorated in one is other cents in the other.

    Raises:
        InvalidValueError: `ids.phase_start` is neither that period's nor that trial's.
    """
    start, phase = ids.phase_start, subscription.phase
    if start is None:
        return
    if isinstance(phase, OnPaid):
        fits = start == phase.period.start
        expected = f"{phase.period.start.isoformat()}, as in the facts: take the anchor from Stripe"
    else:
        end = shapes.instance(phase.end, datetime, "end of the trial")
        fits = start <= at and seconds_between(start, end) <= _LONGEST_TRIAL
        expected = f"the start of the trial: two years before {end.isoformat()} at most, and begun"
    if not fits:
        raise InvalidValueError("phase_start", start, expected)
