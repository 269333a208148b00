"""digest.html: the day, the week and the month on one page, one report instead of many (M12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..issues.digest import Digest, Period, figures_of_period
from ..issues.issue import Issue
from ..issues.lists import DeadlineRow, beneath, deadline_list
from ..words.messages import say
from .blocks import colour_mark, cut, empty, heads, owner_name, state_name
from .description import Page, Section
from .figures import grouped, yuan
from .markup import Safe, escape, join, paragraph, table, tag
from .masking import mask
from .register_state import RegisterState
from .view import CountyView

MOVED = ("new", "closed", "declined", "reopened", "returned", "recovered")  # in the period
_STANDS = ("total", "settled", "open", "overdue")  # at its end, the same for all three
_PRESSING = 7  # days left at most
_LISTED = 50


def digests(register: RegisterState, issues: Iterable[Issue]) -> Mapping[Period, Digest]:
    """The figures of the day, the week and the month that hold the day of the register, up to that day."""
    kept = tuple(issues)
    return {
        period: figures_of_period(kept, register.events, register.clock, period.around(register.day)[0], register.day)
        for period in Period
    }


def digest_page(view: CountyView, register: RegisterState) -> Page:
    """What moved, how it stands, where, and what is late or due. Masked."""
    found = digests(register, register.issues)
    bodies = {
        "digest_moved": _moved(view, found),
        "digest_stands": stands(view, register, found[Period.MONTHLY]),
        "digest_places": _places(view, register),
        "digest_pressing": pressing(view, register),
    }
    return Page(
        title=view.t("title.digest"),
        subtitle=view.t("title.digest_of", county=view.run.county),
        kind="sheet",
        language=view.language,
        fields=((view.t("cover.day"), register.day.isoformat()),),
        trail=(("index.html", view.run.county), ("", view.t("title.digest"))),
        sections=tuple(Section(name, view.t(f"section.{name}"), escape(body)) for name, body in bodies.items()),
        footer=view.t("footer.digest", day=register.day.isoformat()),
    )


def figure_of(found: Digest, name: str) -> str:
    """A figure of a period as people read it; money in 元."""
    value = getattr(found, name)
    return yuan(value) if name == "recovered" else grouped(value)


def _moved(view: CountyView, found: Mapping[Period, Digest]) -> Safe:
    columns = [(view.t("column.moved"), "head")]
    columns += [(join((view.t(f"digest.{p}"), tag("small", span(d)))), "num") for p, d in found.items()]
    rows = [[say(f"digest.{name}", view.language), *(figure_of(d, name) for d in found.values())] for name in MOVED]
    return table(view.t("section.digest_moved"), columns, rows)


def span(found: Digest) -> str:
    """The day, or the first and last day."""
    return found.end.isoformat() if found.start == found.end else f"{found.start.isoformat()} – {found.end.isoformat()}"


def stands(view: CountyView, register: RegisterState, found: Digest) -> Safe:
    """How all matters stood at the end: settled, open, overdue, by warning colour, by state."""
    rows: list[list[object]] = [[say(f"digest.{name}", view.language), figure_of(found, name)] for name in _STANDS]
    share = found.settled_percent
    rows.append([say("digest.settled_percent", view.language), "—" if share is None else f"{share}%"])
    shown = table(view.t("section.digest_stands"), heads(view, ("stands", "head"), ("count", "num")), rows)
    shades = [(level, register.clock.shades[level], count) for level, count in found.by_level.items()]
    levels = [[colour_mark(s.colour, s.word(view.language)), str(level), grouped(n)] for level, s, n in shades]
    names = (("colour", "head"), ("warning_level", "num"), ("count", "num"))
    states = [[state_name(view, state), grouped(n)] for state, n in found.by_state.items()]
    by_state = table(view.t("caption.states"), heads(view, ("state", "head"), ("count", "num")), states) if states else ""
    return tag("div", shown, table(view.t("caption.levels"), heads(view, *names), levels), by_state, class_="beside")


def _places(view: CountyView, register: RegisterState) -> Safe:
    places = [o for o in view.organisations.values() if o.level == "township"]
    rows = []
    for place in sorted(places, key=lambda o: o.org_code):
        codes = beneath(place.org_code, view.organisations.values())
        found = digests(register, (i for i in register.issues if i.org_code in codes))
        new, closed = ("  /  ".join(grouped(getattr(d, name)) for d in found.values()) for name in ("new", "closed"))
        stands = found[Period.MONTHLY]
        rows.append([view.name(place.org_code), new, closed, grouped(stands.open), grouped(stands.overdue)])
    if not rows:
        return empty(view, "townships.none")
    names = (("township", "head"), ("new_in", "num"), ("closed_in", "num"), ("open", "num"), ("overdue", "num"))
    return table(view.t("section.digest_places"), heads(view, *names), rows)


def pressing(view: CountyView, register: RegisterState) -> Safe:
    """What is late or due within a week, the most pressing first, with who answers for it."""
    by_id = {issue.issue_id: issue for issue in register.issues}
    due = [row for row in deadline_list([i for i in register.issues if i.is_open]) if row.days_left <= _PRESSING]
    if not due:
        return paragraph(view.t("digest.nothing_pressing", days=_PRESSING), "empty")
    kept, note = cut(view, due, view.t("digest.command"), _LISTED)
    names = (
        ("issue", "head"), ("organisation", ""), ("title", "wide"), ("owner", ""), ("deadline", "nowrap"), ("days_left", "num"),
        ("colour", "nowrap"),
    )  # fmt: skip
    rows = [_due(view, row, by_id[row.issue_id]) for row in kept]
    return join((table(view.t("caption.pressing", days=_PRESSING), heads(view, *names), rows, "dense"), note))


def _due(view: CountyView, row: DeadlineRow, issue: Issue) -> Sequence[object]:
    texts = (row.org_name or row.org_code, issue.title_in(view.language), owner_name(view, issue.owner))
    shown = [mask(text, view.organisations) for text in texts]
    word = row.colour_zh if view.language == "zh" else row.colour_en
    return [row.issue_id, *shown, row.deadline.isoformat(), str(row.days_left), colour_mark(row.colour, word)]
