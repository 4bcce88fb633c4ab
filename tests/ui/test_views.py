"""Records as boards, calendars, galleries, maps, pivots and beside each other (O-02, T-07)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from boot.wiring import House
from tests.conftest import TenantMaker
from tests.ui.conftest import Visiting, Visitor, visits

CLUB = (Path(__file__).parent / "club.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def club(serving: House, tenant_of: TenantMaker) -> Visiting:
    """Sign new people in to a club with views of every type."""
    return visits(serving, tenant_of(CLUB))


@pytest.fixture(scope="module")
def lin(club: Visiting) -> Visitor:
    return club("administrator")


def event(visitor: Visitor, name: str, **values: Any) -> str:
    """Make an event, from nine to ten in Shanghai unless it is said."""
    known = {"begins": "2026-10-12T01:00:00Z", "ends": "2026-10-12T02:00:00Z"}
    return visitor.create("event", name=name, **{**known, **values})


def drawn(visitor: Visitor, view: str, first: str, last: str) -> Mapping[str, Mapping[str, Any]]:
    """What stands on a calendar between two days, by title."""
    query = urlencode({"view": view, "from": first, "to": last})
    return {each["title"]: each for each in told(visitor, f"events?{query}")["events"]}


def told(visitor: Visitor, part: str) -> Any:
    """What a part of the view of events says. Any: JSON."""
    answer = visitor.get(f"/records/event/{part}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_lane_goes_on_where_it_was_left(club: Visiting) -> None:
    visitor = club("member")
    for number in range(30):
        event(visitor, f"Card {number:02}")

    page = visitor.get("/records/event?view=board").text
    more = re.findall(r'hx-get="([^"]*)"', page.split('data-stage="fixed"')[0])
    rest = visitor.client.get(more[-1].replace("&amp;", "&")).text

    shown = re.findall(r'class="lane-title"[^>]*>(Card \d+)<', page + rest)
    assert shown == [f"Card {number:02}" for number in range(30)]
    assert "is-over" in page and "30<span> / 2" in page


def test_a_board_in_rows_counts_each_and_sums_the_lanes(club: Visiting) -> None:
    visitor = club("member")
    for kind, fee in (("talk", "10"), ("talk", "20"), ("walk", "5")):
        event(visitor, f"{kind} {fee}", kind=kind, fee=fee)

    page = visitor.get("/records/event?view=rows").text

    heads = re.findall(r'class="board-row-head"><span>([^<]*)</span><small[^>]*>(\d+)', page)
    assert heads == [("Talk", "2"), ("Walk", "1")]
    assert page.count("¥35") == 1
    assert len(re.findall(r'class="lane-title"', page)) == 3


def test_a_folded_lane_comes_folded(lin: Visitor) -> None:
    lin.client.set_cookie("folded", "board:fixed")

    page = lin.get("/records/event?view=board").text

    assert page.count("is-folded") == 1


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Shanghai", ("2026-10-12T09:00:00", "2026-10-12T10:00:00")),
        ("America/New_York", ("2026-10-11T21:00:00", "2026-10-11T22:00:00")),
    ],
)
def test_times_are_those_of_the_persons_zone(
    club: Visiting, zone: str, expected: tuple[str, str]
) -> None:
    visitor = club("member")
    event(visitor, "Tea")
    answer = visitor.send("/preferences/screen", {"values": {"zone": zone}})
    assert answer.status_code < 400, answer.text

    tea = drawn(visitor, "calendar", "2026-10-10", "2026-10-13")["Tea"]

    assert (tea["start"], tea["end"], tea["allDay"]) == (*expected, False)


def test_whole_days_are_drawn_as_days_with_the_last_included(club: Visiting) -> None:
    visitor = club("member")
    stay = {"from": "2026-10-02", "to": "2026-10-04"}
    whole = {"begins": "2026-10-01T16:00:00Z", "ends": "2026-10-03T16:00:00Z", "whole": True}
    event(visitor, "Fair", day="2026-10-05", stay=stay, **whole)

    by_time = drawn(visitor, "calendar", "2026-10-01", "2026-10-31")["Fair"]
    by_day = drawn(visitor, "days", "2026-10-05", "2026-10-05")["Fair"]
    by_stay = drawn(visitor, "stays", "2026-10-04", "2026-10-04")["Fair"]

    assert (by_time["start"], by_time["end"]) == ("2026-10-02", "2026-10-04")
    assert (by_day["start"], by_day["end"]) == ("2026-10-05", "2026-10-06")
    assert (by_stay["start"], by_stay["end"]) == ("2026-10-02", "2026-10-05")
    assert drawn(visitor, "stays", "2026-10-05", "2026-10-09") == {}


def test_what_is_dragged_is_written_once_and_over_the_version_that_was_seen(
    club: Visiting,
) -> None:
    visitor = club("member")
    record = event(visitor, "Moved")
    where = f"/records/event/{record}/when?view=calendar"
    body = {"start": "2026-10-13T14:00:00", "end": "2026-10-13T15:30:00", "version": 1}

    first = visitor.send(where, body)
    again = visitor.send(where, body)

    moved = drawn(visitor, "calendar", "2026-10-13", "2026-10-13")["Moved"]
    assert first.json == {"version": 2}
    assert again.status_code == 409
    assert (moved["start"], moved["end"]) == ("2026-10-13T14:00:00", "2026-10-13T15:30:00")


def test_a_refusal_of_what_is_dragged_says_why(club: Visiting) -> None:
    visitor = club("member")
    record = event(visitor, "Backwards")
    body = {"start": "2026-10-13T14:00:00", "end": "2026-10-13T13:00:00", "version": 1}

    answer = visitor.send(f"/records/event/{record}/when?view=calendar", body)

    assert answer.status_code == 422
    refused: Any = answer.json
    assert refused["errors"][0]["message"] == "It ends before it begins."


def test_a_gallery_a_split_view_and_a_map_show_what_the_person_may_read(club: Visiting) -> None:
    mine, other = club("member"), club("member")
    event(mine, "Mine", province="广东省", place={"lat": "22.5431", "lon": "114.0579"})
    event(other, "Hidden", province="北京市", place={"lat": "39.9", "lon": "116.4"})

    pages = [mine.get(f"/records/event?view={view}").text for view in ("gallery", "desk")]
    regions = re.findall(r'data-region="([^"]*)" data-count="(\d+)"',
                         mine.get("/records/event?view=provinces").text)  # fmt: skip
    places = told(mine, "places?view=places")["places"]

    assert all("Mine" in page and "Hidden" not in page for page in pages)
    assert regions == [("广东省", "1")]
    assert [(each["title"], each["lat"], each["lon"]) for each in places] == [
        ("Mine", 22.5431, 114.0579)
    ]


def test_a_pivot_adds_up_and_its_cells_open_their_records(club: Visiting) -> None:
    visitor = club("member")
    for kind, stage, fee in (
        ("talk", "idea", "10"),
        ("talk", "fixed", "20"),
        ("walk", "idea", "5"),
    ):
        event(visitor, f"{kind} {stage}", kind=kind, stage=stage, fee=fee)

    page = visitor.get("/records/event?view=pivot").text
    table = page.split('class="tile-table"')[1].split("</table>")[0]
    url = re.findall(r'href="([^"]*)">¥20<', table)[0].replace("&amp;", "&")
    file = visitor.get("/records/event/pivot?view=pivot&widget=fee&as=csv")

    assert "¥35" in table and "¥30" in table and "¥15" in table
    listed = visitor.client.get(url).text
    assert "talk fixed" in listed and "talk idea" not in listed
    assert file.status_code == 200 and "35" in file.text


@pytest.mark.parametrize(
    "address",
    [
        "/records/event/lane?view=all",
        "/records/event/lane?view=board&stage=none",
        "/records/event/events?view=calendar&from=x&to=y",
        "/records/event/events?view=calendar&from=2026-01-01&to=2036-01-01",
        "/records/event/places?view=board",
        "/calendar/free?minutes=7",
        "/calendar/busy?start=2026-01-01T10:00",
    ],
)
def test_an_address_that_means_nothing_is_not_found(lin: Visitor, address: str) -> None:
    assert lin.get(address).status_code == 404


def test_a_filter_that_cannot_be_used_is_said_on_every_view(lin: Visitor) -> None:
    for view in ("board", "gallery", "desk", "provinces", "pivot"):
        page = lin.get(f"/records/event?view={view}&filter={uuid4().hex}x").text
        assert 'role="alert"' in page, view


@pytest.mark.parametrize(
    "mark",
    [
        "stood~course~~~2026-01-01~~",
        "won~course~idea~~2026-01-01~~",
        "guessed~course~~~2026-01-01~~",
    ],
)
def test_a_mark_that_stands_for_nothing_is_refused(lin: Visitor, mark: str) -> None:
    assert lin.get(f"/records/event?view=all&mark={mark}").status_code == 404


def test_a_mark_may_reach_from_the_first_day_to_the_last(lin: Visitor) -> None:
    for mark in ("stood~course~idea~~9999-12-31~~", "opening~course~~0001-01-01~9999-12-31~~"):
        assert lin.get(f"/records/event?view=all&mark={mark}").status_code == 200
