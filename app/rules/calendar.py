"""Days and times: the fiscal year, the office's business days, and its wall clock."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FISCAL_YEAR_STARTS = 7  # July

_LONGEST_CLOSURE = 366  # days; a calendar without a business day in a year is a mistake in its holidays


class UnclearTime(ValueError):
    """A local time that does not name exactly one moment."""


class NoSuchTime(UnclearTime):
    """The clocks skip this local time."""


class AmbiguousTime(UnclearTime):
    """The clocks show this local time twice."""


def fiscal_year(day: date, starts: int = FISCAL_YEAR_STARTS) -> int:
    """The fiscal year a day belongs to, named after the year in which it ends. Source: rules.md, fiscal year."""
    return day.year + (starts > 1 and day.month >= starts)


def period(day: date, starts: int = FISCAL_YEAR_STARTS) -> int:
    """The accounting period of a day: 1 in the fiscal year's first month, 12 in its last. Source: rules.md."""
    return (day.month - starts) % 12 + 1


def days_after(day: date, count: int) -> date:
    """The day so many calendar days later; a mistyped year that leads out of the calendar raises ValueError."""
    try:
        return day + timedelta(days=count)
    except OverflowError:
        raise ValueError(f"{day} is not a usable date: check the year") from None


@dataclass(frozen=True)
class BusinessCalendar:
    """The days on which the office works.

    `holidays` holds the dates it is closed, or says of a date whether it is closed; `weekend` counts from Monday as 0.
    """

    holidays: frozenset[date] | Callable[[date], bool] = frozenset()
    weekend: tuple[int, ...] = (5, 6)

    def is_business_day(self, day: date) -> bool:
        closed = self.holidays(day) if callable(self.holidays) else day in self.holidays
        return day.weekday() not in self.weekend and not closed

    def next_business_day(self, day: date) -> date:
        """The day itself when the office works on it, else the first one after it."""
        return self._nearest(day, 1)

    def previous_business_day(self, day: date) -> date:
        """The day itself when the office works on it, else the last one before it."""
        return self._nearest(day, -1)

    def add_business_days(self, day: date, count: int) -> date:
        """The count-th business day after the day, which itself does not count; before it when negative.

        Zero gives the day itself or, when the office is closed, the next business day."""
        if not count:
            return self.next_business_day(day)
        step = 1 if count > 0 else -1
        for _ in range(abs(count)):
            day = self._nearest(days_after(day, step), step)
        return day

    def _nearest(self, day: date, step: int) -> date:
        start = day
        for _ in range(_LONGEST_CLOSURE):
            if self.is_business_day(day):
                return day
            day = days_after(day, step)
        raise ValueError(f"The calendar has no business day within a year of {start}: check its holidays")


def local_day(moment_utc: datetime, zone: ZoneInfo) -> date:
    """The date on the office's wall at a moment. A moment without a zone raises ValueError."""
    if moment_utc.tzinfo is None:
        raise ValueError("A moment needs its zone; a time without one is not a moment")
    return moment_utc.astimezone(zone).date()


def to_utc(local_naive: datetime, zone: ZoneInfo) -> datetime:
    """The moment that a local time names, in UTC.

    Raises NoSuchTime and AmbiguousTime (both UnclearTime) when the clocks skip the time or show it twice: a closing
    time must name one moment. A time that carries a zone already raises ValueError. Source: rules.md, closing time."""
    if local_naive.tzinfo is not None:
        raise ValueError("The time carries a zone already")
    first, second = (local_naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    try:
        moment = first.astimezone(UTC)
        shown = moment.astimezone(zone)
    except OverflowError:
        raise NoSuchTime(f"{local_naive:%Y-%m-%d %H:%M} is not a usable time: check the year") from None
    before, after = first.utcoffset() or timedelta(), second.utcoffset() or timedelta()
    if before < after:
        raise NoSuchTime(
            f"{local_naive:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clocks go forward over it. "
            f"Enter {shown:%H:%M} or another time"
        )
    if before > after:
        raise AmbiguousTime(
            f"{local_naive:%Y-%m-%d %H:%M} happens twice in {zone.key}: the clocks go back over it. "
            "Enter a time at least an hour earlier or later"
        )
    return moment
