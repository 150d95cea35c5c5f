"""The files pinned to a document. Source: DOC-08, UP-01 … UP-05, UP-10."""

from typing import Any

from flask import Response, abort, jsonify, make_response, request, url_for

from app.api import resources
from app.api.answers import Wrong
from app.api.fields import Schema, written
from app.api.records import refuse_frozen
from app.entities.document import Attachment
from app.extensions import db
from app.screens.gate import refuse
from app.screens.uploads import Unacceptable, accept

SHOWN = ("id", "file_name", "media_type", "size", "digest", "public", "added_by", "added_at")

UPLOAD: Schema = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "public": {"type": "string", "enum": ["y"], "description": "Open to vendors; left out: internal."},
    },
}


def _said(file: Attachment) -> dict[str, Any]:
    return {name: written(getattr(file, name)) for name in SHOWN}


def rows(kind: str, pk: int) -> Response:
    """The files, without their contents."""
    _, document = resources.document(kind, pk)
    return jsonify(rows=[_said(one) for one in document.attachments])


def create(kind: str, pk: int) -> Response:
    """Pin a file, sent as multipart/form-data under the name `file`."""
    resource, document = resources.document(kind, pk)
    if not resource.screen.may_pin(document):
        refuse(f"{request.method} {request.path}")
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        raise Wrong({"file": ["Send a file as multipart/form-data, with its name."]})
    if request.form.get("public", "y") != "y":
        raise Wrong({"public": ["Send y, or leave it out."]})
    try:
        file = accept(upload.filename, upload.stream)
    except Unacceptable as reason:
        raise Wrong({"file": [str(reason)]}) from None
    pinned = resource.screen.pin(document, file, public="public" in request.form)
    answer = make_response(_said(pinned), 201)
    answer.headers["Location"] = url_for("api.attachments_read", kind=kind, pk=pk, file=pinned.id)
    return answer


def read(kind: str, pk: int, file: int) -> Any:
    """The content of a file."""
    resource, _ = resources.document(kind, pk)
    return resource.screen.file(pk=str(pk), attachment_id=str(file))


def remove(kind: str, pk: int, file: int) -> Response:
    """Take a file off a document that may still be edited."""
    resource, document = resources.document(kind, pk, "edit")
    refuse_frozen(resource, document)
    found = next((one for one in document.attachments if one.id == file), None) or abort(404)
    document.attachments.remove(found)
    db.session.commit()
    return make_response("", 204)
