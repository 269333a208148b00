"""Names that mark a folder as ours."""

from __future__ import annotations

WORKBOOK = "工作簿"  # inside a county: the notebooks that `auditlib lab` put there
OUTPUT_MARKER = ".auditlib-output"  # stands in every output folder and lists what was written there
