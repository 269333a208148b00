"""Spark, for counties and prefectures that do not fit one machine. The only module that imports pyspark (extra `spark`)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.execution.arrow.pyspark.enabled": "true",  # without it a missing text comes out as the text 'NaN'
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


class SparkEngine:
    """A Spark session; SPARK_MASTER names a cluster, without it two local threads are used."""

    name = "spark"

    def __init__(self) -> None:
        from pyspark.sql import SparkSession

        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.appName("auditlib").master(os.environ.get("SPARK_MASTER", "local[2]"))
        for key, value in _SETTINGS.items():
            builder = builder.config(key, value)
        self._session = builder.getOrCreate()
        self._session.sparkContext.setLogLevel("OFF")

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        import narwhals as nw

        return nw.from_native(self._session.read.parquet(str(path)))

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        import narwhals as nw

        kept: nw.LazyFrame[Any] = nw.from_native(frame.to_native().cache())
        return kept

    def collect(self, frame: nw.LazyFrame[Any]) -> pa.Table:
        return frame.collect(backend="pyarrow").to_native()

    def close(self) -> None:
        self._session.stop()
