"""Who is acting: chosen on opening from the people of the register, kept for this desk, shown on every page.

A desk is one running workbook (`auditlib lab`): who sits there is nobody else's choice, also where two desks work on one output
folder, and whoever opens the workbook next says who they are. Outside of it the choice is kept beside the results.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..catalog.packs import county_catalog
from ..catalog.settings import load_settings
from ..reports.markup import paragraph, tag
from ..words.errors import AuditlibError
from ..words.messages import say
from .places import default_out, default_workspace, desk_folder
from .shown import framed, text_of
from .state import chosen, remember

if TYPE_CHECKING:
    from ipywidgets import Button, VBox

    from ..issues.people import Person
    from ..issues.signing import Signer

NAME, PERSONS = "person", "persons"  # in the state file beside the results; in that of a desk, by output folder


def acting_person(workspace: Path | str | None = None, out: Path | str | None = None) -> str:
    """The id of the person who was chosen as acting, '' when nobody was; what goes into every event as the actor."""
    county = Path(workspace) if workspace else default_workspace()
    target = Path(out) if out else default_out(county)
    desk = desk_folder()
    return str(chosen(target, NAME, str) if desk is None else chosen(desk, PERSONS, dict).get(str(target.resolve()), ""))


def _remember_person(out: Path, person_id: str) -> None:
    """Keeps who acts, for the pages of this desk. Raises OutputError where that cannot be written."""
    desk = desk_folder()
    if desk is None:
        remember(out, NAME, person_id)
    else:
        remember(desk, PERSONS, chosen(desk, PERSONS, dict) | {str(out.resolve()): person_id})


class ActingBar:
    """The line at the head of every page: who is acting, with role and scope; another choice is written at once.

    In: the county folder and the output folder (None: as `last_audit` finds them), the language. Until the register knows
    anybody, a field takes the name of the first person, who becomes its lead. `person` is the Person chosen, or None; `signer`
    is the key of the person once it was unlocked with its passphrase, which is kept nowhere.
    """

    def __init__(self, workspace: Path | str | None = None, out: Path | str | None = None, *, language: str = "zh") -> None:
        import ipywidgets as w

        self.language = language
        self.person: Person | None = None
        self.signer: Signer | None = None
        self._people: dict[str, Person] = {}
        self._workspace, self._out, self._is_filling = workspace, out, False
        style = {"description_width": "7em"}
        self.who = w.Dropdown(options=[("—", "")], description=self._say("who"), style=style, layout=w.Layout(width="420px"))
        self.name = w.Text(description=self._say("name"), placeholder=self._say("name_note"), style=style, layout=w.Layout(width="420px"))
        self.add = w.Button(description=self._say("add"), icon="")
        self.refresh = w.Button(description=self._say("refresh"), icon="")
        self.message = w.HTML()
        self.who.observe(self._on_who, "value")
        self.add.on_click(self._on_add)
        self.refresh.on_click(lambda _: self.read_again())
        self._first = w.HBox([self.name, self.add])
        self.key = w.Text(description=self._say("key"), placeholder=self._say("key_note"), style=style, layout=w.Layout(width="420px"))
        self.passphrase = w.Password(description=self._say("passphrase"), style=style, layout=w.Layout(width="420px"))
        self.unlock = w.Button(description=self._say("unlock"), icon="")
        self.unlock.on_click(self._on_unlock)
        self._signing = w.HBox([self.key, self.passphrase, self.unlock], layout=w.Layout(flex_flow="row wrap", display="none"))
        self.box: VBox = w.VBox([w.HBox([self.who, self.refresh]), self._first, self._signing, self.message])
        self.read()

    def _say(self, key: str, **values: object) -> str:
        return say(f"workbook.acting.{key}", self.language, **values)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return self.box._repr_mimebundle_(**kwargs)

    # ---- the register

    def read(self) -> None:
        """Reads the people of the register anew and shows who was chosen last at this desk."""
        self._read("")

    def read_again(self) -> None:
        """As `read`; who acts at this page stays so, whoever was chosen meanwhile at another page."""
        self._read(self.who.value)

    def _read(self, acting: str) -> None:
        """Reading writes nothing: what another desk chose stays chosen there."""
        try:
            self._people = {p.person_id: p for p in self._known() if p.is_active}
            last = acting if acting in self._people else acting_person(self._county(), self._target())
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        self._is_filling = True
        self.who.options = [(self._say("choose"), ""), *((self._label(p), p.person_id) for p in self._people.values())]
        self.who.value = last if last in self._people else ""
        self._is_filling = False
        self._show()

    def _county(self) -> Path:
        return Path(self._workspace) if self._workspace else default_workspace()

    def _target(self) -> Path:
        return Path(self._out) if self._out else default_out(self._county())

    def _place(self) -> str:
        from ..issues.places import locate_register

        county = self._county()
        settings = load_settings(county, county_catalog(county), today=dt.date.today())
        return locate_register(None, settings_register=settings.register, workspace=county, out=self._target())

    def _known(self) -> tuple[Person, ...]:
        from ..issues.places import place_of
        from ..issues.register import Register

        place = self._place()
        path = place_of(place).path
        if path is not None and not path.exists():  # opening a page makes no register
            return ()
        with Register.open_existing(place) as register:
            return register.people()

    def _label(self, person: Person) -> str:
        name = person.name if person.name in ("", person.person_id) else f"{person.name} {person.person_id}"
        scope = person.org_code or self._say("everywhere")
        return f"{name or person.person_id} · {say(f'issues.role.{person.role}', self.language)} · {scope}"

    # ---- what is done

    def _on_who(self, change: Any) -> None:
        if self._is_filling:
            return
        try:
            _remember_person(self._target(), change["new"])
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        self._show()

    def _on_add(self, _: Button) -> None:
        from ..issues.register import Register
        from ..reports.output import prepare_output

        name = self.name.value.strip()
        try:
            prepare_output(self._target())
            with Register.open(self._place()) as register:
                register.add_person(name, name=name, role="lead", by=name, at=dt.datetime.now(dt.UTC))
            _remember_person(self._target(), name)
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        self.read()

    def _on_unlock(self, _: Button) -> None:
        """Unlocks the key of the acting person; the passphrase leaves the page at once."""
        from ..issues.signing import load_key

        words, self.passphrase.value = self.passphrase.value, ""
        try:
            signer = load_key(Path(self.key.value.strip()).expanduser(), words)
        except AuditlibError as error:
            self._tell(text_of(error, self.language), "unrun")
            return
        if self.person is None or signer.key_id not in self.person.keys:
            own = ", ".join(self.person.keys) if self.person is not None and self.person.keys else "—"
            self._tell(self._say("other_key", key_id=signer.key_id, own=own), "unrun")
            return
        self.signer = signer
        self._show()

    def _show(self) -> None:
        person = self._people.get(self.who.value)
        if self.signer is not None and (person is None or self.signer.key_id not in person.keys):
            self.signer = None  # somebody else acts now
        self.person = person
        self._signing.layout.display = "" if person is not None and person.keys and self.signer is None else "none"
        self._first.layout.display = "none" if self._people else ""
        if self.person is not None:
            name = tag("strong", self._label(self.person))
            signing = self._say("signing", key_id=self.signer.key_id) if self.signer else self._say("unsigned") if self.person.keys else ""
            self.message.value = framed(tag("p", self._say("acting"), name, " ", signing, class_="note", role="status"))
        else:
            self._tell(self._say("nobody" if self._people else "no_people"), "note")

    def _tell(self, text: str, kind: str) -> None:
        self.message.value = framed(*(paragraph(line, kind) for line in text.splitlines()))
