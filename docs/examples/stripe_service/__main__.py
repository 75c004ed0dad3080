"""A small service beside Stripe: a webhook, a gate, a plan change and a drift check.

    python -m stripe_service endpoint https://chatim.example/stripe   once; prints the secret
    python -m stripe_service mend              at the start, and where drift is found
    python -m stripe_service serve 8000
    python -m stripe_service drift             every night

`mend` and `drift` end with 1 where something differs still, or an event is not done.
It reads `STRIPE_KEY`, `STRIPE_WEBHOOK_SECRET`, `DATABASE` and `DONE_URL`, to which Stripe's page
leads back. Run it beside this folder: `cd docs/examples`.
"""

import os
import sys
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIServer, make_server

import stripe

from chatim_plans.stripe import EVENT_TYPES

from .customers import Customers
from .drift import drift, mend
from .store import Store
from .web import application


class Server(ThreadingMixIn, WSGIServer):
    """Several requests at a time, each in a thread."""

    daemon_threads = True


def main(command: str = "", argument: str = "") -> int:
    """Do what the command line says; the exit code."""
    if command not in {"endpoint", "mend", "serve", "drift"}:
        print(__doc__)
        return 2
    client = stripe.StripeClient(os.environ["STRIPE_KEY"], max_network_retries=2)
    if command == "endpoint":
        asked: Any = {
            "url": argument,
            "enabled_events": [*EVENT_TYPES],
            "api_version": stripe.api_version,
        }
        print(client.v1.webhook_endpoints.create(asked).secret)
        return 0
    customers = Customers(client, Store(os.environ["DATABASE"]))
    if command == "serve":
        made = application(customers, os.environ["STRIPE_WEBHOOK_SECRET"], os.environ["DONE_URL"])
        make_server("127.0.0.1", int(argument), made, Server).serve_forever()
    found = mend(customers) if command == "mend" else drift(customers)
    for customer, differences in found.items():
        print(customer, "; ".join(differences))
    alarms = customers.store.alarms()
    for alarm in alarms:
        print("not done:", *alarm)
    return 1 if found or alarms else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
