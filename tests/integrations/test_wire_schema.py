"""The JSON Schema of the wire form: generated, kept in the docs, and as strict as shapes can be."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.integrations.test_serialization import RUBBISH, altered, editions, parts
from tests.integrations.wire_values import of_kind

pytest.importorskip("cattrs", reason="documents need the extra `serialization`")
jsonschema = pytest.importorskip("jsonschema", reason="the tests validate with jsonschema")

from chatim_plans import InvalidWireError  # noqa: E402
from chatim_plans.integrations.serialization import WireFormat  # noqa: E402
from chatim_plans.integrations.wire_forms import KINDS  # noqa: E402
from chatim_plans.integrations.wire_schema import schema, text  # noqa: E402
