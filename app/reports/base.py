"""The sheets themselves: letterhead, status, QR code, page heads and feet, and the way from a story to a PDF.

The same document gives the same bytes: a print carries the moment at which the document was last changed, not the
moment of printing, and nothing else that differs from one print to the next."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.lib.utils import TimeStamp
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Table,
    TableStyle,
)

from app.entities.document import Document, State
from app.entities.organization import Organization
from app.office import Office
from app.reports.fingerprint import fingerprint
from app.reports.fonts import BOLD, REGULAR, letters
from app.reports.paper import STANDING, Form, Paper, link_to
from app.reports.tables import FONT
from app.reports.text import (
    APART,
    BRAND,
    INK,
    LABEL,
    MUTED,
    NUMBER,
    OFFICE,
    RULE,
    SMALL,
    STATUS,
    STRONG,
    TITLE,
    day,
    joined,
    paragraph,
)
from app.rules.deeds import Facts

MARGIN = 0.6 * inch
TOP, LATER_TOP, BOTTOM = 0.55 * inch, 1.0 * inch, 0.82 * inch
QR_SIZE = 0.92 * inch


def to_pdf(document: Document, form: Form, office: Office, address: str, facts: Facts | None) -> bytes:
    """The paper of one document."""
    for font in (REGULAR, BOLD):
        letters(font)
    width = form.size[0] - 2 * MARGIN
    paper = Paper(office, width, facts)
    story = [NextPageTemplate("later"), _letterhead(document, form, paper, address), *form.story(document, paper)]
    return _bound(story, document, form, paper, address)


def _bound(story: list[Flowable], document: Document, form: Form, paper: Paper, address: str) -> bytes:
    buffer, (width, height) = BytesIO(), form.size
    feet = partial(_foot, document=document, form=form, paper=paper, address=address)
    heads = partial(_later_head, document=document, form=form)
    inside = width - 2 * MARGIN
    template = BaseDocTemplate(
        buffer,
        pagesize=form.size,
        invariant=1,
        lang="en-US",
        displayDocTitle=True,
        initialFontName=REGULAR,
        title=f"{form.title} {document.name}",
        author=paper.office.name,
        subject=form.title,
        keywords=[form.title, document.name],
        creator="Purser",
        producer="Purser",
        pageTemplates=[
            PageTemplate("first", [Frame(MARGIN, BOTTOM, inside, height - TOP - BOTTOM, 0, 0, 0, 0)], onPageEnd=feet),
            PageTemplate(
                "later",
                [Frame(MARGIN, BOTTOM, inside, height - LATER_TOP - BOTTOM, 0, 0, 0, 0)],
                onPage=heads,
                onPageEnd=feet,
            ),
        ],
    )
    template.build(story, canvasmaker=partial(_Pages, at=document.changed_at))
    return buffer.getvalue()


class _Pages(Canvas):
    """A canvas that writes the pages when it knows how many there are."""

    def __init__(self, *args: Any, at: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self._kept: list[dict[str, Any]] = []
        stamp = TimeStamp(1)
        stamp.YMDhms, stamp.dhh, stamp.dmm = at.astimezone(UTC).timetuple()[:6], 0, 0
        self._doc._timeStamp = stamp

    def showPage(self) -> None:
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for page in self._kept:
            self.__dict__.update(page)
            self.setFont(REGULAR, LABEL.fontSize)
            self.setFillColor(MUTED)
            self.drawRightString(
                self._pagesize[0] - MARGIN, 0.5 * inch, f"Page {self._pageNumber} of {len(self._kept)}"
            )
            super().showPage()
        super().save()


# The letterhead.


def _letterhead(document: Document, form: Form, paper: Paper, address: str) -> Table:
    issuer = getattr(document, "issuing_office", None) or document.organization
    left = [paragraph(paper.office.name, style=OFFICE), paragraph(_place(issuer), style=SMALL)]
    right = [
        paragraph(form.title, style=TITLE),
        paragraph(document.name, style=NUMBER),
        paragraph(_status(document, form, paper), style=STATUS),
    ]
    code = QrCode(link_to(document, address), width=QR_SIZE, height=QR_SIZE, qrLevel="M", qrBorder=2)
    beside = QR_SIZE + 8
    return Table(
        [[left, right, code]],
        colWidths=[paper.width * 0.42, paper.width * 0.58 - beside, beside],
        splitInRow=1,
        style=TableStyle(
            [
                FONT,
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 0),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
                ("ALIGN", (2, 0), (2, 0), "RIGHT"),
            ]
        ),
    )


def _place(office: Organization) -> str:
    lines = [office.name]
    if office.addresses:
        where = office.addresses[0]
        lines += [where.street, joined(where.city, joined(where.region, where.postal_code, by=" "))]
    if office.contacts:
        lines.append(joined(office.contacts[0].phone, office.contacts[0].email, by=APART))
    return "\n".join(line for line in lines if line)


def _status(document: Document, form: Form, paper: Paper) -> str:
    word = form.words.get(document.state) or STANDING[document.state][0]
    since = {
        State.RELEASED: document.released_at,
        State.CLOSED: document.closed_at,
        State.CANCELLED: document.closed_at,
        State.TERMINATED: document.closed_at,
    }.get(State(document.state))
    return joined(word, day(paper.office.day_of(since)) if since else "", by=APART)


# What stands on every page.


def _foot(
    canvas: Canvas, template: BaseDocTemplate, *, document: Document, form: Form, paper: Paper, address: str
) -> None:
    width, height = form.size
    canvas.saveState()
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.5)
    canvas.line(MARGIN, 0.68 * inch, width - MARGIN, 0.68 * inch)
    said = f"{document.name} · as of {paper.moment(document.changed_at)} · version {document.version} · fingerprint "
    room = width - 2 * MARGIN - 0.9 * inch
    _one_line(canvas, paragraph(said + _print_of(template, document), style=_ONE_LINE), MARGIN, 0.5 * inch, room)
    _one_line(canvas, paragraph(link_to(document, address), style=_ONE_LINE), MARGIN, 0.37 * inch, room)
    mark = STANDING[document.state][1]
    if mark:
        _across(canvas, mark, width, height)
    canvas.restoreState()


def _print_of(template: BaseDocTemplate, document: Document) -> str:
    # Once for all pages: a long document has many rows.
    if not hasattr(template, "fingerprint"):
        template.fingerprint = fingerprint(document)
    return template.fingerprint


def _later_head(canvas: Canvas, _template: BaseDocTemplate, *, document: Document, form: Form) -> None:
    width, height = form.size
    line, half = height - 0.62 * inch, (width - 2 * MARGIN) / 2
    canvas.saveState()
    _one_line(canvas, paragraph(f"{form.title} {document.name}", style=_HEAD_LEFT), MARGIN, line, half)
    other = document.vendor.name if document.vendor is not None else document.title
    _one_line(canvas, paragraph(f"continued · {other}", style=_HEAD_RIGHT), MARGIN + half, line, half)
    canvas.setStrokeColor(BRAND)
    canvas.setLineWidth(1.2)
    canvas.line(MARGIN, line - 7, width - MARGIN, line - 7)
    canvas.restoreState()


_ONE_LINE = ParagraphStyle("foot", LABEL, allowOrphans=1)
_HEAD_LEFT = ParagraphStyle("page head", STRONG, allowOrphans=1)
_HEAD_RIGHT = ParagraphStyle("page head right", STATUS, allowOrphans=1)


def _one_line(canvas: Canvas, text: Paragraph, x: float, baseline: float, room: float) -> None:
    """The first line of a text; what does not fit is left out."""
    text.wrap(room, inch)
    pieces: Iterable[Paragraph] = text.split(room, text.style.leading)
    for piece in list(pieces)[:1]:
        _, height = piece.wrap(room, inch)
        piece.drawOn(canvas, x, baseline - height + text.style.fontSize)


def _across(canvas: Canvas, mark: str, width: float, height: float) -> None:
    canvas.translate(width / 2, height / 2)
    canvas.rotate(40)
    canvas.setFillColor(INK)
    canvas.setFillAlpha(0.09)
    canvas.setFont(BOLD, 84 if len(mark) < 10 else 66)
    canvas.drawCentredString(0, -24, mark)
