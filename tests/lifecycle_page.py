"""The generated parts of the architecture page, from the lifecycle's own table.

`python -m tests.lifecycle_page` writes them; `test_docs` checks that they are current.
"""

from __future__ import annotations

from pathlib import Path

from chatim_plans.subscriptions.lifecycle import LIFECYCLE
from chatim_plans.subscriptions.moves import EventKind
from chatim_plans.subscriptions.subscription import Status

ARCHITECTURE = Path(__file__).parents[1] / "docs" / "architecture.md"


def diagram() -> str:
    """A state diagram: an arrow for every event that leads to another status."""
    arrows = [
        f"    {status} --> {transition.to}: {event.replace('_', ' ')}"
        for status, row in LIFECYCLE.items()
        for event, transition in row.items()
        if transition.to not in (None, status)
    ]
    opening = ["    [*] --> free: start_free", "    [*] --> trialing: start_trial"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *opening, *arrows, "```"])


def table() -> str:
    """A row an event, a column a status: the effect, or `–` where the event cannot arise."""
    header = ["event", *Status]
    rows = [[f"`{event}`", *(_effect(status, event) for status in Status)] for event in EventKind]
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _effect(status: Status, event: EventKind) -> str:
    transition = LIFECYCLE[status].get(event)
    return "–" if transition is None else transition.effect.__name__.replace("_", " ")


def with_generated_parts(page: str) -> str:
    """The page with its two generated parts made anew."""
    for name, part in (("diagram", diagram()), ("table", table())):
        start, end = f"<!-- generated: {name} -->\n", "<!-- end of generated -->"
        before, rest = page.split(start)
        page = before + start + part + "\n" + rest[rest.index(end) :]
    return page


if __name__ == "__main__":
    ARCHITECTURE.write_text(with_generated_parts(ARCHITECTURE.read_text("utf-8")), "utf-8")
