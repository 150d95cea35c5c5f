"""Invoices and the payment queue."""

from app.entities.payables import Invoice, Payment
from app.screens.base import Screen
from app.screens.documents import DocumentScreen


class InvoiceScreen(DocumentScreen, of=Invoice):
    list_columns = ("number", "vendor_invoice_number", "vendor", "invoiced_on", "state", "scheduled_on", "total")
    search_columns = ("number", "title", "state", "vendor", "vendor_invoice_number", "invoiced_on", "total")
    searched = ("number", "title", "vendor_invoice_number")
    order_columns = ("number", "vendor_invoice_number", "invoiced_on", "scheduled_on", "total")
    edit_columns = ("title", "vendor_invoice_number", "invoiced_on", "received_on", "remit_to", "disbursement",
                    "comments")
    has_lines = False


class PaymentScreen(Screen, of=Payment):
    title, plural = "Payment", "Payment queue"
    list_columns = ("scheduled_on", "vendor", "invoice", "gross", "discount", "amount", "method", "paid_on")
    show_columns = list_columns
    search_columns = ("vendor", "scheduled_on", "paid_on", "amount", "method")
    order_columns = ("scheduled_on", "amount", "paid_on")
    base_sort = ("scheduled_on", False)
    exclude_route_methods = {"add", "edit", "delete", "lookup"}
