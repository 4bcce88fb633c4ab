"""Views that people keep: whose they are, who sees and changes them, what of them still holds."""

from __future__ import annotations

from uuid import uuid4

import pytest

from engine.context import Context, role_id
from engine.errors import Forbidden, NotFound, RecordRefused, VersionConflict
from engine.views import SavedView, SavedViews, Wanted, kept, opened, service, spec_of
from tests.engine.house import House

KEYS = {"columns": ["name", {"path": "credit", "total": "sum", "width": 90}], "filter": "vip"}


@pytest.fixture(scope="module")
def views(house: House) -> SavedViews:
    return SavedViews(house.database)


@pytest.fixture
def author(house: House) -> Context:
    return house.ctx("everything", user=uuid4())


def wanted(ctx: Context, title: str = "Keys", **more: object) -> Wanted:
    entity = ctx.model.entities["customer"]
    made = kept(ctx, entity, spec_of(more.pop("spec", KEYS)))
    return Wanted(title, made.spec, entity="customer", uses=made.uses, **more)  # type: ignore[arg-type]


def seen(views: SavedViews, ctx: Context) -> list[SavedView]:
    return [view for view in views.find(ctx, entity="customer") if view.title.startswith("Keys")]


def test_a_view_of_ones_own_is_seen_by_nobody_else(
    views: SavedViews, house: House, author: Context
) -> None:
    """P-20."""
    made = views.create(author, wanted(author))

    assert made in seen(views, author)
    assert made not in seen(views, house.ctx("administrator", user=uuid4()))
    with pytest.raises(NotFound):
        views.get(house.ctx("administrator", user=uuid4()), made.id)


@pytest.mark.parametrize("with_whom", ["role", "department", "person"])
def test_a_shared_view_is_seen_by_whom_it_is_shared_with(
    views: SavedViews, house: House, author: Context, with_whom: str
) -> None:
    """P-20."""
    user, department = uuid4(), uuid4()
    holder = house.ctx("team", user=user, homes=(department,))
    whom = {"role": role_id("team"), "department": department, "person": user}[with_whom]
    made = views.create(author, wanted(author, sharing="some", shared_with=(whom,)))

    assert made in seen(views, holder)
    assert made not in seen(views, house.ctx("own", user=uuid4()))


def test_a_shared_view_is_changed_by_anybody_until_it_is_locked(
    views: SavedViews, house: House, author: Context
) -> None:
    other = house.ctx("everything", user=uuid4())
    made = views.create(author, wanted(author, sharing="everyone"))

    changed = views.change(other, made.id, wanted(other, "Keys, changed"))
    locked = views.change(
        author, made.id, wanted(author, sharing="everyone", locked=True), changed.version
    )

    assert changed.sharing == "everyone"
    assert locked.version == made.version + 2
    with pytest.raises(Forbidden):
        views.change(other, made.id, wanted(other, "Keys, stolen"))
    with pytest.raises(Forbidden):
        views.drop(other, made.id)


def test_what_somebody_changed_since_is_not_overwritten(views: SavedViews, author: Context) -> None:
    made = views.create(author, wanted(author))
    views.change(author, made.id, wanted(author, "Keys, once"), made.version)

    with pytest.raises(VersionConflict):
        views.change(author, made.id, wanted(author, "Keys, twice"), made.version)


def test_a_view_is_changed_for_oneself_alone_and_put_back(
    views: SavedViews, house: House, author: Context
) -> None:
    other = house.ctx("everything", user=uuid4())
    made = views.create(author, wanted(author, sharing="everyone", locked=True))

    views.lay(other, str(made.id), wanted(other, spec={"sort": "-credit"}))
    views.lay(other, str(made.id), wanted(other, spec={"sort": "-name"}))
    laid = [view.spec["sort"] for view in seen(views, other) if view.over == str(made.id)]
    views.reset(other, "customer", str(made.id))

    assert laid == ["-name"]
    assert [view for view in seen(views, other) if view.over] == []
    assert [view for view in seen(views, author) if view.over] == []


def test_a_view_is_found_by_the_fields_it_uses(
    views: SavedViews, house: House, author: Context
) -> None:
    """What a plan asks before a field is retired."""
    made = views.create(author, wanted(author))
    plain = views.create(author, wanted(author, spec={"columns": ["name"]}))

    using = {view.id for view in views.using(house.ctx(), ["customer.credit", "customer.nothing"])}

    assert made.id in using
    assert plain.id not in using
    assert {"customer.credit", "customer.name", "customer.vip"} == set(made.uses)


@pytest.mark.parametrize(
    ("title", "more", "code"),
    [
        ("", {}, "required"),
        ("x" * 200, {}, "too_long"),
        ("Keys", {"sharing": "some"}, "required"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    views: SavedViews, author: Context, title: str, more: dict[str, object], code: str
) -> None:
    with pytest.raises(RecordRefused) as refused:
        views.create(author, wanted(author, title, **more))

    assert [error.code for error in refused.value.errors] == [code]


@pytest.mark.parametrize(
    "document",
    [
        [], {"columns": "name"}, {"columns": [{"path": 7}]}, {"filter": 1}, {"group": [1]},
        {"height": "huge"}, {"frozen": "two"}, {"colors": ["red"]}, {"sort": "\0"},
        {"columns": [{"path": "name", "total": "median"}]}, {"filter": "x" * 10_001},
    ],
)  # fmt: skip
def test_a_spec_that_nothing_could_show_is_refused(document: object) -> None:
    with pytest.raises(RecordRefused):
        spec_of(document)


def test_what_a_reshape_took_away_is_named_and_the_rest_is_shown(author: Context) -> None:
    """A field that is gone takes nothing else of a view with it."""
    entity = author.model.entities["customer"]
    spec = spec_of(
        {
            "columns": ["name", "gone", "credit"], "filter": "gone > 3", "sort": "-credit",
            "group": ["level", "gone"], "colors": [{"when": "vip", "color": "red"},
            {"when": "gone", "color": "red"}],
        }
    )  # fmt: skip

    found = opened(author, entity, entity.views["all"], spec)

    assert [column.path.text for column in found.view.columns] == ["name", "credit"]
    assert [path.text for path in found.view.group] == ["level"]
    assert [rule.color for rule in found.view.colors] == ["red"]
    assert found.view.filter is None
    assert set(found.missing) == {"gone", "gone > 3"}


def test_a_layer_says_only_what_it_changes() -> None:
    below = spec_of(KEYS | {"sort": "name", "frozen": 2})

    laid = spec_of({"sort": "-credit", "group": []}).over(below)

    assert laid.filter == "vip"
    assert laid.sort == "-credit"
    assert laid.group == ()
    assert laid.frozen == 2
    assert spec_of(laid.to_json()) == laid


def test_what_one_keeps_is_bounded_and_takes_no_room_from_others(
    views: SavedViews, house: House, author: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Views laid over others count as well; one of them can always be laid anew."""
    monkeypatch.setattr(service, "MOST_VIEWS", 2)
    views.create(author, wanted(author, sharing="everyone"))
    views.lay(author, "one", wanted(author))

    with pytest.raises(RecordRefused):
        views.create(author, wanted(author))
    with pytest.raises(RecordRefused):
        views.lay(author, "two", wanted(author))
    views.lay(author, "one", wanted(author, "Keys again"))
    views.create(house.ctx("everything", user=uuid4()), wanted(author))

    mine = [each for each in seen(views, author) if each.owner == author.actor.user]
    assert sorted((each.over, each.title) for each in mine) == [("", "Keys"), ("one", "Keys again")]
