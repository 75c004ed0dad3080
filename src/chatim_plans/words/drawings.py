"""Pictures as SVG text: the time-line of an account, and the feature matrix.

Light and dark follow the reader's system. Every number in a picture is one of the value's; what
would not fit is left out, and the description tells the latest events in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from itertools import groupby
from typing import Any

from attrs import frozen

from chatim_plans.billing.accounts import Account, Statement
from chatim_plans.billing.invoices import Invoice, Line, LineKind
from chatim_plans.catalog.catalogs import Catalog
from chatim_plans.catalog.labels import comparison_table
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation import shapes
from chatim_plans.foundation.instants import seconds_between
from chatim_plans.subscriptions.subscription import Status
from chatim_plans.words.bills import event_row
from chatim_plans.words.markup import Element, element, written
from chatim_plans.words.names import NAMES
from chatim_plans.words.phrases import Phrase, Writer, sentence
from chatim_plans.words.timelines import Span, Timeline, timeline

_STYLE = """
.cp{--ink:#1f2328;--soft:#59636e;--rule:#d1d9e0;--paper:#fff;--p0:#8c959f;--p1:#2f6feb;--p2:#8250df;
--p3:#bf3989;--trial:#fff3bf;--due:#ffe3c7;--bad:#ffd6d3;--credit:#1a7f37;
font:12px system-ui,sans-serif;fill:var(--ink)}
@media(prefers-color-scheme:dark){.cp{--ink:#f0f6fc;--soft:#9198a1;--rule:#3d444d;--paper:#0d1117;
--p0:#656c76;--p1:#4493f8;--p2:#ab7df8;--p3:#db61a2;--trial:#463a10;--due:#4a2f12;--bad:#54201e;
--credit:#3fb950}}
.cp .s{fill:var(--soft);font-size:11px}.cp .m{text-anchor:middle}.cp .e{text-anchor:end}
.cp .h{text-anchor:middle;font-weight:bold}.cp .b{fill:none;stroke:var(--rule)}
.cp .r{stroke:var(--rule)}.cp .n{stroke:var(--soft);stroke-dasharray:3 3}
.cp .i{fill:var(--paper);stroke:var(--ink);stroke-width:1.5}
.cp .f{fill:var(--paper);fill-opacity:.4}
.cp .t{fill:var(--trial)}.cp .d{fill:var(--due)}.cp .x{fill:var(--bad)}
.cp .c{fill:var(--credit);fill-opacity:.35;stroke:var(--credit)}
.cp .p0{fill:var(--p0)}.cp .p1{fill:var(--p1)}.cp .p2{fill:var(--p2)}.cp .p3{fill:var(--p3)}
.cp .o{fill-opacity:.3;stroke-dasharray:4 3}.cp .p1.o{stroke:var(--p1)}.cp .p2.o{stroke:var(--p2)}
.cp .p3.o{stroke:var(--p3)}
""".replace("\n", "")

_WIDTH, _LEFT, _RIGHT = 760, 16, 744
_TOP, _BASE, _BOTTOM, _HEIGHT = 76, 216, 276, 312
_MANY, _STEP = 100, 12
"""Of more than so many areas, what is narrower than so many pixels is drawn as one with others."""
_THIN = 2
_LETTER = 6
"""The width of a letter in pixels, about."""
_TOLD = 24
"""How many events the description tells."""

_TITLE = sentence(
    "Chronologie, {start:short} – {end:short}", "Time-line, {start:short} – {end:short}"
)
_NOW = Phrase("maintenant", "now")
_HELD = sentence("{plan}, {seats:seats}, {charge}", "{plan}, {seats:seats}, {charge}")
_HELD_SHORT = Phrase("{plan} {charge}", "{plan} {charge}")


@frozen
class _Canvas:
    """Where an instant and a price stand in the picture of a time-line."""

    line: Timeline
    writer: Writer
    highest: Fraction
    ranks: tuple[str, ...]

    @classmethod
    def of(cls, line: Timeline, writer: Writer) -> _Canvas:
        helds = [(span.held.plan, span.held.seats) for span in line.spans]
        plans = {plan.key: plan for plan, _ in helds}
        ranked = sorted(plans.values(), key=lambda plan: plan.price_per_year)
        paid = [plan.key for plan in ranked if not plan.is_free]
        highest = max((_by_month(*held) for held in helds), default=Fraction(0))
        return cls(line, writer, highest, tuple(paid))

    def x(self, at: datetime) -> int:
        """The column of an instant, within the picture."""
        line = self.line
        inside = min(max(at, line.start), line.until)
        whole = max(seconds_between(line.start, line.until), 1)
        return _LEFT + seconds_between(line.start, inside) * (_RIGHT - _LEFT) // whole

    def height(self, by_month: Fraction, room: int) -> int:
        """So many pixels of the `room` for an amount by the month; of nothing a thin line."""
        scaled = by_month * room // self.highest if self.highest else 0
        return min(max(scaled, _THIN), room)

    def colour(self, plan: Plan) -> str:
        """The class of a plan: grey for Free, then a colour by price."""
        return "p0" if plan.is_free else f"p{min(1 + self.ranks.index(plan.key), 3)}"


def _by_month(plan: Plan, seats: int) -> Fraction:
    months = plan.interval_months
    return Fraction(plan.charge(seats).amount, months) if months else Fraction(0)


def timeline_svg(
    of: Statement | Account, until: datetime, language: str = "en", zone: tzinfo = UTC
) -> str:
    """The time-line of an account, drawn: an SVG of at most 20 KB, light and dark, with a title
    and a description for those who do not see it.

    Time runs to the right. Each plan is a step as high as its price × seats; trial, payment
    trouble and restriction are shaded. Invoices are marks with the amount due; credits are areas
    below the line, as wide as the time that they are for. A dashed line is now: to its right is
    what time alone will bring.

    >>> from chatim_plans.words import timeline_svg
    >>> from chatim_plans import AddPaymentMethod, StartTrial, replay, utc
    >>> start = utc("2026-03-01 12:00")
    >>> statement = replay([StartTrial(at=start), AddPaymentMethod(at=start)])
    >>> timeline_svg(statement, utc("2026-05-01")).startswith("<svg ")
    True

    Raises:
        OutOfOrderError: `until` is before the instant that the account stands at.
        InvalidTypeError, InvalidValueError: neither a statement nor an account, no instant, no
            zone.
        UnknownKeyError: a language other than French and English.

    Source: rules B14, B5, R1, D1, D2.
    """
    return written(timeline_picture(timeline(of, until), Writer.of(language, zone)))


def timeline_picture(line: Timeline, writer: Writer) -> Element:
    """The picture of a time-line, as an element of a page."""
    canvas = _Canvas.of(line, writer)
    told = "\n".join(event_row(event, writer) for event in line.events[-_TOLD:])
    shades, steps, credits_ = _shades(canvas), _steps(canvas), _credits(canvas)
    parts = (
        *_areas(shades),
        element("path", class_="r", d=f"M{_LEFT} {_BASE}H{_RIGHT}"),
        *_areas(steps),
        *_areas(credits_),
        *_now(canvas),
        *_labels(shades),
        *_labels(steps),
        *_labels(credits_),
        *_invoices(canvas),
        *_ticks(canvas),
    )
    title = writer.write(_TITLE, start=line.start, end=line.until)
    return _picture(title, told, (_WIDTH, _HEIGHT), parts)


@frozen
class _Box:
    """An area from column `left` to `right`, and its label, of which the first that fits is shown
    at the height `label_at`.
    """

    left: int
    right: int
    top: int
    bottom: int
    kind: str
    label_at: int
    labels: tuple[str, ...]


_SHADES = {Status.trialing: "t", Status.past_due: "d", Status.restricted: "x"}


def _shades(canvas: _Canvas) -> list[_Box]:
    """Trial and trouble, from top to bottom behind all else."""
    boxes: list[_Box] = []
    for span in canvas.line.spans:
        kind = _SHADES.get(span.held.status)
        if kind is not None:
            said = canvas.writer.write(NAMES[Status][span.held.status])
            left, right = canvas.x(span.start), canvas.x(span.end)
            boxes.append(_Box(left, right, 24, _BOTTOM, kind, 38, (said,)))
    return boxes


def _steps(canvas: _Canvas) -> list[_Box]:
    """Price × seats, a step as long as it was held; dashed in a trial, which charges nothing."""
    boxes: list[_Box] = []
    for (plan, seats, on_trial), spans in groupby(canvas.line.spans, _what_a_step_is_of):
        first, *more = spans
        charge = plan.charge(seats)
        top = _BASE - canvas.height(_by_month(plan, seats), _BASE - _TOP)
        kind = canvas.colour(plan) + (" o" if on_trial else "")
        facts: dict[str, Any] = {"plan": plan, "seats": seats, "charge": charge}
        labels = tuple(canvas.writer.write(phrase, **facts) for phrase in (_HELD, _HELD_SHORT))
        left, right = canvas.x(first.start), canvas.x((more or [first])[-1].end)
        boxes.append(_Box(left, right, top, _BASE, kind, top - 5, labels))
    return boxes


def _what_a_step_is_of(span: Span) -> tuple[Plan, int, bool]:
    """What changes the height or the look of a step: trouble does not."""
    return span.held.plan, span.held.seats, span.held.status is Status.trialing


def _credits(canvas: _Canvas) -> list[_Box]:
    """Unused time that was credited: an area below the line for the time it is for."""
    boxes: list[_Box] = []
    for each in _lines(canvas.line):
        if each.kind is LineKind.unused_time:
            by_month = _by_month(each.plan, each.seats)
            bottom = _BASE + canvas.height(by_month, _BOTTOM - _BASE - 22)
            left, right = canvas.x(each.period.start), canvas.x(each.period.end)
            said = canvas.writer.fact(each.amount)
            boxes.append(_Box(left, right, _BASE, bottom, "c", bottom + 13, (said,)))
    return boxes


def _lines(line: Timeline) -> Iterator[Line]:
    for invoice in line.invoices:
        yield from invoice.lines


def _invoices(canvas: _Canvas) -> Iterator[Element]:
    """A mark on the line for each invoice, and the amount due over it where there is room."""
    at_column: dict[int, Invoice] = {}
    for invoice in canvas.line.invoices:
        at_column[canvas.x(invoice.issued_at) // 2 * 2] = invoice
    marks = "".join(f"M{x - 4} {_BASE}l4-4 4 4-4 4z" for x in at_column)
    if marks:
        yield element("path", class_="i", d=marks)
    free_from = 0
    for x, invoice in at_column.items():
        text = canvas.writer.fact(invoice.amount_due)
        half = len(text) * _LETTER // 2
        middle = min(max(x, _LEFT + half), _RIGHT - half)
        if middle - half >= free_from:
            free_from = middle + half + _LETTER
            yield element("text", text, class_="m", x=middle, y=_HEIGHT - 26)


def _ticks(canvas: _Canvas) -> Iterator[Element]:
    """The days on which something changed or was invoiced, where there is room for them."""
    spans = canvas.line.spans
    instants = {span.start for span in spans} | {each.issued_at for each in canvas.line.invoices}
    free_from = 0
    for at in sorted(instants | {canvas.line.until}):
        text = canvas.writer.fact(at, "short")
        half = len(text) * _LETTER // 2
        middle = min(max(canvas.x(at), _LEFT + half), _RIGHT - half)
        if middle - half >= free_from:
            free_from = middle + half + _LETTER
            yield element("text", text, class_="s m", x=middle, y=_HEIGHT - 8)


def _now(canvas: _Canvas) -> Iterator[Element]:
    """A line at now, and what comes paler than what happened."""
    if canvas.line.start < canvas.line.as_of < canvas.line.until:
        x = canvas.x(canvas.line.as_of)
        yield element("path", class_="f", d=f"M{x} 24H{_RIGHT}V{_BOTTOM}H{x}z")
        yield element("path", class_="n", d=f"M{x} 24V{_BOTTOM}")
        yield element("text", canvas.writer.write(_NOW), class_="s m", x=x, y=16)


def _areas(boxes: Sequence[_Box]) -> Iterator[Element]:
    """The boxes of each class as one path; of those in the same columns the last one."""
    step = _STEP if len(boxes) > _MANY else 1
    paths: dict[str, dict[int, str]] = {}
    for box in boxes:
        left, right = box.left // step * step, max(box.right, box.left + 1)
        drawn = f"M{left} {box.bottom}V{box.top}H{right}V{box.bottom}z"
        paths.setdefault(box.kind, {})[left] = drawn
    for kind, drawn_at in paths.items():
        yield element("path", class_=kind, d="".join(drawn_at.values()))


def _labels(boxes: Iterable[_Box]) -> Iterator[Element]:
    """The longest label of each box that it has room for, none over another."""
    free_from = 0
    for box in boxes:
        fits = (text for text in box.labels if len(text) * _LETTER <= box.right - box.left)
        text = next(fits, None)
        if text is not None and box.left >= free_from:
            free_from = box.right
            middle = (box.left + box.right) // 2
            yield element("text", text, class_="m", x=middle, y=box.label_at)


# --- The feature matrix ---
_ROW, _COLUMN, _FIRST_COLUMN = 26, 120, 240
_MATRIX = Phrase("Fonctionnalités par plan", "Features by plan")
_ROW_TOLD = sentence("{feature} : {cells}", "{feature}: {cells}")


def matrix_svg(catalog: Catalog, language: str = "en") -> str:
    """The table of features by plan on offer, drawn: an SVG, light and dark, with a description.

    >>> from chatim_plans.words import matrix_svg
    >>> from chatim_plans import CHATIM
    >>> "Marque blanche" in matrix_svg(CHATIM, "fr")
    True

    Raises:
        InvalidTypeError: no catalogue.
        UnknownKeyError: a language other than French and English.

    Source: rules C2, C4, C9.
    """
    writer = Writer.of(language, UTC)
    rows = comparison_table(shapes.instance(catalog, Catalog, "catalog"), language)
    told = [
        writer.write(_ROW_TOLD, feature=feature, cells=", ".join(cells))
        for feature, *cells in rows[1:]
    ]
    parts = (cell for number, row in enumerate(rows) for cell in _cells(number, row))
    size = (_FIRST_COLUMN + _COLUMN * (len(rows[0]) - 1), _ROW * len(rows) + 8)
    return written(_picture(writer.write(_MATRIX), "\n".join(told), size, parts))


def _cells(number: int, row: tuple[str, ...]) -> Iterator[Element]:
    base = _ROW * number + 18
    if number:
        yield element(
            "path", class_="r", d=f"M0 {base - 18}h{_FIRST_COLUMN + _COLUMN * (len(row) - 1)}"
        )
    feature, *cells = row
    yield element("text", feature, x=8, y=base)
    for column, cell in enumerate(cells):
        middle = _FIRST_COLUMN + _COLUMN * column + _COLUMN // 2
        yield element("text", cell, class_="m", x=middle, y=base)


def _picture(title: str, told: str, size: tuple[int, int], parts: Iterable[Element]) -> Element:
    """A picture with its title and description, of so many pixels."""
    width, height = size
    return element(
        "svg",
        element("title", title),
        element("desc", told),
        element("style", _STYLE),
        parts,
        **{"xmlns": "http://www.w3.org/2000/svg", "class": "cp", "role": "img"},
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
    )
