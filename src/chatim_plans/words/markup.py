"""Elements of a picture or of a page, written with every text escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, TypeAlias
from xml.etree import ElementTree as ET

Element: TypeAlias = "ET.Element[str]"
Part: TypeAlias = "Element | str"


def element(tag: str, *parts: Part | Iterable[Part], **attributes: object) -> Element:
    """An element with its attributes, and its texts and elements in their order.

    A name that is a word of Python's ends in `_`, and `_` in it is a hyphen; None leaves it out.

    >>> written(element("p", "1 < 2 ", element("b", "&"), class_="sum"))
    '<p class="sum">1 &lt; 2 <b>&amp;</b></p>'
    """
    given = {
        name.rstrip("_").replace("_", "-"): _printable(str(value))
        for name, value in attributes.items()
        if value is not None
    }
    made = ET.Element(tag, given)
    for part in parts:
        _add(made, part)
    return made


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _printable(text: str) -> str:
    """A text without what XML has no place for: control characters and lone surrogates."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def _add(made: Element, part: Part | Iterable[Part]) -> None:
    if ET.iselement(part):
        made.append(part)
    elif not isinstance(part, str):
        for each in part:
            _add(made, each)
    elif len(made):
        made[-1].tail = (made[-1].tail or "") + _printable(part)
    else:
        made.text = (made.text or "") + _printable(part)


def written(root: Element, method: Literal["xml", "html"] = "xml") -> str:
    """The text of an element, as XML (a picture) or as HTML."""
    return ET.tostring(root, encoding="unicode", method=method)
