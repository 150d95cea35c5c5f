"""What watches over Purser asks here: does it live, may it be sent people, how does it do. Source: OP-05.

`/healthz` says that a worker answers. `/readyz` says that the database answers too and has the tables of this version.
`/metrics` is for Prometheus, and for whoever brings the token of PURSER_METRICS_TOKEN or asks from this machine itself."""

import hmac
import os
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.entities.document import Document, State
from app.entities.operations import JobRun
from app.extensions import db

VERSIONS = Path(__file__).parents[2] / "migrations" / "versions"
UNTOLD = frozenset({"static", "styles", "health.healthz", "health.readyz", "health.metrics"})
"""What is not worth measuring."""

REQUESTS = Counter("purser_requests_total", "Answers given", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "purser_request_seconds",
    "How long answers took",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """A worker answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """The database answers and is of this version: people may be sent here."""
    try:
        with db.engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return jsonify(status="unready", why="The database does not answer."), 503
    if found != _wanted():
        return jsonify(status="unready", why=f"The database is at {found}, this program needs {_wanted()}."), 503
    return jsonify(status="ready"), 200


@cache
def _wanted() -> str:
    """The revision that this version needs: the migrations are numbered in their order."""
    return max(file.name[:4] for file in VERSIONS.glob("[0-9]*.py"))


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures of all workers together, and of the records."""
    _check_token()
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):  # several workers, each with files of its own
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    records = CollectorRegistry(auto_describe=False)
    records.register(Records())
    return Response(generate_latest(registry) + generate_latest(records), content_type=CONTENT_TYPE_LATEST)


def _check_token() -> None:
    wanted = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
        abort(401)
    if not wanted and (request.remote_addr not in ("127.0.0.1", "::1") or "X-Forwarded-For" in request.headers):
        abort(404)


class Records(Collector):
    """What is asked of the database when somebody looks: little, and cheap on any size of office."""

    def collect(self) -> Iterator[Metric]:
        """The figures."""
        waiting = select(func.count()).select_from(Document.__table__).where(Document.__table__.c.state == State.ROUTED)
        runs = select(JobRun.job, func.max(JobRun.ended_at)).where(JobRun.ended_at.is_not(None)).group_by(JobRun.job)
        ended = GaugeMetricFamily("purser_job_last_end_seconds", "When a job last ended", labels=["job"])
        with db.engine.connect() as connection:
            routed = connection.scalar(waiting) or 0
            for name, at in connection.execute(runs):
                ended.add_metric([name], at.timestamp())
        yield GaugeMetricFamily("purser_documents_waiting", "Documents that wait for a signature", value=routed)
        yield ended


def install(app: Flask) -> None:
    """Answer the watchers, and measure what everybody else is answered."""
    app.register_blueprint(blueprint)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def measure(answer: Response) -> Response:
        name = request.endpoint or "nowhere"
        if name not in UNTOLD:
            REQUESTS.labels(name, request.method, str(answer.status_code)).inc()
            SECONDS.labels(name).observe(time.perf_counter() - g.get("began", time.perf_counter()))
        return answer
