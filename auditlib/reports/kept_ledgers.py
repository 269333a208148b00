"""The typed ledgers of the last audit, kept beside its results: forms, publications and figures are made from them afterwards.

They hold what the offices sent, personal data included, and belong to the working papers like every other file of the folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..catalog.settings import Settings, typed_parameters
from ..catalog.specs import Catalog
from ..checks.frames import Frames, RunInputs
from ..engine import open_engine
from ..intake.frames import ledger_schema
from ..words.errors import WorkspaceError
from ..words.messages import say
from ..words.records import AuditRun
from .output import remove_stale, write_output

FOLDER = "ledgers"


def keep_ledgers(typed: Path, out: Path) -> tuple[str, ...]:
    """Copies the Parquet files of `typed` to `out`/ledgers; those of an earlier run go. Returns their paths inside `out`.

    Raises OutputError where a file of someone else has one of their names.
    """
    kept = tuple(f"{FOLDER}/{file.name}" for file in sorted(typed.glob("*.parquet")))
    for relative in kept:
        write_output(out, relative, (typed / Path(relative).name).read_bytes())
    remove_stale(out, (FOLDER,), kept)
    return kept


@contextmanager
def open_kept_ledgers(run: AuditRun, catalog: Catalog, out: Path) -> Iterator[Frames]:
    """The ledgers that `run` read, as the checks saw them; `out` is the folder of its results.

    Raises WorkspaceError where the folder holds none, or holds those of another version: a repeated audit mends either.
    """
    folder = out / FOLDER
    if not folder.is_dir():
        raise WorkspaceError(say("reports.kept.none", "zh", folder=out) + "\n" + say("reports.kept.none", "en", folder=out))
    if _is_other_version(folder, catalog):
        raise WorkspaceError(say("reports.kept.other", "zh", folder=out) + "\n" + say("reports.kept.other", "en", folder=out))
    settings = Settings(run.county, run.fiscal_year, run.as_of, run.language, "", typed_parameters(catalog, run.parameters))
    engine = open_engine("duckdb")
    try:
        yield Frames(RunInputs(folder, catalog, settings, run.organisations, run.sources, engine))
    finally:
        engine.close()


def _is_other_version(folder: Path, catalog: Catalog) -> bool:
    import pyarrow.parquet as pq

    files = {name: folder / f"{name}.parquet" for name in catalog.ledgers}
    return any(file.is_file() and pq.read_schema(file).names != ledger_schema(catalog.ledgers[name]).names for name, file in files.items())
