"""localstripe as a process of a test's own; it prints the port it listens on.

Its own start listens on every address of the machine and keeps what it was told in
`/tmp/localstripe.pickle`, for whoever starts it next. Started from here it listens on the loopback,
on a port that is free, keeps nothing, and ends when its standard input does: with the test, however
that ends.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

from aiohttp import web
from localstripe import server
from localstripe.resources import Store


def _keep_nothing(_store: Store) -> None:
    """Stand in for the store's way to the disk."""


def _end_with_the_input() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    Store.dump_to_disk = _keep_nothing
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    web.run_app(server.app, sock=listening, print=None, access_log=None)
