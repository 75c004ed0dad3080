"""Public values as JSON-ready documents, and back. Extra: `serialization` (cattrs).

Owns the wire form, its versions and its schema. Does not own where documents are kept or sent.
"""

try:
    from chatim_plans.wire.documents import FORMAT, VERSION, WireFormat
    from chatim_plans.wire.faults import InvalidWireError
    from chatim_plans.wire.schema import json_schema
except ModuleNotFoundError as _missing:
    if (_missing.name or "").startswith("chatim_plans"):
        raise
    raise ImportError(
        "documents need cattrs: pip install 'chatim-plans[serialization]'", name=_missing.name
    ) from _missing

__all__ = [
    "FORMAT",
    "InvalidWireError",
    "VERSION",
    "WireFormat",
    "json_schema",
]
