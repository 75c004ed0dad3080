"""What was billed and what happened: lines, invoices as tables, events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from attrs import frozen

from chatim_plans.billing.accounts import AccountEvent
from chatim_plans.billing.invoices import Invoice, InvoiceCause, Line, LineKind
from chatim_plans.foundation.money import Money
from chatim_plans.subscriptions.actions import AdjustCredit, ChoosePlan, MoveTrialEnd, Refunded
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.words.dates import period_text
from chatim_plans.words.names import NAMES
from chatim_plans.words.phrases import Phrase, Writer, sentence

# --- Lines and invoices ---
_LINES: Mapping[LineKind, Phrase] = MappingProxyType({
    LineKind.subscription: sentence(
        "{seats:seats} du plan {plan} à {price}, {days}",
        "{seats:seats} of the {plan} plan at {price}, {days}",
    ),
    LineKind.unused_time: sentence(
        "Temps non utilisé de {seats:seats} du plan {plan}, {days}",
        "Unused time of {seats:seats} of the {plan} plan, {days}",
    ),
    LineKind.remaining_time: sentence(
        "Temps restant de {seats:seats} du plan {plan}, {days}",
        "Remaining time of {seats:seats} of the {plan} plan, {days}",
    ),
})
_WITH_AMOUNT = sentence("{line} : {amount}", "{line}: {amount}")


def _line_words(line: Line, writer: Writer) -> str:
    """What a line is for, without its amount: `3 places du plan Pro à 19,00 $US, …`."""
    days = period_text(line.period, writer.language, writer.zone)
    facts: dict[str, Any] = {"plan": line.plan, "seats": line.seats, "price": line.unit_price}
    return writer.write(_LINES[line.kind], days=days, **facts)


def _line(line: Line, writer: Writer) -> str:
    return writer.write(_WITH_AMOUNT, line=_line_words(line, writer), amount=line.amount)


_NUMBERED_HEAD = sentence(
    "Facture n° {number} du {issued_at:instant}. {cause}.",
    "Invoice no. {number} of {issued_at:instant}. {cause}.",
)
_HEAD = sentence("Facture du {issued_at:instant}.", "Invoice of {issued_at:instant}.")
_TOTAL = Phrase("Total", "Total")
_FROM_CREDIT = Phrase("Payé par le solde", "Paid from the balance")
_TO_CREDIT = Phrase("Ajouté au solde", "Added to the balance")
_CARRIED_OVER = Phrase("Reporté sur la prochaine facture", "Carried over to the next invoice")
_CARRIED_HERE = Phrase("Reporté des factures précédentes", "Carried over from earlier")
_DUE = Phrase("À payer", "Due")


@frozen
class InvoiceTable:
    """An invoice in rows: its head, then what and how much, the amount due last."""

    head: str
    lines: tuple[tuple[str, str], ...]
    sums: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, invoice: Invoice, writer: Writer) -> InvoiceTable:
        """The rows of an invoice; a total stands where the amount due alone would not explain."""
        facts: dict[str, Any] = {"number": invoice.number, "issued_at": invoice.issued_at}
        head = _HEAD
        if invoice.cause is not None:
            head = _NUMBERED_HEAD
            facts["cause"] = writer.write(NAMES[InvoiceCause][invoice.cause])
        by_balance = list(_what_the_balance_did(invoice))
        sums: list[tuple[Phrase, Money]] = []
        if len(invoice.lines) > 1 or by_balance:
            sums.append((_TOTAL, invoice.total))
        sums += by_balance
        sums.append((_DUE, invoice.amount_due))
        return cls(
            writer.write(head, **facts),
            tuple((_line_words(each, writer), writer.fact(each.amount)) for each in invoice.lines),
            tuple((writer.write(what), writer.fact(amount)) for what, amount in sums),
        )

    def __str__(self) -> str:
        """The rows as a text table, the amounts under one another."""
        rows = self.lines + self.sums
        widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
        left, right = widths
        told = [f"  {what.ljust(left)}  {amount.rjust(right)}" for what, amount in rows]
        return "\n".join([self.head, *told])


def _what_the_balance_did(invoice: Invoice) -> Iterator[tuple[Phrase, Money]]:
    """What lies between the total and what is due, row by row (rules B7, B10, B13)."""
    nothing = Money(0, invoice.total.currency)
    rest = invoice.total
    if owed := max(-invoice.credit_before, nothing):
        yield _CARRIED_HERE, owed
        rest += owed
    if used := min(max(invoice.credit_before, nothing), max(rest, nothing)):
        yield _FROM_CREDIT, -used
        rest -= used
    if left := invoice.amount_due - rest:
        yield (_TO_CREDIT if left > nothing else _CARRIED_OVER), left


def _invoice(invoice: Invoice, writer: Writer) -> str:
    return str(InvoiceTable.of(invoice, writer))


# --- What happened ---
_EVENTS: Mapping[EventKind, Phrase] = MappingProxyType({
    EventKind.start_trial: sentence(
        "Début de l'essai du plan {plan}, {seats:seats}",
        "Trial of the {plan} plan started, {seats:seats}",
    ),
    EventKind.start_free: sentence(
        "Ouverture du compte sur le plan {plan}", "Account opened on the {plan} plan"
    ),
    EventKind.keep_plan: sentence("Plan {plan} gardé", "{plan} plan kept"),
    EventKind.choose_higher: sentence(
        "Passage au plan {plan}, {seats:seats}", "Move to the {plan} plan, {seats:seats}"
    ),
    EventKind.choose_lower: sentence(
        "Passage au plan {chosen} demandé", "Move to the {chosen} plan requested"
    ),
    EventKind.change_interval: sentence(
        "Passage au plan {plan}, {seats:seats}", "Move to the {plan} plan, {seats:seats}"
    ),
    EventKind.change_interval_later: sentence(
        "Passage au plan {chosen} demandé", "Move to the {chosen} plan requested"
    ),
    EventKind.grow: sentence(
        "Places ajoutées : {seats:seats} désormais", "Seats added: {seats:seats} now"
    ),
    EventKind.shrink: sentence(
        "Places retirées : {seats:seats} désormais", "Seats removed: {seats:seats} now"
    ),
    EventKind.move_trial_end: sentence(
        "Fin de l'essai déplacée au {to:day}", "Trial's end moved to {to:day}"
    ),
    EventKind.adjust_credit: sentence("Solde ajusté de {amount}", "Balance adjusted by {amount}"),
    EventKind.refund: sentence(
        "Remboursement de {amount} sur la facture n° {invoice}",
        "Refund of {amount} on invoice no. {invoice}",
    ),
    EventKind.trial_converts: sentence(
        "Début du plan {plan} après l'essai, {seats:seats}",
        "{plan} plan started after the trial, {seats:seats}",
    ),
    EventKind.trial_lapses: sentence(
        "Fin de l'essai, passage au plan {plan}", "Trial over, move to the {plan} plan"
    ),
    EventKind.period_renews: sentence(
        "Renouvellement du plan {plan}, {seats:seats}", "Renewal of the {plan} plan, {seats:seats}"
    ),
    EventKind.change_to_free_is_due: sentence("Passage au plan {plan}", "Move to the {plan} plan"),
    EventKind.restriction_lapses: sentence(
        "Passage au plan {plan}, faute de paiement", "Move to the {plan} plan after failed payments"
    ),
})
"""Where an event has more to say than the name of its kind."""

_EVENT = sentence("{at:instant} : {event}.", "{at:instant}: {event}.")
_NUMBERED = sentence("Facture n° {number} : {due}.", "Invoice no. {number}: {due}.")


def _changes_plan(event: AccountEvent) -> bool:
    return event.before is not None and event.before.plan.key != event.after.plan.key


def _event_words(event: AccountEvent, writer: Writer) -> str:
    """What happened, without when: `Passage au plan Pro, 3 places`."""
    kind = event.kind
    if kind is EventKind.choose_free and event.after.plan.is_free:  # of a trial that ended
        kind = EventKind.keep_plan
    if kind is EventKind.period_renews and _changes_plan(event):
        kind = EventKind.choose_higher  # so is the lower plan that waited: a move to it
    phrase = _EVENTS.get(kind, NAMES[EventKind][kind])
    facts: dict[str, Any] = {"plan": event.after.plan, "seats": event.after.seats}
    match event.action:
        case ChoosePlan(plan=chosen):
            facts["chosen"] = chosen
        case MoveTrialEnd(to=to):
            facts["to"] = to
        case AdjustCredit(amount=amount):
            facts["amount"] = amount
        case Refunded(invoice=number, amount=amount):
            facts = {"invoice": number, "amount": amount}
        case _:
            pass
    return writer.write(phrase, **facts)


def _invoice_words(invoice: Invoice, writer: Writer) -> str:
    """An invoice in a few words: its number, and what is due."""
    return writer.write(_NUMBERED, number=invoice.number, due=invoice.amount_due)


def event_row(event: AccountEvent, writer: Writer) -> str:
    """What happened and when, with the invoice that it issued."""
    said = writer.write(_EVENT, at=event.at, event=_event_words(event, writer))
    return said if event.invoice is None else f"{said} {_invoice_words(event.invoice, writer)}"


BILLS: Mapping[type, Callable[[Any, Writer], str]] = MappingProxyType({
    Line: _line,
    Invoice: _invoice,
    AccountEvent: event_row,
})
"""By class of what was billed or happened: how it is said."""
