"""What the API keeps from a caller: behind links, in words about the model, in views."""

from __future__ import annotations

from tests.ui.api.calling import Api, Calling


def test_a_token_reaches_no_further_behind_links_and_in_search(
    api: Api, calling: Calling, name: str
) -> None:
    customer = api.create("customer", name=name)
    order = api.create("order", customer=customer["id"])
    narrow = calling("administrator", "order:read")

    found = narrow.get(f"/records/order/{order['id']}")

    assert found["customer"] == {"id": customer["id"], "title": None, "restricted": True}
    assert found["created_by"]["title"]
    whole = calling("administrator", "read").get(f"/records/order/{order['id']}")
    assert whole["customer"]["title"] == name
    refused = narrow.call("GET", "/search", query={"q": name})
    assert (refused.status_code, name in refused.text) == (403, False)


def test_the_model_is_told_without_the_names_of_hidden_fields(api: Api, calling: Calling) -> None:
    clerk = calling("clerk")

    told = clerk.get("/metadata/entities/customer")

    assert "secret" not in str(told)
    assert "secret" in str(api.get("/metadata/entities/customer"))


def test_a_view_over_hidden_fields_is_unknown_by_its_name(calling: Calling) -> None:
    answer = calling("clerk").call("GET", "/export/customer", query={"view": "secretive"})

    assert answer.status_code in (403, 422)
    assert "secret_" not in answer.text
