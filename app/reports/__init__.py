"""What Purser prints."""

from app.entities.document import Document
from app.office import Office


def print_document(document: Document, office: Office, address: str) -> bytes:
    """A document as PDF."""
    raise NotImplementedError
