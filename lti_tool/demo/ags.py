"""Assignment and Grade Services 2.0: line items, scores, results (M21 to M28)."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from flask import Response, request

from lti_tool.demo.model import Column, Grade
from lti_tool.demo.payloads import LineItem, PayloadError, Score
from lti_tool.demo.school import LockedColumnError, StaleScoreError
from lti_tool.demo.services import (
    ANY_METHOD,
    ServiceError,
    answer,
    caller,
    check_course,
    check_link,
    count,
    service,
)
from lti_tool.demo.site import site
from lti_tool.demo.vocab import (
    LINE_ITEM_TYPE,
    LINE_ITEMS_TYPE,
    RESULTS_TYPE,
    SCORE_TYPE,
    Json,
)

ags = service("ags")


def _check_type() -> None:
    """Line item addresses carry the tool's number, and it must be the caller's."""
    if request.args.get("type_id") != caller().deployment_id:
        raise ServiceError(401, "Unauthorized: type_id is not this tool's")


def _column(course_id: str, column_id: str) -> Column:
    _check_type()
    check_course(course_id)
    column = site().school.columns.get(column_id)
    if column is None:
        raise ServiceError(404, f"Not Found: Grade item {column_id} doesn't exist")
    if column.course_id != course_id or column.client_id != caller().client_id:
        raise ServiceError(404, "Line item does not exist")
    return column


def _number(value: float) -> float:
    """5 rather than 5.0, as recorded; and whatever else a test put there."""
    if isinstance(value, str):
        return value
    return int(value) if value == int(value) else value


@ags.route("/<course_id>/lineitems", methods=ANY_METHOD)
def lineitems(course_id: str) -> Response:
    """The container: GET lists, filtered by what the query names; POST adds a column."""
    _check_type()
    check_course(course_id)
    if request.method == "POST":
        return _create(course_id)
    asked = {name: request.args[name] for name in ("resource_id", "resource_link_id", "tag") if name in request.args}
    columns = [
        column
        for column in site().school.course_columns(course_id)
        if column.client_id == caller().client_id
        and all(getattr(column, name) == value for name, value in asked.items())
    ]
    limit, start = count("limit"), count("from")
    page = columns[start : start + limit] if limit else columns
    listed = answer([_line_item(column) for column in page], LINE_ITEMS_TYPE)
    if limit:
        listed.headers["Link"] = _curly_links(course_id, asked, limit, start, len(columns))
    return listed


def _read_line_item() -> LineItem:
    try:
        return LineItem.read(request.get_data())
    except PayloadError as error:
        raise ServiceError(400, str(error)) from error


def _create(course_id: str) -> Response:
    """A column of its own, also when it names a resource link; twice makes two (M22)."""
    asked = _read_line_item()
    check_link(course_id, asked.resource_link_id)
    column = site().school.add_column(
        course_id,
        caller().client_id,
        asked.label,
        asked.score_maximum,
        resource_id=asked.resource_id,
        tag=asked.tag,
        resource_link_id=asked.resource_link_id,
    )
    made = asked.sent | {"id": site().addresses.lineitem(column, caller())}
    return answer(made, LINE_ITEM_TYPE, 201)


@ags.route("/<course_id>/lineitems/<column_id>/lineitem", methods=ANY_METHOD)
def lineitem(course_id: str, column_id: str) -> Response:
    """One line item: GET, PUT, DELETE."""
    column = _column(course_id, column_id)
    if request.method == "DELETE":
        site().school.delete_column(column.id)
        return Response(status=204, content_type="text/html; charset=utf-8")
    if request.method == "PUT":
        return _replace(column)
    return answer(_line_item(column), LINE_ITEM_TYPE)


def _replace(column: Column) -> Response:
    """PUT takes the place of the whole item: what it omits is erased (M23)."""
    asked = _read_line_item()
    own_id = site().addresses.lineitem(column, caller())
    if asked.sent.get("id", own_id) != own_id:
        raise ServiceError(400, "id must not change")
    if asked.resource_link_id and column.resource_link_id not in (None, asked.resource_link_id):
        raise ServiceError(400, "resourceLinkId must not change")
    check_link(column.course_id, asked.resource_link_id)
    site().school.replace_column(
        column,
        asked.label,
        asked.score_maximum,
        asked.resource_id,
        asked.tag,
        asked.resource_link_id,
    )
    return answer(asked.sent | {"id": own_id}, LINE_ITEM_TYPE)


def _line_item(column: Column) -> Json:
    shown: Json = {
        "id": site().addresses.lineitem(column, caller()),
        "label": column.label,
        "scoreMaximum": _number(column.score_maximum),
        "resourceId": column.resource_id,
        "tag": column.tag,
    }
    if column.resource_link_id is not None:
        shown |= {"resourceLinkId": column.resource_link_id, "ltiLinkId": column.resource_link_id}
    return shown


def _curly_links(course_id: str, asked: dict[str, str], limit: int, start: int, total: int) -> str:
    """Moodle's Link header: curly quotes and &amp;, so that no parser finds "next" (M28)."""
    base = site().addresses.lineitems(course_id, caller()).split("?")[0]
    query = asked | {"type_id": caller().deployment_id, "limit": str(limit)}
    pages = {"first": 0}
    if 0 < start < total:
        pages["prev"] = max(0, start - limit)
    pages["canonical"] = start
    if start + limit < total:
        pages["next"] = start + limit
    pages["last"] = max(0, total - limit + 1)
    links = [
        f"<{base}?{urlencode(query | {'from': str(first)}).replace('&', '&amp;')}>; rel=“{rel}”"
        for rel, first in pages.items()
    ]
    # Headers are Latin-1 on the wire; Moodle writes UTF-8 bytes into them.
    return ", ".join(links).encode().decode("latin-1")


