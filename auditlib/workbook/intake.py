"""The intake page: see what a sheet was taken for, say what it is, and have it read again by that answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.packs import county_catalog
from ..catalog.settings import load_settings
from ..intake.cell_kinds import is_blank
from ..intake.conform import Conformer
from ..intake.mapping import FOLDER, TableMapping
from ..intake.settling import NOT_OURS, OPEN, Choices, ColumnLook, Settling, TableLook, field_labels, row_kinds
from ..intake.sheets import RawSheet
from ..intake.workspace import conform_found, conformer_for, ledger_files, surroundings_of
from ..reports.markup import paragraph
from ..words.errors import AuditlibError, UnreadableFile
from ..words.messages import catalogue, say
from .acting import acting_person
from .places import default_out, default_workspace
from .sheet_grid import excerpt, grid_html
from .shown import Shown, framed
from .state import chosen, remember

if TYPE_CHECKING:
    import pandas as pd
    from ipywidgets import Button, Dropdown, VBox

_SEEN = "intake_file"  # in the state file
_NONE, _ASIDE = "", NOT_OURS[0]  # values of the ledger's list: not chosen, no ledger at all


class IntakeView:
    """Choose a file and a table, correct what it was taken for, save; show it as the last line of a cell.

    In: the county's folder (None: the environment's, else what lies around), a file of it (None: the first), the language,
    who is deciding ('': who was chosen as acting), and the day that is written into the mapping (None: today). `save` writes
    through the same function as `auditlib map`; afterwards `mapping` holds the answer as it stands and the grid shows the
    sheet read again. In the county nothing but its `mappings` folder is ever written; which file was looked at last is kept
    with the results. Raises AuditlibError when there is no county or no such file.
    """

    def __init__(
        self, workspace: Path | str | None = None, file: str | None = None, *, language: str = "zh", by: str = "",
        made_on: dt.date | None = None,
    ) -> None:  # fmt: skip
        self.language, self.mapping, self._made_on = language, None, made_on
        self.workspace = Path(workspace) if workspace else default_workspace()
        self.settling = Settling(self.workspace, county_catalog(self.workspace), language)
        self.files = ledger_files(self.workspace)
        if not self.files or (file is not None and file not in self.files):
            raise AuditlibError(say("workbook.intake.no_file", language, file=file or "—", candidates=", ".join(self.files[:12]) or "—"))
        self.mapping: TableMapping | None
        self.looks: list[TableLook] = []
        self._sheets: list[RawSheet] = []
        self._bare: list[RawSheet] = []  # sheets in which no table was found
        self._conformer: Conformer | None = None
        self._is_filling = False
        self._make_widgets(by or acting_person(self.workspace))
        self.file.value = file or self._file_seen_last()
        self.file.observe(self._on_file, "value")
        self._open_file()

    # ---- widgets

    def _make_widgets(self, by: str) -> None:
        import ipywidgets as w

        self._layout, self._style = w.Layout(width="640px"), {"description_width": "9em"}
        wide: dict[str, Any] = {"layout": self._layout, "style": self._style}
        self.file = w.Dropdown(options=self.files, description=self._say("file"), **wide)
        self.table = w.Dropdown(options=[("—", 0)], description=self._say("table"), **wide)
        self.ledger = w.Dropdown(options=self._ledger_options(), description=self._say("ledger"), **wide)
        self.head = w.Text(description=self._say("head"), placeholder="3, 3-4", **wide)
        self.columns = w.VBox([])
        self.by = w.Text(value=by, description=self._say("by"), **wide)
        self.why = w.Text(description=self._say("why"), **wide)
        self.save = w.Button(description=self._say("save"), button_style="primary", icon="", tooltip=self._say("save_note"))
        self.message, self.grid = w.HTML(), w.HTML()
        self.table.observe(self._on_table, "value")
        self.ledger.observe(self._on_ledger, "value")
        self.save.on_click(self._on_save)
        note = w.Label(self._say("columns_note"))
        self.box: VBox = w.VBox([
            self.file, self.table, self.grid, self.ledger, self.head, note, self.columns, self.by, self.why, self.save, self.message,
        ])  # fmt: skip

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.intake.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    def _ledger_options(self) -> list[tuple[str, str]]:
        known = [(s.label(self.language), n) for n, s in self.settling.catalog.ledgers.items()]
        return [(self._say("choose_ledger"), _NONE), *known, (self._say("no_ledger"), _ASIDE)]

    @property
    def look(self) -> TableLook | None:
        """The table that is chosen, None for a file without any."""
        return self.looks[self.table.value] if self.table.value < len(self.looks) else None

    @property
    def sheet(self) -> RawSheet | None:
        """The sheet that is chosen, also where no table was found in it; None for a file that cannot be read."""
        if (look := self.look) is not None:
            return look.found.sheet
        at = self.table.value - len(self.looks)
        return self._bare[at] if at < len(self._bare) else next(iter(self._sheets), None)

    # ---- what is shown

    def _file_seen_last(self) -> str:
        last = chosen(default_out(self.workspace), _SEEN, str)
        return last if last in self.files else self.files[0]

    def _on_file(self, _: Any) -> None:
        self._open_file()
        try:
            remember(default_out(self.workspace), _SEEN, self.file.value)
        except AuditlibError as error:
            self._refuse(error)

    def _on_table(self, _: Any) -> None:
        if not self._is_filling:
            self.message.value = ""
            self._show_table()

    def _on_ledger(self, _: Any) -> None:
        if not self._is_filling:
            self._fill_columns()

    def _open_file(self) -> None:
        """Reads the chosen file and shows its first table that is not understood, else its first."""
        self.message.value, self.looks, self._sheets, self._bare = "", [], [], []
        try:
            self._sheets = self.settling.sheets(self.workspace / self.file.value)
            self._read_again(None)
        except AuditlibError as error:
            self._refuse(error)
            self._show_table()

    def _read_again(self, chosen: int | None) -> None:
        self.looks = self.settling.looks(self.workspace / self.file.value, self._sheets)
        first = next((i for i, x in enumerate(self.looks) if not x.is_understood and x.rows), 0)
        self._is_filling = True
        with_tables = {x.sheet for x in self.looks}
        self._bare = [s for s in self._sheets if s.name not in with_tables and any(not is_blank(c) for row in s.rows for c in row)]
        bare = [(f"✗ {s.name or '—'} · {self._say('no_table')}", len(self.looks) + i) for i, s in enumerate(self._bare)]
        self.table.options = [(self._table_label(x), i) for i, x in enumerate(self.looks)] + bare or [(self._say("no_table"), 0)]
        self.table.value = first if chosen is None or chosen >= len(self.table.options) else chosen
        self._is_filling = False
        self._show_table()

    def _table_label(self, look: TableLook) -> str:
        name = self.settling.catalog.ledgers[look.ledger].label(self.language) if look.ledger else self._say("unknown")
        name = self._say("set_aside") if look.found.is_set_aside else name
        mark = "✓" if look.is_understood else "✗"
        return f"{mark} {look.sheet or '—'} · {look.table} · {name} {look.confidence:.0%}"

    def _show_table(self) -> None:
        look = self.look
        self._is_filling = True
        self.ledger.value = _NONE if look is None else _ASIDE if look.found.is_set_aside else look.ledger
        self._is_filling = False
        self.head.value = _rows_text(look)
        self._fill_columns()
        sheet = self.sheet
        self.save.disabled = sheet is None
        self.grid.value = "" if sheet is None else grid_html(sheet, self._kinds(sheet), look, self.language)

    def _kinds(self, sheet: RawSheet) -> list[str]:
        tables = [x.found for x in self.looks if x.found.sheet is sheet]
        return row_kinds(len(sheet.rows), tables, [r for x in self.looks if x.found.sheet is sheet for r in self._quarantined(x)])

    def _quarantined(self, look: TableLook) -> Sequence[int]:
        """Rows that would be set aside, by the county's own register; none when that cannot be told."""
        if not look.ledger:
            return ()
        catalog = self.settling.catalog
        settings = load_settings(self.workspace, catalog, today=self._today())
        if self._conformer is None:
            self._conformer = conformer_for(self.workspace, catalog, settings)
        around = surroundings_of(Path(self.file.value), look.sheet, self._conformer, settings)
        try:
            return conform_found(look.found, self._conformer, around).quarantined
        except Exception as error:  # noqa: BLE001 - an audit names such a sheet too; the page must stay usable to settle it
            self._refuse(error)
            return ()

    def _fill_columns(self) -> None:
        look, ledger = self.look, self.ledger.value
        if look is None or ledger in (_NONE, _ASIDE):
            self.columns.children = ()
            return
        suggested = self.settling.suggested(look, ledger)
        self.columns.children = tuple(self._column(c, suggested.get(c.key), ledger) for c in look.columns if c.key)

    def _column(self, column: ColumnLook, field: str | None, ledger: str) -> Dropdown:
        import ipywidgets as w

        labels = {n: names[self.language != "zh"] for n, names in field_labels(self.settling.catalog, ledger).items()}
        ranked = [n for n, _ in column.candidates if n in labels]
        names = list(dict.fromkeys((*([field] if field else []), *ranked, *labels)))
        options = [(self._say("open"), OPEN), (self._say("not_ours"), _ASIDE), *((f"{labels[n]} {n}", n) for n in names if n in labels)]
        value = OPEN if field is None else field or _ASIDE
        told = f"{column.letter} {column.header}"
        tip = " | ".join((told, *column.sample))
        return w.Dropdown(options=options, value=value, description=told, tooltip=tip, layout=self._layout, style=self._style)

    # ---- saving

    def choices(self) -> Choices:
        """What the page says now. Raises AuditlibError when no ledger is chosen."""
        look, ledger = self.look, self.ledger.value
        if self.sheet is None or ledger == _NONE:
            raise AuditlibError(self._say("choose_first"))
        signed = {"by": self.by.value.strip(), "why": self.why.value.strip()}
        if look is None and (ledger == _ASIDE or not self.head.value.strip()):
            raise AuditlibError(self._say("head_first"))
        if ledger == _ASIDE:
            return Choices(ignore=True, **signed)
        if look is None or self.head.value.strip() != _rows_text(look):  # the columns on the page are those of the wrong head
            return Choices(ledger=ledger, header_rows=self.settling.rows_named(self.head.value), **signed)
        named = [c for c in look.columns if c.key]
        pairs = tuple((c.key, box.value) for c, box in zip(named, self.columns.children, strict=True))
        return Choices(ledger=ledger, columns=pairs, **signed)

    def result(self) -> TableMapping:
        """Saves what the page says and returns the mapping. Raises AuditlibError when it cannot be saved."""
        choices, look, sheet = self.choices(), self.look, self.sheet
        assert sheet is not None  # choices() refuses a file without sheets
        path = self.workspace / self.file.value
        self.mapping = self.settling.settle(path, sheet.name, look.table if look else None, choices, self._today())
        self._conformer = None
        self._read_again(self.table.value)
        return self.mapping

    def excerpt(self, row: int | None = None, columns: Sequence[str] = ()) -> Shown:
        """One row of the chosen table as it stands in the file, for a working paper; the first data row, all columns by default."""
        look = self.look
        if look is None or not look.rows:
            raise AuditlibError(self._say("nothing_to_show"))
        letters = columns or [c.letter for c in look.columns if c.key]
        return excerpt(self.workspace, self.file.value, look.sheet, row or look.found.block.data[0] + 1, letters, self.language)

    def _today(self) -> dt.date:
        return self._made_on or dt.date.today()

    def _on_save(self, _: Button) -> None:
        try:
            mapping = self.result()
        except AuditlibError as error:
            self._refuse(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it was, it stands on the page and the page stays usable
            self._refuse(error)
            return
        now = self.look
        told = [self._say("saved", path=f"{FOLDER}/{mapping.name}.yaml", revision=mapping.revision)]
        if now is not None and not now.is_understood:
            told.append(self._say("left", n=sum(not c.is_understood for c in now.columns)))
        self.message.value = framed(*(paragraph(line, "note") for line in told))

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, UnreadableFile) and error.code in catalogue():
            text = say(error.code, self.language, file=self.file.value, sheet="", detail=error.detail)
        else:
            text = str(error) if isinstance(error, AuditlibError) else self._say("failed", error=f"{type(error).__name__}: {error}")
        self.message.value = framed(*(paragraph(line, "unrun") for line in text.splitlines()))


