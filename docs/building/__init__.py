"""How the site is made: pages as Markdown, their places, and whether every link leads somewhere.

Everything the site shows is Markdown first: the pages of the repository, and pages made from
docstrings and from source files. Sphinx makes HTML of it, and its twins are that Markdown itself.
"""
