"""What `auditlib validate` found, in the formats that people, editors and CI systems read.

`remarks.validation` makes one value of it, with accepted findings marked and personal numbers masked; each module beside
renders that value and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable

from .code_quality import as_code_quality
from .junit import as_junit
from .listing import as_json, as_json_lines, as_text
from .page import as_html
from .remarks import Validation
from .sarif import as_sarif
from .workflow import as_annotations

FORMATS: dict[str, Callable[[Validation], str]] = {
    "text": as_text, "json": as_json, "jsonl": as_json_lines, "sarif": as_sarif, "junit": as_junit, "github": as_annotations,
    "gitlab": as_code_quality, "html": as_html,
}  # fmt: skip
