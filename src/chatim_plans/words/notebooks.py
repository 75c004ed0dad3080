"""Values as small pieces of HTML: what a notebook shows of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from types import MappingProxyType
from typing import Any

from chatim_plans.access.entitlements import Entitlements
from chatim_plans.access.what_if import DowngradeReport
from chatim_plans.billing.accounts import Account, Statement
from chatim_plans.billing.histories import upcoming_invoice
from chatim_plans.billing.invoices import Invoice
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.features import Feature, Quota
from chatim_plans.catalog.labels import comparison_table, label, price_table
from chatim_plans.catalog.matrix import FeatureMatrix
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.subscriptions.subscription import Status
from chatim_plans.words.answers import ANSWERS
from chatim_plans.words.bills import InvoiceTable
from chatim_plans.words.drawings import timeline_picture
from chatim_plans.words.markup import Element, Part, element, written
from chatim_plans.words.names import NAMES
from chatim_plans.words.phrases import Phrase, Writer
from chatim_plans.words.timelines import timeline

_YES_NO = (Phrase("Non", "No"), Phrase("Oui", "Yes"))
_PLAN = Phrase("Plan", "Plan")
_SEATS = Phrase("Places", "Seats")
_STATUS = Phrase("Statut", "Status")
_AS_OF = Phrase("État au", "As of")
_VALID_UNTIL = Phrase("Valable jusqu'au", "Valid until")
_BALANCE = Phrase("Solde", "Balance")
_UPCOMING = Phrase("Prochaine facture", "Upcoming invoice")


def _table(rows: Iterable[Iterable[Part]], head: Iterable[Part] = ()) -> Element:
    """A table, the amounts of its last column to the right."""
    headings = list(head)
    top = [element("thead", element("tr", (element("th", each) for each in headings)))]
    body = (element("tr", (element("td", cell) for cell in row)) for row in rows)
    return element("table", top if headings else (), element("tbody", body))


def _catalog(catalog: Catalog, writer: Writer) -> Element:
    (head, *rows), (features, *cells) = (
        table(catalog, writer.language) for table in (price_table, comparison_table)
    )
    return element("div", _table(rows, head), _table(cells, features))


def _matrix(matrix: FeatureMatrix, writer: Writer) -> Element:
    head = ["", *(label(plan, writer.language) for plan in matrix.plans)]
    rows = [
        [
            label(grant, writer.language),
            *(_cell(cell, writer) for cell in matrix.row(grant).values()),
        ]
        for grant in (*Quota, *Feature)
    ]
    return _table(rows, head)


def _cell(cell: object, writer: Writer) -> str:
    return writer.write(_YES_NO[cell]) if isinstance(cell, bool) else writer.fact(cell)


def _invoice(invoice: Invoice, writer: Writer) -> Element:
    table = InvoiceTable.of(invoice, writer)
    return element("div", element("p", table.head), _table([*table.lines, *table.sums]))


def _facts(account: Account, writer: Writer) -> Element:
    facts, upcoming = account.subscription, upcoming_invoice(account)
    rows = [
        (writer.write(_PLAN), writer.fact(facts.plan)),
        (writer.write(_SEATS), writer.fact(facts.seats)),
        (writer.write(_STATUS), writer.write(NAMES[Status][facts.present_status])),
        (writer.write(_AS_OF), writer.fact(facts.as_of, "instant")),
        (writer.write(_BALANCE), writer.fact(account.credit_balance)),
    ]
    shown: list[Part] = [_table(rows)]
    if upcoming is not None:
        shown += [element("p", writer.write(_UPCOMING)), _invoice(upcoming, writer)]
    return element("div", shown)


def _statement(statement: Statement, writer: Writer) -> Element:
    """Its time-line up to the end of the next period, or to now, and its account."""
    upcoming = upcoming_invoice(statement.account)
    now = statement.account.subscription.as_of
    until = now if upcoming is None else upcoming.lines[-1].period.end
    picture = timeline_picture(timeline(statement, until), writer)
    return element("div", picture, _facts(statement.account, writer))


def _entitlements(may: Entitlements, writer: Writer) -> Element:
    rows = [
        (writer.write(_PLAN), writer.fact(may.plan)),
        (writer.write(_STATUS), writer.write(NAMES[Status][may.status])),
    ]
    if may.valid_until is not None:
        rows.append((writer.write(_VALID_UNTIL), writer.fact(may.valid_until, "instant")))
    rows += [(label(each, writer.language), writer.fact(may.limit(each))) for each in Quota]
    rows += [(label(each, writer.language), _cell(may.allows(each), writer)) for each in Feature]
    return _table(rows)


def _downgrade(report: DowngradeReport, writer: Writer) -> Element:
    told = ANSWERS[DowngradeReport](report, writer)
    return element("ul", (element("li", row) for row in told.splitlines()))


_SHOWN: Mapping[type, Callable[[Any, Writer], Element]] = MappingProxyType({
    Catalog: _catalog,
    FeatureMatrix: _matrix,
    Account: _facts,
    Invoice: _invoice,
    Statement: _statement,
    Entitlements: _entitlements,
    DowngradeReport: _downgrade,
})


def html(value: object, language: str = "en", zone: tzinfo = UTC) -> str:
    """A small piece of HTML, every text escaped: what a notebook shows of a value by itself.

    Shown are catalogues and their matrix, accounts, invoices as their table, statements with their
    time-line, entitlements and downgrade reports.

    >>> from chatim_plans.words import html
    >>> from chatim_plans import CHATIM
    >>> html(CHATIM, "fr")[:39]
    '<div><table><thead><tr><th>Plan</th><th'

    Raises:
        InvalidTypeError: a value that has no picture, or no zone.
        UnknownKeyError: a language other than French and English.

    Source: rule C4; the house style, "every value says itself".
    """
    writer = Writer.of(language, zone)
    shown = next((_SHOWN[kind] for kind in type(value).__mro__ if kind in _SHOWN), None)
    if shown is None:
        expected = "a value that is shown, such as a Catalog, an Account or an Invoice"
        raise InvalidTypeError("value", value, expected)
    return written(shown(value, writer), "html")
