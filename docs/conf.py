"""Sphinx's settings; `docs/build.py` calls it."""

from __future__ import annotations

import re

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

from docs.building.reference import module_of

project = "chatim_plans"
html_title = "chatim_plans"
extensions = ["myst_parser"]
myst_heading_anchors = 6
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
pygments_dark_style = "github-dark"
html_copy_source = False
html_use_index = False
html_show_copyright = False
html_show_sphinx = False

_ENTRY = re.compile(r"(?P<kind>class |enum )?(?P<name>[\w.]+)(?P<called>\(\))?")


def setup(app: Sphinx) -> None:
    """A diagram is shown as its text: drawing it would fetch a program from elsewhere."""
    app.add_lexer("mermaid", TextLexer)
    app.connect("doctree-read", note_public_names)


def note_public_names(app: Sphinx, page: nodes.document) -> None:
    """Tell search, and the inventory for other projects, where each public name has its entry."""
    module = module_of(f"{app.env.docname}.md")
    if module is None:
        return
    for section in list(page.findall(nodes.section))[1:]:
        heading = _ENTRY.fullmatch(section[0].astext())
        if heading is not None:
            kind = "class" if heading["kind"] else "function" if heading["called"] else "data"
            if "." in heading["name"]:
                kind = "method" if heading["called"] else "property"
            name = f"{module}.{heading['name']}"
            app.env.domains.python_domain.note_object(name, kind, section["ids"][0])
