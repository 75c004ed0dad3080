"""Runs the Python blocks of a page as its tests do: in order, and in one namespace."""

from __future__ import annotations

import contextlib
import io
import json
import traceback
from typing import Any


def ran(request: str) -> str:
    """What each block printed, up to the first that fails, and how that one failed.

    >>> ran('["seats = 2", "print(seats, end=str())"]')
    '[{"printed": "", "error": ""}, {"printed": "2", "error": ""}]'
    """
    names: dict[str, Any] = {"__name__": "page"}
    results: list[dict[str, str]] = []
    for place, code in enumerate(json.loads(request)):
        printed, error = io.StringIO(), ""
        where = f"<block {place}>"
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(code, where, "exec"), names)  # noqa: S102 — the reader's own code
        except BaseException as raised:  # noqa: BLE001 — whatever it is, the reader is told
            error = _short(raised, where, code)
        results.append({"printed": printed.getvalue(), "error": error})
        if error:
            break
    return json.dumps(results)


def _short(raised: BaseException, where: str, code: str) -> str:
    """The error and the line of its block, without the frames between."""
    said = "".join(traceback.format_exception_only(raised)).strip()
    numbers = [
        frame.lineno
        for frame in traceback.extract_tb(raised.__traceback__)
        if frame.filename == where and frame.lineno is not None
    ]
    if not numbers:  # the block could not be read, and the error says where
        return said
    return f"Line {numbers[-1]}: {code.splitlines()[numbers[-1] - 1].strip()}\n{said}"
