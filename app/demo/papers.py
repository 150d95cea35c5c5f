"""Sticky notes, attachments and points of contact: a quote here, a specification there, the bill as it came in."""

import hashlib
from io import BytesIO

from reportlab.lib.pagesizes import letter
from reportlab.pdfgen.canvas import Canvas

from app.demo.stage import Stage
from app.entities.document import Attachment, Document, PointOfContact, StickyNote
from app.entities.payables import Invoice

NOTES = (
    "Called the vendor: delivery is possible a week earlier.",
    "Please use the side entrance, the lobby is being painted.",
    "Same as in spring, with one box more.",
    "The director would like to see this one.",
    "Budget checked with the grants desk.",
    "Second quote is attached.",
    "Color does not matter.",
)
QUOTE = """Quote for: {title}
Date: {day}
Prices hold for 60 days.

This file is part of the demo; its content is made up.
"""


def pin(stage: Stage, document: Document, by: str, always: bool = False) -> None:
    """Now and then a note, and now and then a quote as a text file."""
    if always or stage.dice.random() < 0.25:
        document.notes.append(StickyNote(text=stage.dice.choice(NOTES), by_id=stage.ids[by], at=stage.diary()))
    if always or stage.dice.random() < 0.2:
        text = QUOTE.format(title=document.title, day=stage.diary.today)
        _attach(stage, document, by, "quote.txt", "text/plain", text.encode())


def contact(stage: Stage, name: str, purpose: str) -> PointOfContact:
    """Somebody of the cast to ask; the number is one of those that are kept free for stories."""
    key = stage.ids[name]
    return PointOfContact(
        user_id=key,
        name=stage.actor(name).name,
        purpose=purpose,
        phone=f"555-01{key % 100:02}",
        email=f"{name}@city.example",
    )


def bill(stage: Stage, invoice: Invoice, vendor: str) -> None:
    """Every second bill is there as a PDF, as it came in."""
    if stage.dice.random() < 0.5:
        name = f"invoice-{invoice.vendor_invoice_number}.pdf".replace(" ", "-")
        _attach(stage, invoice, "fiscal", name, "application/pdf", _page(invoice, vendor))


def _attach(stage: Stage, document: Document, by: str, name: str, media_type: str, content: bytes) -> None:
    document.attachments.append(
        Attachment(
            file_name=name,
            media_type=media_type,
            size=len(content),
            content=content,
            digest=hashlib.sha256(content).hexdigest(),
            added_by_id=stage.ids[by],
            added_at=stage.diary(),
        )
    )


def _page(invoice: Invoice, vendor: str) -> bytes:
    out = BytesIO()
    canvas = Canvas(out, pagesize=letter, invariant=True)
    canvas.setTitle(f"Invoice {invoice.vendor_invoice_number}")
    canvas.setFont("Helvetica-Bold", 15)
    canvas.drawString(72, 720, vendor[:70])
    canvas.setFont("Helvetica", 10)
    lines = [f"Invoice {invoice.vendor_invoice_number} of {invoice.invoiced_on}", ""]
    lines += [
        f"{line.quantity:f}  {line.unit}  {line.description[:60]}  at {line.unit_price:,.2f}"
        for line in invoice.invoice_lines
    ]
    lines += ["", f"Total {invoice.total:,.2f}", "", "This page is part of the demo; no such invoice was ever sent."]
    for number, line in enumerate(lines):
        canvas.drawString(72, 690 - 16 * number, line)
    canvas.save()
    return out.getvalue()
