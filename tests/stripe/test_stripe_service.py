"""The service of the docs, end to end: signed events over HTTP, and a fake Stripe that it asks.

Its clock is the server's, moved by hand, so no test waits. What the server never tells, an event
of a change or a status that only time brings, the tests tell.
"""

from __future__ import annotations

import hmac
import http.client
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

pytest.importorskip("stripe", reason="needs stripe")
pytest.importorskip("localstripe", reason="needs localstripe, a fake Stripe server")
pytest.importorskip("cattrs", reason="needs the extra serialization")

import stripe
from attrs import Factory, define, field

from chatim_plans import PRO, ULTIMATE, OnPaid, Subscription
from chatim_plans.stripe import EVENT_TYPES
from docs.examples.stripe_service import __main__ as command_line
from docs.examples.stripe_service.customers import Customers
from docs.examples.stripe_service.drift import drift, mend
from docs.examples.stripe_service.store import Store
from docs.examples.stripe_service.web import application
from tests.stripe.local_stripe import (
    DECLINED_WHEN_CHARGED,
    GOOD,
    LocalStripe,
    Reading,
    Today,
    local_stripe,
)
from tests.stripe.written_objects import PERIOD, from_unix, on_trial, subscription_object, unix

SECRET = "whsec_of_the_endpoint"
NUMBERS = count(1)
Json = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStripe]:
    """One fake Stripe for the module; its customers know nothing of one another."""
    with local_stripe(tmp_path_factory.mktemp("localstripe")) as started:
        yield started


@define
class Running:
    """The service while it runs, its way to Stripe, and the instant that it takes for now."""

    today: Today
    path: Path
    now: datetime
    port: int = 0
    customers: Customers = field(default=Factory(lambda self: self._customers(), takes_self=True))

    def _customers(self) -> Customers:
        return Customers(self.today.client, Store(str(self.path)), lambda: self.now)

    def ask(
        self, method: str, path: str, body: str | bytes = b"", **headers: str
    ) -> tuple[int, Json]:
        """The status and what is said."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as to:
            to.request(method, path, body, headers)
            answer = to.getresponse()
            said = answer.read()
            is_json = answer.headers["Content-Type"] == "application/json"
            return answer.status, json.loads(said) if is_json else {}

    def send(self, event: Json, secret: str = SECRET) -> int:
        """What Stripe does: a body, and a signature of it and of the time; the status."""
        payload, stamp = json.dumps(event), int(time.time())
        told = hmac.new(secret.encode(), f"{stamp}.{payload}".encode(), "sha256").hexdigest()
        signature = {"Stripe-Signature": f"t={stamp},v1={told}"}
        return self.ask("POST", "/stripe", payload, **signature)[0]

    def may(self, customer: str, feature: str = "visitor_export") -> bool:
        """What the gate says."""
        status, said = self.ask("GET", f"/customers/{customer}/features/{feature}")
        assert status == 200
        return bool(said["allowed"])

    def kept(self, customer: str) -> Subscription | None:
        """What is kept of a customer, as a program that starts anew would find it."""
        return Store(str(self.path)).facts(customer)[0]

    def sql(self, statement: str) -> list[Any]:
        """The rows of a statement, by a hand beside the service."""
        with closing(sqlite3.connect(self.path)) as db, db:
            return db.execute(statement).fetchall()

    def asked(self, start: str) -> list[str]:
        """The requests made so far to endpoints that start so."""
        return [endpoint for endpoint, _ in self.today.asked if endpoint.startswith(start)]


class Quiet(WSGIRequestHandler):
    """One that does not write a line for each request, which may come when its test is over."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — its own name for it
        """Write nothing."""


