"""The register that a report command means: the option, the one of the county's audit.toml, else the one in the output folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...issues.register import Register
    from ...reports.results import Results


@contextmanager
def opened(results: Results, register: str | None, county: Path | None) -> Iterator[Register | None]:
    """The register of `results`, judged by the clock of its catalogue; None where none was named and none is there."""
    from ...catalog.settings import load_settings
    from ...issues.places import FILE_NAME, locate_register
    from ...issues.policy import county_clock
    from ...issues.register import Register

    own = load_settings(county, results.catalog, today=results.run.as_of).register if county else ""
    place = locate_register(register, settings_register=own, workspace=county, out=results.out)
    if not register and Path(place) == results.out / FILE_NAME and not Path(place).is_file():
        yield None
        return
    with Register.open_existing(place, clock=county_clock(results.catalog), cards=results.catalog.rules) as held:
        yield held
