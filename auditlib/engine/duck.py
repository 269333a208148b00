"""DuckDB in this process: the engine of a county that fits one machine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa


class DuckEngine:
    """An in-memory database over Parquet files; two threads and a bounded memory leave room for the notebook beside it."""

    name = "duckdb"

    def __init__(self, threads: int = 2, memory: str = "2GB") -> None:
        import duckdb

        self._connection = duckdb.connect(":memory:", config={"threads": threads, "memory_limit": memory})

    def scan(self, path: Path) -> nw.LazyFrame:
        import narwhals as nw

        # a folder called [2025] is a folder, not a pattern
        literal = re.sub(r"([\[\]*?])", r"[\1]", str(path))
        return nw.from_native(self._connection.read_parquet(literal))

    def collect(self, frame: nw.LazyFrame) -> pa.Table:
        return frame.collect(backend="pyarrow").to_native()

    def close(self) -> None:
        self._connection.close()
