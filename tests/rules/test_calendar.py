from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules.calendar import (
    AmbiguousTime,
    BusinessCalendar,
    NoSuchTime,
    UnclearTime,
    days_after,
    fiscal_year,
    local_day,
    period,
    to_utc,
)

NEW_YORK = ZoneInfo("America/New_York")
KENTUCKY_HOLIDAYS = holidays.US(subdiv="KY")
KENTUCKY = BusinessCalendar(lambda day: day in KENTUCKY_HOLIDAYS)
PLAIN = BusinessCalendar()

day, moment = date.fromisoformat, datetime.fromisoformat


@pytest.mark.parametrize(
    "today, year, number",
    [
        ("2026-07-01", 2027, 1),
        ("2026-06-30", 2026, 12),
        ("2026-11-23", 2027, 5),
        ("2026-12-31", 2027, 6),
        ("2027-01-01", 2027, 7),
        ("2028-02-29", 2028, 8),
    ],
)
def test_fiscal_year_from_july(today, year, number):
    assert (fiscal_year(day(today)), period(day(today))) == (year, number)


@pytest.mark.parametrize(
    "starts, today, year, number",
    [
        (10, "2026-09-30", 2026, 12),
        (10, "2026-10-01", 2027, 1),  # the federal year
        (2, "2026-01-31", 2026, 12),
        (2, "2026-02-01", 2027, 1),
        (1, "2026-01-01", 2026, 1),
        (1, "2026-12-31", 2026, 12),  # the calendar year
    ],
)
def test_fiscal_year_elsewhere(starts, today, year, number):
    assert (fiscal_year(day(today), starts), period(day(today), starts)) == (year, number)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(1, 12))
def test_periods_follow_one_another(today, starts):
    tomorrow = today + timedelta(days=1)
    month = fiscal_year(today, starts) * 12 + period(today, starts)
    assert fiscal_year(tomorrow, starts) * 12 + period(tomorrow, starts) == month + (tomorrow.day == 1)


@pytest.mark.parametrize(
    "today, business, following, preceding",
    [
        ("2026-11-23", True, "2026-11-23", "2026-11-23"),
        ("2026-11-26", False, "2026-11-27", "2026-11-25"),  # Thanksgiving Day
        ("2026-11-28", False, "2026-11-30", "2026-11-27"),  # Saturday
        ("2026-07-03", False, "2026-07-06", "2026-07-02"),  # Independence Day, kept on the Friday before
        ("2026-12-31", False, "2027-01-04", "2026-12-30"),  # New Year's Eve, New Year's Day, weekend
    ],
)
def test_business_days_in_kentucky(today, business, following, preceding):
    assert KENTUCKY.is_business_day(day(today)) is business
    assert KENTUCKY.next_business_day(day(today)) == day(following)
    assert KENTUCKY.previous_business_day(day(today)) == day(preceding)


@pytest.mark.parametrize(
    "calendar, start, count, end",
    [
        (PLAIN, "2026-11-23", 1, "2026-11-24"),
        (PLAIN, "2026-11-27", 1, "2026-11-30"),
        (PLAIN, "2026-11-28", 1, "2026-11-30"),
        (PLAIN, "2026-11-23", 5, "2026-11-30"),
        (PLAIN, "2026-11-30", -1, "2026-11-27"),
        (PLAIN, "2026-11-29", -1, "2026-11-27"),
        (PLAIN, "2026-11-23", 0, "2026-11-23"),
        (PLAIN, "2026-11-28", 0, "2026-11-30"),
        (KENTUCKY, "2026-11-25", 1, "2026-11-27"),
        (KENTUCKY, "2026-11-27", -1, "2026-11-25"),
        # Of Kentucky's holidays only Veterans Day (11-11) and Thanksgiving Day (11-26) fall on working days in between.
        (KENTUCKY, "2026-11-02", 30, "2026-12-16"),
        (PLAIN, "2026-11-02", 30, "2026-12-14"),
    ],
)
def test_add_business_days(calendar, start, count, end):
    assert calendar.add_business_days(day(start), count) == day(end)


def test_holidays_as_a_set_count_as_those_of_a_function():
    listed = BusinessCalendar(frozenset({day("2026-11-11"), day("2026-11-26")}))
    assert listed.add_business_days(day("2026-11-02"), 30) == day("2026-12-16")


def test_another_weekend():
    friday_and_saturday = BusinessCalendar(weekend=(4, 5))
    assert friday_and_saturday.add_business_days(day("2026-11-26"), 1) == day("2026-11-29")


calendars = st.builds(
    lambda weekend, closed: BusinessCalendar(frozenset(closed), tuple(weekend)),
    st.sets(st.integers(0, 6), max_size=3),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 1))),
)
some_2026_days = st.dates(date(2025, 11, 1), date(2026, 5, 1))


@given(calendars, some_2026_days, st.integers(1, 60))
def test_n_business_days_on_there_are_n_business_days_in_between(calendar, start, count):
    end = calendar.add_business_days(start, count)
    passed = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(map(calendar.is_business_day, passed)) == count and calendar.is_business_day(end)


@given(calendars, some_2026_days, st.integers(1, 60))
def test_business_days_forth_and_back(calendar, start, count):
    start = calendar.next_business_day(start)
    assert calendar.add_business_days(calendar.add_business_days(start, count), -count) == start


