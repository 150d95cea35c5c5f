"""How a vendor delivers, counted from what was received. Nothing of it is stored: a reversed receipt is gone from the
record the moment it is reversed. Source: RC-05."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Delivery:
    """One line of a recorded receiving report, as the vendor's record sees it."""

    received_on: date
    wanted_on: date | None = None
    discrepancy: str = ""
    not_to_specification: bool = False

    @property
    def days_late(self) -> int:
        """Days after the day that the order asked for; 0 when in time, or when no day was asked."""
        return max(0, (self.received_on - self.wanted_on).days) if self.wanted_on else 0


@dataclass(frozen=True)
class Record:
    """What a vendor's deliveries come to."""

    deliveries: int = 0
    dated: int = 0
    late: int = 0
    days_late: int = 0
    discrepancies: int = 0
    not_to_specification: int = 0

    @property
    def in_time_percent(self) -> int | None:
        """Whole percent of the deliveries with a day that came by it; nothing where no day was asked."""
        return round(100 * (self.dated - self.late) / self.dated) if self.dated else None

    @property
    def average_days_late(self) -> float:
        """Of the late ones alone, to a tenth."""
        return round(self.days_late / self.late, 1) if self.late else 0.0


def record_of(deliveries: Iterable[Delivery]) -> Record:
    """Count deliveries."""
    rows = list(deliveries)
    late = [row.days_late for row in rows if row.days_late]
    return Record(
        deliveries=len(rows),
        dated=sum(row.wanted_on is not None for row in rows),
        late=len(late),
        days_late=sum(late),
        discrepancies=sum(bool(row.discrepancy) for row in rows),
        not_to_specification=sum(row.not_to_specification for row in rows),
    )
