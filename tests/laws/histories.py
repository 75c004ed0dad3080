"""Random histories, drawn with the model at hand so that they aim at the seams.

Each act comes at an instant that matters to the account as it stands: the same second, a second
before, at or after the next boundary, an exact half or quarter of the period (where half cents
arise), or any number of days on. Acts that will be refused are drawn too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from chatim_plans import (
    CHATIM,
    UNLIMITED,
    USD,
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Money,
    MoveToEdition,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    RemovePaymentMethod,
    Resume,
    StartFree,
    StartTrial,
    Terms,
)
from tests.laws import model
from tests.laws.model import Act, Model, ModelCatalog, ModelPlan, Refused

DAY = 86_400


def _repriced(catalog: ModelCatalog, edition: str, **prices: int) -> ModelCatalog:
    plans = (replace(plan, price=prices.get(plan.key, plan.price)) for plan in catalog.plans)
    return replace(catalog, edition=edition, plans=tuple(plans))


_FREE, _PRO, _ULTIMATE = model.CHATIM.plans

CATALOGS: dict[str, ModelCatalog] = {
    "published": model.CHATIM,
    # Dearer, but for Ultimate, which stays on offer in both editions.
    "dearer": _repriced(model.CHATIM, "dearer", pro=2500),
    # Prices of a few cents: totals below the smallest charge, and many exact halves.
    "cents": _repriced(model.CHATIM, "cents", pro=1, ultimate=7),
    # Plans of both intervals, and one whose seats have a limit.
    "negotiated": replace(
        model.CHATIM,
        edition="negotiated",
        plans=(
            _FREE,
            replace(_PRO, key="starter", price=901, limits=_PRO.limits | {"seats": 2}),
            _PRO,
            replace(_PRO, key="pro_yearly", price=19_001, interval=12),
            replace(_ULTIMATE, key="ultimate_yearly", price=30_007, interval=12),
            _ULTIMATE,
        ),
    ),
    "at_once": replace(
        _repriced(model.CHATIM, "at_once", pro=1999), seat_lines_at_once=True, smallest_charge=500
    ),
}


def library_plan(plan: ModelPlan) -> Plan:
    """The library's plan for the model's."""
    return Plan(
        plan.key,
        Money(plan.price, USD),
        plan.interval,
        plan.features,
        {quota: UNLIMITED if limit is None else limit for quota, limit in plan.limits.items()},
    )


def library_catalog(catalog: ModelCatalog) -> Catalog:
    """The library's catalogue for the model's; the published one is the library's own."""
    if catalog == model.CHATIM:
        return CHATIM
    terms = Terms(
        trial_plan=catalog.trial_plan,
        trial_days=catalog.trial_days,
        refund_days=catalog.refund_days,
        smallest_charge=Money(catalog.smallest_charge, USD),
        seat_lines_at_once=catalog.seat_lines_at_once,
    )
    return Catalog(catalog.edition, tuple(map(library_plan, catalog.plans)), terms)


def instant(at: int) -> datetime:
    """The instant of a Unix second."""
    return datetime.fromtimestamp(at, UTC)


def library_action(act: Act) -> Action:
    """The library's action for the model's act."""
    at = instant(act.at)
    plain: dict[str, Callable[..., Action]] = {
        "start_free": StartFree,
        "cancel": Cancel,
        "resume": Resume,
        "add_payment_method": AddPaymentMethod,
        "remove_payment_method": RemovePaymentMethod,
        "payment_succeeded": PaymentSucceeded,
    }
    match act:
        case Act(kind="start_trial"):
            return StartTrial(act.seats or 1, at=at)
        case Act(kind="choose_plan", plan=ModelPlan() as plan):
            return ChoosePlan(library_plan(plan), act.seats, at=at)
        case Act(kind="change_seats", seats=int() as seats):
            return ChangeSeats(seats, at=at)
        case Act(kind="payment_failed"):
            return PaymentFailed(act.final, at=at)
        case Act(kind="move_to_edition", catalog=ModelCatalog() as catalog):
            return MoveToEdition(library_catalog(catalog), at=at)
        case _:
            return plain[act.kind](at=at)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


