"""For whoever operates the tool: does it live, is it ready, how do deliveries go. Holds nothing of anybody."""

import hmac

from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.db import db, now
from lti_tool.delivery.worker import heard_of
from lti_tool.models import OutboxRow
from lti_tool.parts import parts

health = Blueprint("health", __name__)


@health.get("/healthz")
def healthz() -> Response:
    """200 while the process answers."""
    return jsonify(status="ok")


@health.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when the database answers and a worker was heard of within a minute, else 503 and why."""
    try:
        worker = heard_of(db.session())
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="no database"), 503
    return (jsonify(status="ok"), 200) if worker else (jsonify(status="no worker heard of for a minute"), 503)


@health.get("/metrics")
def metrics() -> Response:
    """Prometheus text, for who sends LEERKRING_METRICS_TOKEN as bearer token; 404 where none is set."""
    token = parts().settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not hmac.compare_digest(token.encode(), given.encode()):
        abort(404)
    registry = CollectorRegistry()
    rows = Gauge("leerkring_outbox_rows", "Deliveries by kind and state", ["kind", "state"], registry=registry)
    oldest = Gauge("leerkring_outbox_oldest_seconds", "Age of the oldest delivery that waits", registry=registry)
    alive = Gauge("leerkring_worker_heard_of", "1 if a worker was heard of within a minute", registry=registry)
    session = db.session()
    for state, condition in (
        ("waiting", OutboxRow.done_at.is_(None) & OutboxRow.stopped_at.is_(None)),
        ("stopped", OutboxRow.stopped_at.is_not(None)),
    ):
        found = session.execute(select(OutboxRow.kind, func.count()).where(condition).group_by(OutboxRow.kind))
        for kind, count in found:
            rows.labels(kind, state).set(count)
    first = session.scalar(
        select(func.min(OutboxRow.created_at)).where(OutboxRow.done_at.is_(None), OutboxRow.stopped_at.is_(None))
    )
    oldest.set((now() - first).total_seconds() if first else 0)
    alive.set(heard_of(session))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
