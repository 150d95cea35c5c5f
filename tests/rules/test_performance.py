"""How a vendor delivers (RC-05)."""

from datetime import date

import pytest

from app.rules.performance import Delivery, Record, record_of

DUE = date(2026, 12, 10)


@pytest.mark.parametrize(
    ("came", "wanted", "late"),
    [
        (date(2026, 12, 9), DUE, 0),
        (date(2026, 12, 10), DUE, 0),
        (date(2026, 12, 11), DUE, 1),
        (date(2027, 1, 10), DUE, 31),
        (date(2027, 1, 10), None, 0),
    ],
)
def test_days_late(came, wanted, late):
    assert Delivery(came, wanted).days_late == late


def test_nothing_came_yet():
    assert record_of([]) == Record() and Record().in_time_percent is None and Record().average_days_late == 0


def test_the_record_counts_each_kind_of_trouble_once_for_each_line():
    rows = [
        Delivery(date(2026, 12, 9), DUE),
        Delivery(date(2026, 12, 12), DUE),
        Delivery(date(2026, 12, 15), DUE, discrepancy="damaged"),
        Delivery(date(2026, 12, 15), None, not_to_specification=True),
    ]
    record = record_of(rows)
    assert record == Record(deliveries=4, dated=3, late=2, days_late=7, discrepancies=1, not_to_specification=1)
    assert (record.in_time_percent, record.average_days_late) == (33, 3.5)
