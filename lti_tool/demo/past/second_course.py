"""The past of the demo's second course, so that a newcomer finds a community that is alive."""

from lti_tool.demo import story
from lti_tool.demo.model import Course
from lti_tool.demo.past.after import Community
from lti_tool.demo.past.belonging import settle
from lti_tool.demo.past.hours import Hours
from lti_tool.demo.past.people import HOME
from lti_tool.demo.run import Demo, Say
from lti_tool.demo.teachers import TEACHERS
from lti_tool.demo.visitors import HttpVisitor, Visitor

COURSE, FACILITATOR, LEADER = "PLG-TEC", "karin", "mieke"


def give(demo: Demo, say: Say = print) -> None:
    """Let the demo's second course have a past, if it has none yet: steps 1 to 3 done, step 4 begun, and hours kept."""
    school = demo.lms.school
    course = next(course for course in school.courses.values() if course.label == COURSE)
    if school.course_activities(course.id):
        return
    say("Letting the community of the second course go through steps 1 to 3 (once, some seconds) ...")
    visitors: dict[str, Visitor] = {}

    def address(name: str) -> str:
        return f"{demo.lms.url}/as/{next(p.id for p in school.people.values() if p.username == name)}"

    def go(name: str, step: str) -> Visitor:
        if name in visitors:
            visitors[name].follow(f"/step/{step}")
        else:
            visitors[name] = HttpVisitor()
            visitors[name].open(f"{address(name)}/activity/{_activity(demo, course, 'ambition')}")
        return visitors[name]

    [client_id] = school.tools
    karin = HttpVisitor()
    karin.open(f"{address(FACILITATOR)}/course/{course.id}/select/{client_id}")
    karin.submit("/place", {"what": "cycle", "passback": "moments", "item": ["hours"], "graded": "hours"})
    go(FACILITATOR, "ambition").submit("/welcome", {"choice": "facilitate"})
    leader = go(LEADER, HOME)
    leader.submit("/welcome", {"choice": "follow"})
    leader.submit("/lead/ambition/frame", {"text": story.FRAME})
    settle(go(FACILITATOR, "ambition"), len(TEACHERS))
    community = Community(go, TEACHERS, FACILITATOR, LEADER)
    community.ambition()
    community.information()
    community.interpretation()
    community.propose(3)

    def at_hours(name: str) -> Visitor:
        visitor = HttpVisitor()
        visitor.open(f"{address(name)}/activity/{_activity(demo, course, 'hours')}")
        return visitor

    names = {each.username: each.name for each in school.people.values()}
    Hours(at_hours, {name: names[name] for name in TEACHERS}, FACILITATOR).live()


def _activity(demo: Demo, course: Course, step: str) -> str:
    return next(each.id for each in demo.lms.school.course_activities(course.id) if each.custom.get("step") == step)
