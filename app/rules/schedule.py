"""When the office does what by itself: minute, hour, day, month and weekday in UTC, which no clock change skips or repeats,
and what it means. What is then run stands in `app.jobs`. Source: OP-05."""

SCHEDULE: dict[str, tuple[str, str]] = {
    "forget": ("17 * * * *", "Forget sign-ins that have ended, old failed tries and used request keys"),
    "head": ("50 4 * * *", "Write down the day's signed head of the audit trail, to be sent elsewhere"),
    "backup": ("20 6 * * *", "Make a backup in the folder of PURSER_BACKUPS and delete old ones there"),
    "sample": ("40 5 * * *", "Have the database look at its rows, so that it knows which index to take"),
    "books": (
        "10 7 * * *",
        "Compare every balance with its postings; tell fiscal and administrators of a difference",
    ),
    "approvals": ("0 11 * * *", "Remind approvers of documents that have waited too long, once a day for each"),
    "deliveries": ("5 11 * * *", "Tell the owner of an order that its delivery is late, once"),
    "agreements": ("10 11 * * *", "Tell the owner of an agreement that it ends within 60, then within 30 days"),
    "addresses": ("15 11 * * *", "Tell administrators whom no e-mail reaches, so that they correct the address"),
    "mail": ("*/5 * * * *", "Send the notices that go out by e-mail; what nobody takes is tried again later"),
}
"""Name → when it is due, and what it does."""
