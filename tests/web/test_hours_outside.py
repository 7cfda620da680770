"""Approvers who are in no staff course: an activity in any course of the school opens what a pot sends them."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from lti_tool.domain.hours import outside
from lti_tool.models import BrowserSession
from tests.actors import Page, World
from tests.web.test_hours import add, entry, person_id, pot
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, Visit, Walk, enrol

PUPILS = "MENTOR-1A"
NOTHING = "Nog niemand koos jou om uren goed te keuren."


def place(world: World, username: str, course: str) -> None:
    """Have the approve activity stand in a course, as the picker hands it out."""
    page = world.as_(username).select_content(course)
    sent = page.form("/place").submit(what="single", item="approve", passback="none")
    world.return_items(sent.form("contentitem_return.php"))


def activity(world: World, course: str) -> object:
    number = world.course(course).id
    return next(
        each
        for each in world.lms.school.activities.values()
        if each.course_id == number and each.custom.get("page") == "approve"
    )


def come(world: World, username: str, course: str = "PLG-TEC", **claims: object) -> Visit:
    """Open the approve activity of a course."""
    page = world.as_(username).launch(activity(world, course), **claims)  # type: ignore[arg-type]
    path = urlsplit(page.url).path
    assert path.startswith("/a/"), (path, page.status, page.text[:400])
    return Visit(world.as_(username).browser, page, "/".join(path.split("/")[:3]) + "/")
