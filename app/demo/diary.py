"""The office's days as the demo lives through them: what happens when, in the order of time."""

import heapq
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random
from zoneinfo import ZoneInfo

from app.rules.calendar import BusinessCalendar, days_after, local_day, to_utc


class Diary:
    """A clock that goes on from appointment to appointment, up to the present moment and not beyond it.

    What would fall into the future does not happen: the document waits where it is, as it would on a desk."""

    def __init__(self, zone: ZoneInfo, calendar: BusinessCalendar, present: datetime, dice: Random) -> None:
        self.zone, self.calendar, self.present, self.dice = zone, calendar, present, dice
        self.moment = present
        self._planned: list[tuple[datetime, int, Callable[[], object]]] = []
        self._order = count()

    def __call__(self) -> datetime:
        """The moment, in UTC: what the office's clock shows."""
        return self.moment

    @property
    def today(self) -> date:
        """The day that the clock shows on the office's wall."""
        return local_day(self.moment, self.zone)

    @property
    def last_day(self) -> date:
        """The present day."""
        return local_day(self.present, self.zone)

    def ago(self, days: int) -> date:
        """A day before the present one, or after it when negative."""
        return days_after(self.last_day, -days)

    def plan(self, day: date, do: Callable[[], object], *, business: bool = True) -> None:
        """Do something on a day, at some minute of its office hours; when the office is closed, on the next day."""
        opened = self.calendar.next_business_day(day) if business else day
        minute = self.dice.randrange(8 * 60, 16 * 60 + 45)
        moment = to_utc(datetime.combine(opened, time(minute // 60, minute % 60)), self.zone)
        # Somebody who works on a day's second thing does it after the first.
        moment = max(moment, self.moment + timedelta(minutes=self.dice.randrange(3, 25)))
        heapq.heappush(self._planned, (moment, next(self._order), do))

    def later(self, days: int, do: Callable[[], object]) -> None:
        """Do something so many business days after the day on the clock; 0 is the same day."""
        self.plan(self.calendar.add_business_days(self.today, days) if days else self.today, do)

    def open(self, day: date) -> None:
        """Set the clock to the morning of a day, before anything that is planned."""
        self.moment = to_utc(datetime.combine(day, time(8)), self.zone)

    def run(self) -> None:
        """Live through all that is planned up to the present; then the clock shows the present."""
        while self._planned and self._planned[0][0] <= self.present:
            self.moment, _, do = heapq.heappop(self._planned)
            do()
        self._planned.clear()
        self.moment = self.present
