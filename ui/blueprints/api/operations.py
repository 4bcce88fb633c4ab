"""The calls of the API as OpenAPI describes them: parameters, bodies, answers, refusals."""

from __future__ import annotations

from engine.exchange.sinks import MEDIA
from engine.query.why import is_figure
from metamodel.model import Entity
from ui.blueprints.api import schemas
from ui.blueprints.api.arguments import COUNTS, FLAGS, FORMATS, MODES
from ui.blueprints.api.calls import (
    call_of,
    content_of,
    gives,
    in_path,
    in_query,
    limited,
    of_one,
)
from ui.blueprints.api.conversion_schemas import conversion_paths
from ui.blueprints.api.draft_schemas import draft_paths
from ui.blueprints.api.import_schemas import import_paths
from ui.blueprints.api.keeping_schemas import alike_paths, parting_paths, view_paths
from ui.blueprints.api.me import ME
from ui.blueprints.api.notices import MARKED, NOTICES, STATES
from ui.blueprints.api.personal_schemas import ERASURE, SUBJECT
from ui.blueprints.api.shapes import ID, TEXT, Json

FLAG: Json = {"type": "string", "enum": list(FLAGS)}


def entity_paths(entity: Entity) -> Json:
    """Return the calls on the records of one entity."""
    name = entity.name
    paths: Json = {
        f"/records/{name}": _many(name),
        f"/records/{name}/{{id}}": _one(name),
        f"/records/{name}/{{id}}/restore": of_one(
            post=call_of(f"restore_{name}", gives(name))
        ),
        f"/records/{name}/{{id}}/history": of_one(
            get=call_of(
                f"history_{name}", gives("history"),
                parameters=[limited(50), in_query("before", ID)],
            )
        ),
        f"/records/{name}/{{id}}/kept": of_one(get=call_of(f"kept_{name}", gives("kept_values"))),
        f"/records/{name}/{{id}}/access": of_one(
            get=call_of(
                f"access_{name}", gives("explanation"),
                parameters=[in_query("user", ID), in_query("view", TEXT)],
            )
        ),
        f"/access/{name}": {
            "get": call_of(f"rights_{name}", gives("explanation"),
                              parameters=[in_query("user", ID), in_query("view", TEXT)])
        },
        f"/bulk/{name}": {
            "post": call_of(f"bulk_{name}", gives("bulk_results"), body=f"{name}_bulk")
        },
        f"/aggregate/{name}": {
            "post": call_of(f"aggregate_{name}",
                               gives("aggregate_rows"), body="aggregate",
                               parameters=[in_query("explain", FLAG)])
        },
        f"/import/{name}": {"post": _import(name)},
        f"/export/{name}": {
            "get": _export(f"export_{name}"), "post": _export(f"exportchosen_{name}", "chosen"),
        },
    }  # fmt: skip
    return paths | _special_paths(entity)


def _special_paths(entity: Entity) -> Json:
    """Return the calls that only some entities have."""
    name = entity.name
    paths: Json = _attachments(name) if entity.track else {}
    paths |= view_paths(name) | alike_paths(name)
    if entity.owned and entity.child_of is None:
        paths |= _shares(name)
    if any(each.currency for each in entity.fields.values()):
        paths[f"/records/{name}/{{id}}/recalculate"] = of_one(
            post=call_of(f"recalculate_{name}", gives(name))
        )
    if any(each.personal_data for each in entity.fields.values()):
        paths |= _person(name)
    if any(each.encrypted for each in entity.fields.values()):
        paths[f"/records/{name}/{{id}}/unmask"] = of_one(
            post=call_of(f"unmask_{name}", gives("clear_value"), body="unmask")
        )
    if entity.pipelines:
        paths[f"/records/{name}/{{id}}/stages"] = of_one(
            get=call_of(f"stages_{name}", gives("visits"))
        )
        paths[f"/records/{name}/{{id}}/move"] = of_one(
            post=call_of(f"move_{name}", gives(name), body="move")
        )
    figures = [each.name for each in entity.fields.values() if is_figure(each)]
    if figures:
        path = of_one(get=call_of(f"why_{name}", gives("composition")))
        path["parameters"].append(in_path("field", {"type": "string", "enum": figures}))
        paths[f"/records/{name}/{{id}}/why/{{field}}"] = path
    if entity.converts:
        known = {"type": "string", "enum": [item.name for item in entity.converts.values()]}
        path = of_one(
            post=call_of(f"convert_{name}",
                            gives("made"))
        )  # fmt: skip
        path["parameters"].append(in_path("name", known))
        paths[f"/records/{name}/{{id}}/convert/{{name}}"] = path
    return paths


