"""A page description to one self-contained HTML file, by nbconvert with the template beside this module.

No script, no outside address, a strict Content-Security-Policy; and a gate that refuses active content
before anything is written.
"""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ..words.messages import say
from ..words.optional import left_out
from .description import Page, Section
from .markup import Safe, escape, join, link, pairs, paragraph, tag

_TEMPLATES = Path(__file__).parent / "templates"
_LANG = {"zh": "zh-CN", "en": "en"}
_REFUSED = frozenset(
    (
        "script",
        "iframe",
        "frame",
        "frameset",
        "object",
        "embed",
        "applet",
        "link",
        "base",
        "form",
        "input",
        "button",
        "svg",
        "math",
        "audio",
        "video",
        "source",
        "track",
        "portal",
        "template",
        "noscript",
    )
)
_PLAIN_TAG = re.compile(r'<(?:/?[a-z][a-z0-9]*(?: [a-z-]+="[^"<>]*")*|!--/?[a-z]+--|!DOCTYPE html)>')
_ADDRESSES = frozenset(("src", "srcset", "href", "action", "formaction", "poster", "data", "background", "ping", "cite"))


class ActiveContent(ValueError):
    """A page holds what could run or reach outside: an error of ours, never of the ledgers."""


class _Gate(HTMLParser):
    """Refuses elements that act, handlers, and every address that is not inside the output folder."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _REFUSED or given.get("http-equiv", "").lower() == "refresh":
            raise ActiveContent(f"element <{tag}> at {self.getpos()}")
        for name, value in given.items():
            self._attribute(tag, name, value)

    handle_startendtag = handle_starttag

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or (name == "style" and ("url(" in value.lower() or "@" in value)):
            raise ActiveContent(f"attribute {name} of <{tag}> at {self.getpos()}")
        if name in _ADDRESSES and not self._is_inside(tag, value):
            raise ActiveContent(f"address {value!r} of <{tag}> at {self.getpos()}")

    @staticmethod
    def _is_inside(tag: str, value: str) -> bool:
        if tag == "img":
            return value.startswith("data:image/")
        return tag == "a" and ":" not in value and "\\" not in value and not value.startswith("/")


def refuse_active_content(page: str) -> None:
    """Raises ActiveContent, with the place, when an HTML page could run something or reach outside.

    Where every `<` begins a tag as `markup.tag` writes them, no text can hide one, and each tag is looked at once however often it
    stands there; any other page is parsed whole.
    """
    tags = _PLAIN_TAG.findall(page)
    gate = _Gate(convert_charrefs=True)
    gate.feed("\n".join(dict.fromkeys(tags)) if len(tags) == page.count("<") else page)
    gate.close()


@cache
def _exporter() -> Any:
    """One exporter for all pages; the plain TemplateExporter, as HTMLExporter parses every page a second time."""
    with left_out("rfc3987_syntax"):  # a grammar of addresses that nobody here asks for, built for seconds
        from nbconvert.exporters.templateexporter import TemplateExporter

    return TemplateExporter(
        extra_template_basedirs=[str(_TEMPLATES)],
        template_name="page",
        template_file="index.html.j2",
        file_extension=".html",
        default_preprocessors=[],
    )


def _masthead(page: Page) -> Safe:
    above = [tag("li", link(target, text)) if target else tag("li", text, aria_current="page") for target, text in page.trail]
    trail = tag("nav", tag("ol", *above), class_="trail", aria_label=say("reports.trail", page.language)) if above else ""
    heading = tag("hgroup", paragraph(page.subtitle, "kicker"), tag("h1", page.title))
    return tag("header", trail, heading, pairs(page.fields, "cover"), class_="masthead")


def _contents(page: Page) -> Safe:
    title = tag("p", say("reports.contents", page.language), class_="contents-title")
    return join((title, tag("ol", *(tag("li", link(f"#{s.anchor}", s.title)) for s in page.sections))))


def _section(section: Section) -> Safe:
    heading = tag("h2", section.title, id=f"{section.anchor}-title")
    return tag("section", heading, section.body, id=section.anchor, aria_labelledby=f"{section.anchor}-title")


def _notebook(page: Page) -> Any:
    """The page as a notebook: its frame in the metadata, each section the output of a cell."""
    with left_out("rfc3987_syntax"):
        from nbformat import from_dict  # unlike the makers of nbformat.v4 it does not hold every cell against the schema

    frame = {
        "lang": _LANG[page.language],
        "title": escape(f"{page.title} · {page.subtitle}"),
        "kind": escape(page.kind),
        "masthead": _masthead(page),
        "contents": _contents(page),
        "contents_label": escape(say("reports.contents", page.language)),
        "skip": escape(say("reports.skip", page.language)),
        "footer": join((escape(page.footer), page.seal)),
        "numbering": _css_text(say("reports.page_number", page.language, page='" counter(page) "', pages='" counter(pages) "')),
        "draft": _css_text(say("publication.draft.header", page.language)),
    }
    metadata = {"page": {name: str(text) for name, text in frame.items()}}
    cells = [_cell(section) for section in page.sections]
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def _css_text(text: str) -> str:
    """A sentence of the catalogue as the content of a margin of the printed page; nothing of a ledger comes here."""
    return f'"{text}"'


def _cell(section: Section) -> dict[str, Any]:
    shown = {"output_type": "display_data", "data": {"text/html": str(_section(section))}, "metadata": {}}
    return {
        "cell_type": "code", "id": section.anchor[:64], "metadata": {}, "source": "", "execution_count": None, "outputs": [shown],
    }  # fmt: skip


def render(page: Page) -> str:
    """One self-contained HTML file. Raises ActiveContent."""
    text, _ = _exporter().from_notebook_node(_notebook(page))
    refuse_active_content(text)
    return text
