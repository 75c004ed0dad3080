"""Finance's month end on Spark: read a parquet table, invoice a month, write a parquet table.

    spark-submit month_end_spark.py IN.parquet OUT.parquet YYYY-MM

The master and its settings are those of spark-submit; with plain `python` they are Spark's own. The
package, narwhals, numpy and pyarrow must be there on the workers.
"""

import sys
from datetime import datetime

from pyspark.sql import SparkSession, functions

from chatim_plans import USD, Cycle, Money, Period
from chatim_plans.frames import month_invoices


def month_of(text: str) -> Period:
    """The calendar month that is written `2026-02`."""
    first = datetime.fromisoformat(f"{text}-01T00:00:00Z")
    return Cycle(first).period_holding(first)


def main(source: str, target: str, month: Period) -> None:
    """Invoice the month, and print how much is due."""
    spark = SparkSession.builder.appName(f"invoices of {month.start:%Y-%m}").getOrCreate()
    month_invoices(spark.read.parquet(source), month).write.mode("overwrite").parquet(target)
    written = spark.read.parquet(target)
    ((rows, cents),) = written.agg(functions.count("*"), functions.sum("amount_due")).collect()
    print(f"{rows} rows, {Money(cents or 0, USD)} due")
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], month_of(sys.argv[3]))
