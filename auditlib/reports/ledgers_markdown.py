"""The page of ledgers: every ledger with its fields, their types and the headers by which they are known, as Markdown."""

from __future__ import annotations

from ..catalog.specs import Catalog, FieldSpec, LedgerSpec
from ..words.messages import say

_MARKS = str.maketrans({c: f"\\{c}" for c in "\\`*[]<>|#"})


def ledgers_markdown(catalog: Catalog, language: str) -> str:
    """All ledgers of the catalogue in `language` (zh or en), in the order of their labels' names. The same on every run."""
    specs = [spec for _, spec in sorted(catalog.ledgers.items())]
    contents = [f"- [{_plain(s.label(language))} `{s.name}`](#{s.name})" for s in specs]
    head = [f"# {say('guide.ledgers.title', language)}", say("guide.ledgers.head", language, n=len(specs)), "\n".join(contents)]
    return "\n\n".join((*head, *(_ledger(catalog, s, language) for s in specs))) + "\n"


def _ledger(catalog: Catalog, spec: LedgerSpec, language: str) -> str:
    columns = ("field", "type", "headers")
    rows = [tuple(say(f"guide.ledgers.{c}", language) for c in columns), ("---",) * len(columns)]
    rows += [_field(f, language) for f in spec.fields.values()]
    rules = sorted(r for r, card in catalog.rules.items() if spec.name in card.ledgers)
    facts = [
        f"**{say('guide.ledgers.key', language)}** {', '.join(f'`{k}`' for k in spec.key)}",
        f"**{say('guide.ledgers.titles', language)}** {_plain('、'.join(spec.titles))}",
        f"**{say('guide.ledgers.rules', language)}** {' '.join(rules)}",
    ]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join((f'## <a id="{spec.name}"></a>{_plain(spec.label(language))} `{spec.name}`', *facts, table))


def _field(field: FieldSpec, language: str) -> tuple[str, ...]:
    kind = say(f"guide.type.{field.type}", language)
    if field.values:
        kind = say("guide.ledgers.one_of", language, values="、".join(map(str, field.values)))
    return f"{_plain(field.label(language))} `{field.name}`", _plain(kind), _plain("、".join(field.headers))


def _plain(text: str) -> str:
    """Text as it is, never markup."""
    return text.translate(_MARKS)