def _rows_text(look: TableLook | None) -> str:
    return "" if look is None else "-".join(str(r) for r in dict.fromkeys((look.header_rows[0], look.header_rows[-1])))


def unsettled(workspace: Path | str | None = None, language: str = "zh") -> pd.DataFrame:
    """Every table of the county that is not fully understood: where it stands, what it may be, and the columns still open.

    Files that cannot be read at all are listed with the reason. Raises AuditlibError when there is no county, or when a mapping
    file is wrong.
    """
    import pandas as pd

    county = Path(workspace) if workspace else default_workspace()
    settling = Settling(county, county_catalog(county), language)
    rows = [row for file in ledger_files(county) for row in _open_tables(settling, county, file, language)]
    titles = [say(f"workbook.unsettled.{n}", language) for n in ("file", "sheet", "table", "rows", "ledger", "columns")]
    return pd.DataFrame(rows, columns=titles)


def _open_tables(settling: Settling, county: Path, file: str, language: str) -> list[tuple[object, ...]]:
    try:
        looks = settling.looks(county / file)
    except UnreadableFile as error:
        told = say(error.code, language, file=file, sheet="", detail=error.detail) if error.code in catalogue() else str(error)
        return [(file, "", 0, 0, told, "")]
    left = [x for x in looks if x.rows and not x.is_understood]
    return [(file, x.sheet, x.table, x.rows, _may_be(settling, x, language), _open_columns(x)) for x in left]


def _may_be(settling: Settling, look: TableLook, language: str) -> str:
    labels = settling.catalog.ledgers
    if look.ledger:
        return f"{labels[look.ledger].label(language)} {look.confidence:.0%}"
    near = "、".join(f"{labels[n].label(language)} {c:.0%}" for n, c in look.candidates[:3])
    return say("workbook.unsettled.may_be", language, candidates=near or "—")


def _open_columns(look: TableLook) -> str:
    return "、".join(c.header for c in look.columns if not c.is_understood) if look.ledger else ""
