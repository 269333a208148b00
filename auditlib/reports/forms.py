"""Forms of an office: 移交核查表, 盘点表, 银行存款余额调节表, 审计报告, filled from the results of an audit.

The templates are data (expectations/forms_out/*.yaml, replaced by a county pack's forms_out/): texts with placeholders, tables over
rows, parts repeated for each of something, and parts that stand only when something is filled. What a kind of form can say is `NAMES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..catalog.documents import Document, read_document, unknown, wrong
from ..catalog.places import expectations
from ..catalog.specs import Catalog
from .letters import written_date
from .masking import mask
from .paper import PARAGRAPHS, Block, Grid, PageBreak, Paper, Paragraph, SignLine, filled, placeholders, printable
from .view import CountyView

FOLDER = "forms_out"
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """What may stand in braces: texts, the columns of each table, and what each group of parts brings."""

    texts: frozenset[str] = frozenset()
    tables: Mapping[str, frozenset[str]] = field(default_factory=dict)
    groups: Mapping[str, Names] = field(default_factory=dict)

    def within(self, group: Names) -> Names:
        """The names inside a group: its own, and all around it."""
        return Names(self.texts | group.texts, {**self.tables, **group.tables}, {**self.groups, **group.groups})


@dataclass(frozen=True, slots=True)
class Values:
    """What a form says of one organisation, under the names of `Names`; every value a text."""

    texts: Texts
    tables: Mapping[str, Sequence[Texts]] = field(default_factory=dict)
    groups: Mapping[str, Sequence[Values]] = field(default_factory=dict)

    def within(self, group: Values) -> Values:
        return Values({**self.texts, **group.texts}, {**self.tables, **group.tables}, {**self.groups, **group.groups})

    def has(self, name: str) -> bool:
        return bool(self.texts.get(name) or self.tables.get(name) or self.groups.get(name))


def texts(*names: str) -> frozenset[str]:
    return frozenset(names)


_ORGANISATION = texts("organisation", "org_code", "township", "county", "year", "as_of")


def names_of(*more: str, tables: Mapping[str, frozenset[str]] | None = None, groups: Mapping[str, Names] | None = None) -> Names:
    """The names of a form that says these beside what every form says of its organisation."""
    return Names(_ORGANISATION | frozenset(more), tables or {}, groups or {})


def organisation_texts(view: CountyView, code: str) -> dict[str, str]:
    """What every form says of its organisation."""
    township = view.township_of.get(code, "")
    return {
        "organisation": view.name(code), "org_code": code, "township": view.name(township) if township else "—",
        "county": view.run.county, "year": str(view.run.fiscal_year), "as_of": written_date(view.run.as_of, view.language),
    }  # fmt: skip


# ---- templates -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Template:
    """A form as its file describes it; every name in it is known."""

    form: str
    content: Mapping[str, Any]


def load_template(form: str, names: Names, catalog: Catalog) -> Template:
    """The template of a form, the county pack's where it has one.

    Raises CatalogError naming file, line, key, value and candidates.
    """
    document = catalog.forms_out.get(form) or read_document(expectations() / FOLDER / f"{form}.yaml", "form")
    if document.content["form"] != form:
        raise wrong(document.path, ("form",), "catalog.named_as_file", value=document.content["form"], expected=form)
    _known_texts(document, ("title",), document.content["title"].values(), names.texts)
    for n, block in enumerate(document.content["blocks"]):
        _known_block(document, ("blocks", n), block, names)
    return Template(form, document.content)


def _known_texts(document: Document, key: tuple[Any, ...], given: Any, known: frozenset[str]) -> None:
    for text in given:
        for name in placeholders(text):
            if name not in known:
                raise unknown(document.path, key, name, sorted(known))


def _known_block(document: Document, key: tuple[Any, ...], block: Mapping[str, Any], names: Names) -> None:
    everything = {*names.texts, *names.tables, *names.groups}
    condition = block.get("when", "").removeprefix("not ")
    if condition and condition not in everything:
        raise unknown(document.path, (*key, "when"), condition, sorted(everything))
    for kind in PARAGRAPHS:
        _known_texts(document, (*key, kind), block.get(kind, {}).values(), names.texts)
    _known_texts(document, (*key, "sign"), [t for who in block.get("sign", ()) for t in who.values()], names.texts)
    if "table" in block:
        _known_table(document, (*key, "table"), block["table"], names)
    if "each" in block:
        if block["each"] not in names.groups:
            raise unknown(document.path, (*key, "each"), block["each"], sorted(names.groups))
        for n, inner in enumerate(block.get("blocks", ())):
            _known_block(document, (*key, "blocks", n), inner, names.within(names.groups[block["each"]]))


def _known_table(document: Document, key: tuple[Any, ...], table: Mapping[str, Any], names: Names) -> None:
    rows = table.get("rows")
    if rows is not None and rows not in names.tables:
        raise unknown(document.path, (*key, "rows"), rows, sorted(names.tables))
    own = names.tables[rows] if rows is not None else frozenset()
    for n, column in enumerate(table["columns"]):
        _known_texts(document, (*key, "columns", n, "value"), [column["value"]], own | names.texts)
    for n, line in enumerate(table.get("lines", ())):
        if len(line) != len(table["columns"]):
            raise wrong(document.path, (*key, "lines", n), "forms.line_length", value=len(line), expected=len(table["columns"]))
        for cell in line:
            _known_texts(document, (*key, "lines", n), cell.values() if isinstance(cell, Mapping) else [cell], names.texts)


# ---- filling ---------------------------------------------------------------------------------------------------


def fill(template: Template, values: Values, view: CountyView, *, issuer: str, trace: str) -> Paper:
    """The paper that a template makes of `values`. What leaves the working papers is masked, as the template says."""
    writer = _Writer(view.language, _cleaner(template, view))
    title = writer.one(template.content["title"], values.texts)
    blocks = tuple(block for entry in template.content["blocks"] for block in writer.blocks(entry, values))
    return Paper(view.language, template.content["paper"], writer.clean(issuer), title, blocks, writer.clean(trace))


def _cleaner(template: Template, view: CountyView) -> Callable[[str], str]:
    if not template.content["masked"]:
        return printable
    return lambda text: printable(mask(text, view.organisations))


class _Writer:
    """Texts of one language, cleaned after they are filled."""

    def __init__(self, language: str, clean: Callable[[str], str]) -> None:
        self.language, self.clean = language, clean

    def one(self, text: Any, known: Texts) -> str:
        return self.clean(filled(text[self.language] if isinstance(text, Mapping) else text, known))

    def blocks(self, entry: Mapping[str, Any], values: Values) -> list[Block]:
        condition = entry.get("when", "")
        if condition and values.has(condition.removeprefix("not ")) == condition.startswith("not "):
            return []
        found: list[Block] = [PageBreak()] if entry.get("new_page") else []
        found += [Paragraph(kind, self.one(entry[kind], values.texts)) for kind in PARAGRAPHS if kind in entry]
        if "table" in entry:
            found.append(self.grid(entry["table"], values))
        if "sign" in entry:
            found.append(SignLine(tuple(self.one(who, values.texts) for who in entry["sign"])))
        for group in values.groups.get(entry.get("each", ""), ()):
            found += [b for inner in entry.get("blocks", ()) for b in self.blocks(inner, values.within(group))]
        return found

    def grid(self, table: Mapping[str, Any], values: Values) -> Grid:
        columns = table["columns"]
        rows = [[self.one(cell, values.texts) for cell in line] for line in table.get("lines", ())]
        of_table = values.tables.get(table.get("rows", ""), ())
        rows += [[self.one(c["value"], {**values.texts, **row}) for c in columns] for row in of_table]
        rows += [[""] * len(columns)] * table.get("blank_rows", 0)
        caption = self.one(table["caption"], values.texts) if "caption" in table else ""
        if not of_table and "rows" in table and "empty" in table:
            caption = self.one(table["empty"], values.texts)
        return Grid(
            caption, tuple(c["head"][self.language] for c in columns), frozenset(n for n, c in enumerate(columns) if c.get("is_number")),
            tuple(c["width"] for c in columns), tuple(map(tuple, rows)),
        )  # fmt: skip
