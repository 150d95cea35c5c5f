"""What is pinned to a document: attachments, sticky notes; and its print and its copy. Source: DOC-08, DOC-12."""

import hashlib
from io import BytesIO
from typing import Any

from flask import abort, flash, redirect, request, send_file
from flask_appbuilder import expose
from sqlalchemy import inspect, select
from sqlalchemy.orm import undefer

from app import audit, totals, workflow
from app.entities.document import Attachment, Document, DocumentLink, StickyNote
from app.extensions import db
from app.facts import Answers
from app.rules.documents import kind_of
from app.rules.lines import carried
from app.rules.numbers import read_key
from app.scope import unscoped
from app.screens.errors import page
from app.screens.gate import actor, allowed, office, refuse
from app.screens.present import document_url
from app.screens.uploads import File, Unacceptable, accept


class Papers:
    """What a document's screen does with papers."""

    entity: Any
    rosters: Any

    def may_pin(self, document: Document) -> bool:
        """Whether the person may pin papers to it: whoever owns it or works with its type. Who only reads, an auditor
        for example, leaves no mark on the record (segregation of duties, pair 16)."""
        return document.owner_id == actor().user_id or actor().works_with(self.entity)

    def _to_pin(self, pk: str) -> Any:
        document = self.load(pk)  # type: ignore[attr-defined]
        if not self.may_pin(document):
            refuse(f"{request.method} {request.path}")
        return document

    @expose("/attach/<pk>", methods=["POST"])
    @allowed("show")
    def attach(self, pk: str) -> Any:
        """Pin a file to a document. Source: DOC-08, UP-01 … UP-05."""
        document = self._to_pin(pk)
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            flash("Choose a file first.", "warning")
            return redirect(f"{document_url(document)}#papers")
        try:
            file = accept(upload.filename, upload.stream)
        except Unacceptable as reason:
            flash(str(reason), "warning")
            return redirect(f"{document_url(document)}#papers")
        self.pin(document, file, public=request.form.get("public") == "y")
        flash(f"Attached {file.name}.", "success")
        return redirect(f"{document_url(document)}#papers")

    def pin(self, document: Document, file: File, public: bool) -> Attachment:
        """Keep a file that was taken."""
        pinned = Attachment(
            file_name=file.name,
            media_type=file.media_type,
            size=len(file.content),
            content=file.content,
            digest=hashlib.sha256(file.content).hexdigest(),
            added_by_id=actor().user_id,
            added_at=office().now(),
            public=public,
        )
        document.attachments.append(pinned)
        db.session.commit()
        return pinned

    @expose("/file/<pk>/<attachment_id>")
    @allowed("show")
    def file(self, pk: str, attachment_id: str) -> Any:
        """Send an attachment: always as a download, never shown in our pages."""
        document = self.load(pk)  # type: ignore[attr-defined]
        found = db.session.scalar(
            select(Attachment)
            .where(Attachment.id == read_key(attachment_id), Attachment.document_id == document.id)
            .options(undefer(Attachment.content))
        )
        if not found:
            abort(404)
        if hashlib.sha256(found.content).hexdigest() != found.digest:
            return self._swapped(document, found)
        return send_file(
            BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.file_name
        )

    def _swapped(self, document: Document, file: Attachment) -> Any:
        """A file that is no longer what was attached is not handed out, and the attempt is on record (UP-10)."""
        db.session.rollback()
        audit.note(db.session(), "denied", document, f"{file.file_name} differs from what was attached")
        db.session.commit()
        return page(
            409,
            f"{file.file_name} is not the file that was attached to {document.name}: its content has changed outside "
            "Purser. Do not rely on it; tell your administrator, who can restore it from a backup.",
        )

    @expose("/detach/<pk>/<attachment_id>", methods=["POST"])
    @allowed("edit")
    def detach(self, pk: str, attachment_id: str) -> Any:
        """Take a file off a document that may still be edited."""
        document = self.load(pk)  # type: ignore[attr-defined]
        found = next((one for one in document.attachments if str(one.id) == attachment_id), None) or abort(404)
        document.attachments.remove(found)
        db.session.commit()
        flash(f"Removed {found.file_name}.", "success")
        return redirect(f"{document_url(document)}#papers")

    @expose("/note/<pk>", methods=["POST"])
    @allowed("show")
    def note(self, pk: str) -> Any:
        """A sticky note for whoever opens the document next."""
        document = self._to_pin(pk)
        text = request.form.get("text", "").strip()[:4000].replace("\x00", "")
        if not text:
            flash("Write the note first.", "warning")
            return redirect(f"{document_url(document)}#papers")
        document.notes.append(StickyNote(text=text, by_id=actor().user_id, at=office().now()))
        db.session.commit()
        return redirect(f"{document_url(document)}#papers")

    @expose("/print/<pk>")
    @allowed("show")
    def print(self, pk: str) -> Any:
        """The document on paper, or with `paper=approvals` its approval chain (PDF)."""
        from app import reports  # loaded by the first who prints, not by every worker

        document, wanted = self.load(pk), request.args.get("paper", "")  # type: ignore[attr-defined]
        if wanted not in ("", "approvals") or (wanted and not kind_of(document).signed):
            abort(404)
        session = db.session()
        with unscoped(session):  # a voucher counts every receipt of its orders, whoever prints it
            if wanted:
                content = reports.print_approvals(document, office(), request.host_url)
            else:
                content = reports.print_document(document, office(), request.host_url, Answers(session, office()))
        return send_file(
            BytesIO(content),
            mimetype="application/pdf",
            as_attachment=request.args.get("save") == "1",
            download_name=f"{document.name.replace(' ', '-')}{'-approvals' if wanted else ''}.pdf",
        )

    @expose("/copy/<pk>", methods=["POST"])
    @allowed("add")
    def copy(self, pk: str) -> Any:
        """A new draft with the same content; numbers, dates of delivery that are past and signatures stay behind."""
        document = self.load(pk)  # type: ignore[attr-defined]
        own = {
            column.key: getattr(document, column.key)
            for column in inspect(self.entity).columns
            if column.table is self.entity.__table__ and column.key not in ("id", "scheduled_on", "ordered_on")
        }
        made = workflow.start(
            db.session(),
            office(),
            self.entity,
            actor(),
            title=document.title,
            vendor_id=document.vendor_id,
            comments=document.comments,
            **own,
        )
        made.lines = [carried(line, line.position, source_line_id=None) for line in document.lines]
        for roster in self.rosters:
            setattr(made, roster.relation, [roster.again(one) for one in roster.rows(document)])
        for line in made.lines:
            if line.delivery_on is not None and line.delivery_on < office().today():
                line.delivery_on = None
        db.session.flush()
        made.sources.append(DocumentLink(source_id=document.id, relation="copied from"))
        totals.settle(made)
        db.session.commit()
        flash(f"This is a copy of {document.name}. Check dates and quantities, then route it.", "success")
        return redirect(document_url(made))
