"""Reports that people build, keep and share, and the dashboards they put them on."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest

from engine.views import Wanted
from tests.ui.conftest import Visiting, Visitor

BY_STAGE = urlencode([("entity", "quote"), ("group", "stage"), ("measure", "SUM(total)")])


def keep(visitor: Visitor, state: str, **values: str) -> str:
    """Keep a report; answer its address below the tenant."""
    answer = visitor.send("/reports", {"values": {"state": state, **values}})
    assert answer.status_code == 200, answer.text
    return str(answer.json["location"]).removeprefix(f"/{visitor.ctx.tenant.name}")


def rows(page: str) -> list[list[str]]:
    """The rows of the first table of figures, names and figures as they are shown."""
    table = page.split('class="tile-table"')[1].split("</table>")[0]
    return [
        [re.sub(r"<[^>]+>", "", cell).strip() for cell in re.findall(r"<t[hd].*?</t[hd]>", row)]
        for row in table.split("<tr")[2:]
    ]


def sold(visitor: Visitor, name: str, *deals: tuple[str, str]) -> str:
    """Make a customer with quotes in stages, each of a price."""
    customer = visitor.create("customer", name=name, level="key")
    product = visitor.create("product", name=f"{name} pump", list_price="10")
    for stage, price in deals:
        line = {"product": product, "quantity": "1", "unit_price": price}
        visitor.create(
            "quote", name=name, customer=customer, tax_rate="0", stage=stage, lines=[line]
        )
    return customer


def test_a_report_groups_and_adds_up_with_subtotals_and_a_grand_total(visitor: Visitor) -> None:
    sold(visitor, "Report A", ("draft", "100"), ("sent", "200"))
    sold(visitor, "Report B", ("sent", "50"))
    said = [("entity", "quote"), ("group", "customer.name"), ("group", "stage"),
            ("measure", "SUM(total)"), ("measure", "COUNT()"), ("type", "table"),
            ("filter", 'name in ["Report A", "Report B"]')]  # fmt: skip

    pivot = visitor.get(f"/reports/new?{urlencode(said)}").text
    by_month = visitor.get(f"/reports/new?{urlencode([*said, ('group', 'customer.level')])}").text

    assert rows(pivot) == [
        ["Report A", "¥100", "¥200", "¥300"],
        ["Report B", "–", "¥50", "¥50"],
        ["Total", "¥100", "¥250", "¥350"],
    ]
    assert ["Report A in all", "", "", "¥300", "2"] in rows(by_month)
    assert rows(by_month)[-1] == ["Total", "", "", "¥350", "3"]


def test_an_average_of_averages_is_asked_for_and_never_added_up(visitor: Visitor) -> None:
    sold(visitor, "Average A", ("draft", "100"), ("draft", "200"), ("sent", "900"))
    said = [("entity", "quote"), ("group", "stage"), ("measure", "AVG(total)"),
            ("filter", 'name == "Average A"')]  # fmt: skip

    page = visitor.get(f"/reports/new?{urlencode(said)}").text

    assert rows(page) == [["Sent", "¥900"], ["Draft", "¥150"], ["Total", "¥400"]]


def test_a_kept_report_is_shared_locked_and_changed_by_whom_it_may_be(visiting: Visiting) -> None:
    mine, other = visiting("administrator"), visiting("seller")
    own = keep(mine, BY_STAGE, title="Own figures")
    shared = keep(mine, BY_STAGE, title="For all", sharing="everyone", locked="true")

    assert "For all" in other.get("/reports").text
    assert "Own figures" not in other.get("/reports").text
    assert other.get(own).status_code == 404
    assert other.get(shared).status_code == 200
    assert other.send(shared, {"values": {"title": "Mine now"}}).status_code == 403
    assert other.send(f"{shared}/delete", {}).status_code == 403
    assert mine.send(f"{shared}/delete", {}).status_code == 200


def test_a_shared_report_shows_each_person_what_they_may_see(visiting: Visiting) -> None:
    """T-*: the figures of a report are those of whoever looks."""
    mine, seller = visiting("administrator"), visiting("seller")
    sold(mine, "Walled", ("draft", "700"))
    said = [("entity", "quote"), ("group", "name"), ("measure", "SUM(total)"),
            ("filter", 'name == "Walled"')]  # fmt: skip
    shared = keep(mine, urlencode(said), title="Walled", sharing="everyone")

    assert rows(mine.get(shared).text) == [["Walled", "¥700"]]
    assert "No figures yet" in seller.get(shared).text


def test_a_report_of_what_somebody_may_not_read_is_not_theirs_to_build(visiting: Visiting) -> None:
    clerk = visiting("clerk")

    assert clerk.get(f"/reports/new?{BY_STAGE}").status_code == 404
    assert clerk.send("/reports", {"values": {"state": BY_STAGE, "title": "x"}}).status_code in (
        404, 422,
    )  # fmt: skip


def test_a_report_without_a_name_or_with_nonsense_is_refused_in_words(visitor: Visitor) -> None:
    unnamed = visitor.send("/reports", {"values": {"state": BY_STAGE, "title": " "}})
    broken = visitor.get(f"/reports/new?entity=quote&group=nothing.such&measure={quote('SUM(x)')}")

    assert unnamed.status_code == 422
    assert [error["path"] for error in unnamed.json["errors"]] == [["title"]]
    assert broken.status_code == 200
    assert broken.text.count("is not known here") >= 2


def test_reports_are_put_on_a_dashboard_arranged_and_taken_off(visitor: Visitor) -> None:
    """A dashboard of one's own: made from a report, its tiles put elsewhere, then taken away."""
    made = visitor.send("/dashboards/own/put", {"values": {"state": BY_STAGE, "title": "Stages"}})
    board = str(made.json["location"]).removeprefix(f"/{visitor.ctx.tenant.name}")
    page = visitor.get(board).text
    key, version = (
        re.search(rf'{name}="([^"]+)"', page)[1] for name in ("data-tile", "data-version")
    )  # type: ignore[index]

    moved = visitor.send(
        board,
        {"values": {"widgets": [{"key": key, "at": [11, 3, 4, 99]}], "version": version}},
    )
    late = visitor.send(board, {"values": {"widgets": [], "version": version}})

    assert "Stages" in page
    assert moved.status_code == 200
    assert "at-c9 at-r4 at-w4 at-h12" in visitor.get(board).text
    assert late.status_code in (409, 412)
    assert visitor.send(f"{board}/delete", {}).status_code == 200
    assert visitor.get(board).status_code == 404


