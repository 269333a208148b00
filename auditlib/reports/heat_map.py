"""The heat map: places by family of problem, a number in every cell and a shade that can be read in grey.

Five steps of one colour, light enough that black type keeps its contrast in each (WCAG 2.2, 1.4.3); the number says what the shade
shows, so nothing is lost on a black-and-white printer or to an eye that tells no colours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..words.records import Finding
from .figures import grouped
from .markup import Safe, escape, paragraph, table, tag
from .view import FAMILIES, CountyView

STEPS = 5


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Counts by row and column; every finding of the rows stands in exactly one cell."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]  # row, its counts in the order of the columns

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(counts[n] for _, counts in self.rows) for n in range(len(self.columns)))

    @property
    def highest(self) -> int:
        return max((n for _, counts in self.rows for n in counts), default=0)

    def shade(self, count: int) -> int:
        """0 for nothing, else 1 to STEPS in equal steps up to the highest cell."""
        return -(-STEPS * count // self.highest) if count else 0


def by_family(view: CountyView, places: Mapping[str, Sequence[Finding]]) -> HeatMap:
    """Findings of each place by family; 'other' only where a rule has none of the four."""
    counts = {place: Counter(view.family(f.rule) for f in findings) for place, findings in places.items()}
    columns = (*FAMILIES, *(("other",) if any(c["other"] for c in counts.values()) else ()))
    return HeatMap(columns, tuple((place, tuple(c[name] for name in columns)) for place, c in counts.items()))


def by_rule_id(places: Mapping[str, Sequence[Finding]]) -> HeatMap:
    """Findings of every rule that occurs, a row each, by place: a county has more rules than places, and their names are long."""
    counts = {place: Counter(f.rule for f in findings) for place, findings in places.items()}
    rules = sorted({rule for c in counts.values() for rule in c})
    return HeatMap(tuple(counts), tuple((rule, tuple(c[rule] for c in counts.values())) for rule in rules))


def heat_table(view: CountyView, found: HeatMap, caption: str, head: str, names: Mapping[str, object], titles: Sequence[object]) -> Safe:
    """The map as a table: `names` are what its rows are called, `titles` what its columns are; sums at both edges."""
    columns = [(head, "head"), *((title, "heat") for title in titles), (view.t("total"), "num")]
    rows = [[names[place], *(_cell(found, n) for n in counts), grouped(sum(counts))] for place, counts in found.rows]
    sums = (tag("span", grouped(n)) for n in found.totals)
    rows.append([tag("strong", view.t("total")), *sums, grouped(sum(found.totals))])
    return escape(table(caption, columns, rows, "totals heat-map"))


def _cell(found: HeatMap, count: int) -> Safe:
    return tag("span", grouped(count) if count else "·", class_=f"heat-{found.shade(count)}")


def legend(view: CountyView, found: HeatMap) -> Safe:
    """What the shades mean, in numbers."""
    if not found.highest:
        return Safe("")
    return paragraph(view.t("heat.legend", steps=min(STEPS, found.highest), highest=grouped(found.highest)), "note")
