"""The billing page of an account: each part is a call of the library, and the template places it.

What comes as HTML or SVG from the library is escaped already; the template escapes the rest.
"""

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from chatim_plans import (
    Account,
    ActionRefusedError,
    ChoosePlan,
    Invoice,
    Plan,
    Statement,
    Status,
    downgrade_report,
    notices,
    preview,
    upcoming_invoice,
)
from chatim_plans.words import (
    Language,
    Message,
    badge,
    explain,
    html,
    money_text,
    plan_cards,
    say,
    terms_in_words,
    timeline_svg,
)

from .accounts import NAMES
from .texts import texts

_TEMPLATES = FileSystemLoader(Path(__file__).parent)
_TEMPLATE = Environment(
    loader=_TEMPLATES, autoescape=True, undefined=StrictUndefined, trim_blocks=True
).get_template("page.html")


@frozen
class Bill:
    """An invoice as a table, and how each of its amounts came about."""

    table: Markup
    why: str

    @classmethod
    def of(cls, invoice: Invoice, language: Language) -> "Bill":
        """The invoice in words."""
        return cls(Markup(html(invoice, language)), explain(invoice, language))  # noqa: S704 — escaped


@frozen
class Move:
    """Another plan that can be chosen: what is due or lost, or why it cannot be had now."""

    title: str
    text: str = ""
    bill: Bill | None = None
    report: tuple[str, ...] = ()
    refused: Message | None = None


def billing_page(statement: Statement, language: Language, name: str) -> str:
    """The page of an account as its statement leaves it, at the instant the account stands at."""
    account, said = statement.account, texts(language)
    facts = account.subscription
    upcoming = upcoming_invoice(account)
    return _written(
        language,
        name,
        plan=say(facts.plan, language),
        seats=facts.seats,
        badge=badge(facts, facts.as_of, language),
        balance=money_text(account.credit_balance, language) if account.credit_balance else "",
        notices=[say(notice, language) for notice in notices(facts, facts.as_of)],
        upcoming=None if upcoming is None else Bill.of(upcoming, language),
        ups=[_up(account, plan, language, said) for plan in _others(account, higher=True)],
        downs=[_down(account, plan, language, said) for plan in _others(account, higher=False)],
        history=[say(event, language) for event in statement.events],
        picture=Markup(_picture(statement, upcoming, language)),  # noqa: S704 — escaped
        cards=plan_cards(facts.catalog, language),
        terms=terms_in_words(facts.catalog, language),
    )


def _others(account: Account, *, higher: bool) -> Iterator[Plan]:
    """The plans on offer above the one held, or below it."""
    catalog, held = account.subscription.catalog, account.subscription.plan
    for plan in catalog.plans_on_offer:
        if plan != held and catalog.is_upgrade(held, plan) is higher:
            yield plan


def _up(account: Account, plan: Plan, language: Language, said: dict[str, str]) -> Move:
    """What a higher plan would cost now, to the cent, or why it is refused."""
    at = account.subscription.as_of
    title = said["move_up"].format(say(plan, language))
    try:
        would_be = preview(account, ChoosePlan(plan, at=at))
    except ActionRefusedError as error:
        return Move(title, refused=say(error, language))
    invoice = would_be.invoices[-1]  # the one that the choice itself issues
    text = said["due_now"].format(money_text(invoice.amount_due, language))
    return Move(title, text, Bill.of(invoice, language))


def _down(account: Account, plan: Plan, language: Language, said: dict[str, str]) -> Move:
    """What a lower plan would take away, and when, or why it is refused."""
    facts = account.subscription
    title = said["move_down"].format(say(plan, language))
    try:
        report = downgrade_report(facts, plan, facts.as_of)
    except ActionRefusedError as error:
        return Move(title, refused=say(error, language))
    return Move(title, report=tuple(say(report, language).splitlines()))


def _picture(statement: Statement, upcoming: Invoice | None, language: Language) -> str:
    """The time-line up to the end of the next period, or to the next thing that time will do."""
    facts = statement.account.subscription
    until = facts.next_boundary or facts.as_of
    if upcoming is not None:
        until = upcoming.lines[-1].period.end
    return timeline_svg(statement, until, language)


def sentence_page(what: str, language: Language, name: str, shown: tuple[Message, ...] = ()) -> str:
    """A page that says why there is no billing page, with the notices that are for everybody."""
    said = texts(language)
    return _written(
        language,
        name,
        heading=said[what],
        sentence=said[f"{what}_text"],
        notices=[message for message in shown if not message.admins_only],
    )


def _written(language: Language, name: str, **parts: object) -> str:
    labels = {status.value: say(status, language) for status in Status}
    said = texts(language)
    accounts = [(each, labels.get(each) or said[each]) for each in NAMES]
    return _TEMPLATE.render(language=language, said=said, name=name, accounts=accounts, **parts)
