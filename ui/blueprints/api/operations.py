"""The calls of the API as OpenAPI describes them: parameters, bodies, answers, refusals."""

from __future__ import annotations

from engine.exchange.sinks import MEDIA
from engine.query.why import is_figure
from metamodel.model import Entity
from ui.blueprints.api import schemas
from ui.blueprints.api.arguments import COUNTS, FLAGS, FORMATS, MAX_LIMIT, MODES
from ui.blueprints.api.me import ME
from ui.blueprints.api.personal_schemas import ERASURE, SUBJECT
from ui.blueprints.api.shapes import ID, TEXT, Json, reference

FLAG: Json = {"type": "string", "enum": list(FLAGS)}

SUMMARIES = {
    "restore": "Take back from the trash",
    "recalculate": "Take exchange rates anew",
    "history": "Who changed what",
    "why": "What a computed figure is made of",
    "access": "What somebody may do with a record, and why",
    "shares": "With whom a record is shared",
    "share": "Share a record with a person, department, team or role",
    "unshare": "Take a share back",
    "rights": "What somebody may do with records of this kind, and why",
    "comment": "Say something about a record",
    "timeline": "What became of a record",
    "bulk": "Many writes at once",
    "aggregate": "Groups and measures",
    "person": "What tells of a person",
    "personfile": "Everything that is known of a person, as one file",
    "erase": "Take everything personal of a person away",
    "erasure": "How far an erasure is",
    "unmask": "An encrypted value in the clear, which is logged",
    "stages": "Where it was, and how long",
    "move": "Move to a stage",
    "convert": "Make other records from this one",
    "entity": "One entity",
    "check_formula": "Check a formula",
    "importing": "How far an import is, and the rows it rejected",
    "me": "Who you are here",
    "search": "Records by their words",
    "app": "The app",
    "list": "A page of records",
    "create": "Create a record, its lines nested",
    "read": "One record with its lines",
    "update": "Change what is named",
    "trash": "Move to the trash",
    "attached": "The files attached to a record",
    "attach": "Attach a file",
    "detach": "Take a file off a record",
    "upload": "Keep a file that a record will name",
    "download": "A file, to be saved",
    "import": "Take in a file of rows",
    "export": "All records as a file",
    "handover": "Hand over all that somebody holds, and end their access",
    "handovers": "The hand-overs of a person",
    "audit": "Who did what, when and from where, the latest first",
}
"""What each call does, by the beginning of its name."""


def entity_paths(entity: Entity) -> Json:
    """Return the calls on the records of one entity."""
    name = entity.name
    paths: Json = {
        f"/records/{name}": _many(name),
        f"/records/{name}/{{id}}": _one(name),
        f"/records/{name}/{{id}}/restore": _of_one(
            post=_operation(f"restore_{name}", _answer(name))
        ),
        f"/records/{name}/{{id}}/history": _of_one(
            get=_operation(
                f"history_{name}", _answer("history"),
                parameters=[_limit(50), _query("before", ID)],
            )
        ),
        f"/records/{name}/{{id}}/access": _of_one(
            get=_operation(
                f"access_{name}", _answer("explanation"),
                parameters=[_query("user", ID), _query("view", TEXT)],
            )
        ),
        f"/access/{name}": {
            "get": _operation(f"rights_{name}", _answer("explanation"),
                              parameters=[_query("user", ID), _query("view", TEXT)])
        },
        f"/bulk/{name}": {
            "post": _operation(f"bulk_{name}", _answer("bulk_results"),
                               body=f"{name}_bulk")
        },
        f"/aggregate/{name}": {
            "post": _operation(f"aggregate_{name}",
                               _answer("aggregate_rows"), body="aggregate",
                               parameters=[_query("explain", FLAG)])
        },
        f"/import/{name}": {"post": _import(name)},
        f"/export/{name}": {"get": _export(name)},
    }  # fmt: skip
    return paths | _special_paths(entity)


