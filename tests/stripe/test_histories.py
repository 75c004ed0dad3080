"""A log that always reads: the account, its actions, and where it departs from what is modelled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chatim_plans import Catalog, replay
from chatim_plans.stripe import (
    StripeHistory,
    actions_from_events,
    history_from_events,
)
from tests.accounts import repriced
from tests.stripe.test_events import NO_ACTION, Said, lived, log, prices_of, told
from tests.stripe.written_events import EventWriter
from tests.stripe.written_objects import PRICES, Json


def history(*said: Said) -> StripeHistory:
    """What a log of these events tells."""
    return history_from_events(log(*said), PRICES)


@given(told())
def test_a_log_of_what_is_modelled_departs_from_nothing(
    case: tuple[Catalog, EventWriter, Any, list[Json]],
) -> None:
    """The actions are those of the strict reader, and the invoices those that were issued."""
    catalog, _writer, _until, log_ = case
    read = history_from_events(log_, prices_of(catalog), catalog=catalog)
    assert read.departures == ()
    assert read.actions == actions_from_events(log_, prices_of(catalog), catalog=catalog)
    assert read.not_predicted == ()
    if read.account is not None:
        at = read.account.subscription.as_of
        known = replay(read.actions, at, catalog)
        assert (read.account, read.invoices) == (known.account, known.invoices)


# What holds after each: seats, plan, status; and the rule it departs from.
AFTER: dict[str, tuple[str, str | None]] = {
    "an end before the beginning": ("3 x free 0.00 USD, free", None),
    "a status of nobody's": ("1 x free 0.00 USD, free", None),
    "another customer": ("3 x pro 19.00 USD, active", None),
    "unpaid to the end of its period, and paid then": ("3 x pro 19.00 USD, active", "D3"),
    "a test clock": ("3 x pro 19.00 USD, active", None),
    "a status that is a list": ("1 x free 0.00 USD, free", None),
    "a log that lacks its beginning": ("3 x ultimate 39.00 USD, active", None),
    "a creation that was told a period late": ("3 x pro 19.00 USD, active", "P2"),
    "a trial of another plan": ("3 x ultimate 39.00 USD, trialing", "R1"),
    "a second trial": ("3 x pro 19.00 USD, trialing", "P7"),
    "a downgrade inside a period": ("3 x pro 19.00 USD, active", "P3"),
    "a payment of nobody knows how much": ("1 x free 0.00 USD, free", None),
    "two at a time": ("3 x pro 19.00 USD, active", "P7"),
    "another anchor": ("3 x pro 19.00 USD, active", "T3"),
    "another anchor, with a higher plan": ("3 x ultimate 39.00 USD, active", "T3"),
    "a cancellation for a later period": (
        "3 x pro 19.00 USD, active",
        "P4",
    ),
    "a lower plan at a later boundary": (
        "3 x ultimate 39.00 USD, active",
        "P4",
    ),
    "a higher plan that waits": (
        "3 x pro 19.00 USD, active",
        "P1",
    ),
    "a higher plan that waited": ("3 x ultimate 39.00 USD, active", "P1"),
    "a cancellation inside a period": ("3 x pro 19.00 USD, active", "P4"),
    "a pause of what was paid": ("3 x free 0.00 USD, free", "P7"),
}


@pytest.mark.parametrize("name", NO_ACTION)
def test_what_no_action_says_is_a_departure(name: str) -> None:
    """It is named, and the account is what Stripe's own object says it is."""
    (said, path), (holds, rule) = NO_ACTION[name], AFTER[name]
    read = history(*said)
    (departure,) = read.departures
    assert (departure.path, departure.rule) == (f"events{path}", rule)
    assert departure.reason.startswith("expected ")
    assert read.account is not None
    assert str(read.account.subscription) == holds


# --- Editions ---
LATER_EDITION = lived(repriced(pro=21_00, ultimate=45_00))
BOTH = {**PRICES, **prices_of(LATER_EDITION)}


@given(told(LATER_EDITION))
def test_a_log_is_followed_from_edition_to_edition(
    case: tuple[Catalog, EventWriter, Any, list[Json]],
) -> None:
    """C5: as the calls of a move write it, and however the account was moved."""
    catalog, writer, _, log_ = case
    read = history_from_events(log_, BOTH, catalog=catalog, editions=[LATER_EDITION])
    assert read.departures == ()
    assert [*read.invoices, *read.not_predicted] == writer.invoices or read.account is None
