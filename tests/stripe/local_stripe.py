"""A Stripe on the loopback: the fake server localstripe, asked by Stripe's own client.

localstripe speaks an API of about 2018. The tests ask as Stripe is asked today; what is left out,
put into older words or added to an answer stands here, and a test proves every row, so that a newer
localstripe shows which of them may go. Out of its reach, and so of these tests': whatever time does
(renewals, retries, the end of a trial), the statuses `unpaid` and `paused`, schedules and with them
downgrades, and prorations by time, which it credits whole.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

import requests
import stripe
from attrs import field, frozen

from tests.stripe.written_objects import PRICES, from_unix

# Seconds. Both are far more than it takes, and less than a build waits.
STARTS_WITHIN, ANSWERS_WITHIN = 60, 30

# Cards, by what localstripe does with them.
GOOD = "4242424242424242"
DECLINED_WHEN_GIVEN = "4000000000000002"
DECLINED_WHEN_CHARGED = "4000000000000341"
DECLINED_AFTER_AUTHENTICATION = "4000008260003178"

# Left out where a subscription is created, and where it is changed: localstripe refuses each,
# here with a value of today's. So it knows no billing mode, invoices no change at once, holds none
# back until it is paid, and no trial of its ends.
NOT_WHEN_CREATED: Mapping[str, Any] = {
    "billing_mode": {"type": "flexible"},
    "payment_behavior": "default_incomplete",
    "payment_settings": {"save_default_payment_method": "on_subscription"},
    "proration_behavior": "always_invoice",
    "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
}
NOT_WHEN_CHANGED: Mapping[str, Any] = {
    "billing_cycle_anchor": "unchanged",
    "payment_behavior": "pending_if_incomplete",
    "proration_behavior": "always_invoice",
    "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}},
}

# Nor does it take an empty text, by which Stripe takes an end back, nor a change of nothing: a change
# with nothing left in it is not sent.
TAKEN_BACK: Mapping[str, Any] = {"cancel_at": ""}

# Not there at all. A price is a plan of the same id; downgrades wait in schedules, and no time
# goes by without a test clock, so neither downgrades nor renewals are covered.
NOT_THERE = ("/v1/prices", "/v1/subscription_schedules", "/v1/test_helpers/test_clocks")


def older_words(params: Mapping[str, Any], left_out: Mapping[str, Any]) -> Any:
    """`params` of a subscription as localstripe takes them; an item has a plan, not a price."""
    older = {
        name: deepcopy(value)
        for name, value in params.items()
        if name not in left_out and (name, value) not in TAKEN_BACK.items()
    }
    for item in older.get("items", ()):
        if "price" in item:
            item["plan"] = item.pop("price")
    return older


def unsaid(subscription: Any) -> dict[str, Any]:
    """What Stripe says of a subscription that localstripe does not, or says wrongly.

    The anchor is null there. A trial is `incomplete`, never began and has a month as its period:
    Stripe's has the trial itself, with the anchor at its end.
    """
    start, trial_end = subscription["start_date"], subscription["trial_end"]
    if trial_end is None:
        return {"billing_cycle_anchor": start}
    running = {"status": "trialing"} if subscription["status"] == "incomplete" else {}
    return running | {
        "billing_cycle_anchor": trial_end,
        "current_period_end": trial_end,
        "trial_start": start,
    }


def unsaid_of_customer(customer: Any) -> dict[str, Any]:
    """The same of a customer: the currency is made up there, the balance has an old name and the
    opposite sign.
    """
    return {"balance": -customer["account_balance"], "currency": "usd"}


def complete(said: Any, fields: Mapping[str, Any]) -> None:
    """Add to an answer what was left unsaid."""
    for name, value in fields.items():
        said[name] = value


def answered_at(answer: stripe.StripeObject) -> datetime:
    """The server's clock when it answered: the only clock there is."""
    assert answer.last_response is not None
    return parsedate_to_datetime(answer.last_response.headers["Date"])


