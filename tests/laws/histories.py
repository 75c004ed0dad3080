"""The library's own strategies in the model's terms: a catalogue, and what was done to an account.

The same drawn history feeds the library and the model. The library's account was its aim (where is
the next boundary?), so a library that is wrong aims worse, but it cannot make the two agree: what
is translated here, act by act and plan by plan, is only how a value is written down.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from hypothesis import strategies as st

from chatim_plans import (
    UNLIMITED,
    Action,
    AddPaymentMethod,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    MoveToEdition,
    OnFree,
    OnPaid,
    OnTrial,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    RemovePaymentMethod,
    Resume,
    Rounding,
    StartFree,
    StartTrial,
    replay,
)
from chatim_plans.strategies import catalogs, histories
from tests.laws.model import Act, ModelCatalog, ModelPlan

DAY = 86_400

KINDS: dict[type[Action], str] = {
    StartFree: "start_free",
    StartTrial: "start_trial",
    ChoosePlan: "choose_plan",
    ChangeSeats: "change_seats",
    Cancel: "cancel",
    Resume: "resume",
    AddPaymentMethod: "add_payment_method",
    RemovePaymentMethod: "remove_payment_method",
    PaymentFailed: "payment_failed",
    PaymentSucceeded: "payment_succeeded",
    MoveToEdition: "move_to_edition",
}


def seconds(at: datetime) -> int:
    """The Unix second of an instant."""
    return int(at.timestamp())


def model_plan(plan: Plan) -> ModelPlan:
    """The model's plan for the library's."""
    return ModelPlan(
        plan.key,
        plan.price.amount,
        plan.interval_months,
        frozenset(map(str, plan.features)),
        {str(quota): None if limit is UNLIMITED else limit for quota, limit in plan.limits.items()},
    )


def model_catalog(catalog: Catalog) -> ModelCatalog:
    """The model's catalogue for the library's; the model knows no other rounding than B4's."""
    terms = catalog.terms
    assert terms.rounding is Rounding.ties_to_customer
    return ModelCatalog(
        catalog.edition,
        tuple(map(model_plan, catalog.plans)),
        terms.trial_plan,
        terms.trial_days,
        terms.refund_days,
        terms.smallest_charge.amount,
        terms.seat_lines_at_once,
    )


def model_act(action: Action) -> Act:
    """The model's act for the library's action."""
    kind, at = KINDS[type(action)], seconds(action.at)
    match action:
        case ChoosePlan(plan=plan, seats=seats):
            return Act(kind, at, plan=model_plan(plan), seats=seats)
        case StartTrial(seats=seats) | ChangeSeats(seats=seats):
            return Act(kind, at, seats=seats)
        case PaymentFailed(final=final):
            return Act(kind, at, final=final)
        case MoveToEdition(catalog=catalog):
            return Act(kind, at, catalog=model_catalog(catalog))
        case _:
            return Act(kind, at)


@st.composite
def stories(draw: st.DrawFn, refused: bool = False) -> tuple[Catalog, list[Action]]:
    """A catalogue of rule B4's rounding, and a history with it; see `histories`."""
    catalog = draw(catalogs(Rounding.ties_to_customer))
    return catalog, draw(histories(catalog, refused=refused))


@st.composite
def paid_stories(draw: st.DrawFn) -> tuple[Catalog, list[Action]]:
    """A story whose account ends on a paid plan in good standing, with a payment method."""
    catalog, history = draw(stories())
    facts = replay(history, catalog=catalog).account.subscription
    at, highest = facts.as_of, facts.catalog.plans[-1]
    pay = AddPaymentMethod(at=at)
    match facts.phase:
        case OnFree():
            return catalog, [*history, pay, ChoosePlan(highest, at=at)]
        case OnTrial(trial_end=end):
            return catalog, [*history, pay, Resume(at=at), Resume(at=end)]
        case OnPaid():
            return catalog, [*history, pay, PaymentSucceeded(at=at)]
        case _ as never:
            assert_never(never)
