"""Who works in the demo tenant, and how they sign in."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "joinery-demo"  # noqa: S105 - the demo's, shown by `make run`
"""What every demo person signs in with."""


@dataclass(frozen=True, slots=True)
class Department:
    """One department by key, and the key of the one above it."""

    key: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Position:
    """One position by key: the higher the level, the higher it stands; its roles go with it."""

    key: str
    name: str
    level: int
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in to the demo tenant; `manager` is another person's key."""

    key: str
    name: str
    email: str
    title: str
    role: str
    department: str
    language: str = "zh"
    manager: str = ""
    position: str = ""
    password: str = PASSWORD


DEPARTMENTS = (
    Department("head_office", "总部 Head office"),
    Department("sales", "销售部 Sales", "head_office"),
    Department("domestic", "国内销售组 Domestic sales", "sales"),
    Department("north", "华北组 North China", "domestic"),
    Department("south", "华南组 South China", "domestic"),
    Department("export", "国际销售组 Export sales", "sales"),
    Department("finance", "财务部 Finance", "head_office"),
    Department("service", "客户服务部 Customer service", "head_office"),
    Department("marketing", "市场部 Marketing", "head_office"),
)

PERSONS = (
    Person("admin", "周敏 Zhou Min", "admin@joinery.example", "系统管理员 Administrator",
           "administrator", "head_office"),
    Person("manager", "李静 Li Jing", "manager@joinery.example", "销售总监 Sales director",
           "sales_manager", "sales", manager="admin", position="director"),
    Person("sales", "林晓峰 Lin Xiaofeng", "sales@joinery.example", "客户经理 Account manager",
           "sales", "north", manager="manager", position="seller"),
    Person("export", "Emma Clarke", "emma@joinery.example", "Export manager",
           "sales", "export", language="en", manager="manager", position="seller"),
    Person("finance", "王芳 Wang Fang", "finance@joinery.example", "财务主管 Finance lead",
           "finance", "finance", manager="admin"),
    Person("service", "陈晨 Chen Chen", "service@joinery.example", "客服主管 Service lead",
           "service", "service", manager="admin"),
    Person("marketing", "赵蕾 Zhao Lei", "marketing@joinery.example", "市场经理 Marketing",
           "marketing", "marketing", manager="manager"),
    Person("hr", "孙悦 Sun Yue", "hr@joinery.example", "人事行政 Administration and HR",
           "hr", "head_office", manager="admin"),
    Person("analyst", "何川 He Chuan", "analyst@joinery.example", "经营分析师 Analyst",
           "analyst", "head_office", manager="admin"),
)  # fmt: skip

POSITIONS = (
    Position("director", "总监 Director", 8),
    Position("lead", "主管 Lead", 5),
    Position("seller", "客户经理 Account manager", 3, ("sales",)),
)
