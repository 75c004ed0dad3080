"""The reference: a page for each floor of the core and each package, made from what is public.

Every name of a façade's `__all__` has its entry, in that order: its signature, its fields or
members, its docstring with errors and source, and its methods. Docstrings are Markdown already, so
a page is one, and both Sphinx and a reader of plain text are given the same.
"""

from __future__ import annotations

import ast
import enum
import importlib
import inspect
import re
import types
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, TypeGuard

import attrs

FLOORS = ("foundation", "catalog", "subscriptions", "billing", "access")
INDEX = "reference/index.md"
PACKAGES = ("words", "stripe", "wire", "frames", "strategies", "openfeature")

_SECTION = re.compile(r"^(Raises|Source): *(.*?)(?=^\S|\Z)", re.MULTILINE | re.DOTALL)
_NAME_OR_RULE = re.compile(
    r"^```.*?^```$|(?<!\[)`(?P<name>[\w.]+)(?:\(\))?`|`[^`]*`|(?P<rule>\b[A-Z]\d{1,2}\b)",
    re.MULTILINE | re.DOTALL,
)
_RULE_HEADING = re.compile(r"^## (([A-Z]\d+)\b.*)$", re.MULTILINE)
_MODULES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=\w)")
_WIDTH = 88
_LONGEST_CONSTANT = 30
_OPERATORS = {
    "__neg__": "-a",
    "__add__": "a + b",
    "__sub__": "a - b",
    "__mul__": "a * b",
    "__lt__": "a < b",
    "__bool__": "bool(a)",
    "__len__": "len(a)",
    "__iter__": "iter(a)",
    "__contains__": "b in a",
    "__getitem__": "a[b]",
    "__str__": "str(a)",
    "__format__": "format(a, b)",
}


def reference_pages(rules: Path, index: str) -> dict[str, str]:
    """The pages by their addresses on the site.

    `rules` is the folder that numbers them. `index` is the hand-written page that names everything:
    on the site, each floor, package and public name in code leads from it to its page or entry.

    Raises:
        LookupError: a public name of the core that lives on no floor.
    """
    parts = [*map(_floor, FLOORS), *map(_package, PACKAGES)]
    shown = {name for part in parts for name in part.names}
    if homeless := set(importlib.import_module("chatim_plans").__all__) - shown:
        raise LookupError(f"public, and on no floor: {', '.join(sorted(homeless))}")
    links = _Links(parts, rules)
    made = {part.address: _page(part, links) for part in parts}
    return {INDEX: links.index(index), **made}


def module_of(page: str) -> str | None:
    """The module that a reader imports the names of a page from, if it is a page of names.

    >>> module_of("reference/billing.md"), module_of("reference/chatim_plans.wire.md")
    ('chatim_plans', 'chatim_plans.wire')
    """
    name = page.removeprefix("reference/").removesuffix(".md")
    if name in FLOORS:
        return "chatim_plans"
    return name if name.removeprefix("chatim_plans.") in PACKAGES and "." in name else None


@attrs.frozen
class _Part:
    """A floor or a package: the module that a reader imports from, and the names of its page."""

    title: str
    card: types.ModuleType
    imported_from: str
    names: tuple[str, ...]

    address: str


def _floor(name: str) -> _Part:
    card = importlib.import_module(f"chatim_plans.{name}")
    public = importlib.import_module("chatim_plans").__all__
    mine = tuple(each for each in public if hasattr(card, each) and _lives_in(card, each))
    return _Part(name.capitalize(), card, "chatim_plans", mine, f"reference/{name}.md")


def _lives_in(card: types.ModuleType, name: str) -> bool:
    return _definition(card.__name__, name)[0].startswith(card.__name__)


def _package(name: str) -> _Part:
    card = importlib.import_module(f"chatim_plans.{name}")
    module = card.__name__
    return _Part(module, card, module, tuple(card.__all__), f"reference/{module}.md")


