"""One's own notices over the API (T-19)."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.context import Cause
from engine.notices import News
from tests.ui.api.calling import Api, Calling


def told(api: Api, name: str) -> None:
    me = api.get("/me")
    system = api.house.contexts.system(api.ctx.tenant.name, cause=Cause("job"))
    news = News("finished", words={"what": "import", "name": name})
    api.house.services.notices.tell(system, [UUID(me["data"]["user"])], news)


def test_notices_are_listed_marked_and_counted(calling: Calling) -> None:
    api = calling()
    told(api, "a.csv")
    told(api, "b.csv")

    first = api.get("/notices", limit="1")
    newest = first["data"][0]["id"]
    rest = api.get("/notices", before=newest)
    marked = api.call("POST", "/notices", {"ids": [newest], "state": "done"})
    after = api.get("/notices")

    assert first["data"][0]["words"] == {"what": "import", "name": "b.csv"}
    assert [each["words"]["name"] for each in rest["data"]] == ["a.csv"]
    assert marked.json == {"count": 1}
    assert (after["unread"], [each["words"]["name"] for each in after["data"]]) == (1, ["a.csv"])


@pytest.mark.parametrize("state", ["burnt", ""])
def test_a_state_that_is_none_is_refused(api: Api, state: str) -> None:
    assert api.call("GET", "/notices", query={"state": state}).status_code == 422
    assert api.call("POST", "/notices", {"all": True, "state": state}).status_code == 422


def test_a_token_that_reads_some_records_reads_no_notices(calling: Calling) -> None:
    narrow = calling("administrator", "product:read")

    assert narrow.call("GET", "/notices").status_code == 403
