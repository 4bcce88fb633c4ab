"""What a formula is refused for, and what the checker says of a good one."""

from __future__ import annotations

import pytest

from formula import FormulaError, Step, check, parse
from formula.types import BooleanType, ChoiceType, NumberType, PercentType, TextType, ValueType
from tests.formula.world import DEAL


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("amuont + 1", "unknown_name", "`amount`"),
        ("customer.nmae", "unknown_name", ""),
        ("SUM(lines.amount, knd == 1)", "unknown_name", "`kind`"),
        ("SUM(lines.amount, discount > 0)", "unknown_name", "`this.discount`"),
        ("SUMM(lines.amount)", "unknown_function", "`SUM`"),
        ("lines.amount", "bare_collection", "COUNT(lines.amount)"),
        ("SUM(lines)", "bare_collection", "SUM("),
        ("SUM(amount)", "outside_in_aggregate", "this.amount"),
        ("SUM(lines.amount * discount)", "outside_in_aggregate", "this.discount"),
        ("SUM(lines.amount + customer.deals.amount)", "mixed_collections", "by itself"),
        ("COUNT(lines, COUNT(deal.lines) > 1)", "nested_aggregate", "a field of its own"),
        ("amount + name", "wrong_type", "`&`"),
        ("name * 2", "wrong_type", "NUMBER"),
        ("amount and active", "not_a_condition", "> 0"),
        ("IF(active, 1, \"a\")", "mixed_types", "same kind"),
        ("discount > 30", "percent_above_one", "`30%`"),
        ("kind == \"machin\"", "unknown_option", "`machine`"),
        ("kind in [\"machin\"]", "unknown_option", "`machine`"),
        ("due == called_at", "not_comparable", "DATE("),
        ("active == null", "not_comparable", "never blank"),
        ("tags == \"a\"", "not_comparable", "`in`"),
        ("kind < \"parts\"", "no_order", "`in`"),
        ("customer < owner", "not_comparable", ""),
        ("ROUND(amount, quantity)", "not_literal", "not a field"),
        ("ROUND(amount, 2, 3)", "wrong_arguments", "ROUND(number, digits)"),
        ("DATEADD(due, 1, \"moth\")", "not_literal", "`month`"),
        ("LEFT(name, amount)", "not_whole", "ROUND"),
        ("due + amount", "not_whole", "ROUND"),
        ("amount ** 10", "bad_exponent", "SQRT"),
        ("amount * amount * amount * amount", "too_wide", "ROUND"),
        ("TEXT(amount, \"abc\")", "bad_pattern", "#,##0.00"),
        ("AND()", "wrong_arguments", "AND("),
        ("UPPER(UPPER(UPPER(UPPER(UPPER(UPPER(UPPER(name)))))))", "too_complex", "split"),
    ],
)  # fmt: skip
def test_a_wrong_formula_is_refused_with_the_way_to_mend_it(
    text: str, code: str, hint: str
) -> None:
    with pytest.raises(FormulaError) as refused:
        check(parse(text), DEAL)

    problem = refused.value.problems[0]
    assert problem.code == code, problem
    assert hint in problem.hint
    assert 0 <= problem.span.start < problem.span.end <= len(text)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(FormulaError) as refused:
        check(parse("amuont + IF(nmae == 1, discunt, 2) + FOO(1)"), DEAL)

    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["unknown_name", "unknown_name", "unknown_name", "unknown_function"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("amount + 1", NumberType(17, 2)),
        ("amount * quantity", NumberType(25, 2)),
        ("amount / quantity", NumberType(16, 12)),
        ("discount + 10%", PercentType(5, 4)),
        ("discount * discount", PercentType(8, 8)),
        ("amount * discount", NumberType(20, 6)),
        ("SUM(lines.amount)", NumberType(25, 2)),
        ("COUNT(lines)", NumberType(9, 0)),
        ("kind", ChoiceType(("machine", "parts", "service"))),
        ("kind & name", TextType()),
        ("amount > 1", BooleanType()),
    ],
)
def test_types_carry_their_bounds(text: str, kind: ValueType) -> None:
    assert check(parse(text), DEAL).type == kind


def test_labels_are_stored_as_names() -> None:
    typed = check(parse("SUM(「明细.金额」, 类型 = 'parts') & 「客户.名称」"), DEAL)

    assert typed.text == 'SUM(lines.amount, kind == "parts") & customer.name'


def test_a_formula_tells_all_it_reads() -> None:
    typed = check(
        parse("customer.level + SUM(lines.amount, due > this.due) * setting.max_discount"), DEAL
    )

    read = typed.dependencies
    assert read.reads == {
        (Step("deal", "customer"), Step("customer", "level")),
        (Step("deal", "due"),),
    }
    (lines,) = read.collections
    assert (lines.entity, lines.via) == ("line", Step("line", "deal"))
    assert lines.reads == {(Step("line", "amount"),), (Step("line", "due"),)}
    assert read.settings == {"max_discount"}


@pytest.mark.parametrize(
    ("text", "stability"),
    [
        ("amount + 1", "stable"),
        ("due < TODAY()", "dated"),
        ("COUNT(lines, due < TODAY())", "dated"),
        ("owner == user.id or due < TODAY()", "personal"),
        ('HASROLE("sales")', "personal"),
    ],
)
def test_a_formula_tells_what_it_depends_on_besides_the_data(text: str, stability: str) -> None:
    assert check(parse(text), DEAL).stability == stability


def test_a_personal_formula_is_refused_where_nobody_acts() -> None:
    with pytest.raises(FormulaError) as refused:
        check(parse("owner == user.id"), DEAL, personal=False)

    assert refused.value.problems[0].code == "personal"


@pytest.mark.parametrize(
    ("text", "expect", "code"),
    [
        ("name", NumberType(), "wrong_result"),
        ("amount", BooleanType(), "wrong_result"),
        ('"machin"', ChoiceType(("machine",)), "unknown_option"),
        ('IF(active, "machine", "part")', ChoiceType(("machine", "parts")), "unknown_option"),
    ],
)
def test_a_value_must_fit_its_field(text: str, expect: ValueType, code: str) -> None:
    with pytest.raises(FormulaError) as refused:
        check(parse(text), DEAL, expect=expect)

    assert refused.value.problems[0].code == code


def test_a_measure_has_its_fields_inside_aggregates() -> None:
    check(parse('SUM(amount, stage == "won") / COUNT()'), DEAL, measure=True)

    with pytest.raises(FormulaError) as refused:
        check(parse("SUM(amount) / quantity"), DEAL, measure=True)

    assert refused.value.problems[0].code == "bare_in_measure"
