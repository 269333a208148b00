"""One HTML page that opens without a network: no script, no outside address, all ledger text escaped."""

from __future__ import annotations

from ...checks.alone import FileCheck
from ..markup import Safe, bullets, escape, join, paragraph, table, tag
from .remarks import SEVERITIES, Remark, Validation, about_the_call, basis_lines, not_checked, totals

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1d1d1f;background:#fff}
body{margin:0 auto;max-width:72rem;padding:1rem 1.5rem}
h1{font-size:1.5rem}h2{font-size:1.1rem;margin-top:2rem;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{border:1px solid #c9c9cf;padding:.35rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
thead th{background:#f2f2f5}.scroll{overflow-x:auto}.total{font-weight:600;font-size:1.1rem}
.red{color:#a4001d;font-weight:700}.orange{color:#8a4200;font-weight:700}.yellow{color:#6b5500;font-weight:700}.blue{color:#0b4fa8;font-weight:700}
.quiet{color:#55555c}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
@media print{body{max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}}
"""


def as_html(value: Validation) -> str:
    """Totals, then a table for each file with what was not checked below it."""
    parts = [tag("h1", value.say("validate.title")), paragraph(totals(value), "total")]
    if told := [*about_the_call(value), *(r.message for r in value.remarks if r.file not in {f.file for f in value.files})]:
        parts.append(bullets(told))
    parts += [_file(value, check) for check in value.files]
    head = tag(
        "head", tag("meta", charset="utf-8"), tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"), tag("title", value.say("validate.title")),
        Safe(f"<style>{_STYLE}</style>"),
    )  # fmt: skip
    page = tag("html", head, tag("body", tag("main", *parts)), lang="zh-CN" if value.language == "zh" else "en")
    return f"<!DOCTYPE html>\n{page}\n"


def _file(value: Validation, check: FileCheck) -> Safe:
    mine = sorted((r for r in value.remarks if r.file == check.file), key=lambda r: SEVERITIES.index(r.severity))
    labels = [value.catalog.ledgers[x].label(value.language) for x in check.ledgers]
    parts: list[object] = [tag("h2", check.file)]
    if labels:
        parts.append(paragraph(("、" if value.language == "zh" else ", ").join(labels), "quiet"))
    parts += [paragraph(line, "quiet") for line in basis_lines(value, check)]
    parts.append(_remarks(value, mine) if mine else paragraph(value.say("validate.nothing")))
    if left := not_checked(value, check):
        parts += [tag("h3", value.say("validate.not_checked")), bullets(left)]
    return tag("section", *parts)


def _remarks(value: Validation, remarks: list[Remark]) -> Safe:
    names = ("severity", "rule", "place", "message", "id")
    columns = [(value.say(f"validate.column.{c}"), "") for c in names]
    return table(value.say("validate.found"), columns, [_row(value, r) for r in remarks])


def _row(value: Validation, remark: Remark) -> list[object]:
    grade = tag("span", value.say(f"severity.{remark.severity}"), class_=remark.severity)
    told: object = remark.message
    if remark.accepted:
        key = "validate.accepted_expired" if remark.is_expired else "validate.accepted"
        said = value.say(key, by=remark.accepted.accepted_by, until=remark.accepted.until)
        told = join([escape(remark.message), tag("br"), tag("span", said, class_="quiet")])
    where = " › ".join(p for p in (remark.sheet, remark.cell) if p)
    return [grade, f"{remark.code} {remark.title}", where, told, tag("code", remark.remark_id)]
