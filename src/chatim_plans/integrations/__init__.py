"""Owns translation to and from other libraries and services, each an extra of the same name.

Does not own any rule: an integration says in another tongue what the core says. They know nothing
of one another, and the core knows nothing of them.
"""