def _special_paths(entity: Entity) -> Json:
    """Return the calls that only some entities have."""
    name = entity.name
    paths: Json = _attachments(name) if entity.track else {}
    if entity.owned and entity.child_of is None:
        paths |= _shares(name)
    if any(each.currency for each in entity.fields.values()):
        paths[f"/records/{name}/{{id}}/recalculate"] = _of_one(
            post=_operation(f"recalculate_{name}", _answer(name))
        )
    if any(each.personal_data for each in entity.fields.values()):
        paths |= _person(name)
    if any(each.encrypted for each in entity.fields.values()):
        paths[f"/records/{name}/{{id}}/unmask"] = _of_one(
            post=_operation(f"unmask_{name}", _answer("clear_value"), body="unmask")
        )
    if entity.pipelines:
        paths[f"/records/{name}/{{id}}/stages"] = _of_one(
            get=_operation(f"stages_{name}", _answer("visits"))
        )
        paths[f"/records/{name}/{{id}}/move"] = _of_one(
            post=_operation(f"move_{name}", _answer(name), body="move")
        )
    figures = [each.name for each in entity.fields.values() if is_figure(each)]
    if figures:
        path = _of_one(get=_operation(f"why_{name}", _answer("composition")))
        path["parameters"].append(_path("field", {"type": "string", "enum": figures}))
        paths[f"/records/{name}/{{id}}/why/{{field}}"] = path
    if entity.converts:
        known = {"type": "string", "enum": [item.name for item in entity.converts.values()]}
        path = _of_one(
            post=_operation(f"convert_{name}",
                            _answer("made"))
        )  # fmt: skip
        path["parameters"].append(_path("name", known))
        paths[f"/records/{name}/{{id}}/convert/{{name}}"] = path
    return paths


def _person(name: str) -> Json:
    """Return the calls on what is known of a person."""
    file = _operation(f"personfile_{name}", {})
    binary: Json = {"type": "string", "format": "binary"}
    file["responses"]["200"]["content"] = {"application/zip": {"schema": binary}}
    return {
        f"/person/{name}/{{id}}": _of_one(get=_operation(f"person_{name}", _content(SUBJECT))),
        f"/person/{name}/{{id}}/file": _of_one(get=file),
        f"/person/{name}/{{id}}/erase": _of_one(
            post=_operation(f"erase_{name}", _content(ERASURE), success="202")
        ),
    }


def _shares(name: str) -> Json:
    """Return the calls on a record's shares."""
    one = _of_one(delete=_operation(f"unshare_{name}", {}, success="204"))
    one["parameters"].append(_path("share", ID))
    return {
        f"/records/{name}/{{id}}/shares": _of_one(
            get=_operation(f"shares_{name}", _answer("shares")),
            post=_operation(f"share_{name}", _answer("share"), body="sharing", success="201"),
        ),
        f"/records/{name}/{{id}}/shares/{{share}}": one,
    }


def _attachments(name: str) -> Json:
    """Return the calls on what hangs on a record: files, comments, its line of time."""
    one = _of_one(delete=_operation(f"detach_{name}", {}, success="204"))
    one["parameters"].append(_path("file", TEXT))
    return {
        f"/records/{name}/{{id}}/files": _of_one(
            get=_operation(f"attached_{name}", _answer("files")), post=_taking(f"attach_{name}")
        ),
        f"/records/{name}/{{id}}/files/{{file}}": one,
        f"/records/{name}/{{id}}/comments": _of_one(
            post=_operation(
                f"comment_{name}", _answer("comment"), body="saying", success="201"
            )
        ),
        f"/records/{name}/{{id}}/timeline": _of_one(
            get=_operation(
                f"timeline_{name}", _answer("timeline"),
                parameters=[_limit(50), _query("before", ID)],
            )
        ),
    }  # fmt: skip


def general_paths() -> Json:
    """Return the calls that belong to no entity."""
    entity = _operation("entity", _answer("entity"))
    check = _operation("check_formula", _answer("checked"), body="formula")
    state = _operation(
        "importing",
        _answer("import"),
        parameters=[_query("rejected", {"type": "string", "enum": ["", "file"]})],
    )
    state["responses"]["200"]["content"] |= _files()
    return {
        "/audit": {
            "get": _operation("audit", _answer("events"), parameters=[
                *_audit_parameters(), _query("cursor", TEXT), _limit(50)
            ])
        },
        "/audit/file": {"get": _audit_file()},
        "/people/{id}/handover": _of_one(
            post=_handover(),
            get=_operation("handovers", _answer("handover_list")),
        ),
        "/handovers/{id}": _of_one(get=_operation("handover_state", _answer("handover_state"))),
        "/handovers/{id}/report": _of_one(get=_handover_report()),
        "/me": {"get": _operation("me", _content(ME))},
        "/search": {
            "get": _operation("search", _answer("hits"),
                              parameters=[_query("q", TEXT), _limit(20)])
        },
        "/metadata": {"get": _operation("app", _answer("app"))},
        "/metadata/entities/{entity}": {"parameters": [_path("entity", TEXT)], "get": entity},
        "/files": {"post": _taking("upload")},
        "/files/{file}": {"parameters": [_path("file", TEXT)], "get": _download()},
        "/formula/check": {"post": check},
        "/import/{id}": _of_one(get=state),
        "/erasures/{id}": _of_one(get=_operation("erasure", _content(ERASURE))),
    }  # fmt: skip


