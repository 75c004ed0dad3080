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

CANNOT_APPLY: dict[Row, str] = {
    (V1, "Resolves string value", None): NO_STRINGS,
    (V1, "Resolves float value", None): NO_FLOATS,
    (V1, "Resolves object value", None): NO_OBJECTS,
    (V1, "Resolves string details", None): NO_STRINGS,
    (V1, "Resolves float details", None): NO_FLOATS,
    (V1, "Resolves object details", None): NO_OBJECTS,
    (V1, "Resolves based on context", None): NO_STRINGS,
    (V2, "Resolve values", "string-flag"): NO_STRINGS,
    (V2, "Resolve values", "float-flag"): NO_FLOATS,
    (V2, "Resolve values", "object-flag"): NO_OBJECTS,
    (V2, "Resolves zero value", "string-zero-flag"): NO_STRINGS,
    (V2, "Resolves zero value", "float-zero-flag"): NO_FLOATS,
    (V2, "Resolves zero value", "object-zero-flag"): NO_OBJECTS,
    (V2, "Resolves zero value with targeting", "string-targeted-zero-flag"): NO_STRINGS,
    (V2, "Resolves zero value with targeting", "float-targeted-zero-flag"): NO_FLOATS,
    (V2, "Resolves zero value with targeting", "object-targeted-zero-flag"): NO_OBJECTS,
    (
        V2,
        "Resolves zero value with targeting using default",
        "string-targeted-zero-flag",
    ): NO_STRINGS,
    (V2, "Resolves zero value with targeting using default", "float-targeted-zero-flag"): NO_FLOATS,
    (
        V2,
        "Resolves zero value with targeting using default",
        "object-targeted-zero-flag",
    ): NO_OBJECTS,
    (V2, "Complete evaluation details structure", "string-flag"): NO_STRINGS,
    (V2, "Complete evaluation details structure", "float-flag"): NO_FLOATS,
    (V2, "Complete evaluation details structure", "object-flag"): NO_OBJECTS,
    (V2, "Flag metadata in evaluation details", None): NO_OWN_METADATA,
    (V2, "Empty evaluation context", "string-targeted-zero-flag"): NO_STRINGS,
    (V2, "Empty evaluation context", "float-targeted-zero-flag"): NO_FLOATS,
    (V2, "Empty evaluation context", "object-targeted-zero-flag"): NO_OBJECTS,
    (V2, "Null context values", "string-targeted-zero-flag"): NO_STRINGS,
    (V2, "Null context values", "float-targeted-zero-flag"): NO_FLOATS,
    (V2, "Null context values", "object-targeted-zero-flag"): NO_OBJECTS,
    (V2, "Multiple context attributes targeting", None): NO_STRINGS,
    (V2, "Structure flag evaluation", None): NO_OBJECTS,
    (V2, "Variant field population", "string-flag"): NO_STRINGS,
    (V2, "Variant field population", "float-flag"): NO_FLOATS,
    (V2, "Variant field population", "object-flag"): NO_OBJECTS,
    (V2, "CACHED reason", "boolean-flag"): NO_CACHE,
    (V2, "CACHED reason", "string-flag"): NO_CACHE,
    (V2, "DISABLED reason", "boolean-disabled-flag"): NO_SWITCH,
    (V2, "DISABLED reason", "string-disabled-flag"): NO_SWITCH,
    (V2, "DISABLED reason", "integer-disabled-flag"): NO_SWITCH,
    (V2, "DISABLED reason", "float-disabled-flag"): NO_SWITCH,
    (V2, "DISABLED reason", "object-disabled-flag"): NO_SWITCH,
    (V2, "Asynchronous flag evaluation", "string-flag"): NO_STRINGS,
    (V2, "Asynchronous flag evaluation", "float-flag"): NO_FLOATS,
    (V2, "Asynchronous flag evaluation", "object-flag"): NO_OBJECTS,
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
