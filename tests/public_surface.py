"""The public surface as text: every public name with its parameters, fields, members and bases.

    python -m tests.public_surface    renews tests/public_surface.txt

What callers can notice stands in the changelog. So renewing is refused while a name whose lines
changed is not in the changelog's `Unreleased`, and `test_public_surface.py` fails until it is renewed.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from chatim_plans import CHATIM

ROOT = Path(__file__).parents[1]
SURFACE = Path(__file__).with_suffix(".txt")
CHANGELOG = ROOT / "CHANGELOG.md"
FACADES = (
    "chatim_plans",
    *(
        f"chatim_plans.{name}"
        for name in ("frames", "openfeature", "strategies", "stripe", "wire", "words")
    ),
)
OPERATORS = frozenset(
    f"__{name}__"
    for name in (
        *("add", "radd", "sub", "rsub", "mul", "rmul", "neg", "pos", "abs", "bool", "len", "iter"),
        *("lt", "le", "gt", "ge", "contains", "getitem", "str", "format", "call"),
    )
)
KNOWN = {"CHATIM": CHATIM, "CHATIM.terms": CHATIM.terms}
INNER_MODULE = re.compile(r"\b(?:chatim_plans|collections|datetime|fractions|typing)(?:\.\w+)*\.")

Surface = dict[str, list[str]]
"""The lines of each public name, under `facade.name`."""


def surface_of(facade: str) -> Surface:
    """What a façade offers now."""
    module = importlib.import_module(facade)
    return {
        f"{facade}.{name}": list(_lines(name, getattr(module, name)))
        for name in sorted(module.__all__)
    }


def recorded() -> Surface:
    """What the committed text says."""
    names: Surface = {}
    for part in SURFACE.read_text("utf-8").rstrip("\n").split("\n\n"):
        name, *lines = part.split("\n")
        names[name] = [line.removeprefix("    ") for line in lines]
    return names


def untold(before: Surface, after: Surface, changelog: str) -> list[str]:
    """The names that changed and that the changelog's `Unreleased` does not name."""
    unreleased = changelog.partition("\n## [Unreleased]")[2].partition("\n## [")[0]
    told = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`]+)`", unreleased))))
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    return sorted(name for name in changed if name.rpartition(".")[2] not in told)


def _lines(name: str, value: Any) -> Iterator[str]:
    """One name: a class and its members, a function, a type alias, or a constant and its type."""
    if inspect.isclass(value):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        yield f"class {name}({bases})"
        yield from _members(value)
    elif callable(value) and not get_args(value):
        yield f"def {name}{_signature(value)}"
    elif kinds := get_args(value):
        yield f"{name} is made of {', '.join(str(_annotation(kind)) for kind in kinds)}"
    elif isinstance(value, int | str):
        yield f"{name} = {value!r}"
    else:
        yield f"{name}: {type(value).__name__}"


def _members(value: type) -> Iterator[str]:
    """What a class has of its own: members of an enum, or parameters and public attributes."""
    if issubclass(value, enum.Enum):
        yield from (f"    {member.name} = {member.value!r}" for member in value)
    elif "__init__" in vars(value):
        yield f"    __init__{_signature(value.__init__)}"
    for name, member in sorted(vars(value).items()):
        if name.startswith("_") and name not in OPERATORS:
            continue
        if isinstance(member, property):
            yield f"    {name}: property{_signature(member.fget)}"
        elif isinstance(member, classmethod | staticmethod):
            yield f"    {type(member).__name__} {name}{_signature(member.__func__)}"
        elif inspect.isfunction(member):
            yield f"    {name}{_signature(member)}"


def _signature(function: Any) -> str:
    """Parameters, defaults and annotations, written alike on every Python."""
    signature = inspect.signature(function)
    shown = [
        parameter.replace(
            annotation=_annotation(parameter.annotation), default=_default(parameter.default)
        )
        for parameter in signature.parameters.values()
    ]
    answer = _annotation(signature.return_annotation)
    return str(signature.replace(parameters=shown, return_annotation=answer))


def _annotation(annotation: Any) -> Any:
    """A type by its name; where it is defined is no matter."""
    if annotation is inspect.Parameter.empty:
        return annotation
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _Shown(INNER_MODULE.sub("", text))


def _default(value: Any) -> Any:
    """A default as a caller would write it."""
    if value is inspect.Parameter.empty:
        return value
    if isinstance(value, enum.Enum):
        return _Shown(f"{type(value).__name__}.{value.name}")
    if isinstance(value, tuple):
        return tuple(map(_default, value))
    return next((_Shown(name) for name, known in KNOWN.items() if value is known), value)


class _Shown:
    """Text that a signature shows as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return self.text


def main() -> None:
    """Write the text anew, if the changelog tells what changed."""
    now = {name: lines for facade in FACADES for name, lines in surface_of(facade).items()}
    if SURFACE.exists() and (names := untold(recorded(), now, CHANGELOG.read_text("utf-8"))):
        sys.exit(f"write what changed into CHANGELOG.md, Unreleased: {', '.join(names)}")
    text = "\n".join(
        f"{name}\n" + "".join(f"    {line}\n" for line in lines) for name, lines in now.items()
    )
    SURFACE.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
