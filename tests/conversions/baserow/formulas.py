"""The few forms of Baserow's formulas that the template uses, in our language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tests.conversions.salesforce.reading import option_name, snake

Part = str | list["Part"]
"""A word, number or text as written, or a call: its name and arguments."""

_TOKEN = re.compile(r"\s*('(?:[^'\\]|\\.)*'|!=|[(),=]|[\w.]+)")


@dataclass(slots=True)
class Translator:
    """Translates formulas of one table; `choice` says whether a field of a link is a choice."""

    choice: Callable[[str, str], bool]

    def translate(self, text: str) -> str:
        """Return a formula in our spelling."""
        tokens = _TOKEN.findall(text)
        return self._write(_compare(tokens))

    def _write(self, part: Part) -> str:
        if isinstance(part, str):
            return f'"{part[1:-1]}"' if part.startswith("'") else part
        name, given = str(part[0]), part[1:]
        own = getattr(self, f"_{name}", None)
        if own is not None:
            return str(own(*given))
        if name in ("=", "!="):
            operator = "==" if name == "=" else name
            left, right = given
            written = self._write(right)
            if self._is_choice(left) and isinstance(right, str):
                written = f'"{option_name(right[1:-1])}"'
            return f"{self._write(left)} {operator} {written}"
        return f"{name.upper()}({', '.join(self._write(each) for each in given)})"

    def _field(self, name: Part) -> str:
        return snake(str(name)[1:-1])

    def _lookup(self, link: Part, name: Part) -> str:
        return f"{snake(str(link)[1:-1])}.{snake(str(name)[1:-1])}"

    def _totext(self, given: Part) -> str:
        return self._write(given)

    def _concat(self, *given: Part) -> str:
        return " & ".join(f"({self._write(each)})" for each in given)

    def _and(self, *given: Part) -> str:
        return " and ".join(self._write(each) for each in given)

    def _sum(self, given: Part) -> str:
        return self._over("SUM", given)

    def _count(self, given: Part) -> str:
        return self._over("COUNT", given)

    def _min(self, given: Part) -> str:
        return self._over("MIN", given)

    def _over(self, function: str, given: Part) -> str:
        """Write an aggregate; `filter(values, condition)` gives its condition, over the member."""
        if isinstance(given, list) and given[0] == "filter":
            condition = re.sub(r"\b\w+\.(\w+) (==|!=)", r"\1 \2", self._write(given[2]))
            over = self._write(given[1])
            over = over.partition(".")[0] if function == "COUNT" else over
            return f"{function}({over}, {condition})"
        return f"{function}({self._write(given)})"

    def _is_choice(self, part: Part) -> bool:
        if not isinstance(part, list):
            return False
        if part[0] == "totext":
            return self._is_choice(part[1])
        names = [str(each)[1:-1] for each in part[1:]]
        if part[0] == "field":
            return self.choice("", names[0])
        return part[0] == "lookup" and self.choice(names[0], names[1])


def _compare(tokens: list[str]) -> Part:
    left = _call(tokens)
    if tokens and tokens[0] in ("=", "!="):
        return [tokens.pop(0), left, _call(tokens)]
    return left


def _call(tokens: list[str]) -> Part:
    name = tokens.pop(0)
    if not tokens or tokens[0] != "(":
        return name
    tokens.pop(0)
    given: list[Part] = []
    while tokens[0] != ")":
        given.append(_compare(tokens))
        if tokens[0] == ",":
            tokens.pop(0)
    tokens.pop(0)
    return [name, *given]