@ags.route("/<course_id>/lineitems/<column_id>/lineitem/scores", methods=ANY_METHOD)
def scores(course_id: str, column_id: str) -> Response:
    """A score: 200 and nothing, or [] and the reason in the status line (M24 to M27)."""
    column = _column(course_id, column_id)
    body = request.get_data()
    school = site().school
    try:
        score = Score.read(body, school.clock())
        if not school.gradable(course_id, score.user_id):
            raise PayloadError(f"user {score.user_id} has no grade in this course")
    except PayloadError as error:
        # The body lands in Moodle's status line: with a newline in it, PHP drops that line and
        # the refusal goes out as 200 (M27).
        status = 200 if b"\n" in body else 400
        raise ServiceError(status, f"Incorrect score received: {error}", bare=True) from error
    try:
        school.record_score(
            column,
            score.user_id,
            score.scaled_to(column.score_maximum),
            score.comment,
            score.second,
        )
    except StaleScoreError:
        whose = f"item {column.id} and user {score.user_id}"
        reason = f"Refusing score with an earlier timestamp for {whose}"
        raise ServiceError(409, reason, bare=True) from None
    except LockedColumnError:
        raise ServiceError(500, "Internal Server Error", bare=True) from None
    return Response("", content_type=f"{SCORE_TYPE}; charset=utf-8")


@ags.route("/<course_id>/lineitems/<column_id>/lineitem/results", methods=ANY_METHOD)
def results(course_id: str, column_id: str) -> Response:
    """What the gradebook holds now, one result for each person with a record."""
    column = _column(course_id, column_id)
    school = site().school
    with school.lock:
        grades = [grade for grade in school.grades.values() if grade.column_id == column.id]
    if "user_id" in request.args:
        grades = [grade for grade in grades if grade.person_id == request.args["user_id"]]
    if grades and count("limit"):
        raise ServiceError(500, "Internal Server Error: limit on results")  # M28
    return answer([_result(column, grade) for grade in grades], RESULTS_TYPE)


def _result(column: Column, grade: Grade) -> Json:
    """One result; without a score only whose it is (recorded)."""
    address = site().addresses.lineitem(column, caller(), "/results")
    shown: Json = {"id": f"{address}&user_id={grade.person_id}", "userId": grade.person_id}
    if grade.score is None:
        return shown
    shown["resultScore"] = _number(grade.score)
    shown["resultMaximum"] = _number(column.score_maximum)
    if grade.comment:
        shown["comment"] = grade.comment
    shown["scoreOf"] = site().addresses.lineitem(column, caller())
    shown["timestamp"] = datetime.fromtimestamp(grade.second, UTC).isoformat()
    return shown
