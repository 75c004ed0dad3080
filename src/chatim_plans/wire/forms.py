"""The shapes that values take on the wire where a field-by-field account of them would not do.

A plan and a catalogue are named, not spelled out: what they grant stands in the edition. Money
stands flat beside its currency, limits stand by quota. Each shape is read and written field by
field like every other class. What stands twice in a statement, an invoice and the event that
issued it, stands once on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from inspect import isclass
from types import MappingProxyType
from typing import Any, TypeAlias, get_args

import attrs
from attrs import frozen

import chatim_plans
from chatim_plans import (
    Account,
    AccountEvent,
    Action,
    Catalog,
    Currency,
    EventKind,
    Held,
    Invoice,
    Limit,
    Limits,
    Money,
    Phase,
    Plan,
    Quota,
    Statement,
)
from chatim_plans.foundation.errors import InvalidValueError, PlansError
from chatim_plans.foundation.json_words import in_few_words
from chatim_plans.wire.faults import InvalidWireError, refused


def _has_documents(kind: object) -> bool:
    """Whether values are of the class `kind` itself: all but errors, functions and `Action`."""
    if not isclass(kind) or kind is Action or issubclass(kind, PlansError):
        return False
    return attrs.has(kind) or issubclass(kind, StrEnum)


_PUBLIC = {name: getattr(chatim_plans, name) for name in chatim_plans.__all__}

KINDS: Mapping[str, Any] = MappingProxyType({
    **{name: kind for name, kind in _PUBLIC.items() if _has_documents(kind)},
    "Limit": Limit,
})
"""Whatever has a document of its own: every public type of values, by its name."""

KEYS: tuple[type[StrEnum], ...] = tuple(
    kind for kind in KINDS.values() if isclass(kind) and issubclass(kind, StrEnum)
)
"""The public vocabularies: on the wire, a member is its text."""

TAG = "kind"

UNIONS: Mapping[Any, Mapping[str, type[Any]]] = MappingProxyType({
    Phase: {phase.__name__: phase for phase in get_args(Phase)},
    Action: {
        name: kind for name, kind in KINDS.items() if isclass(kind) and issubclass(kind, Action)
    },
})
"""By union: its members by name. Inside another value, each says under `TAG` which it is."""


@frozen(order=False)
class MoneyForm:
    """An amount in minor units beside its currency's code and digits."""

    amount: int
    currency: str
    digits: int


@frozen(order=False)
class LimitsForm:
    """A limit for every quota, by name."""

    seats: Limit
    chats: Limit
    chatbot_flows: Limit


@frozen(order=False)
class CatalogForm:
    """The name of an edition, whose content both ends know."""

    edition: str


@frozen(order=False)
class PlanForm:
    """A plan by edition and key, with the price and interval that the writer knew it by."""

    edition: str
    key: str
    price: Money
    interval_months: int | None


@frozen(order=False)
class EventForm:
    """An event of a statement, with the number of the invoice that it issued."""

    at: datetime
    kind: EventKind
    before: Held | None
    after: Held
    invoice: int | None
    action: Action | None


@frozen(order=False)
class StatementForm:
    """A statement in which each invoice stands once: its events name theirs by number."""

    account: Account
    invoices: tuple[Invoice, ...]
    events: tuple[EventForm, ...]


def _amount(money: Money) -> str:
    """`money` in a few words, whatever its size; its own text has all its digits."""
    amount, digits = in_few_words(money.amount), in_few_words(money.currency.digits)
    return f"amount {amount}, currency {money.currency.code}, digits {digits}"


