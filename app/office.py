"""The office: its clock, its time zone and the days on which it works."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import holidays

from app.rules.calendar import BusinessCalendar, local_day


@dataclass
class Office:
    """Where and when things happen. `clock` gives the moment in UTC; tests give it another. `mails` says whether
    notices also go out by e-mail."""

    name: str
    zone: ZoneInfo
    closed: Callable[[date], bool]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    mails: bool = False

    def now(self) -> datetime:
        """The moment, in UTC."""
        return self.clock()

    def today(self) -> date:
        """The day on the office's wall."""
        return local_day(self.now(), self.zone)

    def day_of(self, moment: datetime) -> date:
        """The day on the office's wall at a moment."""
        return local_day(moment, self.zone)

    def local(self, moment: datetime) -> datetime:
        """A moment as the office's clock shows it."""
        return moment.astimezone(self.zone)

    def calendar(self, extra: frozenset[date] = frozenset()) -> BusinessCalendar:
        """The office's business days, with the days that it closes beside its holidays."""
        return BusinessCalendar(lambda day: day in extra or self.closed(day))


def open_office(name: str, zone: str, calendar: str) -> Office:
    """An office in a time zone, with the public holidays of a country and region ("US-KY")."""
    country, _, region = calendar.partition("-")
    public = holidays.country_holidays(country, subdiv=region or None)
    return Office(name, ZoneInfo(zone), lambda day: day in public)
