"""A sentence in every language, and the writer that puts facts into it.

Both languages of a sentence stand side by side, and neither can be left out: so nothing is ever
half translated. A sentence is written whole, once for one and once for many where that matters;
none is made of pieces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, tzinfo
from fractions import Fraction
from string import Formatter
from types import MappingProxyType
from typing import TypeAlias

import attrs
from attrs import AttrsInstance, frozen

from chatim_plans.catalog.features import UNLIMITED, Feature, Quota
from chatim_plans.catalog.labels import label
from chatim_plans.catalog.plans import Plan
from chatim_plans.foundation.errors import InvalidTypeError
from chatim_plans.foundation.languages import Language, language_of
from chatim_plans.foundation.money import Money
from chatim_plans.words import amounts, dates

Template: TypeAlias = str | tuple[str, str]
"""A sentence with `{facts}`; or two, for one and for many."""


@frozen
class Phrase:
    """The same in each language; `{name}` stands where a fact goes."""

    fr: Template
    en: Template

    def template(self, language: Language, count: int | None) -> str:
        """What to fill in: of two forms the one for `count` (0 and 1 are singular in French)."""
        template = self.fr if language is Language.fr else self.en
        if isinstance(template, str):
            return template
        one, other = template
        return one if count in _SINGULAR[language] else other


_SINGULAR: Mapping[Language, tuple[int, ...]] = MappingProxyType({
    Language.fr: (0, 1),
    Language.en: (1,),
})


def sentence(fr: Template, en: Template) -> Phrase:
    """A phrase whose French is set for print: no line begins with `:`, `;`, `!`, `?` or `»`."""
    set_out = _typeset(fr) if isinstance(fr, str) else (_typeset(fr[0]), _typeset(fr[1]))
    return Phrase(set_out, en)


_SET = (
    (re.compile(" (?=[:»])"), "\N{NO-BREAK SPACE}"),
    (re.compile("(?<=«) |(?<=n°) "), "\N{NO-BREAK SPACE}"),
    (re.compile(" (?=[;!?])"), "\N{NARROW NO-BREAK SPACE}"),
)


def _typeset(french: str) -> str:
    for places, space in _SET:
        french = places.sub(space, french)
    return french


_UNLIMITED = Phrase(fr="illimités", en="unlimited")


@frozen
class Writer:
    """Writes facts into phrases, for readers of one language in one time zone."""

    language: Language
    zone: tzinfo

    @classmethod
    def of(cls, language: str, zone: tzinfo) -> Writer:
        """The writer of a language's tag and a zone.

        Raises:
            UnknownKeyError, InvalidTypeError: no language that the library speaks, or no zone.
        """
        return cls(language_of(language), dates.zone_of(zone))

    def write(self, phrase: Phrase, /, count: int | None = None, **facts: object) -> str:
        """`phrase` in this language with its facts; `count` says which of two forms, and is one."""
        template = phrase.template(self.language, count)
        return _Filler(self).vformat(template, (), {**facts, "count": count})

    def about(self, phrase: Phrase, value: AttrsInstance, /, count: int | None = None) -> str:
        """`phrase` with the facts of `value`, each by its own name."""
        names = [field.name for field in attrs.fields(type(value))]
        return self.write(phrase, count, **{name: getattr(value, name) for name in names})

    def list_of(self, members: list[str]) -> str:
        """Members in a row: `a, b et c`."""
        if len(members) < _MANY:
            return "".join(members)
        *first, last = members
        joined = _AND_LAST if len(members) == _MANY else _AND_LAST_OF_MANY
        return self.write(joined, first=", ".join(first), last=last)

    def fact(self, value: object, how: str = "") -> str:  # noqa: PLR0911 — one a kind of fact
        """A fact as it stands in a sentence; `how` says what a number counts, or how an instant is
        written.
        """
        match value:
            case str() if not isinstance(value, Feature | Quota):
                return value
            case Money():
                return amounts.money_text(value, self.language)
            case int() if how:
                return self.write(_UNITS[how], value)
            case int():
                return amounts.number_text(value, self.language)
            case Fraction():
                return amounts.fraction_text(value, self.language)
            case datetime():
                return self._instant(value, how)
            case Plan() | Feature() | Quota():
                return label(value, self.language)
            case _ if value is UNLIMITED:
                return self.write(_UNLIMITED)
            case _:
                raise InvalidTypeError("fact", value, "a fact that has words")

    def _instant(self, at: datetime, how: str) -> str:
        """In a French sentence the first of a month is `1er`, which CLDR leaves to the sentence."""
        said = _INSTANTS[how](at, self.language, self.zone)
        return f"1er{said[1:]}" if self.language is Language.fr and said[:2] == "1 " else said


_INSTANTS: Mapping[str, Callable[[datetime, str, tzinfo], str]] = MappingProxyType({
    "day": dates.date_text,
    "short": dates.short_date_text,
    "instant": dates.instant_text,
})

_UNITS: Mapping[str, Phrase] = MappingProxyType({
    "seats": Phrase(("{count} place", "{count} places"), ("{count} seat", "{count} seats")),
    "members": Phrase(("{count} membre", "{count} membres"), ("{count} member", "{count} members")),
    "days": Phrase(("{count} jour", "{count} jours"), ("{count} day", "{count} days")),
    "hours": Phrase(("{count} heure", "{count} heures"), ("{count} hour", "{count} hours")),
    "minutes": Phrase(("{count} minute", "{count} minutes"), ("{count} minute", "{count} minutes")),
    "seconds": Phrase(
        ("{count} seconde", "{count} secondes"), ("{count} second", "{count} seconds")
    ),
})
"""What is counted: `{seats:seats}` in a template is `1 seat` or `3 seats`."""

_MANY = 2
_AND_LAST = Phrase(fr="{first} et {last}", en="{first} and {last}")
_AND_LAST_OF_MANY = Phrase(fr="{first} et {last}", en="{first}, and {last}")


class _Filler(Formatter):
    """Fills a template with facts as a writer writes them."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def format_field(self, value: object, format_spec: str) -> str:
        return self._writer.fact(value, format_spec)