class _Links:
    """Where each public name has its entry, and each rule its heading."""

    def __init__(self, parts: list[_Part], rules: Path) -> None:
        self._on_page: dict[str, dict[str, str]] = {}
        self._anywhere: dict[str, str] = {}
        for part in parts:
            mine = self._on_page.setdefault(part.address, {})
            for name in part.names:
                mine[name] = f"{part.address}#{_slug(_heading(name, getattr(part.card, name)))}"
                self._anywhere[f"{part.imported_from}.{name}"] = mine[name]
            if part.imported_from == "chatim_plans":
                self._anywhere |= mine
            else:
                self._anywhere[part.imported_from] = part.address
        self._rules = {
            rule: f"rules/{path.name}#{_slug(title)}"
            for path in sorted(rules.glob("*.md"))
            for title, rule in _RULE_HEADING.findall(path.read_text("utf-8"))
        }
        self._parts = parts

    def name(self, name: str, page: str) -> str | None:
        """The way from a page to the entry of a name: the page's own, or the core's, or a package's
        that is named with it.
        """
        target = self._on_page[page].get(name) or self._anywhere.get(name)
        return target and _way(page, target)

    def prose(self, text: str, page: str, but: Collection[str] = ()) -> str:
        """A text with each public name in code led to its entry, and each rule to its heading.

        `but` are names that mean something else in it: parameters and fields.
        """

        def led(found: re.Match[str]) -> str:
            if rule := self._rules.get(found["rule"]):
                return f"[{found[0]}]({_way(page, rule)})"
            name = found["name"]
            way = self.name(name, page) if name and name not in but else None
            return f"[{found[0]}]({way})" if way else found[0]

        return _NAME_OR_RULE.sub(led, text)

    def type(self, annotation: str, page: str) -> str:
        """A type as text, with each public name in it led to its entry."""
        escaped = re.sub(r"[\[\]|*_]", r"\\\g<0>", annotation)
        return re.sub(
            r"[A-Z]\w*",
            lambda found: (
                f"[{found[0]}]({way})" if (way := self.name(found[0], page)) else found[0]
            ),
            escaped,
        )

    def types_in(self, shown: str, page: str, but: str) -> Iterator[str]:
        """A line with the entries of the types that stand in a signature."""
        names = dict.fromkeys(re.findall(r"\b[A-Z]\w*", shown))
        ways = {name: self.name(name, page) for name in names if name != but}
        if listed := [f"[`{name}`]({way})" for name, way in ways.items() if way]:
            yield f"Types: {', '.join(listed)}\n"

    def index(self, text: str) -> str:
        """The hand-written index: under the heading of a package, names are its own."""
        floors = {name: f"reference/{name}.md" for name in FLOORS}
        of_packages = {f"`{part.title}`": self._on_page[part.address] for part in self._parts}
        sections = re.split(r"^(?=## )", text, flags=re.MULTILINE)
        for place, section in enumerate(sections):
            heading, _, body = section.partition("\n")
            self._on_page[INDEX] = of_packages.get(heading.removeprefix("## "), floors)
            sections[place] = f"{heading}\n{self.prose(body, INDEX)}"
        return "".join(sections)


def _way(page: str, target: str) -> str:
    address, mark, anchor = target.partition("#")
    if address == page:
        return mark + anchor if anchor else page.rpartition("/")[2]
    same_folder = page.rpartition("/")[0] == address.rpartition("/")[0]
    return (address.rpartition("/")[2] if same_folder else f"../{address}") + mark + anchor


