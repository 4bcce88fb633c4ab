"""Customers and their people, made from fixed names: the same seed makes the same ones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pypinyin import lazy_pinyin

from boot.demo.companies import Company, companies
from boot.demo.data import rows

Values = dict[str, object]

_CODES = {
    "Germany": "+49 30 23125",
    "United Kingdom": "+44 20 7946",
    "United States": "+1 202 555",
    "Canada": "+1 613 555",
    "France": "+33 1 99 00",
    "Australia": "+61 2 5550",
}
"""Beginnings of numbers that are kept for fiction, where a country has some."""

_NAMES = {(row["language"], row["part"]): row["names"].split() for row in rows("names")}

_POSITIONS = {
    "decider": ("总经理", "Managing director"),
    "influencer": ("技术总监", "Technical director"),
    "purchaser": ("采购经理", "Purchasing manager"),
    "user": ("设备主管", "Maintenance supervisor"),
    "finance": ("财务经理", "Financial controller"),
}
"""A contact's part in the decision, and what such people are called at home and abroad."""

_SIZES = ((20, "under_20"), (100, "to_99"), (500, "to_499"), (1000, "to_999"))
"""Below how many people a company is of a size; the rest are the largest."""

_NEEDS = {
    "machinery": ("产线自动化与液压系统改造", "Automation of lines, overhaul of hydraulics"),
    "automotive": ("焊装与上下料机器人", "Robots for welding and loading"),
    "electronics": ("高精度伺服与数据采集", "Precise servo drives, machine data"),
    "energy": ("关键设备状态监测", "Monitoring of critical machines"),
    "food": ("包装线提速，食品级润滑", "Faster packaging, food-grade lubricants"),
    "chemicals": ("防爆电机与年度维保", "Explosion-proof motors, yearly maintenance"),
}
_OTHER_NEEDS = ("备件年度框架与现场服务", "Frame contract for spares, service on site")

_KEY = 900
"""People from whom on a company is followed as a key account."""

_SOURCES = ("referral", "exhibition", "website", "search", "phone", "partner", "social")


@dataclass(frozen=True, slots=True)
class Client:
    """One customer of the demo: how much it buys, its payload, and those of its contacts.

    `credit` is the limit that finance sets, blank for none.
    """

    company: Company
    seller: str
    size: int
    credit: str
    values: Values
    contacts: tuple[Values, ...]


def clients(random: Random) -> Iterator[Client]:
    """Yield every customer, the larger ones buying more."""
    for number, company in enumerate(companies()):
        size = 3 if company.employees >= 800 else 2 if company.employees >= 300 else 1
        yield Client(
            company=company,
            seller="sales" if company.chinese else "export",
            size=size,
            credit="" if number % 3 == 0 else f"{size * 200000}.00",
            values=_customer(random, company, size),
            contacts=tuple(_contacts(random, company, size)),
        )


def _customer(random: Random, company: Company, size: int) -> Values:
    return {
        "name": company.name,
        "kind": "public" if company.industry == "government" else "enterprise",
        "status": "potential",
        "level": "cba"[size - 1],
        "key_account": company.employees >= _KEY,
        "size": next((name for below, name in _SIZES if company.employees < below), "over_1000"),
        "needs": _NEEDS.get(company.industry, _OTHER_NEEDS)[0 if company.chinese else 1],
        "industry": company.industry,
        "source": random.choice(_SOURCES),
        "region": company.region,
        "country": company.country,
        "province": company.province or None,
        "city": company.city,
        "address": company.address,
        "phone": _switchboard(random, company),
        "email": f"info@{company.domain}.example",
        "website": f"https://www.{company.domain}.example",
        "employees": company.employees,
        "annual_revenue": f"{company.employees * random.randint(420, 900) * 1000}.00",
        "founded": random.randint(1978, 2016),
    }


def _contacts(random: Random, company: Company, size: int) -> Iterator[Values]:
    """Yield two to four people, the one who decides first."""
    roles = ["decider", "purchaser", *random.sample(("influencer", "user", "finance"), 2)]
    names: set[str] = set()
    for role in roles[: size + 1 if size < 3 else 4]:
        woman = random.random() < 0.4
        name = _name(random, woman=woman, chinese=company.chinese, taken=names)
        names.add(name)
        yield {
            "name": name,
            "gender": "ms" if woman else "mr",
            "position": _POSITIONS[role][0 if company.chinese else 1],
            "role": role,
            "mobile": _mobile(random, company),
            "email": f"{_address(name)}@{company.domain}.example",
            "wechat": f"wx_{_address(name).replace('.', '')}" if company.chinese else None,
        }


def _name(random: Random, *, woman: bool, chinese: bool, taken: set[str]) -> str:
    language, part = "zh" if chinese else "en", "woman" if woman else "man"
    families, given = _NAMES[language, "family"], _NAMES[language, part]
    while True:
        # The first family names of the list are by far the most frequent ones.
        rank = min(int(random.expovariate(3 / len(families))), len(families) - 1)
        first = random.choice(given)
        name = families[rank] + first if chinese else f"{first} {families[rank]}"
        if name not in taken:
            return name


def _address(name: str) -> str:
    """Return a name as it stands in an e-mail address: pinyin, or letters without accents."""
    words = lazy_pinyin(name) if not name.isascii() and " " not in name else name.lower().split()
    text = ".".join(words) if " " in name else words[0] + "." + "".join(words[1:])
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if letter.isascii())


def _mobile(random: Random, company: Company) -> str:
    if company.chinese:
        return f"{random.choice((138, 139, 136, 158, 186))}0000{random.randint(1000, 9999)}"
    return _switchboard(random, company)


def _switchboard(random: Random, company: Company) -> str:
    if company.chinese:
        return f"400-{random.randint(100, 999)}-0{random.randint(100, 999)}"
    return f"{_CODES.get(company.country, '+99 555')} 0{random.randint(100, 199)}"