def _person(name: str) -> Json:
    """Return the calls on what is known of a person."""
    file = call_of(f"personfile_{name}", {})
    binary: Json = {"type": "string", "format": "binary"}
    file["responses"]["200"]["content"] = {"application/zip": {"schema": binary}}
    return {
        f"/person/{name}/{{id}}": of_one(get=call_of(f"person_{name}", content_of(SUBJECT))),
        f"/person/{name}/{{id}}/file": of_one(get=file),
        f"/person/{name}/{{id}}/erase": of_one(
            post=call_of(f"erase_{name}", content_of(ERASURE), success="202")
        ),
    }


def _shares(name: str) -> Json:
    """Return the calls on a record's shares."""
    one = of_one(delete=call_of(f"unshare_{name}", {}, success="204"))
    one["parameters"].append(in_path("share", ID))
    return {
        f"/records/{name}/{{id}}/shares": of_one(
            get=call_of(f"shares_{name}", gives("shares")),
            post=call_of(f"share_{name}", gives("share"), body="sharing", success="201"),
        ),
        f"/records/{name}/{{id}}/shares/{{share}}": one,
    }


def _attachments(name: str) -> Json:
    """Return the calls on what hangs on a record: files, comments, its line of time."""
    one = of_one(delete=call_of(f"detach_{name}", {}, success="204"))
    one["parameters"].append(in_path("file", TEXT))
    said = of_one(
        patch=call_of(f"reword_comment_{name}", gives("comment"), body="saying"),
        delete=call_of(f"withdraw_comment_{name}", {}, success="204"),
    )
    said["parameters"].append(in_path("comment", ID))
    return {
        f"/records/{name}/{{id}}/files": of_one(
            get=call_of(f"attached_{name}", gives("files")), post=_taking(f"attach_{name}")
        ),
        f"/records/{name}/{{id}}/files/{{file}}": one,
        f"/records/{name}/{{id}}/comments": of_one(
            post=call_of(
                f"comment_{name}", gives("comment"), body="saying", success="201"
            )
        ),
        f"/records/{name}/{{id}}/comments/{{comment}}": said,
        f"/records/{name}/{{id}}/timeline": of_one(
            get=call_of(
                f"timeline_{name}", gives("timeline"),
                parameters=[limited(50), in_query("before", ID)],
            )
        ),
    }  # fmt: skip


def _paths_of_people() -> Json:
    """Return the calls about oneself, about those who leave, and about what was done."""
    return {
        "/audit": {
            "get": call_of("audit", gives("events"), parameters=[
                *_audit_parameters(), in_query("cursor", TEXT), limited(50)
            ])
        },
        "/audit/file": {"get": _audit_file()},
        "/people/{id}/handover": of_one(
            post=_handover(),
            get=call_of("handovers", gives("handover_list")),
        ),
        "/handovers/{id}": of_one(get=call_of("handover_state", gives("handover_state"))),
        "/handovers/{id}/report": of_one(get=_handover_report()),
        "/me": {"get": call_of("me", content_of(ME))},
        "/notices": {
            "get": call_of("notices", content_of(NOTICES), parameters=[
                in_query("state", {"type": "string", "enum": list(STATES)}),
                limited(50), in_query("before", ID),
            ]),
            "post": call_of("mark_notices", content_of(MARKED), body="marking"),
        },
    }  # fmt: skip


def general_paths() -> Json:
    """Return the calls that belong to no entity."""
    entity = call_of("entity", gives("entity"))
    check = call_of("check_formula", gives("checked"), body="formula")
    state = call_of(
        "importing",
        gives("import"),
        parameters=[in_query("rejected", {"type": "string", "enum": ["", "file"]})],
    )
    state["responses"]["200"]["content"] |= _files()
    return {
        **draft_paths(),
        **conversion_paths(),
        **parting_paths(),
        **_paths_of_people(),
        "/search": {
            "get": call_of("search", gives("hits"),
                              parameters=[in_query("q", TEXT), limited(20)])
        },
        "/metadata": {"get": call_of("app", gives("app"))},
        "/metadata/entities/{entity}": {"parameters": [in_path("entity", TEXT)], "get": entity},
        "/files": {"post": _taking("upload")},
        "/files/{file}": {"parameters": [in_path("file", TEXT)], "get": _download()},
        "/formula/check": {"post": check},
        "/import/{id}": of_one(get=state),
        **import_paths(),
        "/erasures/{id}": of_one(get=call_of("erasure", content_of(ERASURE))),
    }  # fmt: skip


