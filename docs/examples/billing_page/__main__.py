"""Serve the billing page on this machine.

    python docs/examples/billing_page [PORT]     then open http://127.0.0.1:8000

It needs FastAPI, Jinja2 and uvicorn.
"""

import sys
from pathlib import Path

import uvicorn

if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    uvicorn.run("billing_page.web:app", app_dir=str(Path(__file__).parents[1]), port=port)
