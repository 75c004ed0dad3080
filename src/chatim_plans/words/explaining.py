"""How a cent came about: a line or an invoice, told step by step for who checks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, tzinfo
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from chatim_plans.billing.invoices import Invoice, Line, LineKind
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.foundation.languages import Language
from chatim_plans.words.amounts import decimal_text
from chatim_plans.words.bills import InvoiceTable
from chatim_plans.words.phrases import Phrase, Writer, sentence

# --- A line ---
_PRICE = sentence(
    "{seats:seats} du plan {plan} à {price} : {charge} pour la période du {start:instant} au"
    " {end:instant}.",
    "{seats:seats} of the {plan} plan at {price}: {charge} for the period from {start:instant} to"
    " {end:instant}.",
)
_WHOLE = sentence(
    "La ligne paie toute la période, au début : {amount} (règle B2).",
    "The line pays for the whole period, at its start: {amount} (rule B2).",
)
_CREDITED_DEBIT = sentence(
    "{seats:seats} du plan {plan} : le crédit est une part de ce qui a été débité pour ce temps,"
    " {base} pour la période du {start:instant} au {end:instant} (règle B12).",
    "{seats:seats} of the {plan} plan: the credit is a part of what was debited for that time,"
    " {base} for the period from {start:instant} to {end:instant} (rule B12).",
)
_PART: Mapping[LineKind, Phrase] = MappingProxyType({
    LineKind.unused_time: sentence(
        "Le temps non utilisé, à partir du {start:instant}, est de {part} sur {whole}, soit la"
        " fraction {fraction} (règle B3).",
        "The unused time, from {start:instant} on, is {part} of {whole}, which is the fraction"
        " {fraction} (rule B3).",
    ),
    LineKind.remaining_time: sentence(
        "Le temps restant, à partir du {start:instant}, est de {part} sur {whole}, soit la"
        " fraction {fraction} (règle B3).",
        "The remaining time, from {start:instant} on, is {part} of {whole}, which is the fraction"
        " {fraction} (rule B3).",
    ),
})
_EXACT = sentence(
    "{base} × {fraction} = {decimal}, exactement {exact} {unit}.",
    "{base} × {fraction} = {decimal}, exactly {exact} {unit}.",
)
_CENTS = Phrase(("cent", "cents"), ("cent", "cents"))
_MINOR_UNITS = Phrase(("unité mineure", "unités mineures"), ("minor unit", "minor units"))
_MANY = 2
_IN_CENTS = frozenset({"AUD", "CAD", "EUR", "NZD", "USD"})

# --- What rounding did, by the distance of the amount from the exact one ---
_NOTHING_TO_ROUND = sentence(
    "Il n'y a rien à arrondir : {amount}.", "There is nothing to round: {amount}."
)
_TO_THE_NEAREST = sentence(
    "Arrondi une fois : {amount}, le plus proche (règle B4).",
    "Rounded once: {amount}, which is the nearest (rule B4).",
)
_A_HALF_FOR_THE_CUSTOMER = sentence(
    "C'est exactement une moitié, arrondie une fois en faveur du client : {amount} (règle B4).",
    "That is exactly a half, rounded once in the customer's favour: {amount} (rule B4).",
)
_A_HALF_BY_THE_TERMS = sentence(
    "C'est exactement une moitié, arrondie une fois selon les conditions du catalogue : {amount}"
    " (règle B4).",
    "That is exactly a half, rounded once by the catalogue's terms: {amount} (rule B4).",
)
_DOWN_BY_THE_TERMS = sentence(
    "Arrondi une fois vers le bas, selon les conditions du catalogue : {amount} (règle B4).",
    "Rounded once downwards, by the catalogue's terms: {amount} (rule B4).",
)
_TOOK = sentence(
    "L'arrondi coûte {difference} {unit} au client.",
    "Rounding costs the customer {difference} {unit}.",
)
_GAVE = sentence(
    "L'arrondi rapporte {difference} {unit} au client.",
    "Rounding gives the customer {difference} {unit}.",
)

_HALF = Fraction(1, 2)


def _rounding_of(line: Line) -> Phrase:
    took = line.rounding_difference
    if not took:
        return _NOTHING_TO_ROUND
    if took == -_HALF:
        return _A_HALF_FOR_THE_CUSTOMER
    if took == _HALF:
        return _A_HALF_BY_THE_TERMS
    return _TO_THE_NEAREST if abs(took) < _HALF else _DOWN_BY_THE_TERMS


# --- An invoice ---
_LINE = sentence("Ligne {number}. {explained}", "Line {number}. {explained}")
_SUM = sentence("{what} : {amount}.", "{what}: {amount}.")


def explain(value: Line | Invoice, language: str, zone: tzinfo = UTC) -> str:
    """How the amount of a line, or of an invoice, came about: a sentence a step, one a row.

    Of a line: seats and price, the part in days and hours and as a fraction, the exact amount, the
    rule that rounded it and what rounding took; for a credit also the debit that it is a part of.
    Of an invoice: each of its lines, and what the credit balance did.

    >>> from chatim_plans.words import explain
    >>> from chatim_plans import *
    >>> start = utc("2026-10-15 09:00")
    >>> statement = replay([
    ...     StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(PRO, seats=5, at=start),
    ...     ChoosePlan(ULTIMATE, at=utc("2026-10-27 17:30")),
    ... ])
    >>> print(explain(statement.invoices[-1].lines[0], "en").splitlines()[1])
    The unused time, from October 27, 2026 at 5:30\N{NARROW NO-BREAK SPACE}PM UTC on, is 18 days, \