def _many(name: str) -> Json:
    parameters = [
        *(
            in_query(each, TEXT)
            for each in ("filter", "q", "sort", "fields", "expand", "cursor", "unconverted")
        ),
        limited(50),
        in_query("count", {"type": "string", "enum": list(COUNTS)}),
    ]
    return {
        "get": call_of(f"list_{name}", content_of(schemas.page(name)),
                          parameters=parameters),
        "post": call_of(f"create_{name}", gives(name),
                           body=f"{name}_input", success="201"),
    }  # fmt: skip


def _one(name: str) -> Json:
    whole = gives(name)
    match = {"name": "If-Match", "in": "header", "schema": TEXT}
    return of_one(
        get=call_of(f"read_{name}", whole),
        patch=call_of(f"update_{name}", whole,
                         body=f"{name}_changes", parameters=[match]),
        delete=call_of(f"trash_{name}", {}, success="204"),
    )  # fmt: skip


def _import(name: str) -> Json:
    parameters = [
        in_query("mode", {"type": "string", "enum": list(MODES)}),
        *(in_query(each, TEXT) for each in ("key", "map", "file")),
        in_query("dry_run", FLAG),
    ]
    operation = call_of(f"import_{name}", gives("import"),
                           success="202", parameters=parameters)  # fmt: skip
    # A rehearsal is answered at once.
    operation["responses"]["200"] = operation["responses"]["202"]
    form = {"type": "object", "properties": {"file": {"type": "string"}, "map": TEXT}}
    operation["requestBody"] = {
        "required": True,
        "content": {"text/csv": {"schema": TEXT}, "multipart/form-data": {"schema": form}},
    }
    return operation


def _export(name: str, body: str = "") -> Json:
    operation = call_of(name, {}, body=body, parameters=[
        in_query("format", {"type": "string", "enum": list(FORMATS)}),
        *(in_query(each, TEXT) for each in ("filter", "q", "sort", "fields", "view", "clear")),
    ])  # fmt: skip
    operation["responses"]["200"]["content"] = _files()
    return operation


def _audit_parameters() -> list[Json]:
    instant: Json = {"type": "string", "format": "date-time"}
    return [
        *(in_query(each, instant) for each in ("since", "until")),
        *(in_query(each, ID) for each in ("person", "record")),
        *(in_query(each, TEXT) for each in ("kind", "entity", "address", "q")),
    ]


def _audit_file() -> Json:
    known = {"type": "string", "enum": list(FORMATS)}
    parameters = [*_audit_parameters(), in_query("format", known)]
    operation = call_of("audit_file", {}, parameters=parameters)
    operation["responses"]["200"]["content"] = _files()
    return operation


def _handover() -> Json:
    operation = call_of("handover", gives("handover_state"), body="handover",
                           success="202", parameters=[in_query("dry_run", FLAG)])  # fmt: skip
    # A rehearsal is answered at once, by its plan.
    operation["responses"]["200"] = {"description": "The plan", **gives("handover_plan")}
    return operation


def _handover_report() -> Json:
    known = {"type": "string", "enum": list(FORMATS)}
    operation = call_of("handover_report", {}, parameters=[in_query("format", known)])
    operation["responses"]["200"]["content"] = _files()
    return operation


def _files() -> Json:
    """Return what a file of rows is answered as, by its format."""
    return {each.partition(";")[0]: {"schema": TEXT} for each in MEDIA.values()}


def _taking(name: str) -> Json:
    """Return a call that takes a file in, as a form's `file` or as the body."""
    operation = call_of(name, gives("file"), success="201", parameters=[in_query("name", TEXT)])
    binary: Json = {"type": "string", "format": "binary"}
    form = {"type": "object", "required": ["file"], "properties": {"file": binary}}
    operation["requestBody"] = {
        "required": True,
        "content": {
            "multipart/form-data": {"schema": form},
            "application/octet-stream": {"schema": binary},
        },
    }
    return operation


def _download() -> Json:
    operation = call_of("download", {}, parameters=[in_query("small", FLAG)])
    operation["responses"]["200"]["content"] = {"*/*": {"schema": {"type": "string"}}}
    operation["responses"]["304"] = {"description": "As it was"}
    return operation
