"""Views that people keep, over HTTP: the same rights as on the screens."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.ui.api.calling import Api, Calling, codes


def test_a_view_is_kept_changed_shared_and_taken_away(calling: Calling, api: Api) -> None:
    """P-20: what is not named stays as it was; only where nobody changed it since."""
    title = uuid4().hex
    spec = {"columns": [{"path": "name"}], "filter": "limit > 10", "sort": "-limit"}
    made = api.call("POST", "/views/customer", {"title": title, "spec": spec})
    at = f"/views/customer/{made.json['id']}"
    clerk = calling("clerk")

    assert made.status_code == 201
    assert made.json["spec"]["filter"] == "limit > 10"
    assert (made.json["sharing"], made.json["may_change"]) == ("mine", True)
    assert clerk.call("GET", at).status_code == 404
    shared = api.call("PATCH", at, {"roles": ["clerk"], "locked": True, "version": 1}).json
    assert (shared["sharing"], shared["roles"], shared["title"]) == ("some", ["clerk"], title)
    assert shared["spec"] == made.json["spec"]
    assert [each["may_change"] for each in clerk.get("/views/customer")["data"]
            if each["title"] == title] == [False]  # fmt: skip
    me = shared["owner"]
    both = api.call("PATCH", at, {"shared_with": [me]}).json
    assert (both["shared_with"], both["roles"]) == ([me], ["clerk"]), "the role was not named"
    less = api.call("PATCH", at, {"shared_with": []}).json
    assert (less["sharing"], less["shared_with"], less["roles"]) == ("some", [], ["clerk"])
    alone = api.call("PATCH", at, {"roles": []}).json
    assert (alone["sharing"], alone["roles"]) == ("mine", [])
    assert api.call("PATCH", at, {"roles": ["clerk"]}).json["roles"] == ["clerk"]
    assert api.call("PATCH", at, {"title": "x", "version": 1}).status_code in (409, 412)
    assert clerk.call("DELETE", at).status_code == 403
    assert api.call("DELETE", at).status_code == 204
    assert api.call("GET", at).status_code == 404


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({}, ("title", "required"), id="without a title"),
        pytest.param({"title": "x", "base": "none"}, ("view", "unknown_choice"), id="base"),
        pytest.param({"title": "x", "sharing": "all"}, ("sharing", "unknown_choice"), id="sharing"),
        pytest.param({"title": "x", "sharing": "some"}, ("shared_with", "required"), id="whom"),
        pytest.param(
            {"title": "x", "roles": ["clerk", "a\ud800"]}, ("roles", "unknown_role"), id="role"
        ),
        pytest.param({"title": "x", "colour": 1}, ("colour", "unknown_argument"), id="unknown"),
    ],
)
def test_a_view_that_cannot_be_kept_is_refused_in_words(
    api: Api, body: dict[str, object], code: tuple[str, str]
) -> None:
    answer = api.call("POST", "/views/customer", body)

    assert answer.status_code == 422
    assert code in codes(answer)


def test_a_token_that_only_reads_keeps_nothing(calling: Calling) -> None:
    reader = calling("administrator", "read")

    assert reader.call("GET", "/views/customer").status_code == 200
    assert reader.call("POST", "/views/customer", {"title": "x"}).status_code == 403
    assert reader.call("POST", f"/merges/{uuid4()}/undo", {}).status_code == 403
