"""What the demo company knows of its market: competitors, territories, special prices."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from boot.demo.products import catalogue
from boot.demo.timeline import Values
from engine.context import Context
from engine.doors import Writer

COMPETITORS = ("博远传动", "Helvetia Drives", "南方伺服", "Orion Hydraulics")

_TRAITS: tuple[Values, ...] = (
    {
        "threat": "high", "price_level": "lower",
        "strengths": "本地库存，交期短", "weaknesses": "质保期短",
        "strategy": "强调全生命周期成本与质保",
    },
    {
        "threat": "middle", "price_level": "higher",
        "strengths": "Known brand, wide range", "weaknesses": "Long delivery times",
        "strategy": "Offer a shorter delivery and local service",
    },
    {
        "threat": "middle", "price_level": "lower",
        "strengths": "价格低，账期长", "weaknesses": "不提供现场服务",
        "strategy": "以服务合同打包报价",
    },
    {
        "threat": "low", "price_level": "same",
        "strengths": "Strong in hydraulics", "weaknesses": "No motors of their own",
        "strategy": "Sell hydraulics and drives together",
    },
)  # fmt: skip

_TERRITORIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("国内 Domestic", ("east_china", "south_china", "north_china", "central_china")),
    ("欧洲 Europe", ("europe",)),
    ("亚太与美洲 Asia Pacific and Americas", ("asia_pacific", "north_america")),
)

_OFF = Decimal("0.95")
_FLOOR = Decimal("0.85")
_MANY = 10


def enter_market(ctx: Context, writer: Writer, products: Mapping[str, UUID]) -> None:
    """Write competitors, territories and the price book of key accounts, as the sales manager."""
    rivals = [{"name": name, **traits} for name, traits in zip(COMPETITORS, _TRAITS, strict=True)]
    writer.create(ctx, "competitor", rivals)
    areas = [
        {"name": name, "regions": list(regions), "priority": at}
        for at, (name, regions) in enumerate(_TERRITORIES, start=1)
    ]
    writer.create(ctx, "territory", areas)
    items = [
        {
            "product": str(products[article.code]),
            "min_quantity": str(quantity),
            "price": _cents(article.price * share),
            "floor_price": _cents(article.price * share * _FLOOR / _OFF),
            "valid_from": f"{ctx.moment.today:%Y-%m-%d}",
        }
        for article in catalogue()
        for quantity, share in ((1, _OFF), (_MANY, _OFF * _OFF))
    ]
    book: Values = {
        "name": "重点客户价格表 Key accounts",
        "status": "active",
        "customer_level": "a",
        "items": items,
    }
    writer.create(ctx, "price_book", [book])


def _cents(amount: Decimal) -> str:
    return f"{amount:.2f}"
