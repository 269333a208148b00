"""Where the tests find data that nobody may commit here, and what they share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytest_plugins = ("lab_browser",)  # fixtures `desk` and `lab`: the workbook in a browser

# Spark on a few rows: compiling code for each query costs more than running it. What comes out is the same.
os.environ.setdefault(
    "PYSPARK_SUBMIT_ARGS",
    "--driver-java-options -XX:TieredStopAtLevel=1 --conf spark.sql.codegen.wholeStage=false "
    "--conf spark.sql.codegen.factoryMode=NO_CODEGEN --conf spark.sql.adaptive.enabled=false pyspark-shell",
)


def published(name: str) -> Path:
    """A folder of published data, from AUDITLIB_DATA or beside the checkout; skips with the reason where there is none."""
    base = Path(os.environ["AUDITLIB_DATA"]) if "AUDITLIB_DATA" in os.environ else ROOT.parent / "shared" / "data"
    if not (base / name).is_dir():
        pytest.skip(f"published data '{name}' not found: set AUDITLIB_DATA to the folder that holds it")
    return base / name
