"""The webhook: what Stripe reports is a reason to look, and what is kept is what Stripe has now."""

import stripe

from chatim_plans.stripe import customer_of

from .customers import Customers
from .plan_change import go_on


def take(customers: Customers, secret: str, payload: bytes, signature: str) -> None:
    """Do the work of one event, once. Where this raises, what was kept goes on, and Stripe sends
    the event again.

    Whatever the event says, the customer's subscriptions are read as they are now. So events may
    come late, twice and in any order, and one about a subscription takes away nothing that another
    subscription grants.
    """
    event = stripe.Webhook.construct_event(payload, signature, secret)
    store = customers.store
    if store.knows(event.id):
        return
    customer: str | None = None
    try:
        customer = customer_of(event)
        if customer is None:
            store.pass_over(event.id)
            return
        if event.type == "customer.subscription.pending_update_applied":
            go_on(customers, customer)
        customers.keep(customer, event.id)
    except Exception as error:
        store.alarm(event.id, customer, customers.clock(), error)
        raise