15 hours, and 30 minutes of 31 days, which is the fraction 895/1488 (rule B3).

    Raises:
        InvalidTypeError: neither a line nor an invoice, or no zone.
        UnknownKeyError: a language other than French and English.

    Source: rules B2–B7, B10, B12.
    """
    writer = Writer.of(language, zone)
    match value:
        case Line():
            return "\n".join(_of_line(value, writer))
        case Invoice():
            return "\n".join(_of_invoice(value, writer))
        case _:
            raise InvalidTypeError("value", value, "a Line or an Invoice")


def _of_line(line: Line, writer: Writer) -> Iterator[str]:
    charge = line.plan.charge(line.seats)
    facts: dict[str, Any] = {
        "seats": line.seats,
        "plan": line.plan,
        "price": line.unit_price,
        "charge": charge,
        "amount": line.amount,
        "fraction": line.fraction,
        "base": line.base,
        "start": line.whole.start,
        "end": line.whole.end,
    }
    # Only a credit can be a part of something else than the price of the seats (rule B12).
    yield writer.write(_PRICE if line.base == charge else _CREDITED_DEBIT, **facts)
    if line.kind is LineKind.subscription:
        yield writer.write(_WHOLE, **facts)
        return
    part, whole = (_duration(span.seconds, writer) for span in (line.period, line.whole))
    facts |= {"start": line.period.start, "part": part, "whole": whole}
    yield writer.write(_PART[line.kind], **facts)
    yield from _roundly(line, facts, writer)


def _roundly(line: Line, facts: dict[str, Any], writer: Writer) -> Iterator[str]:
    currency = line.amount.currency
    signed = -line.base if line.kind is LineKind.unused_time else line.base
    decimal = decimal_text(line.exact, currency, writer.language)
    facts |= {
        "base": signed,
        "exact": line.exact,
        "decimal": decimal,
        "unit": _unit(line, line.exact, writer),
    }
    yield writer.write(_EXACT, **facts)
    yield writer.write(_rounding_of(line), **facts)
    took = line.rounding_difference
    if took:
        yield writer.write(
            _TOOK if took > 0 else _GAVE, difference=abs(took), unit=_unit(line, took, writer)
        )


def _unit(line: Line, amount: Fraction, writer: Writer) -> str:
    """The smallest unit of a line's currency, for less than two of it in the singular."""
    phrase = _CENTS if line.amount.currency.code in _IN_CENTS else _MINOR_UNITS
    many = abs(amount) >= _MANY if writer.language is Language.fr else abs(amount) > 1
    return writer.write(phrase, _MANY if many else 1)


_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))


def _duration(seconds: int, writer: Writer) -> str:
    """Whole days of 24 hours, and what is left in hours, minutes and seconds."""
    told: list[str] = []
    for unit, length in _UNITS:
        count, seconds = divmod(seconds, length)
        if count:
            told.append(writer.fact(count, unit))
    return writer.list_of(told)


def _of_invoice(invoice: Invoice, writer: Writer) -> Iterator[str]:
    table = InvoiceTable.of(invoice, writer)
    yield table.head
    for number, line in enumerate(invoice.lines, 1):
        explained = " ".join(_of_line(line, writer))
        yield writer.write(_LINE, number=number, explained=explained)
    for what, amount in table.sums:
        yield writer.write(_SUM, what=what, amount=amount)
