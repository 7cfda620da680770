"""Sessions, for who is there: checking in, leaving, saying that the list is not right, hours of it to a pot."""

from flask import Blueprint, request

from lti_tool.audience import audience
from lti_tool.circle import here
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.circle.home import show_home
from lti_tool.circle.hours import approve, forms, mine, shown, sitting
from lti_tool.circle.loading import load_form
from lti_tool.db import keep
from lti_tool.domain import Refused
from lti_tool.domain.community import access
from lti_tool.domain.hours import attending, offers
from lti_tool.domain.hours.sessions import Line
from lti_tool.text import Text

# Nobody types so many: what is longer are no letters.
LONGEST = 40


@audience(access.COMMUNITY)
@form(lambda refused, number: show_home(refused, "letters"), "check_in")
def check_in(number: int) -> str:
    """Check in with the six letters."""
    at = here()
    typed = request.form.get("letters", "")[:LONGEST]
    if not attending.check_in(shown.asker(), number, typed, at.launched_at):
        # That they tried stays, or whoever guesses could go on for ever.
        keep()
        raise Refused("session_letters")
    return at.url("home")


@audience(access.COMMUNITY)
@form(lambda refused, number: show_home(refused, "leave"), "leave_session")
def leave_session(number: int) -> str:
    """Leave before the end, or be there after all."""
    attending.leave(shown.asker(), number, back=bool(request.form.get("back")))
    return here().url("home")


@audience(access.COMMUNITY)
@form(lambda refused, number: show_home(refused, "confirm"), "confirm_attendance")
def confirm_attendance(number: int) -> str:
    """Say of who facilitated that they were there."""
    attending.confirm(shown.asker(), number, whole(forms.one("attendance")) or 0)
    return here().url("home")


@audience(access.COMMUNITY)
@form(lambda refused, number: sitting.page(number, refused, "dispute"), "dispute_attendance")
def dispute_attendance(number: int) -> str:
    """Say that one was there, or that the times are not right."""
    at, data = here(), load_form(forms.Times, request.form)
    line = Line(at.person.id, shown.names()[at.person.id], data["came"], data["left"])
    attending.dispute(shown.asker(), sitting.member(), number, line, data["words"])
    return at.url("session_page", number=number)


@audience(access.COMMUNITY)
@form(lambda refused: mine.show_mine(refused, "attended"), "send_attended")
def send_attended() -> str:
    """Send hours of a session to a pot."""
    data = load_form(forms.Send, request.form)
    learning = data["learning"] != "arranging"
    made = offers.send(shown.asker(data["sure"]), data["session"], data["pot"], learning=learning)
    return here().url("my_hours", done=made, _anchor="done")


@audience(access.APPROVERS)
@form(lambda refused: approve.show_page(refused, "attended"), "answer_attendance")
def answer_attendance() -> str:
    """Answer what somebody disputes, as an approver, once who facilitates has not for fourteen days."""
    approve.known()
    data = load_form(forms.Times, request.form)
    # Whose it is, the entry says.
    line = Line(0, Text("Deze collega", "This colleague"), data["came"], data["left"])
    attending.answer_late(shown.asker(), data["entry"], line, absent=bool(data["absent"]), words=data["words"])
    return here().url("to_approve", _anchor=f"entry-{data['entry']}")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.post("/hours/sessions/<int:number>/here")(check_in)
    blueprint.post("/hours/sessions/<int:number>/leave")(leave_session)
    blueprint.post("/hours/sessions/<int:number>/confirm")(confirm_attendance)
    blueprint.post("/hours/sessions/<int:number>/dispute")(dispute_attendance)
    blueprint.post("/hours/attended")(send_attended)
    blueprint.post("/hours/attended/answer")(answer_attendance)
