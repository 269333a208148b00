"""The second opinion: Great Expectations itself on the same rows. The only module that imports it, and only when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ..words.messages import say
from ..words.optional import left_out, let_in
from .frames import Frames
from .suites import Expectation, SuiteRun

if TYPE_CHECKING:
    import pandas as pd


def _context() -> Any:
    import logging
    import warnings

    # deprecation notes of its own dependencies are nothing to an auditor
    with warnings.catch_warnings(), left_out("pyspark", "rfc3987_syntax"):  # it validates pandas; no schema here names an address
        warnings.simplefilter("ignore")
        import great_expectations as gx

        logging.getLogger("great_expectations").setLevel(logging.ERROR)
        context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


@cache
def _batches() -> Any:
    """What makes a batch of any data frame: one context and one asset for all ledgers, for each context costs what a suite does."""
    return _context().data_sources.add_pandas("audit").add_dataframe_asset("ledger").add_batch_definition_whole_dataframe("all")


def _batch(frames: Frames, ledger: str, expectations: Sequence[Expectation]) -> pd.DataFrame:
    """The columns that the expectations read, as pandas, in the order of the rows."""
    columns = list(dict.fromkeys(["row_id", *(c for e in expectations for c in e.columns)]))
    table = frames.engine.collect(frames.rows(ledger).select(*columns)).sort_by("row_id")
    let_in("pandas")
    return table.to_pandas(date_as_object=True)


def _validate(
    data: pd.DataFrame, ledger: str, expectations: Sequence[Expectation], result_format: Mapping[str, Any]
) -> list[Any]:
    batch = _batches().get_batch({"dataframe": data})
    import great_expectations as gx

    # one expectation twice in a suite is refused, so each carries its place; its copies of itself are made from all it carries
    entries = [
        {**{k: e.entry[k] for k in ("type", "kwargs", "severity") if k in e.entry}, "meta": {"place": e.position}} for e in expectations
    ]
    suite = gx.ExpectationSuite(name=ledger, expectations=entries)
    return list(batch.validate(suite, result_format=dict(result_format)).results)


def disagreements(frames: Frames, run: SuiteRun) -> tuple[str, ...]:
    """Validates the ledger with Great Expectations and tells every count that differs from the compiled scan's.

    An expectation that Great Expectations could not evaluate is told too: it looks like a failure and is none.
    """
    expectations = run.expectations
    if not expectations:
        return ()
    results = _validate(_batch(frames, run.ledger, expectations), run.ledger, expectations, {"result_format": "BASIC"})
    by_place = {e.position: e for e in expectations}
    told = []
    for result in results:
        e = by_place[result.expectation_config.meta["place"]]
        ours = len(run.failing[e.position])
        if raised := _exception(result.exception_info):
            told.append(_say("checks.oracle_raised", frames, run.ledger, e, error=raised))
        elif (theirs := int(result.result.get("unexpected_count", 0))) != ours:
            told.append(_say("checks.disagree", frames, run.ledger, e, ours=ours, theirs=theirs))
    return tuple(sorted(told))


def _say(key: str, frames: Frames, ledger: str, e: Expectation, **values: object) -> str:
    language = frames.settings.language
    label = frames.catalog.ledgers[ledger].label(language)
    return say(key, language, rule=e.rule, ledger=label, type=f"{e.type}[{e.position}]", **values)


def _exception(info: Mapping[str, Any] | None) -> str:
    """The message of an exception, whether the information is flat or keyed by metric."""
    if not info:
        return ""
    parts = [info] if "raised_exception" in info else [v for v in info.values() if isinstance(v, Mapping)]
    return next((str(p.get("exception_message")) for p in parts if p.get("raised_exception")), "")


def failing_rows(frames: Frames, ledger: str, expectation: Expectation) -> frozenset[int]:
    """The row_id of every row that an expectation calls unexpected, by Great Expectations' complete result on pandas.

    Raises RuntimeError when it could not be evaluated.
    """
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": ["row_id"]}
    (result,) = _validate(_batch(frames, ledger, [expectation]), ledger, [expectation], complete)
    if raised := _exception(result.exception_info):
        raise RuntimeError(f"{expectation.type}: {raised}")
    return frozenset(int(row["row_id"]) for row in result.result.get("unexpected_index_list") or ())
