"""One value in an object of Stripe's, and the path that leads to it: a fault is said by its path.

Every API shape from 2018 on reads alike here: absent is null, a plain dict is an object of
stripe-python, and a list object is its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from attrs import define, frozen

from chatim_plans.foundation.errors import PlansError
from chatim_plans.foundation.instants import UNIX_EPOCH
from chatim_plans.foundation.json_words import in_few_words


@define
class InvalidStripeError(PlansError, ValueError):
    """An object of Stripe's that cannot be read, or says what this library cannot hold.

    `path` leads to the fault from the object's own name; `expected` says in words what would do,
    and `given` what stands there.

    >>> from chatim_plans import utc
    >>> from chatim_plans.stripe import InvalidStripeError, subscription_from_stripe
    >>> try:
    ...     subscription_from_stripe({"object": "customer"}, {}, at=utc("2026-01-20"))
    ... except InvalidStripeError as fault:
    ...     print(fault.path, fault.expected, fault.given)
    subscription.object "subscription" "customer"

    Source: rule A2.
    """

    path: str
    expected: str
    given: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.given}"


_FIRST = datetime.min.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def second_before(at: datetime) -> datetime:
    """The last instant before `at`; there is none before the first of the year 1."""
    return max(at, _FIRST + _SECOND) - _SECOND


_BITS = 63  # of a longer one, Python may refuse to make a text


@frozen(order=False)
class Field:
    """`value`, which stands at `path`; nothing is believed of it before it is asked for."""

    value: object
    path: str

    def __getitem__(self, name: str) -> Field:
        """The field `name` of an object; one that is absent is null."""
        return Field(self.object().get(name), f"{self.path}.{name}")

    @property
    def is_null(self) -> bool:
        """Whether nothing stands here."""
        return self.value is None

    @property
    def is_object(self) -> bool:
        """Whether an object stands here."""
        return is_mapping(self.value) or hasattr(type(self.value), "to_dict")

    def object(self) -> Mapping[str, object]:
        """An object, as a mapping; one of stripe-python's says itself what it is as one."""
        given = self.value
        as_dict = None if is_mapping(given) else getattr(type(given), "to_dict", None)
        if as_dict is not None:
            given = as_dict(given)
        if not is_mapping(given):
            raise self.fault("an object")
        return given

    def rows(self) -> Iterator[Field]:
        """The rows of a list, or of Stripe's list object, which must be complete."""
        given, path = self.value, self.path
        if not is_row(given):
            if self["has_more"].value not in (None, False):
                raise self["has_more"].fault("false: a list with all its rows")
            given, path = self["data"].value, f"{path}.data"
        if not is_row(given):
            raise Field(given, path).fault("a list")
        return (Field(row, f"{path}[{number}]") for number, row in enumerate(given))

    def text(self) -> str:
        """A text that is not empty."""
        if type(self.value) is not str or not self.value:
            raise self.fault("a text")
        return self.value

    @property
    def own_id(self) -> Field:
        """Where the id of an object stands, which is here by its id or expanded."""
        return self if isinstance(self.value, str) else self["id"]

    def id(self) -> str:
        """The id of an object, which is here by its id or expanded."""
        return self.own_id.text()

    def flag(self) -> bool:
        """True or false."""
        if type(self.value) is not bool:
            raise self.fault("true or false")
        return self.value

    def whole(self) -> int:
        """A whole number of a size that Stripe knows; true is none."""
        if type(self.value) is not int:
            raise self.fault("a whole number")
        if self.value.bit_length() > _BITS:
            raise self.fault("a number of a size that Stripe knows")
        return self.value

    def instant(self) -> datetime:
        """An instant, which stands here in seconds from 1970 on."""
        seconds = self.whole()
        try:
            return UNIX_EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            raise self.fault("an instant of the years 1 to 9999, in seconds from 1970") from None

    def instant_or_none(self) -> datetime | None:
        """An instant, or nothing."""
        return None if self.is_null else self.instant()

    def of_kind(self, kind: str) -> Field:
        """The object of this kind that stands here, or that the event that stands here is about."""
        top = Field(self.object(), self.path)
        if top["object"].value == "event":
            # A whole argument is named for what it is.
            event = Field(top.value, "event") if self.path == kind else top
            about = event["data"]["object"]
            top = Field(about.object(), about.path)
        if top["object"].value != kind:
            raise top["object"].fault(f'"{kind}"')
        return top

    def fault(self, expected: str) -> InvalidStripeError:
        """The error that says what was expected here."""
        return InvalidStripeError(self.path, expected, in_few_words(self.value))


def argument(obj: object, kind: str) -> Field:
    """The object of the kind that a caller's `obj` is, or that the event `obj` is about."""
    return Field(obj, kind).of_kind(kind)


def is_mapping(value: object) -> TypeGuard[Mapping[str, object]]:
    """Whether `value` is an object, as JSON has it."""
    return isinstance(value, Mapping)


def is_row(value: object) -> TypeGuard[Sequence[object]]:
    """Whether `value` is a list, as JSON has it."""
    return isinstance(value, list | tuple)
