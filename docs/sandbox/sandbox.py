"""The billing sandbox: stories that can be moved, and what an account looks like at any instant.

The browser calls `page` with the fields of the page's form; everything that it shows is computed
here by the library.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from html import escape

from attrs import evolve, frozen

from chatim_plans import (
    CHATIM,
    FREE,
    PRO,
    ULTIMATE,
    USD,
    Account,
    Action,
    ActionRefusedError,
    AddPaymentMethod,
    BillingMode,
    Cancel,
    Catalog,
    ChangeSeats,
    ChoosePlan,
    Feature,
    Invoice,
    Money,
    PaymentFailed,
    PaymentSucceeded,
    Plan,
    Quota,
    Resume,
    StartFree,
    StartTrial,
    Statement,
    Terms,
    entitlements,
    notices,
    replay,
    upcoming_invoice,
    utc,
)
from chatim_plans.words import (
    Language,
    Message,
    badge,
    explain,
    html,
    instant_text,
    money_text,
    say,
    timeline_svg,
)

Both = tuple[str, str]
"""A text in French and in English."""

EARLIEST, LATEST = utc("2026-01-01"), utc("2028-12-31")
"""What an instant can be moved to."""


@frozen
class Step:
    """Actions at one instant. It can be moved, and so can the seats, where they are told."""

    title: Both
    actions: tuple[Action, ...]

    @property
    def at(self) -> datetime:
        """The instant."""
        return self.actions[-1].at

    @property
    def seats(self) -> int | None:
        """How many seats it tells, if any."""
        told = (_seats(action) for action in self.actions)
        return next((seats for seats in told if seats is not None), None)

    def moved(self, at: datetime, seats: int | None) -> Step:
        """The same at another instant, with other seats."""
        actions = (evolve(_with_seats(action, seats), at=at) for action in self.actions)
        return evolve(self, actions=tuple(actions))


def _seats(action: Action) -> int | None:
    match action:
        case StartTrial(seats=seats) | ChoosePlan(seats=seats) | ChangeSeats(seats=seats):
            return seats
        case _:
            return None


def _with_seats(action: Action, seats: int | None) -> Action:
    if seats is None or _seats(action) is None:
        return action
    match action:
        case StartTrial() | ChoosePlan() | ChangeSeats():
            return evolve(action, seats=seats)
        case _:
            return action


@frozen
class Story:
    """What happens to an account, under which catalogue, and up to when it is shown."""

    key: str
    title: Both
    steps: tuple[Step, ...]
    until: datetime
    catalog: Catalog = CHATIM

    @property
    def actions(self) -> list[Action]:
        """All that happens, in order of time."""
        told = [action for step in self.steps for action in step.actions]
        return sorted(told, key=lambda action: action.at)


def _paid(plan: Plan, seats: int, at: str) -> Step:
    start = utc(at)
    return Step(
        (
            f"Ouvrir le compte et payer le plan {_name(plan, 0)}",
            f"Open, and pay for {_name(plan, 1)}",
        ),
        (StartFree(at=start), AddPaymentMethod(at=start), ChoosePlan(plan, seats, at=start)),
    )


def _trial(seats: int, at: str) -> Step:
    return Step(("Commencer l'essai", "Start the trial"), (StartTrial(seats, at=utc(at)),))


def _card(at: str) -> Step:
    title = ("Ajouter un moyen de paiement", "Add a payment method")
    return Step(title, (AddPaymentMethod(at=utc(at)),))


def _choose(plan: Plan, at: str) -> Step:
    title = (f"Choisir le plan {_name(plan, 0)}", f"Choose {_name(plan, 1)}")
    return Step(title, (ChoosePlan(plan, at=utc(at)),))


def _seats_to(seats: int, at: str) -> Step:
    return Step(
        ("Changer le nombre de places", "Change the seats"), (ChangeSeats(seats, at=utc(at)),)
    )


def _fails(at: str, *, final: bool = False) -> Step:
    title = (
        ("Le dernier essai de paiement échoue", "The last try to collect fails")
        if final
        else ("Un paiement échoue", "A payment fails")
    )
    return Step(title, (PaymentFailed(final=final, at=utc(at)),))


def _succeeds(at: str) -> Step:
    return Step(("Un paiement aboutit", "A payment succeeds"), (PaymentSucceeded(at=utc(at)),))


def _name(plan: Plan, language: int) -> str:
    return say(plan, ("fr", "en")[language])


_TEN = Plan("ten", Money(10_00, USD), 1, PRO.features, PRO.limits)
_EIGHTEEN = evolve(_TEN, key="eighteen", price=Money(18_00, USD))
_HALVES = Catalog("halves", (FREE, _TEN, _EIGHTEEN), Terms("ten", 30, 14, Money(50, USD)))
_YEARLY = evolve(PRO, key="pro_yearly", price=Money(180_00, USD), interval_months=12)
_MONTH_OR_YEAR = evolve(CHATIM, edition="month or year", plans=(FREE, PRO, _YEARLY, ULTIMATE))
_CLASSIC = evolve(CHATIM, terms=evolve(CHATIM.terms, billing_mode=BillingMode.classic))
_GRACE = evolve(CHATIM, terms=evolve(CHATIM.terms, grace_days=7))
_OCTOBER = "2026-10-15 09:00"
_TWO_CHANGES = (
    _paid(PRO, 3, _OCTOBER),
    _seats_to(5, "2026-10-20 12:00"),
    _choose(ULTIMATE, "2026-10-27 09:00"),
)

STORIES = (
    Story(
        "start",
        ("Un essai, puis Pro", "A trial, then Pro"),
        (_trial(3, "2026-10-01 09:00"), _card("2026-10-11 12:00")),
        utc("2027-01-15"),
    ),
    Story(
        "seats",
        ("L'équipe grandit, puis rétrécit", "The team grows, then shrinks"),
        (
            _paid(PRO, 3, _OCTOBER),
            _seats_to(5, "2026-10-21 08:00"),
            _seats_to(4, "2026-11-25 08:00"),
        ),
        utc("2027-01-15"),
    ),
    Story(
        "upgrade",
        ("Passer à Ultimate", "Move up to Ultimate"),
        (_paid(PRO, 3, _OCTOBER), _choose(ULTIMATE, "2026-10-25 11:00")),
        utc("2026-12-31"),
    ),
    Story(
        "downgrade",
        ("Passer d'Ultimate à Pro", "Move down to Pro"),
        (_paid(ULTIMATE, 4, _OCTOBER), _choose(PRO, "2026-10-25 11:00")),
        utc("2026-12-31"),
    ),
    Story(
        "failed_payment",
        ("Un paiement échoue, puis aboutit", "A payment fails, then succeeds"),
        (
            _paid(PRO, 3, "2026-09-15 09:00"),
            _fails("2026-10-15 09:05"),
            _fails("2026-10-24 09:05", final=True),
            _succeeds("2026-10-30 16:00"),
        ),
        utc("2026-12-31"),
    ),
    Story(
        "cancel",
        ("Annuler, et se raviser", "Cancel, and think again"),
        (
            _paid(PRO, 3, _OCTOBER),
            Step(("Annuler", "Cancel"), (Cancel(at=utc("2026-10-25 11:00")),)),
            Step(("Reprendre", "Resume"), (Resume(at=utc("2026-11-05 10:00")),)),
        ),
        utc("2027-01-15"),
    ),
    Story(
        "E1",
        ("Le même montant le même jour", "The same amount on the same day"),
        (_paid(PRO, 3, "2026-01-15 09:00"),),
        utc("2026-04-01"),
    ),
    Story(
        "E2",
        ("Un point de départ le 31", "An anchor on the 31st"),
        (_paid(PRO, 1, "2026-01-31"),),
        utc("2026-06-15"),
    ),
    Story(
        "E3",
        ("Un plan supérieur en cours de période", "An upgrade in mid-period"),
        (_paid(PRO, 5, _OCTOBER), _choose(ULTIMATE, "2026-10-27 17:30")),
        utc("2026-11-30"),
    ),
    Story(
        "E4",
        ("Une annulation en cours de période", "A cancellation in mid-period"),
        (_paid(PRO, 5, _OCTOBER), _choose(FREE, "2026-10-27 17:30")),
        utc("2026-12-31"),
    ),
    Story(
        "E5",
        ("Deux moitiés de centime exactes", "Two exact halves of a cent"),
        (_paid(_TEN, 1, "2026-04-01"), _choose(_EIGHTEEN, "2026-04-30 22:12")),
        utc("2026-06-15"),
        _HALVES,
    ),
    Story(
        "E6",
        ("Un essai avec une carte", "A trial with a card"),
        (_trial(4, "2026-03-01 12:00"), _card("2026-03-11 12:00")),
        utc("2026-06-01"),
    ),
    Story(
        "E7",
        ("Un essai sans carte", "A trial without a card"),
        (_trial(4, "2026-03-01 12:00"),),
        utc("2026-05-01"),
    ),
    Story(
        "E8",
        ("Un renouvellement jamais payé", "A renewal that is never paid"),
        (
            _paid(PRO, 3, "2026-01-15 09:00"),
            _fails("2026-02-15 10:00"),
            _fails("2026-02-28", final=True),
        ),
        utc("2026-04-15"),
    ),
    Story(
        "E9",
        ("Deux changements dans une période", "Two changes in one period"),
        _TWO_CHANGES,
        utc("2026-11-30"),
    ),
    Story(
        "E9 classic",
        ("Les mêmes, mode de facturation classique", "The same, billing mode classic"),
        _TWO_CHANGES,
        utc("2026-11-30"),
        _CLASSIC,
    ),
    Story(
        "E10",
        ("D'un mois à une année", "From a month to a year"),
        (_paid(PRO, 5, _OCTOBER), _choose(_YEARLY, "2026-10-27 17:30")),
        utc("2027-11-15"),
        _MONTH_OR_YEAR,
    ),
    Story(
        "E12",
        ("Un délai de paiement qui expire", "A grace that lapses"),
        (_paid(PRO, 3, "2026-01-15 09:00"), _fails("2026-02-15 10:00")),
        utc("2026-04-15"),
        _GRACE,
    ),
)
"""The six that are told first, then those of the worked examples, by their numbers."""

_BY_KEY = {story.key: story for story in STORIES}

_TEXTS: dict[str, Both] = {
    "language": ("Langue", "Language"),
    "story": ("Histoire", "Story"),
    "stories": ("Histoires", "Stories"),
    "examples": ("Exemples calculés", "Worked examples"),
    "steps": ("Ce qui se passe (heures UTC)", "What happens (times are UTC)"),
    "at": ("instant", "instant"),
    "seats": ("places", "seats"),
    "now": ("Maintenant", "Now"),
    "plan": ("Plan", "Plan"),
    "balance": ("Solde créditeur", "Credit balance"),
    "refused": ("Refusé", "Refused"),
    "notices": ("Ce qu'on lui dit", "What it is told"),
    "no_notices": ("Rien à dire.", "Nothing to say."),
    "invoices": ("Factures", "Invoices"),
    "no_invoices": ("Aucune facture.", "No invoice."),
    "upcoming": ("Prochaine facture", "Upcoming invoice"),
    "no_upcoming": ("Le temps seul n'en émettra pas.", "Time alone will issue none."),
    "why": ("D'où viennent ces montants", "How these amounts come about"),
    "may": ("Ce que le compte peut faire", "What the account may do"),
    "yes": ("oui", "yes"),
    "no": ("non", "no"),
    "nothing": (
        "Le compte n'est pas encore ouvert à cet instant.",
        "The account is not open yet at this instant.",
    ),
}


def page(request: str) -> str:
    """The form and what it shows, as JSON of HTML, for the fields of the form as JSON.

    Without a story it is the first; without instants, the story's own.
    """
    fields: dict[str, str] = json.loads(request)
    language = Language(fields.get("language", "en"))
    story = moved(_BY_KEY[fields.get("story", STORIES[0].key)], fields)
    start = story.actions[0].at
    end = max(story.until, story.actions[-1].at + timedelta(days=31))
    now = min(max(_instant(fields["now"]) if "now" in fields else story.actions[-1].at, start), end)
    return json.dumps({
        "form": _form(story, language, now),
        "shown": shown(story, now, end, language),
        "first": _minutes(start),
        "last": _minutes(end),
        "now": _minutes(now),
    })


def moved(story: Story, fields: Mapping[str, str]) -> Story:
    """The story with the instants and seats that the fields give."""
    steps = [
        step.moved(
            _instant(fields[f"at-{place}"]),
            None if step.seats is None else int(fields[f"seats-{place}"]),
        )
        if f"at-{place}" in fields
        else step
        for place, step in enumerate(story.steps)
    ]
    return evolve(story, steps=tuple(steps))


def lived(story: Story, now: datetime) -> tuple[Statement | None, list[ActionRefusedError]]:
    """The account at an instant, if it is open by then, and what was refused on the way."""
    kept: list[Action] = []
    refused: list[ActionRefusedError] = []
    for action in story.actions:
        if action.at > now:
            break
        try:
            replay([*kept, action], catalog=story.catalog)
        except ActionRefusedError as error:
            refused.append(error)
        else:
            kept.append(action)
    return (replay(kept, until=now, catalog=story.catalog) if kept else None), refused


def shown(story: Story, now: datetime, end: datetime, language: Language) -> str:
    """The account at an instant, as HTML: its time-line, what it is told, owes and may do."""
    statement, refused = lived(story, now)
    said = _said(language)
    parts = [_message(say(error, language)) for error in refused]
    if parts:
        parts.insert(0, f"<h2>{said['refused']}</h2>")
    if statement is None:
        return "".join([*parts, f"<p>{said['nothing']}</p>"])
    account = statement.account
    return "".join([
        f'<div class="sandbox-picture">{timeline_svg(statement, end, language)}</div>',
        _standing(account, now, language),
        *parts,
        *_notices(account, now, language),
        *_invoices(statement, language),
        *_may(account, now, language),
    ])


def _standing(account: Account, now: datetime, language: Language) -> str:
    """Plan, seats, badge and balance."""
    facts, said = account.subscription, _said(language)
    mark = badge(facts, now, language)
    told = [
        (
            instant_text(now, language),
            f'<b class="sandbox-badge {mark.colour}">{escape(mark.text)}</b>',
        ),
        (said["plan"], escape(say(facts.plan, language))),
        (said["seats"].capitalize(), str(facts.seats)),
    ]
    if account.credit_balance:
        told.append((said["balance"], money_text(account.credit_balance, language)))
    rows = "".join(f"<div><dt>{term}</dt><dd>{value}</dd></div>" for term, value in told)
    return f'<dl class="sandbox-standing">{rows}</dl>'


def _notices(account: Account, now: datetime, language: Language) -> Iterator[str]:
    said = _said(language)
    yield f"<h2>{said['notices']}</h2>"
    messages = [say(notice, language) for notice in notices(account.subscription, now)]
    yield from (_message(message) for message in messages)
    if not messages:
        yield f"<p>{said['no_notices']}</p>"


def _message(message: Message) -> str:
    text = f"{message.text} {message.what_to_do}"
    return (
        f'<div class="sandbox-message {message.level}"><b>{escape(message.title)}</b>'
        f"<p>{escape(text)}</p></div>"
    )


def _invoices(statement: Statement, language: Language) -> Iterator[str]:
    """Each invoice, the latest first, after the one that time will bring."""
    said = _said(language)
    upcoming = upcoming_invoice(statement.account)
    yield f"<h2>{said['upcoming']}</h2>"
    yield f"<p>{said['no_upcoming']}</p>" if upcoming is None else _bill(upcoming, language)
    yield f"<h2>{said['invoices']}</h2>"
    yield from (_bill(invoice, language) for invoice in reversed(statement.invoices))
    if not statement.invoices:
        yield f"<p>{said['no_invoices']}</p>"


def _bill(invoice: Invoice, language: Language) -> str:
    why = escape(explain(invoice, language))
    return (
        f'<div class="sandbox-bill">{html(invoice, language)}'
        f"<details><summary>{_said(language)['why']}</summary><p>{why}</p></details></div>"
    )


def _may(account: Account, now: datetime, language: Language) -> Iterator[str]:
    """Every feature and the seats: yes or no, and why."""
    facts, said = account.subscription, _said(language)
    may = entitlements(facts, now)
    decisions = [may.decide(feature) for feature in Feature]
    decisions.append(may.decide_usage(Quota.seats, facts.seats))
    yield f'<h2>{said["may"]}</h2><table class="sandbox-may"><tbody>'
    for decision in decisions:
        word = "yes" if decision.allowed else "no"
        why = escape(say(decision, language))
        yield f'<tr class="{word}"><th>{said[word]}</th><td>{why}</td></tr>'
    yield "</tbody></table>"


def _form(story: Story, language: Language, now: datetime) -> str:
    """What can be chosen and moved; the slider's ends are set where it is shown."""
    said = _said(language)
    languages = "".join(
        f'<label lang="{each}"><input type="radio" name="language" value="{each}"'
        f"{' checked' if each is language else ''}> {name}</label>"
        for each, name in ((Language.fr, "Français"), (Language.en, "English"))
    )
    first = [each for each in STORIES if not each.key.startswith("E")]
    examples = [each for each in STORIES if each.key.startswith("E")]
    return (
        f'<fieldset class="sandbox-languages"><legend>{said["language"]}</legend>'
        f"{languages}</fieldset>"
        f'<label>{said["story"]} <select name="story">'
        f'<optgroup label="{said["stories"]}">{_options(first, story, language)}</optgroup>'
        f'<optgroup label="{said["examples"]}">{_options(examples, story, language)}</optgroup>'
        f"</select></label>"
        f'<fieldset class="sandbox-steps"><legend>{said["steps"]}</legend>'
        f"{''.join(_row(place, step, said, language) for place, step in enumerate(story.steps))}"
        f'</fieldset><div class="sandbox-now"><label>{said["now"]} (UTC) '
        f'<input type="datetime-local" name="now" value="{_local(now)}" required></label>'
        f'<input type="range" step="1" aria-label="{said["now"]}"></div>'
    )


