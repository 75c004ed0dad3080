"""The errors of the packages, each with the whole sentence it says."""

from __future__ import annotations

import pytest

pytest.importorskip("cattrs", reason="the extra `serialization` is not installed")
pytest.importorskip("narwhals", reason="the extra `dataframes` is not installed")

from chatim_plans import PlansError
from chatim_plans.frames import FrameFault, InvalidFrameError
from chatim_plans.stripe import InvalidStripeError
from chatim_plans.wire import InvalidWireError
from tests.error_contract import ErrorContract, MadeError

NAIVE = FrameFault("anchor", "timestamps with a time zone")
NEGATIVE = FrameFault(
    "seats", "a whole number from 1 to 9", 1200, ({"id": 7, "seats": -1}, {"id": 8, "seats": 0})
)

ERRORS: dict[str, MadeError] = {
    "InvalidWireError": (
        lambda: InvalidWireError("$.value.seats", "a whole number", '"3"'),
        lambda: {"path": "$.value.seats", "expected": "a whole number", "given": '"3"'},
        '$.value.seats: expected a whole number, got "3"',
    ),
    "InvalidStripeError": (
        lambda: InvalidStripeError("subscription.status", "a status of Stripe's", '"asleep"'),
        lambda: {
            "path": "subscription.status",
            "expected": "a status of Stripe's",
            "given": '"asleep"',
        },
        'subscription.status: expected a status of Stripe\'s, got "asleep"',
    ),
    "InvalidFrameError": (
        lambda: InvalidFrameError((NAIVE, NEGATIVE)),
        lambda: {"faults": (NAIVE, NEGATIVE)},
        (
            "anchor: expected timestamps with a time zone\n"
            "seats: expected a whole number from 1 to 9; not so in 1,200 rows, the first: "
            "{'seats': -1, 'id': 7}, {'seats': 0, 'id': 8}"
        ),
    ),
}


@pytest.mark.parametrize("kind", [InvalidFrameError, InvalidStripeError, InvalidWireError])
def test_error_has_the_bases_that_fit(kind: type[PlansError]) -> None:
    """Each derives from PlansError and from ValueError: what was given cannot be read."""
    assert kind.__bases__ == (PlansError, ValueError)


@pytest.mark.parametrize(("make", "values", "sentence"), ERRORS.values(), ids=ERRORS)
class TestErrorsOfPackages(ErrorContract):
    """Each error of a package is what every error of the library is."""


def test_a_fault_of_a_frame_without_rows_is_about_the_column() -> None:
    """Where no count and no rows are given, there are none."""
    assert (NAIVE.count, NAIVE.rows) == (0, ())


@pytest.mark.parametrize(("count", "told"), [(1, "1 row,"), (2, "2 rows,")])
def test_a_fault_counts_its_rows(count: int, told: str) -> None:
    """One row, or several."""
    fault = FrameFault("seats", "more", count, ({"seats": 0},))
    assert str(fault) == f"seats: expected more; not so in {told} the first: {{'seats': 0}}"


def test_a_long_row_is_cut_in_the_message_and_kept_whole_in_the_fault() -> None:
    """A wide table does not drown the message."""
    fault = FrameFault("seats", "more", 1, ({"note": "x" * 1_000, "seats": 0},))
    assert str(fault).startswith(
        "seats: expected more; not so in 1 row, the first: {'seats': 0, 'n"
    )
    assert (len(str(fault)) < 300, fault.rows[0]["note"]) == (True, "x" * 1_000)
