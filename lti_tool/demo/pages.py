"""The LMS's own pages. Who you are stands in the path, so two tabs can be two people."""

from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    render_template,
    request,
    url_for,
)

from lti_tool.demo.addresses import LTI_PATH
from lti_tool.demo.model import Activity, Course, Grade, Person
from lti_tool.demo.platform import FormPost
from lti_tool.demo.registration import is_address
from lti_tool.demo.site import site
from lti_tool.demo.texts import choose_language, language, t
from lti_tool.demo.troubles import make_trouble
from lti_tool.demo.vocab import DEEP_LINKING

pages = Blueprint("pages", __name__)

ROLE_NAMES = {
    "editingteacher": "Leraar",
    "teacher": "Leraar zonder bewerkrechten",
    "student": "Deelnemer",
}
CALLS_SHOWN = 8
# Machinery that every launch needs: in the list it would push away what is worth seeing.
CALLS_HIDDEN = {"auth", "jwks", "configuration"}


@pages.url_value_preprocessor
def read_language(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """?lang=nl or ?lang=en, else what the browser prefers."""
    choose_language(request.args.get("lang"))


@pages.url_defaults
def keep_language(_endpoint: str, values: dict[str, Any]) -> None:
    """Every address on an English page leads to an English page."""
    if g.get("language_kept"):
        values.setdefault("lang", language())


@pages.before_request
def own_forms_only() -> None:
    """A page of the tool shares the browser: its forms must not press this LMS's buttons."""
    origin = request.headers.get("Origin")
    if request.method == "POST" and origin not in (None, site().addresses.issuer):
        abort(403)


@pages.app_context_processor
def helpers() -> dict[str, Any]:
    """What the templates may use."""
    return {"t": t, "language": language, "school": site().school, "role_name": role_name, "grade_text": grade_text}


def role_name(person: Person, course: Course | None) -> str:
    """The LMS's word for somebody's role."""
    if person.admin:
        return t("Beheerder")
    role = site().school.role(course.id, person.id) if course else None
    return t(ROLE_NAMES[role]) if role else ""


def grade_text(grade: Grade | None) -> str:
    """A grade as the gradebook shows it."""
    if grade is None or grade.score is None:
        return "–"
    text = f"{grade.score:g}"
    return text if language() == "en" else text.replace(".", ",")


def _person(person_id: str) -> Person:
    return site().school.people.get(person_id) or abort(404)


def _course(person: Person, course_id: str) -> Course:
    course = site().school.courses.get(course_id) or abort(404)
    if not site().school.may_open(course.id, person.id):
        abort(403)
    return course


def _activity(activity_id: str) -> Activity:
    return site().school.activities.get(activity_id) or abort(404)


@pages.get("/")
def start() -> str:
    """The people, by course: opening one is being that person."""
    school = site().school
    ready = any(tool.active for tool in school.tools.values())
    admins = [p for p in school.people.values() if p.admin]
    return render_template("demo/start.html", admins=admins, ready=ready, guide=_guide() if ready else None)


def _guide() -> dict[str, Any] | None:
    """Whom to be first, for somebody who sees this for the first time: of the first course that has both."""
    school = site().school
    for shown in school.courses.values():
        roster = school.roster(shown.id)
        teacher = next((person for person, role in roster if role == "editingteacher"), None)
        students = [person for person, role in roster if role == "student"][:3]
        if teacher and students:
            columns = {column.id for column in school.course_columns(shown.id)}
            return {
                "course": shown,
                "teacher": teacher,
                "students": students,
                "placed": bool(school.course_activities(shown.id)),
                "scored": any(column_id in columns for column_id, _ in list(school.grades)),
            }
    return None


@pages.get("/as/<person_id>/course/<course_id>")
def course(person_id: str, course_id: str) -> str:
    """A course: its activities, and beside them the gradebook."""
    person = _person(person_id)
    shown = _course(person, course_id)
    school = site().school
    selectable = [
        tool
        for tool in school.tools.values()
        if tool.active and tool.message(DEEP_LINKING) and school.may_edit(shown.id, person.id)
    ]
    return render_template(
        "demo/course.html",
        person=person,
        course=shown,
        selectable=selectable,
        activities=school.course_activities(shown.id),
        **_live(shown),
    )


@pages.get("/as/<person_id>/activity/<activity_id>")
def activity(person_id: str, activity_id: str) -> str:
    """An activity in its frame, as Moodle shows it."""
    person, shown = _person(person_id), _activity(activity_id)
    where = _course(person, shown.course_id)
    frame = url_for("pages.open_activity", person_id=person.id, activity_id=shown.id)
    return render_template(
        "demo/frame.html",
        person=person,
        course=where,
        title=shown.title,
        frame=frame,
        **_live(where),
    )


@pages.get(f"{LTI_PATH}/view.php")
def view() -> str:
    """Moodle's address of an activity, where a tool sends people back to. It knows who is logged in;
    here one says who one is."""
    shown = _activity(request.args.get("id", ""))
    where = site().school.courses[shown.course_id]
    return render_template("demo/view.html", activity=shown, course=where)


@pages.get("/as/<person_id>/activity/<activity_id>/open")
def open_activity(person_id: str, activity_id: str) -> str:
    """Starts the launch, in a frame or in a window."""
    person, opened = _person(person_id), _activity(activity_id)
    _course(person, opened.course_id)
    target = "window" if request.args.get("target") == "window" else "iframe"
    # On an English page somebody reads English, whatever their profile says.
    speaks = "en" if language() == "en" else person.language
    return _send(site().platform.initiate_login(person, opened, target=target, language=speaks))


@pages.get("/as/<person_id>/course/<course_id>/select/<client_id>")
def select(person_id: str, course_id: str, client_id: str) -> str:
    """Content selection in a frame."""
    person = _person(person_id)
    where = _course(person, course_id)
    tool = site().school.tools.get(client_id) or abort(404)
    frame = url_for("pages.open_selection", person_id=person.id, course_id=where.id, client_id=client_id)
    return render_template(
        "demo/frame.html",
        person=person,
        course=where,
        frame=frame,
        title=f"{t('Inhoud kiezen bij')} {tool.client_name}",
        **_live(where),
    )


@pages.get("/as/<person_id>/course/<course_id>/select/<client_id>/open")
def open_selection(person_id: str, course_id: str, client_id: str) -> str:
    """Starts the deep linking request in the frame."""
    person = _person(person_id)
    where = _course(person, course_id)
    if client_id not in site().school.tools:
        abort(404)
    if not site().school.may_edit(where.id, person.id):
        abort(403)
    return _send(site().platform.initiate_deep_linking(person, where.id, client_id, language=language()))


def _send(form: FormPost) -> str:
    return render_template("demo/form_post.html", form=form)


@pages.get("/as/<person_id>/course/<course_id>/live")
def live(person_id: str, course_id: str) -> str:
    """What the pages fetch each second: the panel, of which they take what has changed."""
    person = _person(person_id)
    shown = _course(person, course_id)
    return render_template("demo/_panel.html", person=person, course=shown, **_live(shown))


def _live(shown: Course) -> dict[str, Any]:
    school = site().school
    calls = [call for call in site().calls if call.name not in CALLS_HIDDEN]
    return {
        "columns": school.course_columns(shown.id),
        "roster": school.roster(shown.id),
        "calls": calls[: -CALLS_SHOWN - 1 : -1],
        "faults": site().faults.pending(),
        "delay": site().faults.seconds,
    }


@pages.post("/as/<person_id>/course/<course_id>/trouble")
def trouble(person_id: str, course_id: str) -> Response:
    """Without script the course page is shown again; with it, the page stays as it is."""
    make_trouble(site(), _course(_person(person_id), course_id).id, request.form)
    return _see_other(url_for("pages.course", person_id=person_id, course_id=course_id))


def _see_other(address: str) -> Response:
    answer = Response(status=303)
    answer.headers["Location"] = address
    return answer


# Administration


def _admin(person_id: str) -> Person:
    person = _person(person_id)
    if not person.admin:
        abort(403)
    return person


@pages.get("/as/<person_id>/tools")
def tools(person_id: str) -> str:
    """The tools that are registered, and where to register another."""
    return render_template("demo/tools.html", person=_admin(person_id), bad_address=None)


@pages.post("/as/<person_id>/tools")
def register(person_id: str) -> str:
    """Opens the tool's registration link in a frame (M1)."""
    person = _admin(person_id)
    address = request.form.get("address", "").strip()
    if not is_address(address):
        return render_template("demo/tools.html", person=person, bad_address=address)
    return render_template(
        "demo/register.html",
        person=person,
        frame=site().registrar.address(address),
        host=urlsplit(address).netloc,
    )


@pages.post("/as/<person_id>/tools/<client_id>")
def activate(person_id: str, client_id: str) -> Response:
    """Activates a tool that waits, or the other way round (M3)."""
    _admin(person_id)
    tool = site().school.tools.get(client_id) or abort(404)
    with site().school.changing():
        tool.active = not tool.active
    return _see_other(url_for("pages.tools", person_id=person_id))
