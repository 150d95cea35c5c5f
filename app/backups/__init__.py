"""Backups: one consistent file of all records, checked by opening it, and put back. Source: OP-05, OP-07, OP-09.

A backup never carries the keys: they are kept elsewhere, and both are needed to work again (decision 0018)."""


class Refused(Exception):
    """A backup that cannot be made, trusted or put back; the message says why and what to do."""