def as_dict(answer: stripe.StripeObject) -> Any:
    """The answer as the server wrote it."""
    assert answer.last_response is not None
    return json.loads(answer.last_response.body)


@frozen(order=False)
class Reading:
    """A subscription as the server tells it at the instant `at`, its customer expanded.

    `obj` is the client's object and `plain` the same as a dict.
    """

    obj: stripe.Subscription = field(repr=False)
    plain: dict[str, Any]
    at: datetime

    @property
    def start(self) -> datetime:
        """Where the period begins."""
        return from_unix(self.plain["current_period_start"])

    @property
    def end(self) -> datetime:
        """Where the period ends."""
        return from_unix(self.plain["current_period_end"])


@frozen(order=False)
class LocalStripe:
    """One fake server, and Stripe's client that asks it; each method is something done there."""

    client: stripe.StripeClient
    address: str

    def sell(self) -> None:
        """Put the plans on sale: a plan stands for the price of the same id."""
        for price, plan in PRICES.items():
            self.client.v1.plans.create({
                "id": price,
                "amount": plan.price.amount,
                "currency": "usd",
                "interval": "month",
                "product": {"name": plan.key},
            })

    def customer(self, card: str | None = None, **params: Any) -> stripe.Customer:
        """A new customer, with a card as the default payment method or without."""
        asked: Any = {"email": "team@example.com", **params}
        made = self.client.v1.customers.create(asked)
        return made if card is None else self.pay_with(made.id, card)

    def pay_with(self, customer: str, card: str) -> stripe.Customer:
        """Make a new card the customer's default payment method."""
        numbers = {"number": card, "exp_month": 12, "exp_year": 2090, "cvc": "123"}
        asked: Any = {"type": "card", "card": numbers}
        method = self.client.v1.payment_methods.create(asked)
        self.client.v1.payment_methods.attach(method.id, {"customer": customer})
        default: Any = {"invoice_settings": {"default_payment_method": method.id}}
        return self.client.v1.customers.update(customer, default)

    def subscribe(self, customer: stripe.Customer, price: str, seats: int, **params: Any) -> str:
        """A new subscription's id; it starts with a first period, or with the trial asked for."""
        asked = {"customer": customer.id, "items": [{"price": price, "quantity": seats}], **params}
        made = self.client.v1.subscriptions.create(older_words(asked, NOT_WHEN_CREATED))
        return made.id

    def change(self, subscription: str, **params: Any) -> Reading:
        """The subscription after a change; an item without a plan or a quantity keeps its own.

        localstripe would set such a quantity to 1.
        """
        asked = older_words(params, NOT_WHEN_CHANGED)
        held = self.client.v1.subscriptions.retrieve(subscription)["items"].data[0]
        for item in asked.get("items", ()):
            item.setdefault("plan", held["plan"].id)
            item.setdefault("quantity", held["quantity"])
        return self._read(self.client.v1.subscriptions.update(subscription, asked))

    def seats(self, subscription: str, seats: int) -> Reading:
        """The subscription with another number of seats."""
        return self.change(
            subscription, items=[{"quantity": seats}], proration_behavior="create_prorations"
        )

    def upgrade(self, subscription: str, price: str) -> Reading:
        """The subscription at a higher price; a cancellation that waits is withdrawn (rule P5)."""
        return self.change(
            subscription,
            items=[{"price": price}],
            proration_behavior="always_invoice",
            payment_behavior="pending_if_incomplete",
            cancel_at_period_end=False,
        )

    def send(self, endpoint: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request as this library words it, for a subscription or a preview.

        Of a change that is not sent, the subscription as it is.
        """
        method, path = endpoint.split()
        left_out = NOT_WHEN_CREATED if path == "/v1/subscriptions" else NOT_WHEN_CHANGED
        asked = older_words(params, left_out)
        if path == "/v1/invoices/create_preview" and "subscription" in asked:
            # localstripe does not look up whose subscription it is.
            asked["customer"] = self.read(asked["subscription"]).plain["customer"]["id"]
            asked["subscription_details"] = older_words(asked["subscription_details"], left_out)
        if not asked:
            method = "GET"
        answer: dict[str, Any] = json.loads(
            self.client.raw_request(method.lower(), path, idempotency_key=uuid4().hex, **asked).body
        )
        return answer

    def delete(self, subscription: str) -> Reading:
        """The subscription, ended at once."""
        return self._read(self.client.v1.subscriptions.cancel(subscription))

    def renewal(self, subscription: Reading) -> stripe.Invoice:
        """The invoice of the next period, which no time brings; paid or not, its payment is tried.

        Raises:
            stripe.CardError: the card asked for its holder, and was declined after that.
        """
        invoices = self.client.v1.invoices
        asked: Any = {
            "customer": subscription.obj["customer"].id,
            "subscription": subscription.obj.id,
        }
        return self.pay(invoices.create(asked).id)

    def previewed(self, subscription: Reading, price: str) -> stripe.Invoice:
        """The invoice of an upgrade, as a preview; it is the one of a renewal now."""
        items = [{"price": price, "quantity": subscription.plain["quantity"]}]
        asked: Any = {
            "customer": subscription.obj["customer"].id,
            "subscription": subscription.obj.id,
            "subscription_details": older_words({"items": items}, {}),
        }
        return self.client.v1.invoices.create_preview(asked)

    def pay(self, invoice: str) -> stripe.Invoice:
        """An invoice whose payment is tried, its holder authenticating the card where it asks."""
        tried = self.client.v1.invoices.pay(invoice)
        intent = self.client.v1.payment_intents.retrieve(tried["payment_intent"])
        if intent.status == "requires_action":
            path = f"/v1/payment_intents/{intent.id}/_authenticate"
            self.client.raw_request("post", path, client_secret=intent.client_secret, success=True)
        return self.client.v1.invoices.retrieve(invoice)

    def read(self, subscription: str) -> Reading:
        """The subscription as it now is, its customer expanded."""
        return self._read(self.client.v1.subscriptions.retrieve(subscription))

    def _read(self, answer: stripe.Subscription) -> Reading:
        expanded: Any = {"expand": ["customer"]}
        obj = self.client.v1.subscriptions.retrieve(answer.id, expanded)
        reading = Reading(obj, as_dict(obj), answered_at(answer))
        for form in (reading.obj, reading.plain):
            complete(form, unsaid(form))
            complete(form["customer"], unsaid_of_customer(form["customer"]))
        return reading


# What a program asks for that is not there, and the answer it gets here.
ANSWERED_HERE: Mapping[str, dict[str, Any]] = {
    "POST /v1/checkout/sessions": {
        "id": "cs_1",
        "object": "checkout.session",
        "url": "https://checkout.stripe.test/cs_1",
    },
    "POST /v1/subscription_schedules": {"id": "sub_sched_1", "object": "subscription_schedule"},
    "POST /v1/subscription_schedules/sub_sched_1": {"object": "subscription_schedule"},
    "POST /v1/webhook_endpoints": {
        "id": "we_1",
        "object": "webhook_endpoint",
        "secret": "whsec_local",
    },
}


class Today(stripe.RequestsClient):
    """The way to the server for a program that asks as Stripe is asked today.

    `asked` are the requests as the program made them, and `keys` the keys by which Stripe knows
    those that it answered before. `told` says of a subscription, by its id,
    what the server does not say of it. A payment that is `declined` leaves a change waiting. A list
    has pages of `per_page` rows, if that is set. What is `meanwhile` happens once, after the server
    has answered and before its answer arrives.
    """

    def __init__(self, server: LocalStripe) -> None:
        session = requests.Session()
        session.trust_env = False  # a proxy would not find the loopback
        super().__init__(ANSWERS_WITHIN, session)
        self.server = server
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.keys: list[str] = []
        self.told: dict[str, dict[str, Any]] = {}
        self.declined = False
        self.per_page: int | None = None
        self.meanwhile: Callable[[], object] | None = None

    @property
    def client(self) -> stripe.StripeClient:
        """Stripe's client, on this way."""
        return _client(self.server.address, self)

    # As its parent's, which does not fit the class above it either.
    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The server's answer, in the words of today."""
        path, params = urlsplit(url).path, dict(parse_qsl(urlsplit(url).query))
        params |= dict(parse_qsl(post_data or "", keep_blank_values=True))
        endpoint = f"{method.upper()} {path}"
        self.asked.append((endpoint, params))
        self.keys += [value for name, value in (headers or {}).items() if name == "Idempotency-Key"]
        if endpoint in ANSWERED_HERE:
            return json.dumps(ANSWERED_HERE[endpoint]).encode(), 200, {}
        is_change = endpoint.startswith("POST /v1/subscriptions/")
        older = self._older(path, params)
        if self.per_page is not None and "limit" in older:
            older["limit"] = str(self.per_page)
        if is_change and (self.declined or not older):
            method, older = "get", {}
        url, form = f"{self.server.address}{path}", urlencode(older)
        if method == "get":
            url, form = f"{url}?{form}", ""
        content, code, answered = super().request(method, url, headers, form or None)
        if code == requests.codes.ok:
            answer = json.loads(content)
            self._complete(answer)
            if is_change and self.declined:
                answer["pending_update"] = {"expires_at": answer["created"]}
            content = json.dumps(answer).encode()
        happens, self.meanwhile = self.meanwhile, None
        if happens is not None:
            happens()
        return content, code, answered

    def _older(self, path: str, params: Mapping[str, str]) -> dict[str, str]:
        """Parameters as localstripe takes them, by their names in a form."""
        of_change = path.startswith("/v1/subscriptions/") or path.endswith("/create_preview")
        left_out = {*NOT_WHEN_CHANGED, "pending"} if of_change else {"pending"}
        older = {
            name.replace("[price]", "[plan]"): value
            for name, value in params.items()
            if left_out.isdisjoint(name.replace("]", "").split("["))
            and value != "data.schedule"
            and (name, value) not in TAKEN_BACK.items()
        }
        if path.endswith("/create_preview"):
            # localstripe does not look up whose subscription it is.
            held = self.server.read(older["subscription"])
            older["customer"] = held.plain["customer"]["id"]
        return older

    def _complete(self, answer: Any) -> None:
        for each in answer["data"] if answer["object"] == "list" else [answer]:
            if each["object"] == "subscription":
                complete(each, unsaid(each) | self.told.get(each["id"], {}))
                if not isinstance(each["customer"], str):
                    complete(each["customer"], unsaid_of_customer(each["customer"]))


@contextmanager
def local_stripe(folder: Path) -> Iterator[LocalStripe]:
    """A server that nobody else asks, with the plans on sale; its log is kept in `folder`."""
    log = folder / "localstripe.log"
    script = Path(__file__).with_name("local_stripe_server.py")
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=os.environ | {"TZ": "UTC"},  # its months are months where it stands
        ) as process,
        requests.Session() as session,
    ):
        try:
            session.trust_env = False  # a proxy would not find the loopback
            yield _selling(_port(process, log), session)
        finally:
            process.kill()


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    assert process.stdout is not None
    too_late = threading.Timer(STARTS_WITHIN, process.kill)
    too_late.start()
    try:
        said = process.stdout.readline()
    finally:
        too_late.cancel()
    assert said, f"localstripe did not start:\n{log.read_text()}"
    return int(said)


def _selling(port: int, session: requests.Session) -> LocalStripe:
    address = f"http://127.0.0.1:{port}"
    selling = LocalStripe(_client(address, stripe.RequestsClient(ANSWERS_WITHIN, session)), address)
    selling.sell()
    return selling


def _client(address: str, http: stripe.HTTPClient) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_local",
        base_addresses={"api": address},
        http_client=http,
        max_network_retries=0,
    )
