"""Who in a team may open the billing page."""

from __future__ import annotations

from enum import StrEnum

from chatim_plans.foundation import shapes


class Role(StrEnum):
    """A member's role in the team. Source: rule A4.

    >>> from chatim_plans import Role, can_manage_billing
    >>> [role.value for role in Role if can_manage_billing(role)]
    ['admin']
    """

    admin = "admin"
    manager = "manager"


def can_manage_billing(role: str) -> bool:
    """Whether a member with this role, a `Role` or its string value, may open the billing page.

    >>> from chatim_plans import Role, can_manage_billing
    >>> can_manage_billing(Role.admin), can_manage_billing("manager")
    (True, False)

    Raises:
        UnknownKeyError, InvalidTypeError: no role of this name.

    Source: rule A4; the page's "Vérifiez que vous avez un accès administrateur".
    """
    return shapes.member(role, Role, "role") is Role.admin
