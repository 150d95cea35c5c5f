"""Receiving reports."""

from app.entities.receiving import Receipt
from app.screens.documents import DocumentScreen


class ReceiptScreen(DocumentScreen, of=Receipt):
    list_columns = ("number", "title", "order", "received_on", "received_by", "state")
    search_columns = ("number", "title", "state", "received_on", "carrier", "vendor")
    order_columns = ("number", "title", "received_on")
    edit_columns = ("title", "received_on", "carrier", "shipper", "containers", "weight", "weight_unit",
                    "freight_payment", "comments")
    has_lines = False
