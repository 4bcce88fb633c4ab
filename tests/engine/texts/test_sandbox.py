"""Templates of tenants reach their values and nothing else, and end (the wire, hostile input)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup, escape

from engine.messages import sentence
from engine.texts.errors import TemplateRefused
from engine.texts.sandbox import Limits, Sandbox

VALUES = {
    "customer": {"name": "A & B <Ltd>", "since": date(2026, 3, 31), "note": "one\ntwo"},
    "lines": [
        {"product": "Pen", "price": Decimal("2.50")},
        {"product": "Ink", "price": Decimal(7)},
    ],
    "tags": ["x", "<y>"],
    "paid": False,
    "empty": "",
    "n": 3,
    "trusted": Markup("<b>no</b>"),
}  # fmt: skip

MEANT = {
    "Dear {{ customer.name }}": "Dear A &amp; B &lt;Ltd&gt;",
    "{{ customer['name'] | upper }}": "A &amp; B &lt;LTD&gt;",
    "{% for line in lines %}{{ loop.index }}. {{ line.product }}{% if not loop.last %}; {% endif %}"
    "{% else %}none{% endfor %}": "1. Pen; 2. Ink",
    "{{ (lines[0].price * n) | number }}": "7.50",
    "{{ lines[1].price + 1 | number(0) | length }}": "8",
    "{{ 1234567.5 | number }}": "1,234,567.50",
    "{{ tags | join }}": "x, &lt;y&gt;",
    "{{ tags | length }} {{ tags | first }} {{ tags | last }}": "2 x &lt;y&gt;",
    "{{ customer.since | date }}": "2026-03-31",
    "{{ customer.note | lines }}": "one<br>two",
    "{{ empty | default('none') }} {{ nothing | default('gone') }}": "none gone",
    "{{ 'yes' if paid else 'no' }} {{ 'x' in tags }} {{ n is odd }}": "no True True",
    "{{ trusted }}": "&lt;b&gt;no&lt;/b&gt;",
    "{{ 'a' ~ n ~ customer.name }}": "a3A &amp; B &lt;Ltd&gt;",
    "{% if nothing %}x{% endif %}": "",
    "{% raw %}{{ n }}{% endraw %}": "{{ n }}",
}

ESCAPES = (
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ customer.__class__ }}",
    "{{ customer['__class__'] }}",
    "{{ customer | attr('__class__') }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ config }}",
    "{{ lines }}",
    "{{ customer }}",
    "{% for x in tags %}{{ loop }}{% endfor %}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'] }}",
    "{{ joiner }}",
    "{{ namespace() }}",
    "{{ range(10) }}",
    "{{ dict(a=1) }}",
    "{{ '%s' % customer }}",
    "{{ '{0.__class__}'.format(customer) }}",
    "{{ customer.items() }}",
    "{{ customer.keys }}",
    "{{ tags.append }}",
    "{{ loop.cycle('a') }}",
    "{% for x in tags %}{{ loop.cycle }}{% endfor %}",
    "{% for x in tags %}{{ loop._iterator }}{% endfor %}",
    "{% for x in tags %}{{ loop['__class__'] }}{% endfor %}",
    "{% for x in tags recursive %}{{ loop(tags) }}{% endfor %}",
    "{{ trusted | safe }}",
    "{{ tags | map(attribute='__class__') | list }}",
    "{{ tags | map('attr', '__class__') | join }}",
    "{{ lines | sum(attribute='__class__') }}",
    "{{ lines | join(attribute='product') }}",
    "{{ tags | pprint }}",
    "{{ tags | tojson }}",
    "{% import 'os' as os %}",
    "{% from 'os' import path %}",
    "{% include '/etc/passwd' %}",
    "{% extends '/etc/passwd' %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set x = 1 %}",
    "{% set ns.x = 1 %}",
    "{% block b %}{% endblock %}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% with x = 1 %}{% endwith %}",
    "{% autoescape false %}{{ customer.name }}{% endautoescape %}",
    "{% do tags.clear() %}",
    "{% debug %}",
    "{{ 9 ** 999999 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ tags * 1000000000 }}",
    "{{ 'a' + 'b' }}",
    "{{ n * 'a' }}",
    "{{ {'a': 1} }}",
    "{{ tags[0:1] }}",
    "{{ tags[true] }}",
    "{{ customer.nothing }}",
    "{{ nothing.further }}",
    "{{ _private }}",
    "{{ customer.name is callable }}",
    "{{ customer.name is filter }}",
    "{{ () | first | upper | nothing }}",
    "{{ 1 / 0 }}",
    "{{ customer < 1 }}",
    "{{ unclosed",
    "{% for %}",
    "{% endif %}",
    "{{ " + "(" * 5000 + ")" * 5000 + " }}",
    "{{ " + "-" * 5000 + "1 }}",
    "{% if n %}" * 500 + "{% endif %}" * 500,
    "{% for a in tags %}" * 30 + "{% endfor %}" * 30,
    "{{ " + "9" * 5000 + " }}",
    "{{ " + "9999999999 * " * 50 + "1 }}",
    "{{ 1e308 * 10 }}",
    "{{ 'steps left' }}{{ steps left }}",
    "x" * 200_000,
)  # fmt: skip


@pytest.mark.parametrize("source", MEANT, ids=range(len(MEANT)))
def test_a_template_says_what_its_author_meant(source: str) -> None:
    assert Sandbox().render(source, VALUES).strip() == MEANT[source]


@pytest.mark.parametrize("source", ESCAPES, ids=range(len(ESCAPES)))
@pytest.mark.parametrize("kind", ["html", "text"])
def test_no_template_reaches_past_its_values(source: str, kind: Any) -> None:
    with pytest.raises(TemplateRefused) as refused:
        Sandbox().render(source, VALUES, kind=kind)

    assert sentence(refused.value, "zh") != sentence(refused.value, "en")


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in many %}{% for b in many %}{% for c in many %}{% endfor %}{% endfor %}"
        "{% endfor %}",
        "{% for a in many %}{% for b in many %}{{ long }}{% endfor %}{% endfor %}",
    ],
    ids=["turns", "output"],
)
def test_no_template_runs_or_grows_without_end(source: str) -> None:
    values = {"many": ["x"] * 400, "long": "x" * 1000}

    with pytest.raises(TemplateRefused) as refused:
        Sandbox(limits=Limits(output=500_000)).render(source, values)

    assert str(refused.value) == "template_limit"


def test_a_refusal_names_the_line_and_what_was_found() -> None:
    with pytest.raises(TemplateRefused) as refused:
        Sandbox().check("one\ntwo {{ customer.delete() }}")

    assert refused.value.params == {"line": 2, "found": "(…)"}


def test_a_plain_text_is_not_escaped() -> None:
    sandbox = Sandbox()

    assert sandbox.render("{{ customer.name }}: {{ tags | join }}", VALUES, kind="text") == (
        "A & B <Ltd>: x, <y>"
    )


def test_filters_of_a_caller_are_there_beside_the_common_ones() -> None:
    sandbox = Sandbox({"shout": lambda value: f"{value}!"})

    assert sandbox.render("{{ 'hey' | shout | upper }}", {}) == "HEY!"


def test_a_value_that_is_more_than_a_value_is_not_given_to_a_template() -> None:
    with pytest.raises(TypeError):
        Sandbox().render("{{ x }}", {"x": object()})


@given(st.text())
def test_whatever_a_value_holds_stays_text(text: str) -> None:
    assert Sandbox().render("<p>{{ x }}</p>", {"x": text}) == f"<p>{escape(text)}</p>"


WORDS = st.sampled_from([
    "{{", "}}", "{%", "%}", "for", "in", "if", "endif", "endfor", "customer", ".", "name", "tags",
    "lines", "|", "join", "upper", "(", ")", "[", "]", "__class__", "'", "x", "0", "~", "*", "-",
    "loop", "set", "=", "self", " ", "\n", "not", "else", "is", "defined", "<", "{#", "#}",
])  # fmt: skip


@given(st.lists(WORDS, max_size=30).map(" ".join))
def test_any_text_is_rendered_or_refused(source: str) -> None:
    try:
        made = Sandbox().render(source, VALUES)
    except TemplateRefused:
        return
    assert "object at 0x" not in made
    assert "<class" not in made
