"""Sphinx's settings; `docs/build.py` calls it."""

from __future__ import annotations

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

project = "chatim_plans"
html_title = "chatim_plans"
extensions = ["myst_parser"]
myst_heading_anchors = 6
html_theme = "furo"
html_copy_source = False
html_use_index = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """A diagram is shown as its text: drawing it would fetch a program from elsewhere."""
    app.add_lexer("mermaid", TextLexer)