# Month ends, leap days, a year's end, an afternoon: every kind of anchor, 2023 to 2028.
STARTS = st.one_of(
    st.sampled_from([
        _seconds(datetime(2026, 1, 15, 9, tzinfo=UTC)),
        _seconds(datetime(2026, 1, 31, tzinfo=UTC)),
        _seconds(datetime(2024, 2, 29, 12, tzinfo=UTC)),
        _seconds(datetime(2024, 1, 30, 23, 59, 59, tzinfo=UTC)),
        _seconds(datetime(2027, 12, 31, 17, 30, tzinfo=UTC)),
        _seconds(datetime(2025, 5, 31, tzinfo=UTC)),
    ]),
    st.integers(
        _seconds(datetime(2023, 1, 1, tzinfo=UTC)), _seconds(datetime(2028, 1, 1, tzinfo=UTC))
    ),
)


@st.composite
def instants_after(draw: st.DrawFn, account: Model) -> int:
    """An instant from the account's own on, most of them where something is about to happen."""
    now, boundary = account.now, account.until
    options = [st.just(now), st.integers(1, 90 * DAY).map(lambda gap: now + gap)]
    if boundary is not None:
        whole = boundary - account.since
        seams = [boundary - 1, boundary, boundary + 1]
        seams += [account.since + whole * quarter // 4 for quarter in (1, 2, 3)]
        options.append(st.sampled_from([at for at in seams if at >= now]))
        options.append(st.integers(now, boundary))
    return draw(st.one_of(options))


SEATS = st.integers(1, 6)


@st.composite
def acts(draw: st.DrawFn, account: Model, at: int) -> Act:
    """Any act at an instant, the ones that move money drawn most."""
    kinds = (
        ["choose_plan"] * 6
        + ["change_seats"] * 5
        + ["cancel", "resume", "payment_failed", "payment_succeeded", "add_payment_method"] * 2
        + ["remove_payment_method", "move_to_edition", "start_trial", "start_free"]
    )
    kind = draw(st.sampled_from(kinds))
    act = Act(kind, at)
    if kind == "choose_plan":
        # Now and then a plan of another edition, which must be refused.
        known = [*account.catalog.plans] * 4 + [plan for c in CATALOGS.values() for plan in c.plans]
        seats = draw(st.one_of(st.none(), st.none(), SEATS))
        return replace(act, plan=draw(st.sampled_from(known)), seats=seats)
    if kind in ("change_seats", "start_trial"):
        return replace(act, seats=draw(SEATS))
    if kind == "payment_failed":
        return replace(act, final=draw(st.booleans()))
    if kind == "move_to_edition":
        return replace(act, catalog=draw(st.sampled_from([*CATALOGS.values()])))
    return act


@st.composite
def histories(draw: st.DrawFn, refused: bool = True) -> tuple[ModelCatalog, list[Act]]:
    """A catalogue and 1 to 15 acts in order; without the refused ones if `refused` is False."""
    catalog = draw(st.sampled_from([*CATALOGS.values()]))
    opening = draw(st.sampled_from(["start_trial", "start_free", "start_free"]))
    start = draw(STARTS)
    act = Act(opening, start, seats=draw(SEATS) if opening == "start_trial" else None)
    account = Model.open(act, catalog)
    history = [act]
    if draw(st.booleans()):
        act = Act("add_payment_method", start)
        account.act(act)
        history.append(act)
    for _ in range(draw(st.integers(0, 13))):
        act = draw(acts(account, draw(instants_after(account))))
        try:
            account.act(act)
        except Refused:
            if not refused:
                continue
        history.append(act)
    return catalog, history


@st.composite
def paid_histories(draw: st.DrawFn) -> tuple[ModelCatalog, list[Act]]:
    """A history whose account ends on a paid plan in good standing, with a payment method."""
    catalog, history = draw(histories(refused=False))
    account = Model.open(history[0], catalog)
    for act in history[1:]:
        account.act(act)
    at, highest = account.now, account.catalog.plans[-1]
    ending = [Act("add_payment_method", at)]
    if account.phase != "paid":
        ending += [Act("move_to_edition", at, catalog=account.catalog)]
        ending += [Act("choose_plan", at, plan=highest)]
    elif account.standing != "good":
        ending += [Act("payment_succeeded", at)]
    return catalog, history + ending
