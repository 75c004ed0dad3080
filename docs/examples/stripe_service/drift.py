"""The drift check: what is kept of each customer, beside what Stripe's objects say now."""

from chatim_plans import PlansError, Subscription
from chatim_plans.stripe import customer_of

from .customers import Customers


def drift(customers: Customers) -> dict[str, list[str]]:
    """What differs, by customer: nothing where all agree.

    A customer whom Stripe has and the store has not is on Free here. What is gone a minute later
    was an event on its way.
    """
    about = ({"object": "event", "data": {"object": each}} for each in customers.subscriptions())
    at_stripe = {customer for event in about if (customer := customer_of(event)) is not None}
    found = {customer: _differences(customers, customer) for customer in sorted(at_stripe)}
    for customer in sorted(customers.store.customers() - at_stripe):
        held = customers.known(customer, customers.clock()).plan
        found[customer] = [] if held.is_free else [f"plan {held.key}, at Stripe no subscription"]
    return {customer: differences for customer, differences in found.items() if differences}


def mend(customers: Customers) -> dict[str, list[str]]:
    """Keep what Stripe says of whoever differs: the first time, of all. What differs still."""
    for customer in drift(customers):
        try:
            customers.keep(customer)
        except PlansError:
            continue  # not readable, and named so again
    return drift(customers)


def _differences(customers: Customers, customer: str) -> list[str]:
    try:
        kept, facts = customers.read(customer)
    except PlansError as error:
        return [f"not readable: {error}"]
    if customers.store.facts(customer) != kept:
        return _differences(customers, customer)  # an event came meanwhile
    ours, theirs = _told(customers.known(customer, facts.as_of)), _told(facts)
    return [
        f"{name} {ours[name]}, at Stripe {theirs[name]}"
        for name in ours
        if ours[name] != theirs[name]
    ]


def _told(facts: Subscription) -> dict[str, object]:
    """What a customer holds, until when, and what comes then."""
    then, end = facts.scheduled_change, facts.phase.end
    return {
        "plan": facts.plan.key,
        "edition": facts.catalog.edition,
        "status": facts.present_status.value,
        "seats": None if facts.plan.is_free else facts.seats,
        "until": None if end is None else end.isoformat(),
        "then": None if then is None else f"{then.plan.key} {then.at.isoformat()}",
        "trial had": facts.tried_plan,
        "payment method": facts.payment_method,
    }