class Editions:
    """The catalogues that names on the wire stand for, in the order in which plans are sought.

    `own`, if it is one of them, comes first: an account's plans are named by its own edition,
    though another edition may have equal ones.
    """

    def __init__(self, catalogs: tuple[Catalog, ...], own: Catalog) -> None:
        ordered = sorted(catalogs, key=lambda catalog: catalog != own)
        self._catalogs = {catalog.edition: catalog for catalog in ordered}

    def catalog_form(self, catalog: Catalog) -> CatalogForm:
        """The name of `catalog`, which must be one of these editions, and as it is here."""
        known = self._catalogs.get(catalog.edition)
        if known is None:
            raise InvalidWireError(".edition", self._known, in_few_words(catalog.edition))
        if known is not catalog and known != catalog:
            expected = "the content that WireFormat knows under this name"
            given = "another catalogue of this name"
            raise InvalidWireError(".edition", expected, given)
        return CatalogForm(catalog.edition)

    def catalog(self, form: CatalogForm) -> Catalog:
        """The catalogue that `form` names."""
        known = self._catalogs.get(form.edition)
        if known is None:
            raise InvalidWireError(".edition", self._known, in_few_words(form.edition))
        return known

    def plan_form(self, plan: Plan) -> PlanForm:
        """`plan` as the first of the editions that holds it names it."""
        for edition, catalog in self._catalogs.items():
            if any(plan is held or plan == held for held in catalog.plans):
                return PlanForm(edition, plan.key, plan.price, plan.interval_months)
        given = (
            f"{in_few_words(plan.key)} at {_amount(plan.price)}, which none of them holds as it is"
        )
        raise InvalidWireError("", f"a plan of {self._known}", given)

    def plan(self, form: PlanForm) -> Plan:
        """The plan that `form` names, if it still costs what the document pins."""
        plans = {plan.key: plan for plan in self.catalog(CatalogForm(form.edition)).plans}
        plan = plans.get(form.key)
        if plan is None:
            expected = f"a plan of edition {form.edition!r}: {', '.join(plans)}"
            raise InvalidWireError(".key", expected, in_few_words(form.key))
        if plan.price != form.price:
            expected = f"{plan.price}, the price of {plan.key!r} in edition {form.edition!r}"
            raise InvalidWireError(".price", expected, _amount(form.price))
        if plan.interval_months != form.interval_months:
            expected = f"{plan.interval_months}, the months of {plan.key!r} in {form.edition!r}"
            raise InvalidWireError(".interval_months", expected, in_few_words(form.interval_months))
        return plan

    @property
    def _known(self) -> str:
        names = ", ".join(map(repr, self._catalogs))
        return f"an edition given to WireFormat ({names})"


_Writes: TypeAlias = Callable[[Editions, Any], object]
_Reads: TypeAlias = Callable[[Editions, Any], object]


def _limits(_: Editions, form: LimitsForm) -> Limits:
    return Limits({quota: getattr(form, quota) for quota in Quota})


def _by_number(invoices: tuple[Invoice, ...]) -> Mapping[int | None, Invoice]:
    return {invoice.number: invoice for invoice in invoices if invoice.number is not None}


def _statement_form(_: Editions, statement: Statement) -> StatementForm:
    numbered = _by_number(statement.invoices)

    def forms() -> Iterator[EventForm]:
        for index, event in enumerate(statement.events):
            if type(event) is not AccountEvent:
                expected = "the class AccountEvent itself"
                raise InvalidWireError(f".events[{index}]", expected, in_few_words(event))
            invoice = event.invoice
            if invoice is not None and numbered.get(invoice.number) != invoice:
                expected = "one of the statement's invoices, which its number tells"
                raise InvalidWireError(f".events[{index}].invoice", expected, "another")
            number = None if invoice is None else invoice.number
            yield EventForm(event.at, event.kind, event.before, event.after, number, event.action)

    return StatementForm(statement.account, statement.invoices, tuple(forms()))


def _statement(_: Editions, form: StatementForm) -> Statement:
    numbered = _by_number(form.invoices)

    def events() -> Iterator[AccountEvent]:
        for index, event in enumerate(form.events):
            invoice = numbered.get(event.invoice)
            if invoice is None and event.invoice is not None:
                expected = "null, or the number of one of the statement's invoices"
                given = in_few_words(event.invoice)
                raise InvalidWireError(f".events[{index}].invoice", expected, given)
            try:
                yield AccountEvent(
                    event.at, event.kind, event.before, event.after, invoice, event.action
                )
            except InvalidValueError as error:
                raise refused(f".events[{index}].{error.name}", error) from error

    return Statement(form.account, form.invoices, tuple(events()))


STAND_INS: Mapping[type, tuple[type, _Writes, _Reads]] = MappingProxyType({
    Money: (
        MoneyForm,
        lambda _, money: MoneyForm(money.amount, money.currency.code, money.currency.digits),
        lambda _, form: Money(form.amount, Currency(form.currency, form.digits)),
    ),
    Limits: (LimitsForm, lambda _, limits: LimitsForm(**limits), _limits),
    Catalog: (CatalogForm, Editions.catalog_form, Editions.catalog),
    Plan: (PlanForm, Editions.plan_form, Editions.plan),
    Statement: (StatementForm, _statement_form, _statement),
})
"""By class: the shape it takes, how it is written as one, and how it is read back."""


def shape_of(kind: type) -> type:
    """The class whose fields stand on the wire for `kind`: its own, or a stand-in's."""
    return STAND_INS[kind][0] if kind in STAND_INS else kind


def field_names(shape: type) -> tuple[str, ...]:
    """The keys of an object on the wire: what the constructor takes, derived facts left out."""
    return tuple(field.name for field in attrs.fields(shape) if field.init)
