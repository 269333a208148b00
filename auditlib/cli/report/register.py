"""The register that a report command means: the option, the one of the county's audit.toml, else the one in the output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...issues.register import Register
    from ...reports.register_state import RegisterState
    from ...reports.results import Results


@contextmanager
def opened(results: Results, register: str | None, county: Path | None) -> Iterator[Register | None]:
    """The register of `results`, judged by the rules of its catalogue; None where none was named and none is there."""
    from ...catalog.settings import load_settings
    from ...issues.county import rules_of
    from ...issues.places import FILE_NAME, locate_register
    from ...issues.register import Register

    own = load_settings(county, results.catalog, today=results.run.as_of).register if county else ""
    place = locate_register(register, settings_register=own, workspace=county, out=results.out)
    if not register and Path(place) == results.out / FILE_NAME and not Path(place).is_file():
        yield None
        return
    with Register.open_existing(place, rules=rules_of(results.catalog)) as held:
        yield held


def state_of(results: Results, register: str | None, county: Path | None) -> RegisterState | None:
    """What that register tells on the cut-off date; None where there is none."""
    from ...issues.scores import county_formula
    from ...reports.register_state import register_state

    with opened(results, register, county) as held:
        return None if held is None else register_state(held, county_formula(results.catalog), results.run.as_of)