@given(calendars, some_2026_days)
def test_no_business_day_lies_between_a_day_and_its_neighbours(calendar, start):
    previous, following = calendar.previous_business_day(start), calendar.next_business_day(start)
    assert previous <= start <= following
    between = [previous + timedelta(days=n) for n in range((following - previous).days + 1)]
    assert [each for each in between if calendar.is_business_day(each)] == sorted({previous, following})


@pytest.mark.parametrize("calendar", [BusinessCalendar(lambda _: True), BusinessCalendar(weekend=tuple(range(7)))])
def test_a_calendar_without_business_days_is_refused_and_does_not_hang(calendar):
    with pytest.raises(ValueError, match="no business day within a year of 2026-11-23: check its holidays"):
        calendar.next_business_day(day("2026-11-23"))


@pytest.mark.parametrize(
    "ask",
    [
        lambda: PLAIN.add_business_days(date.max, 1),
        lambda: PLAIN.add_business_days(date.min, -1),
        lambda: days_after(date.max, 30),
        lambda: days_after(day("2026-11-23"), 10**12),
    ],
)
def test_dates_beyond_the_calendar_are_refused_in_words(ask):
    with pytest.raises(ValueError, match="check the year"):
        ask()


@pytest.mark.parametrize(
    "instant, expected",
    [
        ("2026-11-24T04:59:59+00:00", "2026-11-23"),
        ("2026-11-24T05:00:00+00:00", "2026-11-24"),
        ("2026-07-01T03:59:59+00:00", "2026-06-30"),
        ("2026-07-01T04:00:00+00:00", "2026-07-01"),  # summer time
    ],
)
def test_local_day(instant, expected):
    assert local_day(moment(instant), NEW_YORK) == day(expected)


def test_local_day_of_no_moment_is_refused():
    with pytest.raises(ValueError, match="needs its zone"):
        local_day(moment("2026-11-23 12:00"), NEW_YORK)


@pytest.mark.parametrize(
    "local, expected",
    [
        ("2026-11-23 14:00", "2026-11-23T19:00:00+00:00"),
        ("2026-07-01 14:00", "2026-07-01T18:00:00+00:00"),
        ("2027-03-14 01:59:59", "2027-03-14T06:59:59+00:00"),
        ("2027-03-14 03:00", "2027-03-14T07:00:00+00:00"),
        ("2027-11-07 00:59:59", "2027-11-07T04:59:59+00:00"),
        ("2027-11-07 02:00", "2027-11-07T07:00:00+00:00"),
    ],
)
def test_to_utc(local, expected):
    instant = to_utc(moment(local), NEW_YORK)
    assert instant == moment(expected) and instant.tzinfo is UTC


@pytest.mark.parametrize("fold", [0, 1])
@pytest.mark.parametrize(
    "local, zone, refusal, message",
    [
        (
            "2027-03-14 02:30",
            "America/New_York",
            NoSuchTime,
            "2027-03-14 02:30 does not exist in America/New_York: the clocks go forward over it. Enter 03:30 or another time",
        ),
        ("2027-03-14 02:00", "America/New_York", NoSuchTime, "Enter 03:00 or another time"),
        ("2027-03-14 02:59:59", "America/New_York", NoSuchTime, "Enter 03:59 or another time"),
        (
            "2027-11-07 01:30",
            "America/New_York",
            AmbiguousTime,
            "2027-11-07 01:30 happens twice in America/New_York: the clocks go back over it. "
            "Enter a time at least an hour earlier or later",
        ),
        ("2027-11-07 01:00", "America/New_York", AmbiguousTime, "happens twice"),
        ("2027-11-07 01:59:59", "America/New_York", AmbiguousTime, "happens twice"),
        ("2027-10-03 02:15", "Australia/Lord_Howe", NoSuchTime, "Enter 02:45 or another time"),  # half an hour
    ],
)
def test_times_that_name_no_single_moment(local, zone, refusal, message, fold):
    with pytest.raises(refusal) as refused:
        to_utc(moment(local).replace(fold=fold), ZoneInfo(zone))
    assert message in str(refused.value) and isinstance(refused.value, UnclearTime)


def test_mistyped_years_are_refused_in_words():
    with pytest.raises(UnclearTime, match="check the year"):
        to_utc(moment("9999-12-31 23:00"), NEW_YORK)
    with pytest.raises(UnclearTime, match="check the year"):
        to_utc(moment("0001-01-01 00:00"), ZoneInfo("Asia/Tokyo"))


def test_a_time_with_a_zone_is_no_local_time():
    with pytest.raises(ValueError, match="carries a zone already"):
        to_utc(datetime(2026, 11, 23, tzinfo=timezone(timedelta(hours=-5))), NEW_YORK)


@given(st.datetimes(moment("2000-01-01"), moment("2037-01-01")))
def test_a_clear_local_time_reads_back_as_itself(local):
    try:
        instant = to_utc(local, NEW_YORK)
    except UnclearTime:
        assert local.month in (3, 4, 10, 11) and local.hour in (1, 2)
    else:
        assert instant.astimezone(NEW_YORK).replace(tzinfo=None) == local
        assert local_day(instant, NEW_YORK) == local.date()
