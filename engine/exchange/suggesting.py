"""Where the columns of a file seem to go: by name, by what else people call it, by what they hold.

Every suggestion says why it was made, so that a person knows which of them to look at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from rapidfuzz.fuzz import ratio

from engine.exchange.mapping import folded, suggested
from metamodel.model import Entity, Field

Why = Literal["earlier", "named", "called", "alike", "holds"]
"""As in an import before; by its name or label; by another word for it; nearly; by its cells."""

NEAR = 84.0
"""Of a hundred, above which two names are taken for the same with a slip in it."""

MOST_HELD = 0.8
"""The share of cells that must look like a kind of value."""

WORDS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "name fullname 名称 姓名 名字 全称",
        "company companyname organisation organization account 公司 公司名称 企业 企业名称 单位 "
        "单位名称 客户名称",
        "customer client 客户 客户名称 客户公司",
        "contact contactname contactperson 联系人 联系人姓名",
        "phone telephone tel mobile mobilephone cell cellphone phonenumber 电话 手机 手机号 "
        "手机号码 联系电话 电话号码 联系方式",
        "email mail emailaddress 邮箱 电子邮箱 电子邮件 邮件 邮箱地址",
        "address street streetaddress addressline 地址 详细地址 联系地址 公司地址 收货地址",
        "city town 城市 市 所在城市",
        "province state 省 省份 所在省份",
        "country nation 国家 国家地区",
        "postcode zip zipcode postalcode 邮编 邮政编码",
        "website web url homepage 网址 网站 官网",
        "remark remarks note notes comment comments 备注 说明 附注",
        "description details 描述 说明 详情",
        "source leadsource origin 来源 客户来源 线索来源 渠道",
        "owner salesperson assignee responsible 负责人 业务员 销售 跟进人 销售代表",
        "code number no sku 编号 编码 代码 货号",
        "amount total sum value 金额 总额 总价 合计",
        "price unitprice listprice 价格 单价 标价 标准单价 售价",
        "quantity qty count 数量 件数",
        "industry sector branch 行业 所属行业",
        "position jobtitle job role 职务 职位 岗位",
        "department division 部门 所属部门",
        "product item article goods 产品 商品 品名 产品名称",
        "birthday birthdate dateofbirth 生日 出生日期",
        "title subject topic 标题 主题",
        "level grade rating 级别 等级 客户级别",
        "region area territory 区域 地区 大区",
        "taxnumber taxno vat taxid 税号 纳税人识别号",
        "duedate deadline due 截止日期 到期日 期限",
    )
)
"""Words for the same thing, as they are written without blanks and signs."""

KINDS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "email": re.compile(r"[^@\s]+@[^@\s]+\.[a-zA-Z]{2,}"),
        "phone": re.compile(r"(?:\+?\d{1,3}[ -]?)?(?:\d{3,4}[ -]?){1,2}\d{4}"),
        "url": re.compile(r"(?:https?://|www\.)\S+"),
        "datetime": re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?[T ]\d{1,2}:\d{2}.*"),
        "date": re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?"),
    }
)
"""How cells look whose field is told by nothing else."""

Cells = Callable[[int], Sequence[str]]
"""Returns the first cells of a column, by its place."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The field that a column seems to go to, "" for none, and why."""

    field: str
    why: Why | None = None


def suggestions(
    entity: Entity,
    header: Sequence[str],
    fields: Sequence[Field],
    cells: Cells,
    earlier: Mapping[str, str] | None = None,
) -> tuple[Suggestion, ...]:
    """Return a suggestion for each column; no field is suggested twice.

    `fields` are those that may be filled, `earlier` where columns of the same names went before.
    """
    free = {each.name: each for each in fields}
    found: dict[int, Suggestion] = {}

    def take(at: int, name: str, why: Why) -> None:
        if at not in found and name in free:
            del free[name]
            found[at] = Suggestion(name, why)

    for at, column in enumerate(header):
        take(at, (earlier or {}).get(column, ""), "earlier")
    if earlier is not None:
        return tuple(found.get(at, Suggestion("")) for at in range(len(header)))
    for at, name in enumerate(suggested(entity, header)):
        take(at, name, "named")
    for at, column in enumerate(header):
        take(at, next(_called(column, free), ""), "called")
    for at, column in enumerate(header):
        take(at, _nearest(column, free) or _within(column, free), "alike")
    for at in range(len(header)):
        take(at, _held(cells(at), free) if at not in found else "", "holds")
    return tuple(found.get(at, Suggestion("")) for at in range(len(header)))


def _spellings(field: Field) -> set[str]:
    return {folded(text) for text in (field.name, *field.label.texts.values())}


def _called(column: str, free: Mapping[str, Field]) -> Iterator[str]:
    """Yield fields that go by another word for what a column is called."""
    wanted = folded(column)
    for group in WORDS:
        if wanted in group:
            yield from (name for name, each in free.items() if _spellings(each) & group)


def _nearest(column: str, free: Mapping[str, Field]) -> str:
    """Return the field whose name or label is a column's but for a slip, "" for none."""
    wanted = folded(column)
    if len(wanted) < 3:
        return ""
    scored = [
        (max(ratio(wanted, spelled) for spelled in _spellings(each)), name)
        for name, each in free.items()
    ]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= NEAR else ""


def _within(column: str, free: Mapping[str, Field]) -> str:
    """Return the only field of which a column says a part, or a part more, "" for none."""
    wanted = folded(column)
    found = [
        name
        for name, each in free.items()
        if any(
            len(short) > 1 and short in long
            for spelled in _spellings(each)
            for short, long in [sorted((wanted, spelled), key=len)]
        )
    ]
    return found[0] if len(found) == 1 else ""


def _held(cells: Sequence[str], free: Mapping[str, Field]) -> str:
    """Return the only field of the kind that a column's cells look like, "" for none."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    for kind, look in KINDS.items():
        fits = sum(look.fullmatch(cell) is not None for cell in filled)
        if filled and fits >= len(filled) * MOST_HELD:
            named = [name for name, each in free.items() if each.type == kind]
            return named[0] if len(named) == 1 else ""
    return ""
