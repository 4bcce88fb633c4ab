"""An app of any size, written out: what loading, checking and linking is measured on."""

from __future__ import annotations

from collections.abc import Iterator

FIELDS = 15
"""How many fields an entity has, the stage of its pipeline included."""


def app_of(entities: int) -> str:
    """Return the YAML text of an app with so many entities of fifteen fields each.

    Entities are linked in chains; each has look-ups, same-record formulas, a rule, a written
    form and views, every other one a roll-up over the next, every third child lines.
    """
    lines = ["format: 1", "app: {name: large, label: {en: Large, zh: 大}, languages: [en, zh]}"]
    lines += ["modules: {all: {label: {en: All, zh: 全部}}}", "entities:"]
    for number in range(entities):
        lines += _entity(number, entities)
    lines.append("roles:")
    for role in ("sales", "boss", "clerk"):
        rights = ", ".join(f"e{n}: {{read: all, update: own}}" for n in range(0, entities, 2))
        lines.append(f"  {role}: {{label: {{en: {role}}}, rights: {{{rights}}}}}")
    return "\n".join(lines) + "\n"


def _entity(number: int, entities: int) -> Iterator[str]:
    name, linked = f"e{number}", f"e{(number + 1) % entities}"
    yield f"  {name}:"
    yield f"    label: {{en: Entity {number}, zh: 对象{number}}}"
    yield "    module: all"
    yield "    title: name"
    yield "    owned: true"
    yield "    fields:"
    yield "      name: {type: text, required: true, search: true, label: {en: Name, zh: 名称}}"
    yield f'      code: {{type: autonumber, pattern: "E{number}-{{YYYY}}-{{0000}}"}}'
    yield "      kind: {type: choice, options: {a: {label: {en: A, zh: 甲}}, b: {label: {en: B}}}}"
    yield "      day: {type: date, label: {en: Day, zh: 日期}, default_formula: TODAY()}"
    yield "      note: {type: long_text, visible_when: 'kind == \"a\"', label: {en: Note}}"
    yield "      amount: {type: money, label: {en: Amount, zh: 金额}, min: 0}"
    yield "      rate: {type: percent, default: 13%, label: {en: Rate, zh: 税率}}"
    yield "      quantity: {type: decimal, scale: 2, default: 1, label: {en: Quantity}}"
    yield f"      next: {{type: link, to: {linked}, inverse: members, label: {{en: Next}}}}"
    yield '      net: {type: money, formula: "ROUND(amount * quantity, 2)"}'
    yield '      gross: {type: money, formula: "ROUND(net * (1 + rate), 2)"}'
    yield '      big: {type: boolean, formula: "gross > 1000 and kind == \\"a\\""}'
    yield '      next_name: {type: text, formula: "next.name"}'
    over = "COUNT(members)" if number % 2 else 'SUM(members.quantity, kind == "a")'
    yield f"      sum: {{type: decimal, formula: '{over}'}}"
    yield from _behaviour()


def _behaviour() -> Iterator[str]:
    yield "    pipelines:"
    yield "      main:"
    yield "        field: stage"
    yield "        stages:"
    yield "          open: {label: {en: Open, zh: 进行中}, probability: 20%}"
    yield "          won: {label: {en: Won, zh: 成功}, ends: won, must_fill: [amount]}"
    yield "          lost: {label: {en: Lost, zh: 失败}, ends: lost, enter_when: 'amount > 0'}"
    yield "    rules: {positive: {refuse_when: amount < 0, message: {en: Too low}, at: amount}}"
    yield "    forms:"
    yield "      default:"
    yield "        sections:"
    yield "          basic: {items: {name: {}, code: {}, kind: {}, day: {}, amount: {}, rate: {}}}"
    yield "          more: {items: {note: {width: 2}, net: {}, gross: {}, next: {}}}"
    yield "    views:"
    yield "      open:"
    yield "        filter: 'stage == \"open\"'"
    yield "        columns: {name: {}, next.name: {}, amount: {total: sum}, day: {}, owner: {}}"
    yield "        sort: [-amount]"
    yield "        colors: {late: {when: 'day < TODAY()', color: red}}"