def _slug(title: str) -> str:
    """The anchor of a heading, as Git hosts make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _page(part: _Part, links: _Links) -> str:
    listed = "".join(
        f"| [`{name}`]({links.name(name, part.address)}) | {_first(part, name, links)} |\n"
        for name in part.names
    )
    return "\n".join([
        f"# {part.title}\n",
        *_said(inspect.getdoc(part.card) or "", part, links),
        f"Import from `{part.imported_from}`:\n",
        f"| Name | What it is |\n| --- | --- |\n{listed}",
        *(line for name in part.names for line in _entry(part, name, links)),
    ])


def _first(part: _Part, name: str, links: _Links) -> str:
    """The first sentence that is said of a name, or else what it is made of."""
    said = " ".join(_doc(part, name).split("\n\n")[0].partition("\n>>> ")[0].split())
    sentence = re.match(r".*?\.(?= [A-Z`]|$)|.*", said)
    if sentence and sentence[0]:
        return links.prose(sentence[0].replace("|", "\\|"), part.address)
    source = _definition(part.card.__name__, name)[1]
    return f"`{source}`".replace("|", "\\|") if source and "\n" not in source else ""


def _entry(part: _Part, name: str, links: _Links) -> Iterator[str]:
    value = getattr(part.card, name)
    text = _doc(part, name)
    shown = _shown(part, name, value)
    yield f"## {_heading(name, value)}\n"
    yield f"```python\n{shown}\n```\n"
    yield from links.types_in(shown, part.address, name)
    if isinstance(value, type) and issubclass(value, BaseException):
        bases = " or ".join(f"`{base.__name__}`" for base in value.__bases__)
        yield links.prose(f"Can be caught as {bases}.\n", part.address)
    yield from _said(text, part, links, _parameters(value))
    if isinstance(value, type):
        yield from _fields(value, part, links)
    yield from _raised(text, part, links)
    if isinstance(value, type):
        yield from _members(name, value, part, links)


def _parameters(value: object) -> Collection[str]:
    """The names of what a function or a class is given."""
    try:
        return inspect.signature(value).parameters  # type: ignore[arg-type]
    except (TypeError, ValueError):  # neither, or one that takes whatever it is given
        return ()


def _heading(name: str, value: object) -> str:
    """A name with its kind, so that `Status` and `status()` have different anchors."""
    if _is_function(value):
        return f"{name}()"
    if isinstance(value, type):
        return f"{'enum' if issubclass(value, enum.Enum) else 'class'} {name}"
    return name


def _is_function(value: object) -> TypeGuard[Callable[..., Any]]:
    """Whether it is one, a cached one too."""
    return inspect.isfunction(getattr(value, "__wrapped__", value))


def _shown(part: _Part, name: str, value: object) -> str:
    """How a reader calls it, or what it is made of."""
    if _is_function(value):
        return _signature(f"def {name}", value)
    if isinstance(value, type):
        if issubclass(value, enum.Enum):
            return f"class {name}({', '.join(base.__name__ for base in value.__bases__)})"
        return _signature(f"class {name}", value)
    _, source, _ = _definition(part.card.__name__, name)
    return source if source.count("\n") < _LONGEST_CONSTANT else source.split(" = ")[0]


def _signature(lead: str, called: Callable[..., Any]) -> str:
    """A signature on one line, or with a line for each parameter."""
    try:
        signature = inspect.signature(called)
    except ValueError:  # an exception that takes what it is given
        return lead
    plain = [
        each.replace(annotation=_Text(_annotation(each.annotation)), default=_default(each.default))
        if each.annotation is not each.empty
        else each.replace(default=_default(each.default))
        for each in signature.parameters.values()
        if each.name != "self"
    ]
    answer = signature.return_annotation
    answers = "" if isinstance(called, type) or answer is signature.empty else _annotation(answer)
    end = f" -> {answers}" if answers else ""
    listed = str(inspect.Signature(plain))
    if len(lead + listed + end) <= _WIDTH:
        return lead + listed + end
    lines = "".join(f"    {each},\n" for each in _listed(plain))
    return f"{lead}(\n{lines}){end}"


def _listed(parameters: list[inspect.Parameter]) -> Iterator[str]:
    """Parameters one by one, with the star after which they have to be named."""
    named = False
    for each in parameters:
        if each.kind is each.KEYWORD_ONLY and not named:
            yield "*"
        named = named or each.kind in {each.KEYWORD_ONLY, each.VAR_POSITIONAL}
        yield str(each)


class _Text:
    """A text that a signature shows as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _annotation(annotation: object) -> str:
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return _MODULES.sub("", text)


def _default(value: object) -> object:
    """A default as a caller would write it; `...` for what is computed where it is not given."""
    if value is attrs.NOTHING:
        return _Text("...")
    if isinstance(value, enum.Enum):
        return _Text(f"{type(value).__name__}.{value.name}")
    if isinstance(value, tuple):
        return tuple(map(_default, value))
    core = importlib.import_module("chatim_plans")
    known = {"CHATIM": core.CHATIM, "CHATIM.terms": core.CHATIM.terms}
    return next((_Text(name) for name, each in known.items() if each is value), value)


def _fields(value: type, part: _Part, links: _Links) -> Iterator[str]:
    """The fields of a value, or the members of an enumeration."""
    if issubclass(value, enum.Enum):
        rows = "".join(f"| `{value.__name__}.{each.name}` | `{each.value!r}` |\n" for each in value)
        yield f"| Member | Value |\n| --- | --- |\n{rows}"
    elif attrs.has(value):
        rows = "".join(
            f"| `{each.name}` | {links.type(_annotation(each.type), part.address)} |"
            f" {_of_field(each)} |\n"
            for each in attrs.fields(value)
            if not each.name.startswith("_")
        )
        if rows:
            yield f"| Field | Type | Default |\n| --- | --- | --- |\n{rows}"


