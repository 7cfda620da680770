"""The way in for who is to administer a school: the one-time code of the registration, or asking to be let in.

For whom the LMS calls its administrator, and that by itself opens nothing.
"""

from flask import Blueprint, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.db import db, keep
from lti_tool.domain import Refused
from lti_tool.domain.community.access import Audience
from lti_tool.domain.school import administrators, codes, schools
from lti_tool.lti import quirks
from lti_tool.models import Deployment, Registration
from lti_tool.parts import parts

ADMINISTRATOR = frozenset({Audience.ADMINISTRATOR})


def _may_ask() -> str:
    """ "" where this person may ask to be let in; else why not, a code of administrators.WHY_NOT."""
    at = here()
    query = select(Registration.family).join(Deployment, Deployment.registration_id == Registration.id)
    family = db.session.scalars(query.where(Deployment.id == at.launch.deployment_id)).one()
    if not quirks.administrators_are_the_sites(family):
        return "administrator_not_the_sites"
    return administrators.may_ask(db.session(), schools.of_course(db.session(), at.course.id), at.person.id)


@audience(ADMINISTRATOR)
def administer() -> Response:
    """Typing the code, and asking."""
    return _page()


def _page(problem: Refused | None = None) -> Response:
    waits = codes.waits(db.session(), here().launch.deployment_id)
    return show("administer.html", 422 if problem else 200, code=waits, why=_may_ask(), problem=problem)


@audience(ADMINISTRATOR)
@form(_page, "administrator_code")
def type_code() -> str:
    """Become the first administrator, by the code that was shown where the LMS was registered."""
    at, session = here(), db.session()
    school = schools.of_course(session, at.course.id)
    typed = request.form.get("administrator_code", "")
    wrong = codes.use(session, at.launch.deployment_id, school, at.person.id, typed, parts().sessions.hash)
    if wrong:
        keep()
        raise Refused("code_often" if wrong == "code_often" else "code_wrong")
    return url_for("administration.overview", launch_id=at.launch.id, begun=1)


@audience(ADMINISTRATOR)
@form(_page, "administrator_ask")
def ask() -> str:
    """Ask who administers the school to be let in."""
    at = here()
    if code := _may_ask():
        raise Refused(administrators.WHY_NOT[code])
    administrators.ask(db.session(), schools.of_course(db.session(), at.course.id), at.person.id)
    return at.url("administer")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/administer")(administer)
    blueprint.post("/administer/code", endpoint="type_code")(type_code)
    blueprint.post("/administer/ask", endpoint="ask_to_administer")(ask)
