"""directory.html: every organisation by its sound and by its township, to be found without a script.

A page in a file can run no search of its own. Letters to jump to, one line an organisation, townships that open: with the
browser's own search (Ctrl+F) any of a thousand is found in a moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from ..words.records import Organisation
from .description import Page, Section
from .figures import grouped
from .markup import Safe, bullets, join, link, paragraph, tag
from .view import CountyView

_OTHER = "#"


@cache
def sound_of(name: str) -> str:
    """The name by its sounds, for the alphabet: 半山湾村 -> banshanwancun; what has no sound stays as it is."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name)).casefold()


def by_letter(names: Mapping[str, str]) -> dict[str, list[str]]:
    """Codes by the first letter of the name's sound, in its order; '#' for a name that begins with no letter."""
    found: dict[str, list[str]] = {}
    for code in sorted(names, key=lambda c: (sound_of(names[c]), c)):
        first = sound_of(names[code])[:1].upper()
        found.setdefault(first if first.isascii() and first.isalpha() else _OTHER, []).append(code)
    return dict(sorted(found.items(), key=lambda item: (item[0] == _OTHER, item[0])))


def directory_page(view: CountyView, books: Sequence[str], townships: Sequence[str]) -> Page:
    """All that have a page: by letter, then by township."""
    letters = by_letter({code: view.name(code) for code in (*townships, *(b for b in books if b not in townships))})
    jumps = tag("p", *(join((link(f"#letter-{_anchor(letter)}", letter), " ")) for letter in letters), class_="letters")
    found = join((paragraph(view.t("directory.how"), "note"), jumps, *(_letter(view, letter, codes) for letter, codes in letters.items())))
    return Page(
        title=view.t("title.directory"),
        subtitle=view.t("title.directory_of", county=view.run.county),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.organisations"), grouped(len(books))),),
        trail=(("index.html", view.run.county), ("", view.t("title.directory"))),
        sections=(
            Section("letters", view.t("section.letters"), found),
            Section("places", view.t("section.places"), join(_township(view, code, books) for code in (*townships, ""))),
        ),
        footer=view.t("footer.masked", as_of=view.run.as_of.isoformat()),
    )  # fmt: skip


def _anchor(letter: str) -> str:
    return "other" if letter == _OTHER else letter


def _letter(view: CountyView, letter: str, codes: Iterable[str]) -> Safe:
    return join((tag("h3", letter, id=f"letter-{_anchor(letter)}"), bullets((_line(view, code) for code in codes), "directory")))


def _line(view: CountyView, code: str) -> Safe:
    organisation = view.organisations[code]
    if organisation.level == "township":
        return join((link(view.township_page(code), view.name(code)), tag("small", _level(view, organisation))))
    township = view.township_of.get(code, "")
    told = [view.name(township)] if township else []
    told += [view.t("directory.findings", n=grouped(n))] if (n := len(view.findings.get(code, ()))) else []
    return join((link(view.book(code), view.name(code)), tag("small", " · ".join(told))))


def _level(view: CountyView, organisation: Organisation) -> str:
    return view.term(f"level.{organisation.level}", "—")


def _township(view: CountyView, township: str, books: Iterable[str]) -> Safe:
    mine = sorted((code for code in books if view.township_of.get(code, "") == township), key=lambda c: (sound_of(view.name(c)), c))
    if not mine:
        return Safe("")
    name = view.name(township) if township else view.t("no_organisation")
    lines = bullets((link(view.book(c), view.name(c)) for c in mine), "directory")
    head = tag("summary", name, tag("small", view.t("directory.n", n=grouped(len(mine)))))
    return tag("details", head, lines, id=f"t-{view.stems.get(township, 'none')}")
