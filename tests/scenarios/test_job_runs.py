"""What the office did by itself stands on a screen of its own: the last run of each job, what failed, and all. Source: OP-05."""

from datetime import timedelta

from app.models import JobRun
from app.rules.schedule import SCHEDULE
from tests.support.jobs import run
from tests.support.making import records
from tests.support.pages import words
from tests.support.people import Person


def page(world, query="", name="admin"):
    return words(Person(world.app, name).get(f"/job-run/list/{query}").text)


def test_the_last_run_of_each_job_says_what_came_of_it(both):
    run(both, "books")
    both.clock.moment += timedelta(days=1)
    run(both, "books")
    run(both, "forget")
    said = page(both)
    assert "2 records" in said and said.count("the books agree") == 1
    assert SCHEDULE["books"][1] in said and SCHEDULE["forget"][1] in said and said.count("Done") == 2
    assert "Nov 24, 2026" in said, "the later one"
    assert "3 records" in page(both, "?view=all")
    assert "2 records" in page(both, "?view=all&q=books")
    file = Person(both.app, "admin").post("/job-run/export/csv?view=all").text
    assert SCHEDULE["forget"][1] in file and file.count("the books agree") == 2, "the same words in the file"


def test_what_failed_is_found(both):
    run(both, "books")
    with records(both) as session:
        now = both.clock()
        session.add(JobRun(job="mail", due=now, started_at=now, outcome="failed: OperationalError"))
        session.add(JobRun(job="backup", due=now, started_at=now))
        session.commit()
    said = page(both, "?view=failed")
    assert "failed: OperationalError" in said and "the books agree" not in said
    assert "Underway" in page(both)


def test_it_is_read_by_who_keeps_the_program_and_who_audits(both):
    run(both, "books")
    assert "the books agree" in page(both, name="auditor")
    for name in ("fiscal", "requester"):
        assert "the books agree" not in page(both, name=name)
        assert Person(both.app, name).get("/job-run/list/").status_code == 403
    for path in ("/job-run/add", "/job-run/edit/1", "/job-run/delete/1"):
        assert Person(both.app, "admin").get(path).status_code == 404
