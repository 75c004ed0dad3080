"""Who in a team may open the billing page."""

from __future__ import annotations

from typing import Any

import pytest

from chatim_plans import InvalidTypeError, Role, UnknownKeyError, can_manage_billing
from tests.refused import values_of


@pytest.mark.parametrize(
    ("role", "allowed"),
    [(Role.admin, True), (Role.manager, False), ("admin", True), ("manager", False)],
)
def test_only_an_admin_may(role: str, allowed: bool) -> None:
    """A4: a role or its string value; managers may not."""
    assert can_manage_billing(role) is allowed


def test_the_roles() -> None:
    """A4: the two of them, as they are stored."""
    assert [str(role) for role in Role] == ["admin", "manager"]


@pytest.mark.parametrize("role", ["", "owner", "Admin", "admin "])
def test_an_unknown_role_is_refused(role: str) -> None:
    """A2: an error that names the roles there are, never a yes."""
    values = values_of(UnknownKeyError, can_manage_billing, role)
    assert values == ("role", role, ("admin", "manager"))


@pytest.mark.parametrize("role", [None, True, 1, b"admin", ("admin",)])
def test_what_is_no_text_is_no_role(role: Any) -> None:
    """A2: an error, never a yes."""
    assert values_of(InvalidTypeError, can_manage_billing, role) == ("role", role, "a str")
