"""What commands on the register mean by a name: an organisation, a department, the rules of a county, a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ...catalog.load import load_catalog
from ...intake.owner import Resolver
from ...issues.issue import Issue
from ...issues.lists import issues_of, issues_of_body
from ...issues.sources import near_names
from ...words.errors import RegisterError, UnreadableFile
from ...words.messages import catalogue, say
from ...words.records import Organisation
from .call import Language


def organisation_of(organisations: Sequence[Organisation], text: str, lang: Language) -> Organisation:
    """The organisation that `text` (a code or a name) means. Raises RegisterError with candidates."""
    code = Resolver(organisations, load_catalog().words["organisation_names"]).resolve(text)
    found = next((o for o in organisations if o.org_code == code), None)
    if found is None:
        raise RegisterError(say("issues.error.unknown_org", lang, org_code=text, candidates=near_names(text, organisations)))
    return found


def issues_for(
    every: Sequence[Issue], organisations: Sequence[Organisation], text: str, lang: Language
) -> tuple[str, str, tuple[Issue, ...]]:
    """Code, name and issues of the body that `text` means: an organisation with those beneath it, or a department by its name."""
    try:
        found = organisation_of(organisations, text, lang)
    except RegisterError:
        if not (given_out := issues_of_body(every, text)):
            raise
        return "", text, given_out
    return found.org_code, found.name, issues_of(every, found.org_code, organisations)


@contextmanager
def reading(file: Path, lang: Language) -> Iterator[None]:
    """What cannot be read says so by the file's name and what to do. Raises RegisterError."""
    try:
        yield
    except UnreadableFile as error:
        known = error.code in catalogue()
        said = say(error.code, lang, file=file.name, sheet="", detail=error.detail) if known else f"{file.name}: {error}"
        raise RegisterError(said) from error
