"""Settings, whatever is set where: the nearest holds, in each way there is of reading one."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import select

from lti_tool.domain import Refused
from lti_tool.domain.school import settings
from lti_tool.domain.school.setting_kinds import LONGEST_STEP, MOST_MINUTES, SETTINGS, Name, as_typed
from lti_tool.domain.school.settings import Level, Scope
from lti_tool.domain.school.trail import OPERATOR
from lti_tool.models import Community, Course, Deployment
from lti_tool.models.community import setting_of
from lti_tool.steps.ambition import Ambition
from tests.web.circle import STEPS, Circle, circle

NAMED = [step.name for step in STEPS]


def refused(name: str, said: str) -> str:
    """Why what was typed is no value; "" where it is one."""
    try:
        settings.read(name, said, NAMED)
    except Refused as problem:
        return problem.code
    return ""


LEVELS = [Level.COURSE, Level.SCHOOL, Level.PLATFORM]
# What may be typed for each, and None: to have it inherited again. Whatever takes something away is looked at apart.
TYPED = {
    Name.LANGUAGE: ["", "nl", "en"],
    Name.PASSBACK: ["moments", "completed", "none"],
    Name.HOLIDAYS: ["", "2027-02-20 - 2027-02-28", "2027-04-26\n2027-05-05"],
    Name.STEPS: ["", "ambition.nl=Ons doel", "ambition.en=Our aim\nactions.nl=Aan de slag"],
    Name.NAMES: ["names", "pseudonyms"],
    Name.FACILITATION: ["anybody", "teachers", "named"],
    Name.TARIFF: ["", "ambition=60", "actions=30\nactions.action=15\nactions.most=90"],
    Name.RETENTION: ["", "1", "7+"],
}


@pytest.fixture(scope="module")
def c() -> Iterator[Circle]:
    with circle(2, "ideas", Ambition()) as made:
        yield made


def test_every_setting_is_typed_here() -> None:
    assert set(TYPED) == set(Name) == set(SETTINGS)


def acts() -> st.SearchStrategy[list[tuple[Level, Name, str | None]]]:
    one = st.sampled_from(list(Name)).flatmap(
        lambda name: st.tuples(st.sampled_from(LEVELS), st.just(name), st.sampled_from([None, *TYPED[name]]))
    )
    return st.lists(one, max_size=24)


@given(acts())
@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_nearest_holds_whatever_was_set_and_cleared_before(c: Circle, done: list) -> None:
    session = c.session
    tried = session.begin_nested()
    course = session.get_one(Course, c.community.course_id)
    deployment = session.get_one(Deployment, course.deployment_id)
    scopes = {
        Level.COURSE: Scope(course_id=course.id),
        Level.SCHOOL: Scope(school_id=deployment.school_id),
        Level.PLATFORM: Scope(registration_id=deployment.registration_id),
    }
    held: dict[tuple[Level, Name], object] = {}
    for level, name, said in done:
        settings.keep(session, scopes[level], name, said, OPERATOR, NAMED, looked=True)
        if said is None:
            held.pop((level, name), None)
        else:
            held[level, name] = SETTINGS[name].read(said)
    shown = {each.name: each for each in settings.shown(session, scopes[Level.COURSE])}
    for name in Name:
        nearest = next((level for level in LEVELS if (level, name) in held), Level.DEFAULT)
        value = held.get((nearest, name), SETTINGS[name].default)
        assert settings.value(session, name, deployment.id, deployment.school_id, course.id) == value
        assert (shown[name].value, shown[name].level) == (value, nearest)
        row = session.execute(select(setting_of(name, Community.course_id)).where(Community.id == c.community.id)).one()
        assert (row[0]["value"] if row[0] is not None else SETTINGS[name].default) == value
    tried.rollback()


@pytest.mark.parametrize("name", [Name.STEPS, Name.TARIFF])
def test_what_is_typed_by_step_can_be_typed_again_as_it_is_shown(name: Name) -> None:
    for said in TYPED[name]:
        value = SETTINGS[name].read(said)
        typed = "\n".join(f"{part}={each}" for part, each in as_typed(name, value).items())
        assert SETTINGS[name].read(typed) == value


@pytest.mark.parametrize(
    ("name", "said", "code"),
    [
        ("step_names", "ambition", "setting_parts"),
        ("step_names", "ambition=Doel", "setting_parts"),
        ("step_names", "ambition.de=Ziel", "setting_parts"),
        ("step_names", "ambition.nl=Doel\nambition.nl=Anders", "setting_parts"),
        ("step_names", "=Doel", "setting_parts"),
        ("step_names", "\n".join(f"a{'b' * n}.nl=Naam {n}" for n in range(61)), "setting_parts"),
        ("step_names", "nowhere.nl=Doel", "setting_step"),
        ("step_names", f"ambition.nl={'x' * (LONGEST_STEP + 1)}", "setting_step_name"),
        ("step_names", "ambition.nl=<b>Doel</b>", "setting_step_name"),
        ("step_names", "ambition.nl=%(name)s", "setting_step_name"),
        ("step_names", "ambition.nl={{ here }}", "setting_step_name"),
        ("step_names", "ambition.nl=\u202eleoD", "setting_step_name"),
        ("step_names", "ambition.nl=12", "setting_step_name"),
        ("step_names", "ambition.nl=...", "setting_step_name"),
        ("step_names", "ambition.nl=Doel\nactions.nl=doel", "setting_step_twice"),
        ("tariff", "ambition=", ""),
        ("tariff", "ambition=een uur", "setting_tariff"),
        ("tariff", "ambition=-5", "setting_tariff"),
        ("tariff", "ambition=1.5", "setting_tariff"),
        ("tariff", "ambition=٣٠", "setting_tariff"),
        ("tariff", f"ambition={MOST_MINUTES + 1}", "setting_tariff"),
        ("tariff", "actions=30\nactions.action=60\nactions.most=45", "setting_tariff"),
        ("tariff", "nowhere=60", "setting_step"),
        ("names", "", "setting_choice"),
        ("facilitation", "everybody", "setting_choice"),
        ("retention", "4", "setting_choice"),
        ("retention", "1 ", "setting_choice"),
        ("nothing", "x", "setting_unknown"),
    ],
)
def test_what_no_setting_can_be_is_refused_by_name(c: Circle, name: str, said: str, code: str) -> None:
    assert refused(name, said) == code


@given(st.text(max_size=400))
@how(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_typed_is_taken_in_or_refused(said: str) -> None:
    for name in Name:
        assert refused(name, said).startswith("setting_") or not refused(name, said)


def test_what_takes_something_away_is_set_by_no_other_way(c: Circle) -> None:
    with pytest.raises(Refused, match="setting_look_first"):
        settings.keep(c.session, Scope(course_id=c.community.course_id), Name.RETENTION, "1", OPERATOR, NAMED)
