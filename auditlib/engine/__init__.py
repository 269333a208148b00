"""The one place that opens DuckDB or Spark. Everything above works on narwhals frames and never asks which it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..words.errors import EngineError

if TYPE_CHECKING:
    import narwhals as nw
    import pyarrow as pa

NAMES = ("duckdb", "spark")


class Engine(Protocol):
    """What runs the portable kernels."""

    name: str

    def scan(self, path: Path) -> nw.LazyFrame[Any]:
        """The Parquet file (or folder of Parquet files) at `path`, lazily. ASCII file names only."""
        ...

    def keep(self, frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
        """The same rows computed once and held by the engine, for a frame that many checks read."""
        ...

    def collect(self, frame: nw.LazyFrame[Any]) -> pa.Table:
        """The rows of `frame`; their order is not fixed, the caller sorts."""
        ...

    def close(self) -> None: ...


def open_engine(name: str) -> Engine:
    """The engine called `name` ('duckdb' or 'spark'). Raises EngineError for any other name, or without its extra."""
    if name == "duckdb":
        from .duck import DuckEngine

        return DuckEngine()
    if name == "spark":
        try:
            from .spark import SparkEngine

            return SparkEngine()
        except ImportError as error:
            raise EngineError(f"engine 'spark' needs pyspark: pip install 'auditlib[spark]' ({error})") from error
    raise EngineError(f"engine '{name}' is not known; candidates: {', '.join(NAMES)}")