def test_a_tile_over_what_is_gone_says_so_and_leaves_the_others(visitor: Visitor) -> None:
    """A dashboard over a field that was retired is no error page."""
    tiles = [
        {"key": "good", "title": "Good", "at": [0, 0, 4, 4], "spec": {"entity": "quote"}},
        {"key": "field", "title": "Old", "at": [4, 0, 4, 4],
         "spec": {"entity": "quote", "groups": ["retired_long_ago"]}},
        {"key": "kind", "title": "Older", "at": [8, 0, 4, 4], "spec": {"entity": "gone_thing"}},
    ]  # fmt: skip
    wanted = Wanted("Aged", {"widgets": tiles}, kind="dashboard", sharing="everyone")
    saved = visitor.house.services.saved_views.create(visitor.ctx, wanted)

    page = visitor.get(f"/dashboards/own/{saved.id}")

    assert page.status_code == 200
    assert page.text.count("data-tile=") == 3
    assert "`retired_long_ago` is not known here" in page.text
    assert "not there any more: gone_thing" in page.text
    assert page.text.count("take it off the dashboard") == 2


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_figures_of_a_widget_are_taken_along_as_a_file(visitor: Visitor, kind: str) -> None:
    sold(visitor, "Taken along", ("draft", "1234.50"))
    said = [("entity", "quote"), ("group", "name"), ("measure", "SUM(total)"),
            ("filter", 'name == "Taken along"')]  # fmt: skip

    answer = visitor.get(f"/reports/new?{urlencode(said)}&widget=report&as={kind}")

    assert answer.status_code == 200
    if kind == "csv":
        assert answer.text.splitlines()[1] == "Taken along,1234.50"
    else:
        assert answer.data[:2] == b"PK"


def test_statements_are_shown_to_those_who_may_see_them_and_that_is_told(
    visiting: Visiting,
) -> None:
    chief, seller = visiting("administrator"), visiting("seller")

    seen = chief.get("/dashboards/sales?widget=total&as=sql")
    refused = seller.get("/dashboards/own?widget=count&as=sql")

    assert seen.status_code == 200
    assert "SELECT" in seen.text
    assert "ms" in seen.text
    assert refused.status_code == 403
    assert "Looked at the SQL of a figure" in chief.get("/admin/log?kind=sql_seen").text


def test_a_board_shows_the_statements_that_it_is_drawn_by(visiting: Visiting) -> None:
    chief, seller = visiting("administrator"), visiting("seller")

    board = chief.get("/records/quote?view=board").text
    seen = chief.get("/records/quote/statement?view=board")

    assert "data-statement=" in board
    assert seen.text.count("<pre") > 1, "figures of the lanes and their cards"
    assert "data-statement=" not in seller.get("/records/customer").text
    assert seller.get("/records/quote/statement?view=board").status_code == 403


def test_every_kind_of_record_has_figures_from_its_metadata_alone(visitor: Visitor) -> None:
    for name in ("quote", "customer", "product"):
        page = visitor.get(f"/records/{name}/figures")

        assert page.status_code == 200
        assert "data-tile" in page.text
        assert "tile-problem" not in page.text


def test_a_dashboard_comes_back_with_the_filters_somebody_left_it_with(
    visiting: Visiting,
) -> None:
    """P-*: kept for each person; what the address says comes first."""
    mine, other = visiting("administrator"), visiting("administrator")
    kept = mine.send("/dashboards/keep?key=sales", {"made": "last_month"})

    chosen = re.compile(r'<option value="(\w+)" selected')
    assert kept.status_code == 200
    assert chosen.findall(mine.get("/dashboards/sales").text) == ["last_month"]
    assert chosen.findall(mine.get("/dashboards/sales?made=this_year").text) == ["this_year"]
    assert chosen.findall(mine.get("/dashboards/sales?plain=1").text) == []
    assert chosen.findall(other.get("/dashboards/sales").text) == []
