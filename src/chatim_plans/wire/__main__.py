"""Prints the JSON Schema of the wire form: `python -m chatim_plans.wire`."""

import json
import sys

from chatim_plans.wire.schema import json_schema

if __name__ == "__main__":
    sys.stdout.write(json.dumps(json_schema(), indent=1) + "\n")
