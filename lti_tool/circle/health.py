"""For whoever operates the tool: what it is, does it live, is it ready, how do deliveries go. Nothing of anybody."""

from flask import Blueprint, Response, current_app, jsonify, render_template, request
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from lti_tool.audience import MONITORING, OPERATOR, PUBLIC, audience
from lti_tool.db import db, now
from lti_tool.delivery import alarms
from lti_tool.delivery.worker import heard_of
from lti_tool.models import OutboxRow
from lti_tool.parts import parts

health = Blueprint("health", __name__)


@health.get("/")
@audience(PUBLIC)
def front() -> str:
    """What this is, for who comes by the bare address."""
    return render_template("front.html")


@health.get("/healthz")
@audience(PUBLIC)
def healthz() -> Response:
    """200 while the process answers."""
    return jsonify(status="ok", tool="leerkring")


@health.get("/seen")
@audience(OPERATOR)
def seen() -> Response:
    """How this request arrived and what the service has: `leerkring doctor` compares it with what it has itself.

    hops: proxies that added to X-Forwarded-For; stranger: whether the first word in it is believed. database is a
    hash keyed with the secret.
    """
    forwarded = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()]
    asker = request.headers.get("X-Leerkring-Doctor", "")
    return jsonify(
        url=request.url_root,
        hops=len(forwarded) - (forwarded[:1] == [asker]),
        stranger=request.remote_addr == asker,
        proxies=parts().settings.trusted_proxies,
        database=parts().sessions.hash(current_app.config["SQLALCHEMY_DATABASE_URI"]),
        keys=[key.kid for key in parts().keys.all()],
    )


@health.get("/readyz")
@audience(PUBLIC)
def readyz() -> tuple[Response, int]:
    """200 when the database answers and a worker was heard of within a minute, else 503; not_running says what is not.

    A broker that is away is said too, and is no reason for 503: workers look for themselves.
    """
    try:
        worker = heard_of(db.session())
        # Nothing is asked of a broker while a transaction is open.
        db.session.rollback()
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify(status="no database", not_running=["database"]), 503
    wake = current_app.extensions.get("leerkring.wake")
    away = [] if wake is None or wake.reachable() else ["broker"]
    if not worker:
        return jsonify(status="no worker heard of for a minute", not_running=["worker", *away]), 503
    return jsonify(status="ok" if not away else "no broker: workers look every few seconds", not_running=away), 200


@health.get("/metrics")
@audience(MONITORING)
def metrics() -> Response:
    """Prometheus text; not there for who does not send the token, nor where none is set."""
    registry = CollectorRegistry()
    rows = Gauge("leerkring_outbox_rows", "Deliveries by kind and state", ["kind", "state"], registry=registry)
    oldest = Gauge("leerkring_outbox_oldest_seconds", "Age of the oldest delivery that waits", registry=registry)
    alive = Gauge("leerkring_worker_heard_of", "1 if a worker was heard of within a minute", registry=registry)
    sounding = Gauge("leerkring_alarms", "What waits until somebody sees to it, at an LMS or here", registry=registry)
    session = db.session()
    sounding.set(alarms.count(session))
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