def _of_field(field: attrs.Attribute[Any]) -> str:
    """The default of a field, if it has one."""
    if field.default is attrs.NOTHING:
        return "" if field.init else "computed"
    if made_by := getattr(field.default, "factory", None):
        return "computed" if made_by.__name__.startswith("_") else f"`{made_by.__name__}()`"
    return f"`{_default(field.default)!r}`"


def _members(name: str, value: type, part: _Part, links: _Links) -> Iterator[str]:
    """Operators, properties and methods: its own, and those of bases that have no entry."""
    own: dict[str, object] = {}
    for base in reversed(value.__mro__):
        named = base is value or (
            base.__module__.startswith("chatim_plans") and base.__name__ not in part.names
        )
        own |= vars(base) if named else {}
    spoken = [f"`{sign}`" for dunder, sign in _OPERATORS.items() if dunder in vars(value)]
    if spoken and not issubclass(value, enum.Enum | BaseException):
        yield f"Operators: {', '.join(spoken)}\n"
    for member, what in own.items():
        if member.startswith("_"):
            continue
        if isinstance(what, property):
            answer = inspect.signature(what.fget).return_annotation if what.fget else ""
            yield f"### {name}.{member}\n"
            yield f"```python\n{member}: {_annotation(answer)}\n```\n"
        elif inspect.isfunction(what):
            yield f"### {name}.{member}()\n"
            yield f"```python\n{_signature(f'def {member}', what)}\n```\n"
        elif isinstance(what, classmethod | staticmethod):
            yield f"### {name}.{member}()\n"
            bound = getattr(value, member)
            yield f"```python\n{_signature(f'def {name}.{member}', bound)}\n```\n"
        else:
            continue
        text = inspect.getdoc(what) or ""
        yield from _said(text, part, links, _parameters(what))
        yield from _raised(text, part, links)


def _said(text: str, part: _Part, links: _Links, but: Collection[str] = ()) -> Iterator[str]:
    """The text and the examples of a docstring."""
    for block in re.split(r"\n{2,}", _SECTION.sub("", text).strip()):
        before, *example = re.split(r"^(?=>>> )", block, maxsplit=1, flags=re.MULTILINE)
        if before:
            yield f"{links.prose(before.strip(), part.address, but)}\n"
        for session in example:
            yield f"```pycon\n{session}\n```\n"


def _raised(text: str, part: _Part, links: _Links) -> Iterator[str]:
    """What a docstring says is raised, and where it says that it comes from."""
    sections = dict(_SECTION.findall(text))
    if "Raises" in sections:
        yield "Raises:\n"
        for item in re.split(r"\n(?=\S)", inspect.cleandoc(f"\n{sections['Raises']}")):
            errors, _, why = " ".join(item.split()).partition(": ")
            named = re.sub(r"\w+", r"`\g<0>`", errors)
            yield links.prose(f"- {named}: {why}", part.address)
        yield ""
    if "Source" in sections:
        yield f"Source: {links.prose(' '.join(sections['Source'].split()), part.address)}\n"


def _doc(part: _Part, name: str) -> str:
    """What is said of a name: its docstring, or the text under the place that assigns it."""
    value = getattr(part.card, name)
    if isinstance(value, type) or _is_function(value):
        return inspect.getdoc(value) or ""
    return _definition(part.card.__name__, name)[2]


def _definition(module: str, name: str) -> tuple[str, str, str]:
    """The module that defines a name, what it assigns to it, and what it says under that."""
    source = inspect.getsource(importlib.import_module(module))
    tree = ast.parse(source)
    body = [
        *tree.body,
        *(each for node in tree.body if isinstance(node, ast.Try) for each in node.body),
    ]
    for node, after in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.ImportFrom):
            for each in node.names:
                if (each.asname or each.name) == name and (node.module or "").startswith("chatim"):
                    return _definition(node.module or "", each.name)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            assigned = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == name for each in assigned):
                said = after.value if isinstance(after, ast.Expr) else None
                text = said.value if isinstance(said, ast.Constant) else ""
                segment = ast.get_source_segment(source, node) or ""
                return module, segment, inspect.cleandoc(text) if isinstance(text, str) else ""
    return module, "", ""
