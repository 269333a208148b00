"""Which county packs an audit used: a line in the head of every page, and the whole on the first one."""

from __future__ import annotations

from ..words.messages import say
from ..words.records import PackUse
from .blocks import heads
from .markup import Safe, join, table, tag
from .view import CountyView


def pack_fields(view: CountyView) -> tuple[tuple[str, str], ...]:
    """Name, version, authority and checksum of each pack, for the head of a page."""
    return tuple(
        (
            view.t("cover.pack"),
            view.t("pack_line", name=p.name, version=p.version, authority=_authority(view, p), checksum=p.checksum[:16]),
        )
        for p in view.run.packs
    )


def packs_table(view: CountyView) -> Safe:
    """Every pack with the paper by which it was issued, how long it holds, what it changes and its whole checksum."""
    names = (("pack", "head"), ("authority", ""), ("validity", "nowrap"), ("changes", "wide"), ("checksum", "wide"))
    return table(view.t("caption.packs"), heads(view, *names), [_row(view, p) for p in view.run.packs], "dense")


def _row(view: CountyView, pack: PackUse) -> list[object]:
    title = pack.title_zh if view.language == "zh" else pack.title_en
    changes = [tag("div", f"{say(f'packs.change.{kind}', view.language)} {_named(view, kind, what)}") for kind, what in pack.changes]
    last = pack.valid_to.isoformat() if pack.valid_to else say("packs.open_end", view.language)
    issued = view.t("list").join(t for t in (_authority(view, pack), pack.document) if t)
    name = join((tag("code", f"{pack.name} {pack.version}"), " ", title))
    return [name, issued, f"{pack.valid_from} – {last}", join(changes), tag("code", pack.checksum)]


def _named(view: CountyView, kind: str, what: str) -> str:
    """The ids of what a pack changes, with the names that people know them by."""
    return view.t("list").join(_NAMES.get(kind, lambda v, name: name)(view, name) for name in what.split(", "))


def _parameter(view: CountyView, text: str) -> str:
    name, _, value = text.partition(" = ")
    spec = view.catalog.parameters.get(name)
    return f"{spec.zh if view.language == 'zh' else spec.en} = {value}" if spec else text


def _rule(view: CountyView, rule: str) -> str:
    return f"{rule} {view.rule_name(rule)}"


def _ledger(view: CountyView, name: str) -> str:
    return view.ledger(name)


_NAMES = {
    "parameters": _parameter, "rules": _rule, "rules_off": _rule, "rules_on": _rule, "severity": _rule, "checks": _rule,
    "reconciliations": _rule, "ledgers": _ledger, "ledgers_more": _ledger,
}  # fmt: skip


def _authority(view: CountyView, pack: PackUse) -> str:
    return pack.authority_zh if view.language == "zh" else pack.authority_en
