"""The service over HTTP. `/stripe` is Stripe's; the rest is for your application alone.

    POST /stripe                                an event, signed
    GET  /customers/cus_1/features/ai_chatbot   may they?
    GET  /customers/cus_1/plans/ultimate        what would it cost now?
    POST /customers/cus_1/plans/ultimate        at=…, the instant that was shown: have it

It does not know who is asking, and your application does: let nobody else reach it.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import stripe

from chatim_plans import CHATIM, ChoosePlan, PlansError, UnknownKeyError

from .customers import Customers
from .plan_change import choose, shown
from .webhook import take

Answer: TypeAlias = tuple[HTTPStatus, Mapping[str, object]]


def application(customers: Customers, secret: str, done_url: str) -> WSGIApplication:
    """The WSGI application. What it does not catch, the server answers with 500."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
        if path == ["stripe"]:
            signature = environ.get("HTTP_STRIPE_SIGNATURE", "")
            status, said = _to_stripe(customers, secret, body, signature)
        else:
            status, said = _to_application(customers, done_url, (method, *path), body)
        headers = [("Content-Type", "application/json")]
        start_response(f"{status.value} {status.phrase}", headers)
        return [json.dumps(said).encode()]

    return answer


def _to_stripe(customers: Customers, secret: str, body: bytes, signature: str) -> Answer:
    try:
        take(customers, secret, body, signature)
    except stripe.SignatureVerificationError:
        return HTTPStatus.BAD_REQUEST, {"error": "not signed by Stripe"}
    return HTTPStatus.OK, {}


def _to_application(
    customers: Customers, done_url: str, asked: tuple[str, ...], body: bytes
) -> Answer:
    said: Mapping[str, object]
    try:
        match asked:
            case "GET", "customers", customer, "features", feature:
                decision = customers.decide(customer, feature)
                said = {"allowed": decision.allowed, "reason": decision.reason}
            case "GET", "customers", customer, "plans", plan:
                choice = ChoosePlan(CHATIM.plan(plan), at=customers.clock())
                said = shown(customers, customer, choice)
            case "POST", "customers", customer, "plans", plan:
                form = dict(parse_qsl(body.decode()))
                seats = int(form["seats"]) if "seats" in form else None
                at = datetime.fromisoformat(form["at"])
                said = choose(
                    customers, customer, ChoosePlan(CHATIM.plan(plan), seats, at=at), done_url
                )
            case _:
                return HTTPStatus.NOT_FOUND, {"error": "no such page"}
    except UnknownKeyError as error:
        return HTTPStatus.NOT_FOUND, {"error": str(error)}
    except PlansError as error:
        return HTTPStatus.CONFLICT, {"error": str(error)}
    except (KeyError, ValueError) as error:
        return HTTPStatus.BAD_REQUEST, {"error": repr(error)}
    return HTTPStatus.OK, said