def _options(stories: Iterable[Story], chosen: Story, language: Language) -> str:
    return "".join(
        f'<option value="{story.key}"{" selected" if story.key == chosen.key else ""}>'
        f"{f'{story.key}. ' if story.key.startswith('E') else ''}"
        f"{escape(_in(language, story.title))}</option>"
        for story in stories
    )


def _row(place: int, step: Step, said: Mapping[str, str], language: Language) -> str:
    title = escape(_in(language, step.title))
    seats = (
        ""
        if step.seats is None
        else f'<label>{said["seats"]} <input type="number" name="seats-{place}"'
        f' value="{step.seats}" min="1" max="1000" required></label>'
    )
    return (
        f'<div><span>{title}</span> <input type="datetime-local" name="at-{place}"'
        f' value="{_local(step.at)}" min="{_local(EARLIEST)}" max="{_local(LATEST)}"'
        f' required aria-label="{title}, {said["at"]}">{seats}</div>'
    )


def _said(language: Language) -> dict[str, str]:
    return {name: _in(language, both) for name, both in _TEXTS.items()}


def _in(language: Language, both: Both) -> str:
    return both[language is Language.en]


def _instant(field: str) -> datetime:
    """A field's instant: the browser writes no zone, and ours is UTC."""
    return datetime.fromisoformat(field).replace(tzinfo=UTC)


def _local(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def _minutes(at: datetime) -> int:
    return int(at.timestamp()) // 60
