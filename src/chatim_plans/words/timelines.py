"""What happened to an account and what comes, in the order of time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from attrs import field, frozen

from chatim_plans.billing.accounts import Account, AccountEvent, Held, Statement
from chatim_plans.billing.histories import advance
from chatim_plans.billing.invoices import Invoice
from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import InvalidTypeError, InvalidValueError
from chatim_plans.foundation.instants import instant, iso
from chatim_plans.foundation.values import Value, counted, named
from chatim_plans.words.bills import event_row
from chatim_plans.words.phrases import Writer, sentence


@frozen(order=False)
class Span(Value):
    """What was held from `start` to `end`, half-open: a plan and its seats, in a status.

    >>> from chatim_plans.words import timeline
    >>> from chatim_plans import StartFree, open_account, utc
    >>> timeline(open_account(StartFree(at=utc("2026-03-01"))), utc("2026-04-01")).spans
    (Span(start=2026-03-01T00:00Z, end=2026-04-01T00:00Z, held=1 x free 0.00 USD, free),)

    Raises:
        InvalidTypeError, InvalidValueError: no instants, an end that is not after the start, or
            nothing held.

    Source: rules B14, T2.
    """

    start: datetime = field(converter=instant)
    end: datetime = field(converter=instant)
    held: Held

    def __attrs_post_init__(self) -> None:
        shapes.instance(self.held, Held, "held")
        if self.end <= self.start:
            raise InvalidValueError("end", self.end, f"an instant after {iso(self.start)}")


@frozen(order=False)
class Timeline(Value):
    """The events of an account up to `until`: those that happened by `as_of`, then those that come.

    What comes is what time alone will do. `opening` is what was held before the first event; None
    where that opened the account.

    >>> from chatim_plans.words import timeline
    >>> from chatim_plans import AddPaymentMethod, StartTrial, replay, utc
    >>> start = utc("2026-03-01 12:00")
    >>> statement = replay([StartTrial(at=start), AddPaymentMethod(at=start)])
    >>> line = timeline(statement, until=utc("2026-05-01"))
    >>> [event.kind.value for event in line.ahead]
    ['trial_converts', 'period_renews']
    >>> [str(invoice.amount_due) for invoice in line.invoices]
    ['19.00 USD', '19.00 USD']

    Raises:
        InvalidTypeError, InvalidValueError: events out of order, or `until` before now.

    Source: rules B14, B9.
    """

    as_of: datetime = field(converter=instant)
    until: datetime = field(converter=instant)
    opening: Held | None
    events: tuple[AccountEvent, ...]

    def __attrs_post_init__(self) -> None:
        if self.opening is not None:
            shapes.instance(self.opening, Held, "opening")
        shapes.instance(self.events, tuple, "events")
        for event in self.events:
            shapes.instance(event, AccountEvent, "event")
        if self.until < self.as_of:
            raise InvalidValueError("until", self.until, f"an instant from {iso(self.as_of)} on")
        instants = [event.at for event in self.events]
        if sorted(instants) != instants or any(at > self.until for at in instants):
            expected = f"the oldest first, none after {iso(self.until)}"
            raise InvalidValueError("events", self.events, expected)
        if self.opening is None and not self.events:
            raise InvalidValueError("events", self.events, "at least one, or what was held before")

    def _shown(self) -> Iterator[str]:
        yield named("as_of", self.as_of)
        yield named("until", self.until)
        yield f"{counted(len(self.happened), 'event')}, {len(self.ahead)} ahead"

    @property
    def start(self) -> datetime:
        """Where it begins: at the first event, or now if all events come."""
        return min(self.as_of, self.events[0].at) if self.events else self.as_of

    @property
    def happened(self) -> tuple[AccountEvent, ...]:
        """The events up to now."""
        return tuple(event for event in self.events if event.at <= self.as_of)

    @property
    def ahead(self) -> tuple[AccountEvent, ...]:
        """The events that time alone will bring."""
        return tuple(event for event in self.events if event.at > self.as_of)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """The invoices that its events issue."""
        return tuple(event.invoice for event in self.events if event.invoice is not None)

    @property
    def spans(self) -> tuple[Span, ...]:
        """What was held from when to when, up to `until`; what lasted no time is left out."""
        return tuple(_spans(self))


def _spans(line: Timeline) -> Iterator[Span]:
    held, since = line.opening, line.start
    for event in line.events:
        if held is not None and event.after != held and event.at > since:
            yield Span(since, event.at, held)
        if event.after != held:
            held, since = event.after, event.at
    if held is not None and line.until > since:
        yield Span(since, line.until, held)


def timeline(of: Statement | Account, until: datetime) -> Timeline:
    """What happened to an account, as far as its statement tells, and what comes up to `until`.

    Of an account alone only what comes is known.

    >>> from chatim_plans.words import timeline
    >>> from chatim_plans import StartTrial, open_account, utc
    >>> opened = open_account(StartTrial(at=utc("2026-03-01")))
    >>> timeline(opened, until=utc("2026-05-01")).ahead[0].kind.value
    'trial_lapses'

    Raises:
        OutOfOrderError: `until` is before the instant that the account stands at.
        InvalidTypeError, InvalidValueError: neither a statement nor an account, or no instant.

    Source: rules B14, B9.
    """
    match of:
        case Statement(account=account, events=happened):
            pass
        case Account():
            account, happened = of, ()
        case _:
            raise InvalidTypeError("of", of, "a Statement or an Account")
    facts, until = account.subscription, instant(until)
    ahead = advance(account, until).events
    now = Held(facts.plan, facts.seats, facts.present_status)
    opening = happened[0].before if happened else now
    return Timeline(facts.as_of, until, opening, happened + ahead)


# --- In words ---
_HAPPENED = sentence("Ce qui s'est passé", "What happened")
_AHEAD = sentence("Ce qui vient", "What comes")
_NOTHING = sentence(
    "Rien ne s'est passé, et rien ne vient.", "Nothing happened, and nothing comes."
)


def timeline_words(line: Timeline, writer: Writer) -> str:
    """A row for each event, what comes under a heading of its own."""
    rows: list[str] = []
    for heading, events in ((_HAPPENED, line.happened), (_AHEAD, line.ahead)):
        if events:
            rows.append(writer.write(heading))
            rows.extend(f"  {event_row(event, writer)}" for event in events)
    return "\n".join(rows or [writer.write(_NOTHING)])
