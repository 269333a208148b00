"""Where the tests find data that nobody may commit here, what they share, and which files start first."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from auditlib.words.optional import left_out

with left_out("rfc3987_syntax"):  # a grammar that takes seconds to load, for the format `iri`, which no schema here names
    import jsonschema  # noqa: F401

ROOT = Path(__file__).resolve().parent.parent
PLACE = "AUDITLIB_AUDITED"  # names the folder that the processes of one run share: audited_county.py
KEPT = "AUDITLIB_CACHE"  # the program's own cache: of this run alone, so that no run is helped or misled by one before
pytest_plugins = ("lab_browser",)  # fixtures `desk` and `lab`: the workbook in a browser

# Spark on a few rows: compiling code for each query costs more than running it. What comes out is the same.
os.environ.setdefault(
    "PYSPARK_SUBMIT_ARGS",
    "--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' "
    "--conf 'spark.executor.extraJavaOptions=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' "
    "--conf spark.locality.wait=0s --conf spark.shuffle.compress=false --conf spark.sql.inMemoryColumnarStorage.compressed=false "
    "--conf spark.sql.codegen.wholeStage=false "
    "--conf spark.sql.codegen.factoryMode=NO_CODEGEN --conf spark.sql.adaptive.enabled=false pyspark-shell",
)


def published(name: str) -> Path:
    """A folder of published data, from AUDITLIB_DATA or beside the checkout; skips with the reason where there is none."""
    base = Path(os.environ["AUDITLIB_DATA"]) if "AUDITLIB_DATA" in os.environ else ROOT.parent / "shared" / "data"
    if not (base / name).is_dir():
        pytest.skip(f"published data '{name}' not found: set AUDITLIB_DATA to the folder that holds it")
    return base / name


def linked(link: Path, target: Path) -> None:
    """A symbolic link at `link`; skips where this account may not make one (Windows without its developer mode)."""
    try:
        link.symlink_to(target, target_is_directory=target.is_dir())
    except OSError as error:
        pytest.skip(f"this account may not make symbolic links: {error}")


# The files that take longest, longest first. Each runs in one process: one that starts last keeps a process busy while the others wait.
LONGEST = (
    "test_browser_workbook", "test_audit_on_spark", "test_audit_command", "test_notebooks", "test_manifest", "test_validate",
    "test_rules_assets", "test_restyled_county", "test_open_case", "test_report_proofs", "test_report_forms",
    "test_register_steps_command", "test_checks_money", "test_rules_planted", "test_guides", "test_oracle", "test_bank_decisions",
    "test_validate_formats", "test_resumed_audit", "test_packaging", "test_workflows", "test_workbook_intake", "test_opening_balances",
    "test_reports_browser", "test_structure", "test_workbook_report", "test_report_publication", "test_packs", "test_reading_hostile",
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # xdist would start the files with the most tests first
    if PLACE not in os.environ:  # the process that starts the others, which find it in their environment
        os.environ[PLACE] = tempfile.mkdtemp(prefix="audited-")
        os.environ.setdefault(KEPT, str(Path(os.environ[PLACE]) / "cache"))
        # A run starts many processes. Where nothing compiled may be kept each would compile all anew: it is kept for this run.
        if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
            os.environ["PYTHONPYCACHEPREFIX"] = str(Path(os.environ[PLACE]) / "compiled")
        config.add_cleanup(lambda: shutil.rmtree(os.environ.pop(PLACE), ignore_errors=True))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(place)))
