"""OpenFeature's own Gherkin suites: where they are, and which of their scenarios cannot apply.

The suites are third-party files and stand beside the clone; nothing of them is copied but the
names of what cannot apply to a provider whose flags are features (boolean) and quotas (integer).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from gherkin.parser import Parser
from pytest_bdd.feature import get_features

SUITES = Path(__file__).parents[3] / "shared" / "data" / "openfeature_spec"

# File, scenario, and the flag of the Examples row; no flag where the scenario has no such row.
Row: TypeAlias = tuple[str, str, str | None]

V1, V2, METADATA = "evaluation.feature", "evaluation_v2.feature", "metadata.feature"

NO_STRINGS = "no flag is a string: a plan grants features and limits quotas"
NO_FLOATS = "no flag is a float: a limit is a whole number"
NO_OBJECTS = "no flag is an object: a feature is a yes or a no, a quota a number"
NO_CACHE = "the provider keeps nothing, so no answer comes from a cache"
NO_SWITCH = "a flag cannot be switched off: what no plan grants is a plain no, never the default"
NO_OWN_METADATA = "the metadata is what the decision says; nobody configures other entries"

BY_TYPE = {"string": NO_STRINGS, "float": NO_FLOATS, "object": NO_OBJECTS}


def of_every_type(scenario: str, flag: str) -> dict[Row, str]:
    """The rows of an outline of the second version whose flags are of a type that none of ours is."""
    return {(V2, scenario, f"{kind}-{flag}"): why for kind, why in BY_TYPE.items()}


CANNOT_APPLY: dict[Row, str] = {
    **{(V1, f"Resolves {kind} value", None): why for kind, why in BY_TYPE.items()},
    **{(V1, f"Resolves {kind} details", None): why for kind, why in BY_TYPE.items()},
    (V1, "Resolves based on context", None): NO_STRINGS,
    **of_every_type("Resolve values", "flag"),
    **of_every_type("Resolves zero value", "zero-flag"),
    **of_every_type("Resolves zero value with targeting", "targeted-zero-flag"),
    **of_every_type("Resolves zero value with targeting using default", "targeted-zero-flag"),
    **of_every_type("Complete evaluation details structure", "flag"),
    **of_every_type("Empty evaluation context", "targeted-zero-flag"),
    **of_every_type("Null context values", "targeted-zero-flag"),
    **of_every_type("Variant field population", "flag"),
    **of_every_type("Asynchronous flag evaluation", "flag"),
    **of_every_type("DISABLED reason", "disabled-flag"),
    (V2, "DISABLED reason", "boolean-disabled-flag"): NO_SWITCH,
    (V2, "DISABLED reason", "integer-disabled-flag"): NO_SWITCH,
    (V2, "Multiple context attributes targeting", None): NO_STRINGS,
    (V2, "Structure flag evaluation", None): NO_OBJECTS,
    (V2, "CACHED reason", "boolean-flag"): NO_CACHE,
    (V2, "CACHED reason", "string-flag"): NO_CACHE,
    (V2, "Flag metadata in evaluation details", None): NO_OWN_METADATA,
    (METADATA, "Returns metadata", None): NO_OWN_METADATA,
    (METADATA, "Returns no metadata", "float-flag"): NO_FLOATS,
    (METADATA, "Returns no metadata", "string-flag"): NO_STRINGS,
}


def bind_what_applies() -> None:
    """Leave of the features that pytest-bdd has parsed, and keeps, only what applies.

    Their tags go too: each would have to be a registered marker.
    """
    for feature in get_features([str(SUITES)]):
        file = Path(feature.filename).name
        feature.tags.clear()
        for name, scenario in list(feature.scenarios.items()):
            scenario.tags.clear()
            for examples in scenario.examples:
                examples.tags.clear()
                examples.examples = [
                    list(row.values())
                    for row in examples.as_contexts()
                    if (file, name, row.get("key")) not in CANNOT_APPLY
                ]
            if (file, name, None) in CANNOT_APPLY or (
                scenario.examples and not any(scenario.examples)
            ):
                del feature.scenarios[name]


def rows_of_the_files() -> Iterator[Row]:
    """Every scenario, and every Examples row of every outline, as the Gherkin parser reads them."""
    for path in sorted(SUITES.glob("*.feature")):
        document: Any = Parser().parse(path.read_text("utf-8"))
        for child in document["feature"]["children"]:
            if "scenario" not in child:
                continue
            scenario = child["scenario"]
            if not scenario["examples"]:
                yield path.name, scenario["name"], None
            for examples in scenario["examples"]:
                header = [cell["value"] for cell in examples["tableHeader"]["cells"]]
                for line in examples["tableBody"]:
                    cells = (cell["value"] for cell in line["cells"])
                    yield (
                        path.name,
                        scenario["name"],
                        dict(zip(header, cells, strict=True)).get("key"),
                    )