def _many(name: str) -> Json:
    parameters = [
        *(_query(each, TEXT) for each in ("filter", "q", "sort", "fields", "expand", "cursor")),
        _limit(50),
        _query("count", {"type": "string", "enum": list(COUNTS)}),
    ]
    return {
        "get": _operation(f"list_{name}", _content(schemas.page(name)),
                          parameters=parameters),
        "post": _operation(f"create_{name}", _answer(name),
                           body=f"{name}_input", success="201"),
    }  # fmt: skip


def _one(name: str) -> Json:
    whole = _answer(name)
    match = {"name": "If-Match", "in": "header", "schema": TEXT}
    return _of_one(
        get=_operation(f"read_{name}", whole),
        patch=_operation(f"update_{name}", whole,
                         body=f"{name}_changes", parameters=[match]),
        delete=_operation(f"trash_{name}", {}, success="204"),
    )  # fmt: skip


def _import(name: str) -> Json:
    parameters = [
        _query("mode", {"type": "string", "enum": list(MODES)}),
        *(_query(each, TEXT) for each in ("key", "map", "file")),
        _query("dry_run", FLAG),
    ]
    operation = _operation(f"import_{name}", _answer("import"),
                           success="202", parameters=parameters)  # fmt: skip
    # A rehearsal is answered at once.
    operation["responses"]["200"] = operation["responses"]["202"]
    form = {"type": "object", "properties": {"file": {"type": "string"}, "map": TEXT}}
    operation["requestBody"] = {
        "required": True,
        "content": {"text/csv": {"schema": TEXT}, "multipart/form-data": {"schema": form}},
    }
    return operation


def _export(name: str) -> Json:
    operation = _operation(f"export_{name}", {}, parameters=[
        _query("format", {"type": "string", "enum": list(FORMATS)}),
        *(_query(each, TEXT) for each in ("filter", "q", "sort", "fields", "view", "clear")),
    ])  # fmt: skip
    operation["responses"]["200"]["content"] = _files()
    return operation


def _audit_parameters() -> list[Json]:
    instant: Json = {"type": "string", "format": "date-time"}
    return [
        *(_query(each, instant) for each in ("since", "until")),
        *(_query(each, ID) for each in ("person", "record")),
        *(_query(each, TEXT) for each in ("kind", "entity", "address", "q")),
    ]


def _audit_file() -> Json:
    known = {"type": "string", "enum": list(FORMATS)}
    parameters = [*_audit_parameters(), _query("format", known)]
    operation = _operation("audit_file", {}, parameters=parameters)
    operation["responses"]["200"]["content"] = _files()
    return operation


def _handover() -> Json:
    operation = _operation("handover", _answer("handover_state"), body="handover",
                           success="202", parameters=[_query("dry_run", FLAG)])  # fmt: skip
    # A rehearsal is answered at once, by its plan.
    operation["responses"]["200"] = {"description": "The plan", **_answer("handover_plan")}
    return operation


def _handover_report() -> Json:
    known = {"type": "string", "enum": list(FORMATS)}
    operation = _operation("handover_report", {}, parameters=[_query("format", known)])
    operation["responses"]["200"]["content"] = _files()
    return operation


def _files() -> Json:
    """Return what a file of rows is answered as, by its format."""
    return {each.partition(";")[0]: {"schema": TEXT} for each in MEDIA.values()}


def _taking(name: str) -> Json:
    """Return a call that takes a file in, as a form's `file` or as the body."""
    operation = _operation(name, _answer("file"), success="201", parameters=[_query("name", TEXT)])
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
    operation = _operation("download", {}, parameters=[_query("small", FLAG)])
    operation["responses"]["200"]["content"] = {"*/*": {"schema": {"type": "string"}}}
    operation["responses"]["304"] = {"description": "As it was"}
    return operation


def _of_one(**operations: Json) -> Json:
    return {"parameters": [_path("id", TEXT)], **operations}


def _operation(
    name: str,
    answer: Json,
    *,
    body: str = "",
    success: str = "200",
    parameters: list[Json] | None = None,
) -> Json:
    summary = SUMMARIES.get(name) or SUMMARIES[name.partition("_")[0]]
    responses: Json = {success: {"description": summary, **answer}}
    for status, meaning in schemas.REFUSALS.items():
        problem = {"application/problem+json": {"schema": reference("problem")}}
        responses[status] = {"description": meaning, "content": problem}
    operation: Json = {"operationId": name, "summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if body:
        content = {"application/json": {"schema": reference(body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _answer(name: str) -> Json:
    return _content(reference(name))


def _content(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "schema": schema}


def _limit(default: int) -> Json:
    within = {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": default}
    return _query("limit", within)


def _path(name: str, schema: Json) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": schema}
