"""The languages in which values are named and said: French, the page's own, and English."""

from __future__ import annotations

import re
from enum import StrEnum

from chatim_plans.foundation import shapes
from chatim_plans.foundation.errors import UnknownKeyError


class Language(StrEnum):
    """A language that the library speaks.

    >>> from chatim_plans import FREE, label
    >>> from chatim_plans.words import Language
    >>> [label(FREE, language) for language in Language]
    ['Gratuit', 'Free']

    Source: rule C4; the page, and its English edition.
    """

    fr = "fr"
    en = "en"


_SPOKEN: dict[str, Language] = {language.value: language for language in Language}
_TAG = re.compile("([A-Za-z]+)(?:[-_][A-Za-z0-9]+)*")


def language_of(tag: str) -> Language:
    """The language that `tag` names: `"fr"`, `"en"`, or a tag of either, such as `"fr-CA"`.

    >>> language_of("fr-CA")
    <Language.fr: 'fr'>

    Raises:
        UnknownKeyError, InvalidTypeError: no tag of a language that the library speaks.
    """
    named = _TAG.fullmatch(shapes.plain(tag, "language"))
    spoken = None if named is None else _SPOKEN.get(named[1].lower())
    if spoken is None:
        raise UnknownKeyError("language", tag, tuple(_SPOKEN))
    return spoken
