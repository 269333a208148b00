"""DuckDB in this process: the engine of a county that fits one machine."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa


class DuckEngine:
    """An in-memory database over Parquet files; two threads and a bounded memory leave room for the notebook beside it."""

    name = "duckdb"

    def __init__(self, threads: int = 2, memory: str = "2GB") -> None:
        import duckdb

        spill = str(Path(tempfile.gettempdir()) / f"auditlib-{os.getpid()}")  # made when memory runs out, gone on closing
        config: dict[str, str | bool | int | float | list[str]] = {"threads": threads, "memory_limit": memory, "temp_directory": spill}
        self._connection = duckdb.connect(":memory:", config=config)
        self._kept = 0

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        import narwhals as nw

        # a folder called [2025] is a folder, not a pattern
        literal = re.sub(r"([\[\]*?])", r"[\1]", str(path))
        return nw.from_native(self._connection.read_parquet(literal))

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        import narwhals as nw

        self._kept += 1
        name = f"kept_{self._kept}"
        frame.to_native().create(name)  # a table of the in-memory database, which may spill to disk; a view would not be computed
        return nw.from_native(self._connection.table(name))

    def collect(self, frame: nw.LazyFrame[Any]) -> pa.Table:
        return frame.collect(backend="pyarrow").to_native()

    def close(self) -> None:
        self._connection.close()
