"""The organisations that a report command is asked for, by code or name."""

from __future__ import annotations

from collections.abc import Sequence

from ...reports.results import Results
from ...words.errors import WorkspaceError
from ...words.messages import say


def codes_named(results: Results, named: Sequence[str] | None, lang: str) -> frozenset[str] | None:
    """The codes of `named` (codes or names) and of those beneath them; None where nobody was named.

    Raises WorkspaceError with candidates.
    """
    if not named:
        return None
    from ...intake.owner import Resolver
    from ...issues.lists import beneath
    from ...issues.sources import near_names

    organisations = results.run.organisations
    resolver = Resolver(organisations, results.catalog.words["organisation_names"])
    found: set[str] = set()
    for text in named:
        code = resolver.resolve(text)
        if code is None:
            raise WorkspaceError(say("issues.error.unknown_org", lang, org_code=text, candidates=near_names(text, organisations)))
        found |= beneath(code, organisations)
    return frozenset(found)
