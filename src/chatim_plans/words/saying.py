"""Any value in words, in French or English."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeAlias, overload

from chatim_plans.access.entitlements import Decision, Reason
from chatim_plans.access.notices import Notice, PaymentRequiredBecause
from chatim_plans.access.roles import Role
from chatim_plans.access.what_if import DowngradeReport
from chatim_plans.billing.accounts import AccountEvent
from chatim_plans.billing.invoices import Invoice, InvoiceCause, Line, LineKind
from chatim_plans.catalog.features import Feature, Quota
from chatim_plans.catalog.matrix import Difference
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.foundation.money import Money
from chatim_plans.foundation.periods import Period
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.refusals import ActionRefusedError
from chatim_plans.subscriptions.subscription import ScheduledChange, Standing, Status
from chatim_plans.subscriptions.trials import TrialEligibility, TrialRefusal
from chatim_plans.words.answers import ANSWERS
from chatim_plans.words.bills import BILLS
from chatim_plans.words.dates import period_text
from chatim_plans.words.messages import MESSAGES, Message
from chatim_plans.words.names import NAMES
from chatim_plans.words.phrases import Writer
from chatim_plans.words.timelines import Timeline, timeline_words


def _name(member: StrEnum, writer: Writer) -> str:
    return writer.write(NAMES[type(member)][member])


def _fact(value: object, writer: Writer) -> str:
    return writer.fact(value)


def _period(period: Period, writer: Writer) -> str:
    return period_text(period, writer.language, writer.zone)


_WORDS: Mapping[type, Callable[[Any, Writer], Any]] = MappingProxyType({
    **MESSAGES,
    **ANSWERS,
    **BILLS,
    **dict.fromkeys(NAMES, _name),
    **dict.fromkeys((Plan, Feature, Quota, Money), _fact),
    Period: _period,
    Timeline: timeline_words,
})


Sayable: TypeAlias = (
    AccountEvent
    | Decision
    | Difference
    | DowngradeReport
    | EventKind
    | Feature
    | Invoice
    | InvoiceCause
    | Line
    | LineKind
    | Money
    | PaymentRequiredBecause
    | Period
    | Plan
    | Quota
    | Reason
    | Role
    | ScheduledChange
    | Standing
    | Status
    | Timeline
    | TrialEligibility
    | TrialRefusal
)
"""What is said in a text; a notice and a refusal are said in a `Message`.

>>> from chatim_plans import Reason
>>> from chatim_plans.words import Sayable, say
>>> isinstance(Reason.over_limit, Sayable), say(Reason.over_limit, "en")
(True, "Over your plan's limit")
"""


@overload
def say(value: Notice | ActionRefusedError, language: str, zone: tzinfo = UTC) -> Message: ...
@overload
def say(value: Sayable, language: str, zone: tzinfo = UTC) -> str: ...
def say(
    value: Notice | ActionRefusedError | Sayable, language: str, zone: tzinfo = UTC
) -> Message | str:
    """`value` in words for the customer: a `Message` for a notice or a refusal, else a text.

    Said are: notices, statuses, reasons, decisions, lines, invoices (as a table), differences,
    downgrade reports, changes that wait, events, trial eligibility, refusals (any
    `ActionRefusedError`), the members of the other vocabularies, plans, features, quotas, money
    and periods. Days and times are those of `zone`.

    >>> from chatim_plans.words import say
    >>> from chatim_plans import Status, StartTrial, notices, open_account, utc
    >>> say(Status.past_due, "fr")
    'Paiement en retard'
    >>> subscription = open_account(StartTrial(at=utc("2026-03-01"))).account.subscription
    >>> (notice,) = notices(subscription, utc("2026-03-20"))
    >>> say(notice, "en").title
    'Trial: 11 days left'

    Raises:
        UnknownKeyError: a language other than French and English.
        InvalidTypeError: a value that has no words, or no zone.
        InvalidValueError: a zone that does not tell its time.

    Source: the page's words; rules D5, R7, A3, P6, P7, B6, B14.
    """
    writer = Writer.of(language, zone)
    words = next((_WORDS[kind] for kind in type(value).__mro__ if kind in _WORDS), None)
    if words is None:
        expected = "a value that has words, such as a notice, a decision or an invoice"
        raise InvalidTypeError("value", value, expected)
    return words(value, writer)  # type: ignore[no-any-return]  # the table is keyed by class
