"""Links doors for people outside: public forms and portals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from formula.types import TextType
from metamodel.label import Label
from metamodel.linking.behaviour import field_key, field_keys
from metamodel.linking.draft import Draft
from metamodel.linking.formulas import condition
from metamodel.linking.texts import read_template
from metamodel.linking.values import set_values
from metamodel.model import Entity, Field
from metamodel.nearest import nearest
from metamodel.outward import UNASKED, FormField, Portal, PortalAccess, PortalPage, PublicForm
from metamodel.reader import Node
from metamodel.scope import scope_of

HOURLY = 20
"""How many answers one address may send in an hour, where the form does not say."""


def link_public_forms(draft: Draft) -> dict[str, PublicForm]:
    """Return public forms by key."""
    return draft.linked("public_forms", _public_form)


def link_portals(draft: Draft) -> dict[str, Portal]:
    """Return portals by key."""
    return draft.linked("portals", _portal)


def _public_form(draft: Draft, node: Node) -> PublicForm | None:
    entity = draft.over(node)
    if entity is None:
        return None
    fields = tuple(_form_fields(node, entity))
    about = _about(node, entity)
    link = entity.fields[about].link if about else None
    scope = scope_of(draft.model, entity.key if link is None else link.to[0])
    values = set_values(node, entity, scope, personal=False)
    asked = {each.field for each in fields} | set(values) | {about}
    for field in entity.fields.values():
        if _must_be_given(field) and field.key not in asked:
            asked_for = f"Add `{field.name}` to `fields:`, or give"
            node.report(
                "form_incomplete",
                f"Answers to `{node.name}` cannot be saved: `{field.name}` must be filled.",
                f"{'Give' if field.type in UNASKED else asked_for} it a value under `set:`.",
                at="fields",
            )
    return PublicForm(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        entity=entity.key,
        fields=fields,
        values=values,
        about=about,
        active=node.flag("active", default=True),
        thanks=node.label("thanks"),
        redirect=node.text("redirect"),
        hourly=node.whole("hourly") or HOURLY,
        help=node.label("help"),
        module=draft.module(node),
    )


def _about(node: Node, entity: Entity) -> str:
    """Return the field that a form is about; report one that is no link to one kind of records."""
    if "about" not in node:
        return ""
    key = field_key(node, node.text("about"), entity, at="about")
    link = entity.fields[key].link if key is not None else None
    if key is not None and (link is None or link.many or len(link.to) != 1):
        node.report(
            "wrong_value",
            f"`{node.text('about')}` of `{entity.name}` is no link to one record.",
            "Name a field of type `link`, to one entity.",
            at="about",
        )
        return ""
    return key or ""


def _must_be_given(field: Field) -> bool:
    given = field.default is not None or field.default_formula is not None
    return field.required and not (given or field.retired or field.formula is not None)


def _form_fields(node: Node, entity: Entity) -> Iterator[FormField]:
    for each in node.child("fields").live():
        key = field_key(each, each.name, entity)
        if key is None:
            continue
        if entity.fields[key].readonly:
            each.report(
                "computed_and_given",
                f"`{each.name}` of `{entity.name}` cannot be filled in.",
                "Take it out of the form.",
            )
            continue
        if entity.fields[key].type in UNASKED:
            each.report(
                "form_not_asked",
                f"`{each.name}` of `{entity.name}` is not asked without a sign-in.",
                "Take it out of the form, or give it a value under `set:`.",
            )
            continue
        yield FormField(
            field=key,
            label=each.label(),
            help=each.label("help"),
            required=each.flag("required") or entity.fields[key].required,
            width=each.whole("width") or 1,
        )


def _portal(draft: Draft, node: Node) -> Portal | None:
    if "people" not in node:
        sentence = f"The portal `{node.name}` is for nobody."
        node.report("missing_key", sentence, "Add `people:`, the entity whose records sign in.")
        return None
    people = draft.entity(node, node.text("people"), at="people")
    if people is None:
        return None
    shown = (_access(draft, each, people) for each in node.child("entities").live())
    entities = {access.entity: access for access in shown if access is not None}
    return Portal(
        key=node.key,
        name=node.name,
        label=node.label() or Label({"": node.name}),
        people=people.key,
        email=_email(node, people),
        who=condition(node, "who", scope_of(draft.model, people.key)),
        entities=entities,
        pages=tuple(_page(draft, each, entities) for each in node.child("pages").live()),
        active=node.flag("active", default=True),
        help=node.label("help"),
        module=draft.module(node),
    )


def _email(node: Node, people: Entity) -> str:
    """Return the field that holds the address people sign in with."""
    natural = (each.name for each in people.fields.values() if each.type == "email")
    named = node.text("email") or next(natural, "email")
    key = field_key(node, named, people, at="email" if "email" in node else "people")
    if key and not isinstance(people.fields[key].value_type, TextType):
        node.report(
            "wrong_value",
            f"`{named}` of `{people.name}` holds no address.",
            "Name a field of type `email`.",
            at="email",
        )
    return key or ""


def _access(draft: Draft, node: Node, people: Entity) -> PortalAccess | None:
    entity = draft.entity(node, node.name)
    if entity is None:
        return None
    where = condition(node, "where", scope_of(draft.model, entity.key, this=people.key))
    view = node.text("view")
    views = [each.name for each in entity.views.values()]
    if view and view not in views:
        sentence = f"`{entity.name}` has no view `{view}`."
        node.report("unknown_view", sentence, nearest(view, views), at="view")
    buttons = {each.name: each.key for each in entity.buttons.values()}
    for name in node.names("buttons"):
        if name not in buttons:
            sentence = f"`{entity.name}` has no button `{name}`."
            node.report("unknown_button", sentence, nearest(name, buttons), at="buttons")
    if where is None:
        return None
    return PortalAccess(
        entity=entity.key,
        where=where,
        create=node.flag("create"),
        fields=field_keys(node, "fields", entity),
        update=field_keys(node, "update", entity),
        view=view,
        buttons=tuple(buttons[name] for name in node.names("buttons") if name in buttons),
    )


def _page(draft: Draft, node: Node, entities: Mapping[str, PortalAccess]) -> PortalPage:
    form, named = node.text("form"), node.text("entity")
    known = [each.name for each in draft.root.child("public_forms").live()]
    if form and form not in known:
        sentence = f"There is no public form `{form}`."
        node.report("unknown_form", sentence, nearest(form, known), at="form")
    entity = draft.entity(node, named, at="entity") if named else None
    if entity is not None and entity.key not in entities:
        node.report(
            "unknown_entity",
            f"The portal does not show `{entity.name}`.",
            "Add it under the portal's `entities:`.",
            at="entity",
        )
    return PortalPage(
        name=node.name,
        label=node.label() or Label({"": node.name}),
        text=read_template(node, "text", scope_of(draft.model, "")),
        entity=entity.key if entity is not None else "",
        form=form,
    )