@pytest.fixture
def service(server: LocalStripe, tmp_path: Path) -> Iterator[Running]:
    """A service that has just been started, on the loopback."""
    running = Running(Today(server), tmp_path / "service.sqlite", from_unix(int(time.time())))
    app = application(running.customers, SECRET, "https://chatim.example/done")
    with make_server("127.0.0.1", 0, app, command_line.Server, Quiet) as listening:
        running.port = listening.server_port
        threading.Thread(target=listening.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        listening.shutdown()


@pytest.fixture
def pro(server: LocalStripe, service: Running) -> Reading:
    """Three seats on Pro, bought at the server's present second, which is the service's too."""
    held = server.read(server.subscribe(server.customer(GOOD), "price_pro", 3))
    service.now = held.start
    return held


def payer(held: Reading) -> str:
    """Whose it is."""
    return str(held.plain["customer"]["id"])


def about(held: Reading, kind: str = "customer.subscription.updated", **said: Any) -> Json:
    """A new event about a subscription as it was read."""
    obj = held.plain | {"customer": payer(held)} | said
    made = {"id": f"evt_told_{next(NUMBERS)}", "object": "event", "created": obj["created"]}
    return {**made, "type": kind, "data": {"object": obj}}


def reported(server: LocalStripe, customer: str) -> list[Json]:
    """The server's own events about a customer, of the types subscribed to, the newest first."""
    listed = json.loads(server.client.raw_request("get", "/v1/events?limit=1000").body)["data"]
    events = [each for each in listed if each["type"] in EVENT_TYPES]
    of_customer = [each for each in events if customer in json.dumps(each["data"])]
    return sorted(of_customer, key=lambda each: -each["created"])


# --- the webhook ---
def test_a_purchase_is_kept_and_opens_the_gate(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """Whichever of its events comes first, and in whatever order the others do."""
    events = reported(server, payer(pro))
    assert "customer.subscription.created" in {each["type"] for each in events}
    assert not service.may(payer(pro))
    for event in events:
        assert service.send(event) == 200
        assert service.may(payer(pro))
    facts = service.kept(payer(pro))
    assert facts is not None
    assert isinstance(facts.phase, OnPaid)
    assert (facts.plan, facts.seats, facts.payment_method) == (PRO, 3, True)
    assert (facts.phase.period.start, facts.phase.end) == (pro.start, pro.end)


def test_an_event_that_comes_twice_is_worked_on_once(service: Running, pro: Reading) -> None:
    """Stripe is not asked again."""
    event = about(pro)
    assert service.send(event) == 200
    asked = service.asked("GET /v1/subscriptions")
    assert service.send(event) == 200
    assert service.asked("GET /v1/subscriptions") == asked == ["GET /v1/subscriptions"]


def test_a_late_event_takes_nothing_back(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """What an event says does not count, but what Stripe has now."""
    before = about(pro, kind="customer.subscription.created", status="incomplete")
    upgraded = server.upgrade(pro.obj.id, "price_ultimate")
    for event in (about(upgraded), before):
        assert service.send(event) == 200
        assert service.may(payer(pro), "white_label")


def test_what_is_not_signed_by_stripe_is_not_taken(service: Running, pro: Reading) -> None:
    """Neither with another secret nor without one; then the real event is no repeated one."""
    event = about(pro)
    assert service.send(event, secret="whsec_of_another") == 400
    assert service.ask("POST", "/stripe", json.dumps(event))[0] == 400
    assert service.kept(payer(pro)) is None
    assert (service.asked(""), service.customers.store.alarms()) == ([], [])
    assert service.send(event) == 200
    assert service.may(payer(pro))


def test_a_save_that_fails_loses_nothing(service: Running, pro: Reading) -> None:
    """Facts and event are kept together or not at all, and Stripe sends the event again."""
    event = about(pro)
    full = "BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    service.sql(f"CREATE TRIGGER full {full}")
    assert service.send(event) == 500
    assert service.kept(payer(pro)) is None
    ((failed, whose, _, error),) = service.customers.store.alarms()
    assert (failed, whose, "the disk is full" in error) == (event["id"], payer(pro), True)
    service.sql("DROP TRIGGER full")
    assert service.send(event) == 200
    assert service.may(payer(pro))
    assert service.customers.store.alarms() == []


def test_an_abandoned_start_takes_nothing_from_the_next(
    server: LocalStripe, service: Running
) -> None:
    """One is never paid, ten minutes later another is, and after 23 hours the first expires."""
    owner = server.customer(DECLINED_WHEN_CHARGED)
    abandoned = server.read(server.subscribe(owner, "price_ultimate", 3))
    assert abandoned.plain["status"] == "incomplete"
    service.now = start = abandoned.at
    assert service.send(about(abandoned, "customer.subscription.created")) == 200
    assert not service.may(owner.id)

    paid = server.read(server.subscribe(server.pay_with(owner.id, GOOD), "price_pro", 3))
    service.now = start + timedelta(seconds=600)
    assert service.send(about(paid, "customer.subscription.created")) == 200
    assert service.may(owner.id)

    server.client.v1.invoices.void_invoice(abandoned.plain["latest_invoice"])
    expired = server.read(abandoned.obj.id)
    assert expired.plain["status"] == "incomplete_expired"
    service.now = start + timedelta(hours=23)
    for event in (about(expired), about(abandoned), about(paid)):
        assert service.send(event) == 200
        assert service.may(owner.id)
    assert not service.may(owner.id, "white_label")


def unreadable(service: Running, held: Reading) -> Callable[[], None]:
    """Stripe says what nobody knows; the way back from there."""
    service.today.told[held.obj.id] = {"status": "napping"}
    return service.today.told.clear


def unreachable(service: Running, _held: Reading) -> Callable[[], None]:
    """Nobody listens where Stripe was; the way back from there."""
    there = service.today.server
    service.today.server = LocalStripe(there.client, "http://127.0.0.1:9")

    def back() -> None:
        service.today.server = there

    return back


@pytest.mark.parametrize("trouble", [unreadable, unreachable])
def test_an_error_takes_no_access_away(
    service: Running, pro: Reading, trouble: Callable[[Running, Reading], Callable[[], None]]
) -> None:
    """What was kept goes on; the alarm stands until the event was worked on."""
    assert service.send(about(pro)) == 200
    before, event = service.kept(payer(pro)), about(pro)
    is_over = trouble(service, pro)
    assert service.send(event) == 500
    assert service.may(payer(pro))
    assert service.kept(payer(pro)) == before
    assert [alarm[:2] for alarm in service.customers.store.alarms()] == [(event["id"], payer(pro))]
    is_over()
    assert service.send(event) == 200
    assert service.customers.store.alarms() == []


def test_another_event_of_the_customer_ends_the_alarm(service: Running, pro: Reading) -> None:
    """With it all that Stripe has was read, and the one that failed may be days away."""
    service.today.told[pro.obj.id] = {"status": "napping"}
    assert service.send(about(pro)) == 500
    service.today.told.clear()
    assert service.send(about(pro)) == 200
    assert service.customers.store.alarms() == []


def test_of_two_deliveries_at_once_the_newer_reading_stays(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """The first asked Stripe before the upgrade, and hears the answer after the second was kept."""

    def upgrade() -> None:
        assert service.send(about(server.upgrade(pro.obj.id, "price_ultimate"))) == 200

    service.today.meanwhile = upgrade
    assert service.send(about(pro)) == 200
    facts = service.kept(payer(pro))
    assert facts is not None
    assert facts.plan == ULTIMATE
    assert service.asked("GET") == ["GET /v1/subscriptions"] * 3


def test_an_event_about_no_customer_is_passed_over(service: Running) -> None:
    """Once that can be noted it is answered, and Stripe is not asked."""
    product = {"id": "prod_1", "object": "product"}
    event = {"id": "evt_p", "object": "event", "type": "product.created"}
    full = "BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    service.sql(f"CREATE TRIGGER full {full}")
    assert service.send({**event, "data": {"object": product}}) == 500
    assert [alarm[:2] for alarm in service.customers.store.alarms()] == [("evt_p", None)]
    service.sql("DROP TRIGGER full")
    assert service.send({**event, "data": {"object": product}}) == 200
    assert service.customers.store.knows("evt_p")
    assert (service.asked(""), service.customers.store.alarms()) == ([], [])


def test_all_pages_of_a_customer_are_read(server: LocalStripe, service: Running) -> None:
    """The subscription that counts is on the third."""
    owner = server.customer(GOOD)
    for _ in range(2):
        server.delete(server.subscribe(owner, "price_pro", 1))
    held = server.read(server.subscribe(owner, "price_pro", 3))
    service.today.per_page, service.now = 1, held.at
    assert service.send(about(held)) == 200
    assert service.asked("GET") == ["GET /v1/subscriptions"] * 3
    assert service.may(owner.id)


# --- the gate ---
def test_time_goes_by_at_the_gate_without_an_event(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """A cancellation that waits falls due by the facts alone."""
    assert service.send(about(server.change(pro.obj.id, cancel_at_period_end=True))) == 200
    service.now = pro.end - timedelta(seconds=1)
    assert service.may(payer(pro))
    service.now = pro.end
    assert not service.may(payer(pro))
    assert service.may("cus_nobody", "javascript_sdk")
    assert not service.may("cus_nobody")


def test_a_clock_that_is_behind_closes_nothing(service: Running, pro: Reading) -> None:
    """Facts kept by another process may be of a later second than ours."""
    service.now += timedelta(seconds=3)
    assert service.send(about(pro)) == 200
    service.now -= timedelta(seconds=3)
    assert service.may(payer(pro))
    assert service.send(about(pro)) == 200


# --- the plan change ---
def test_an_upgrade_costs_what_was_shown_and_is_had(service: Running, pro: Reading) -> None:
    """At the first second no time has gone by: three times twenty dollars."""
    status, shown = service.ask("GET", f"/customers/{payer(pro)}/plans/ultimate")
    at = pro.start.isoformat()
    assert (status, shown) == (200, {"due": "60.00 USD", "from": at, "at": at})
    service.now += timedelta(seconds=90)  # until the click
    chosen = service.ask(
        "POST", f"/customers/{payer(pro)}/plans/ultimate", urlencode({"at": shown["at"]})
    )
    assert chosen == (200, {"plan": "ultimate"})
    assert service.may(payer(pro), "white_label")
    (change,) = [params for endpoint, params in service.today.asked if endpoint.startswith("POST")]
    assert change["proration_date"] == str(round(pro.start.timestamp()))
    assert change["payment_behavior"] == "pending_if_incomplete"


def test_the_form_sent_twice_changes_nothing_more(service: Running, pro: Reading) -> None:
    """What is held already needs no call."""
    form = urlencode({"at": pro.start.isoformat()})
    for _ in range(2):
        chosen = service.ask("POST", f"/customers/{payer(pro)}/plans/ultimate", form)
        assert chosen == (200, {"plan": "ultimate"})
    assert service.asked("POST") == [f"POST /v1/subscriptions/{pro.obj.id}"]


@pytest.mark.parametrize("seconds", [1, 20 * 86_400, -3_601])
def test_the_instant_of_a_form_is_not_trusted(service: Running, pro: Reading, seconds: int) -> None:
    """A later one would make the upgrade cheaper; an old page is to be shown anew."""
    service.now = pro.start + timedelta(days=2)
    form = urlencode({"at": (service.now + timedelta(seconds=seconds)).isoformat()})
    status, said = service.ask("POST", f"/customers/{payer(pro)}/plans/ultimate", form)
    assert (status, "show it anew" in said["error"]) == (409, True)
    assert service.asked("") == []


def test_a_lower_plan_costs_nothing_and_waits(server: LocalStripe, service: Running) -> None:
    """The page says from when it is had; what waits is a schedule, with two phases of its own."""
    held = server.read(server.subscribe(server.customer(GOOD), "price_ultimate", 2))
    service.now = held.start
    _, shown = service.ask("GET", f"/customers/{payer(held)}/plans/pro")
    assert (shown["due"], shown["from"]) == ("0.00 USD", held.end.isoformat())
    form = urlencode({"at": shown["at"]})
    assert service.ask("POST", f"/customers/{payer(held)}/plans/pro", form)[0] == 200
    schedules = "POST /v1/subscription_schedules"
    assert service.asked("POST") == [schedules, f"{schedules}/sub_sched_1"]
    phases = service.today.asked[-2][1]
    assert phases["phases[0][items][0][price]"] == "price_ultimate"
    assert phases["phases[1][items][0][price]"] == "price_pro"


def test_a_call_is_made_once_however_often_its_page_is_sent(
    server: LocalStripe, service: Running
) -> None:
    """Stripe knows a call by its key: that of the page and the call, and another for another page."""
    held = server.read(server.subscribe(server.customer(GOOD), "price_ultimate", 2))
    for second in (0, 0, 1):
        service.now = held.start + timedelta(seconds=9)
        at = held.start + timedelta(seconds=second)
        form = urlencode({"at": at.isoformat()})
        assert service.ask("POST", f"/customers/{payer(held)}/plans/pro", form)[0] == 200
    first, again, other = (service.today.keys[n : n + 2] for n in (0, 2, 4))
    assert first == again
    assert len({*first, *other}) == 4


def test_where_the_library_predicts_nothing_stripe_is_asked(service: Running, pro: Reading) -> None:
    """With a coupon the amount is that of Stripe's own preview, which here knows none."""
    service.today.told[pro.obj.id] = {"discounts": ["di_1"]}
    _, shown = service.ask("GET", f"/customers/{payer(pro)}/plans/ultimate")
    preview = "POST /v1/invoices/create_preview"
    ((_, asked),) = [each for each in service.today.asked if each[0] == preview]
    assert asked["subscription_details[items][0][price]"] == "price_ultimate"
    assert shown["due"] == "60.00 USD"


def test_a_choice_not_paid_waits_and_goes_on_when_it_is(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """The cancellation that waited is taken back only then: until it is paid, nothing happened."""
    server.change(pro.obj.id, cancel_at_period_end=True)
    service.today.declined = True
    form = urlencode({"at": pro.start.isoformat()})
    chosen = service.ask("POST", f"/customers/{payer(pro)}/plans/ultimate", form)
    assert chosen == (200, {"plan": "pro"})
    assert service.asked("POST") == [f"POST /v1/subscriptions/{pro.obj.id}"]

    service.today.declined = False
    items = [{"price": "price_ultimate"}]
    paid = server.change(pro.obj.id, items=items)
    assert paid.plain["cancel_at_period_end"]
    kind = "customer.subscription.pending_update_applied"
    assert service.send(about(paid, kind)) == 200
    facts = service.kept(payer(pro))
    assert facts is not None
    assert (facts.plan, facts.scheduled_change) == (ULTIMATE, None)
    asked = service.asked("POST")
    assert service.send(about(paid, kind)) == 200
    assert service.asked("POST") == asked


def test_who_has_no_subscription_is_led_to_a_page(server: LocalStripe, service: Running) -> None:
    """The page starts the plan; until it is paid the customer is on Free."""
    owner = server.customer().id
    _, shown = service.ask("GET", f"/customers/{owner}/plans/pro")
    assert shown["due"] == "19.00 USD"
    form = urlencode({"at": shown["at"], "seats": 3})
    chosen = service.ask("POST", f"/customers/{owner}/plans/pro", form)
    assert chosen == (200, {"plan": "free", "page": "https://checkout.stripe.test/cs_1"})
    (session,) = [each for each in service.today.asked if each[0].startswith("POST")]
    assert session[1]["line_items[0][quantity]"] == "3"
    assert session[1]["success_url"] == "https://chatim.example/done"


def test_a_plan_is_not_changed_on_one_of_two_subscriptions(
    server: LocalStripe, service: Running
) -> None:
    """Which one is meant, nobody knows; access is that of the higher."""
    owner = server.customer(GOOD)
    for price in ("price_pro", "price_ultimate"):
        held = server.read(server.subscribe(owner, price, 1))
        service.now = held.at
        assert service.send(about(held)) == 200
    status, said = service.ask("GET", f"/customers/{owner.id}/plans/ultimate")
    assert (status, "two subscriptions" in said["error"]) == (409, True)
    assert service.may(owner.id, "white_label")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/customers/cus_1/features/flying", 404),
        ("GET", "/customers/cus_1/plans/platinum", 404),
        ("GET", "/customers", 404),
        ("POST", "/customers/cus_1/plans/pro", 400),
    ],
)
def test_what_cannot_be_meant_is_refused(
    service: Running, method: str, path: str, status: int
) -> None:
    """And Stripe is not asked."""
    assert service.ask(method, path)[0] == status
    assert service.asked("") == []


# --- the drift check ---
def test_drift_is_found_and_none_is_invented(server: LocalStripe, service: Running) -> None:
    """A change without its event, a customer never reported, and one who cannot be read."""
    held = {
        name: server.read(server.subscribe(server.customer(GOOD), "price_pro", 3))
        for name in ("kept", "changed", "cancelled", "unreadable")
    }
    trial_end = int(time.time()) + 30 * 86_400
    trial = server.read(server.subscribe(server.customer(), "price_pro", 2, trial_end=trial_end))
    server.delete(server.subscribe(server.customer(GOOD), "price_ultimate", 1))
    service.now = from_unix(int(time.time()))
    everyone = drift(service.customers)
    assert everyone[payer(trial)][:2] == [
        "plan free, at Stripe pro",
        "status free, at Stripe trialing",
    ]
    assert {payer(each) for each in held.values()} < set(everyone)

    assert mend(service.customers) == {}
    assert drift(service.customers) == {}
    assert service.may(payer(trial))

    server.seats(held["changed"].obj.id, 5)
    server.change(held["cancelled"].obj.id, cancel_at_period_end=True)
    service.today.told[held["unreadable"].obj.id] = {"status": "napping"}
    service.now += timedelta(days=2)
    found = drift(service.customers)
    assert found.pop(payer(held["unreadable"]))[0].startswith("not readable: ")
    assert found == {
        payer(held["changed"]): ["seats 3, at Stripe 5"],
        payer(held["cancelled"]): [
            f"then None, at Stripe free {held['cancelled'].end.isoformat()}"
        ],
    }
    assert mend(service.customers).keys() == {payer(held["unreadable"])}
    assert service.may(payer(held["unreadable"]))


def test_a_plan_of_which_stripe_knows_nothing_is_drift(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """As with the key of another account: it is named, and nothing is taken away."""
    other = server.customer().id
    assert service.send(about(pro)) == 200
    service.sql(f"UPDATE customers SET id = '{other}'")
    named = ["plan pro, at Stripe no subscription"]
    assert drift(service.customers)[other] == mend(service.customers)[other] == named
    assert service.may(other)


def test_an_event_during_the_check_is_no_drift(
    server: LocalStripe, service: Running, pro: Reading
) -> None:
    """Stripe answered before the upgrade, and its event was kept after that."""
    mend(service.customers)

    def upgrade() -> None:
        assert service.send(about(server.upgrade(pro.obj.id, "price_ultimate"))) == 200

    class Late(Customers):
        def subscriptions(self, customer: str | None = None) -> list[stripe.Subscription]:
            found = super().subscriptions(customer)
            if customer == payer(pro) and not service.may(customer, "white_label"):
                upgrade()
            return found

    late = Late(service.today.client, service.customers.store, service.customers.clock)
    assert drift(late) == {}
    assert service.may(payer(pro), "white_label")


STATED: dict[str, Json] = {
    "active": subscription_object(),
    "cancelled with its period": subscription_object(cancel_at_period_end=True),
    "cancelled at a date in it": subscription_object(cancel_at=unix(PERIOD.end) - 9 * 86_400),
    "not paid": subscription_object("past_due"),
    "restricted": subscription_object("unpaid"),
    "over": subscription_object("canceled", ended_at=unix(PERIOD.start) + 86_400),
    "never paid": subscription_object("incomplete_expired"),
    "a first period that is cut": subscription_object(anchor=PERIOD.end),
    "paid by invoice": subscription_object(collection_method="send_invoice"),
    "in the trial": on_trial(PERIOD),
}


@pytest.mark.parametrize("stated", STATED.values(), ids=STATED)
def test_time_alone_is_no_drift(service: Running, tmp_path: Path, stated: Json) -> None:
    """What was read once, and what is read days later of the same object, is told in the same words."""

    class Stated(Customers):
        def subscriptions(
            self,
            customer: str | None = None,  # noqa: ARG002 — there is one customer
        ) -> list[stripe.Subscription]:
            return [stripe.Subscription.construct_from(stated, None)]

    store = Store(str(tmp_path / "stated.sqlite"))
    at = Stated(service.today.client, store, lambda: service.now)
    service.now = PERIOD.start + timedelta(days=2)
    at.keep("cus_1")
    for days in (3, 12, 21):
        service.now = PERIOD.start + timedelta(days=days)
        assert drift(at) == {}


# --- the command line ---
@pytest.fixture
def command(service: Running, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command line of this service's Stripe and database."""
    monkeypatch.setenv("STRIPE_KEY", "sk_test_local")
    monkeypatch.setenv("DATABASE", str(service.path))
    client = service.today.client
    monkeypatch.setattr(stripe, "StripeClient", lambda *_, **__: client)
    return command_line.main


def test_the_endpoint_is_asked_for_with_its_types_of_events(
    service: Running, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """In the version of the API that the program reads."""
    assert command("endpoint", "https://chatim.example/stripe") == 0
    assert capsys.readouterr().out == "whsec_local\n"
    ((_, asked),) = service.today.asked
    types = [value for name, value in asked.items() if name.startswith("enabled_events")]
    assert (types, asked["api_version"]) == ([*EVENT_TYPES], stripe.api_version)


def test_the_check_of_the_night_says_what_it_finds_and_fails(
    service: Running, pro: Reading, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is quiet again once it is mended."""
    assert command("drift") == 1
    assert f"{payer(pro)} plan free, at Stripe pro; " in capsys.readouterr().out
    assert command("mend") == 0
    assert service.may(payer(pro))
    capsys.readouterr()
    assert command("drift") == 0
    assert capsys.readouterr().out == ""
    event = about(pro)
    service.today.told[pro.obj.id] = {"status": "napping"}
    assert service.send(event) == 500
    service.today.told.clear()
    assert command("drift") == 1
    assert capsys.readouterr().out.startswith(f"not done: {event['id']} {payer(pro)} ")


def test_a_word_that_is_no_command_does_nothing(
    service: Running, command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told what there is."""
    assert command("dirft") == 2
    assert "python -m stripe_service drift" in capsys.readouterr().out
    assert service.asked("") == []
