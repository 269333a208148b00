"""Names that mark a folder as ours."""

from __future__ import annotations

OUTPUT_MARKER = ".auditlib-output"  # stands in every output folder and lists what was written there
