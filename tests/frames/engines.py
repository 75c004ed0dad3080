"""The engines that frames are of: how a table of rows is given to each, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

Row: TypeAlias = dict[str, Any]
Made: TypeAlias = Callable[[pa.Table], Any]
Read: TypeAlias = Callable[[Any], list[Row]]

INSTANT = pa.timestamp("us", "UTC")
TYPES: Mapping[str, pa.DataType] = {
    **dict.fromkeys(("anchor", "trial_end", "scheduled_at", "change_at", "as_of"), INSTANT),
    **dict.fromkeys(("period_start", "period_end"), INSTANT),
    **dict.fromkeys(("payment_method", "restricted", "lines_wait"), pa.bool_()),
    **dict.fromkeys(("plan", "scheduled_plan"), pa.string()),
}


def table_of(rows: Iterable[Row], **types: pa.DataType) -> pa.Table:
    """Rows as a table with a row number `id`; whole numbers are int64."""
    numbered = [{"id": number, **row} for number, row in enumerate(rows)]
    known = {**TYPES, **types}
    schema = pa.schema([(name, known.get(name, pa.int64())) for name in numbered[0]])
    return pa.Table.from_pylist(numbered, schema=schema)


def pandas_of_numpy(table: pa.Table) -> pd.DataFrame:
    """A frame of pandas as most are: NumPy's types, and `Int64` where whole numbers may be null."""
    frame: pd.DataFrame = table.to_pandas()
    kinds = {"int64": "Int64", "bool": "boolean"}
    kinds |= {f"uint{bits}": f"UInt{bits}" for bits in (8, 16, 32, 64)}
    nullable = {  # made anew: what became floats has lost its last digits
        field.name: pd.array(table[field.name].to_pylist(), dtype=kinds[str(field.type)])
        for field in table.schema
        if str(field.type) in kinds and table[field.name].null_count
    }
    frame = frame.assign(**nullable)
    frame.index = pd.Index(range(7, 7 + len(frame)))
    return frame


def rows_of_pandas(frame: pd.DataFrame) -> list[Row]:
    """The rows of a frame of pandas, without its many kinds of null."""
    return [
        {
            str(name): None if value is pd.NaT or value is pd.NA else value
            for name, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def rows_of_duckdb(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    """The rows of a relation, in the order of their numbers."""
    rows: list[Row] = relation.order("id").to_arrow_table().to_pylist()
    return rows


ENGINES: Mapping[str, tuple[Made, Read]] = {
    "polars": (pl.from_arrow, pl.DataFrame.to_dicts),
    "polars lazy": (
        lambda table: pl.DataFrame(table).lazy(),
        lambda lazy: lazy.collect().to_dicts(),
    ),
    "polars streaming": (
        lambda table: pl.DataFrame(table).lazy(),
        lambda lazy: lazy.collect(engine="streaming").to_dicts(),
    ),
    "pandas on NumPy": (pandas_of_numpy, rows_of_pandas),
    "pandas on Arrow": (lambda table: table.to_pandas(types_mapper=pd.ArrowDtype), rows_of_pandas),
    "pyarrow": (lambda table: table, pa.Table.to_pylist),
    "DuckDB": (duckdb.from_arrow, rows_of_duckdb),
}

each_engine = pytest.mark.parametrize(("make", "read"), ENGINES.values(), ids=ENGINES)
