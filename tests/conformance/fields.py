"""What each field type takes, keeps and refuses: the table that its conformance tests share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldCase:
    """One field type in use.

    `more` is what its definition needs besides the type. `good` are values as sent and as they
    come back, the smaller first where the type `sorts`; `bad` are values with the code of their
    refusal. `finds` is a filter over the field `it` that holds for the first good value and not
    for the second, "" where no formula can say one.
    """

    good: tuple[tuple[object, object], ...]
    bad: tuple[tuple[object, str], ...]
    finds: str
    sorts: bool = True
    more: str = ""


def _same(*values: object) -> tuple[tuple[object, object], ...]:
    return tuple((value, value) for value in values)


BROKEN_TEXT: tuple[tuple[object, str], ...] = (
    ("a\0b", "invalid_characters"),
    ("\ud800", "invalid_characters"),
    ("x" * 10_000_000, "too_long"),
    ({"a": 1}, "invalid_text"),
)

BROKEN_NUMBER: tuple[tuple[object, str], ...] = (
    ("NaN", "invalid_number"),
    ("Infinity", "invalid_number"),
    (float("nan"), "invalid_number"),
    (float("-inf"), "invalid_number"),
    ("1e999999999", "invalid_number"),
    ("1" * 5_000, "invalid_number"),
    ("0x10", "invalid_number"),
    (True, "invalid_number"),
    ([1], "invalid_number"),
    ("\ud800", "invalid_number"),
)

OPTIONS = ", options: {a: {label: {en: First, zh: 甲}}, b: {label: {en: Second, zh: 乙}}}"

CASES: Mapping[str, FieldCase] = {
    "text": FieldCase(_same("甲方", "乙方 ☃ 😀"), BROKEN_TEXT, 'it == "甲方"'),
    "long_text": FieldCase(_same("one\n two", "x"), BROKEN_TEXT, 'CONTAINS(it, "two")'),
    "rich_text": FieldCase(
        (
            ("<p>a <b>b</b></p>", "<p>a <b>b</b></p>"),
            (
                '<script>x()</script><p onclick="y()">1 < 2</p><img src=x onerror=z()>'
                '<a href="javascript:w()">go</a>',
                '<p>1 &lt; 2</p><a rel="noopener noreferrer nofollow">go</a>',
            ),
        ),
        BROKEN_TEXT,
        'it == "a b"',
        sorts=False,
    ),
    "email": FieldCase(
        _same("a@b.cn", "b@b.cn"), (("nobody", "invalid_email"), *BROKEN_TEXT), 'it == "a@b.cn"'
    ),
    "phone": FieldCase(_same("+86 21 5555", "021-1"), BROKEN_TEXT, 'STARTSWITH(it, "+86")'),
    "url": FieldCase(
        _same("https://a.cn/x", "http://b.cn"),
        (("ftp:x", "invalid_url"), ("javascript:alert(1)", "invalid_url"), *BROKEN_TEXT),
        'CONTAINS(it, "a.cn")',
    ),
    "code": FieldCase(
        _same("AB-12", "CD-3"),
        (("ab", "pattern"), *BROKEN_TEXT),
        'it == "AB-12"',
        more=', pattern: "[A-Z]{2}-[0-9]+"',
    ),
    "barcode": FieldCase(
        (("6901234567892", "6901234567892"), ("9 771234-567003", "9771234567003")),
        (
            ("6901234567890", "barcode_check"),
            ("690123456789", "invalid_barcode"),
            ("６９０1234567892", "invalid_barcode"),
            *BROKEN_TEXT,
        ),
        'it == "6901234567892"',
        more=", format: ean13",
    ),
    "integer": FieldCase(
        _same(-7, 999_999_999_999_999_999),
        (("1.5", "invalid_integer"), (10**18, "too_many_digits"), *BROKEN_NUMBER),
        "it < 0",
    ),
    "decimal": FieldCase(
        (("-1.250", "-1.250"), (3, "3.000")),
        (("1.2345", "too_many_decimals"), ("1e16", "too_many_digits"), *BROKEN_NUMBER),
        "it < 0",
        more=", scale: 3",
    ),
    "money": FieldCase(
        (("1234.5", "1234.50"), ("9999999999999999.99", "9999999999999999.99")),
        (("12.345", "too_many_decimals"), ("1e30", "too_many_digits"), *BROKEN_NUMBER),
        "it == 1234.5",
    ),
    "percent": FieldCase(
        (("13%", "0.13"), ("1.5", "1.5")),
        (("x%", "invalid_number"), ("100000", "too_many_digits"), *BROKEN_NUMBER),
        "it < 100%",
    ),
    "rating": FieldCase(
        _same(1, 5), ((1.5, "invalid_integer"), (100, "too_many_digits"), *BROKEN_NUMBER), "it < 3"
    ),
    "progress": FieldCase((("40%", "0.4"), ("1", "1")), BROKEN_NUMBER, "it == 40%"),
    "duration": FieldCase(
        _same(90, 3_600),
        (("1.5", "invalid_duration"), (10**10, "invalid_duration"), ("soon", "invalid_number")),
        'NOW() + it < NOW() + it + it and NOW() + it + it < DATEADD(NOW(), 1, "hour")',
    ),
    "date": FieldCase(
        _same("0001-01-01", "9999-12-31"),
        (
            ("2026-02-30", "invalid_date"),
            ("0000-01-01", "invalid_date"),
            ("10000-01-01", "invalid_date"),
            (20260101, "invalid_text"),
        ),
        'it < DATE("2000-01-01")',
    ),
    "datetime": FieldCase(
        (
            ("2026-02-28T08:00:00+08:00", "2026-02-28T00:00:00Z"),
            ("2026-03-01T00:00:00.5Z", "2026-03-01T00:00:00.500000Z"),
        ),
        (
            ("2026-02-28T08:00:00", "invalid_datetime"),
            ("0001-01-01T00:00:00+14:00", "invalid_datetime"),
            ("9999-12-31T23:59:59-12:00", "invalid_datetime"),
            ("now", "invalid_datetime"),
        ),
        'DATE(it) == DATE("2026-02-28")',
    ),
    "time": FieldCase(
        (("09:30", "09:30:00"), ("23:59:59", "23:59:59")),
        (("25:00", "invalid_time"), ("noon", "invalid_time"), (9, "invalid_text")),
        "",
    ),
    "period": FieldCase(
        (
            ({"from": "2026-03-01", "to": "2026-03-31"},) * 2,
            ("2026-05-01/", {"from": "2026-05-01", "to": None}),
            ("2026-05-01至2026-05-01", {"from": "2026-05-01", "to": "2026-05-01"}),
        ),
        (
            ({"from": "2026-03-02", "to": "2026-03-01"}, "period_backwards"),
            ({"from": "0000-01-01"}, "invalid_date"),
            ({"since": "2026-03-02"}, "invalid_period"),
            ("2026-03-01", "invalid_period"),
            (7, "invalid_period"),
            ({"from": "\0"}, "invalid_characters"),
        ),
        'it.start < DATE("2026-04-01") and it.end == DATE("2026-03-31")',
        sorts=False,
    ),
    "choice": FieldCase(
        _same("a", "b"),
        (("c", "unknown_choice"), ("\0", "invalid_characters")),
        'it == "a"',
        more=OPTIONS,
    ),
    "multi_choice": FieldCase(
        _same(["b", "a"], ["b"]),
        (("a", "invalid_list"), (["c"], "unknown_choice"), ([["a"]], "invalid_text")),
        '"a" in it',
        sorts=False,
        more=OPTIONS,
    ),
    "boolean": FieldCase(
        _same(False, True), (("maybe", "invalid_boolean"), (1, "invalid_boolean")), "not it"
    ),
    "tags": FieldCase(
        ((["y", "x", "y"], ["y", "x"]), (["z"], ["z"])),
        (
            ("a", "invalid_list"),
            (["\0"], "invalid_characters"),
            ([str(n) for n in range(101)], "too_many_items"),
            (["x" * 101], "too_long"),
        ),
        '"x" in it',
        sorts=False,
    ),
    "color": FieldCase(
        _same("#3366ff", "red"), (("#12", "invalid_color"), *BROKEN_TEXT), 'it == "#3366ff"'
    ),
    "address": FieldCase(
        (
            (
                {"country": "cn", "region": "上海市", "district": "浦东新区", "code": "310115"},
                {"country": "CN", "region": "上海市", "district": "浦东新区", "code": "310115"},
            ),
            ("1 Main Street", {"street": "1 Main Street"}),
        ),
        (
            ({"planet": "x"}, "invalid_address"),
            ({"country": "China"}, "invalid_country"),
            ({"code": "31"}, "invalid_region_code"),
            ({"city": "\0"}, "invalid_characters"),
            ({"city": "x" * 301}, "too_long"),
            ({"city": 1}, "invalid_text"),
            (["x"], "invalid_address"),
        ),
        'it.region == "上海市"',
        sorts=False,
    ),
    "location": FieldCase(
        (
            ({"lat": "31.2304001", "lon": 121.4737}, {"lat": 31.2304, "lon": 121.4737}),
            ("-33.86，151.2", {"lat": -33.86, "lon": 151.2}),
        ),
        (
            ({"lat": 91, "lon": 0}, "out_of_range"),
            ({"lat": "NaN", "lon": 0}, "out_of_range"),
            ({"lat": 1}, "invalid_location"),
            ({"lat": 1, "lon": True}, "invalid_location"),
            ({"lat": 1, "lon": 1, "address": "\0"}, "invalid_characters"),
            ("here", "invalid_location"),
        ),
        "it.lat > 0",
        sorts=False,
    ),
    "json": FieldCase(
        _same({"code": "a", "n": [1, 2.5, None, True]}, {"code": "丙"}),
        (
            ({"n": 1}, "json_shape"),
            ({"code": "\0"}, "invalid_characters"),
            ({"code": "\ud800"}, "invalid_characters"),
            ({"code": "a", "n": float("nan")}, "invalid_json"),
            ({"code": "a", "n": 10**18}, "invalid_json"),
            ({"code": "a", "n": list(range(10_001))}, "json_too_large"),
        ),
        "",
        sorts=False,
        more=", schema: {type: object, required: [code]}",
    ),
}
"""Types whose values stand for themselves; links, people and files have tests of their own."""

RELATED = frozenset(
    {"link", "links", "user", "users", "department", "team", "file", "image", "signature"}
)
"""Types whose values are other records."""

ASSIGNED = frozenset({"autonumber", "uuid"})
"""Types that nobody enters."""
