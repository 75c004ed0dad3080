"""A log that always reads: the account, its actions, and where it departs from what is modelled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from chatim_plans import Catalog, replay
from chatim_plans.stripe import (
    InvalidStripeError,
    StripeHistory,
    actions_from_events,
    history_from_events,
)
from tests.stripe.test_events import NO_ACTION, Said, log, prices_of, told
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


@pytest.mark.parametrize(("said", "path"), NO_ACTION.values(), ids=NO_ACTION)
def test_what_no_action_says_is_a_departure(said: list[Said], path: str) -> None:
    """It is named by its event and path, and the log reads to its end."""
    try:
        read = history(*said)
    except InvalidStripeError as fault:
        assert "data" not in fault.path or "created" in fault.path
        return
    departure = read.departures[0]
    assert departure.path.startswith(f"events{path}") or departure.path.endswith(path)
    assert departure.reason
