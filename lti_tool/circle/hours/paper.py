"""The list of a session from a file: read, shown with who is who, and only then kept; all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from lti_tool.audience import audience
from lti_tool.bodies import with_file
from lti_tool.circle import here, show
from lti_tool.circle.answering import form
from lti_tool.circle.forms import whole
from lti_tool.circle.hours import shown, sitting
from lti_tool.domain import Refused
from lti_tool.domain.community.access import FACILITATOR
from lti_tool.domain.hours import paper as domain
from lti_tool.domain.hours import sessions
from lti_tool.domain.hours.attended import Sitting
from lti_tool.text import Text

# Somebody on a paper who is not of this group.
NOBODY = "nobody"


@dataclass(frozen=True)
class Asked:
    """A line of the file as it is shown. known: whom it is about; else asked, with what was chosen."""

    number: int
    who: str
    came: str
    left: str
    known: Text | None
    chosen: str


@dataclass(frozen=True)
class PaperPage:
    """The names in templates/hours/paper.html. lines: of the file, none before one was given."""

    sat: Sitting
    lines: Sequence[Asked]
    people: Sequence[tuple[str, Text]]
    problem: Refused | None


@audience(FACILITATOR)
def paper(number: int) -> Response:
    """Where a file is given."""
    return _page(number, ())


def _page(number: int, lines: Sequence[Asked], problem: Refused | None = None) -> Response:
    of = sitting.sat(number)
    if not of.sees_list(sitting.member()):
        abort(404)
    names = _names()
    people = sorted(((str(each), name) for each, name in names.items()), key=lambda each: each[1].nl.casefold())
    page = PaperPage(of, lines, people, problem)
    return show("hours/paper.html", 422 if problem else 200, **vars(page))


def _names() -> dict[int, Text]:
    """Who can be on a list, by what the LMS calls them."""
    names = shown.names()
    return {each: names[each] for each in sitting.people() if each in names}


@audience(FACILITATOR)
@with_file(lambda *_: True)
@form(lambda refused, number: _page(number, (), refused), "read_paper")
def read_paper(number: int) -> Response:
    """Show what a file says, and who is who: nothing of it is kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Refused("paper_none")
    names = _names()
    found = domain.match(domain.read(file.stream.read(domain.MOST + 1)), names)
    lines = [
        Asked(
            each.read.number, each.read.who, f"{each.read.came:%H:%M}" if each.read.came else "",
            f"{each.read.left:%H:%M}" if each.read.left else "",
            names[each.person_id] if each.person_id is not None else None,
            str(each.person_id or ""),
        )
        for each in found
    ]  # fmt: skip
    return _page(number, lines)


def _posted(names: Mapping[int, Text]) -> list[Asked]:
    """The lines as they came back with the answers."""
    found = []
    for given in request.form.getlist("line")[: domain.MOST_LINES]:
        if (number := whole(given, 6)) is None:
            continue
        said = {name: request.form.get(f"{name}-{given}", "")[: domain.LONGEST_CELL] for name in _FIELDS}
        known = names.get(whole(said["known"]) or 0)
        chosen = said["known"] if known is not None else said["chosen"]
        found.append(Asked(number, said["who"], said["came"], said["left"], known, chosen))
    return found


_FIELDS = ("who", "came", "left", "known", "chosen")


@audience(FACILITATOR)
@form(lambda refused, number: _page(number, _posted(_names()), refused), "keep_paper")
def keep_paper(number: int) -> str:
    """Keep what was shown, once every name is somebody; given again it changes nothing."""
    names = _names()
    lines: dict[int, sessions.Line] = {}
    posted = _posted(names)
    if len(posted) != len(request.form.getlist("line")):
        # Not a line of it is left out by itself.
        raise Refused("not_found")
    for each in posted:
        if not each.chosen:
            raise Refused("paper_asked", line=each.number, who=[each.who])
        if each.chosen == NOBODY:
            continue
        person = whole(each.chosen) or 0
        if person not in names:
            raise Refused("session_people")
        if person in lines:
            raise Refused("paper_twice", line=each.number, who=[names[person]])
        times = [domain.clock(value) if value else None for value in (each.came, each.left)]
        if (each.came and times[0] is None) or (each.left and times[1] is None):
            raise Refused("session_time", who=[names[person]])
        lines[person] = sessions.Line(person, names[person], *times)
    if not lines:
        raise Refused("paper_empty")
    sessions.keep_list(shown.asker(), sitting.member(), number, list(lines.values()), ())
    return here().url("session_page", number=number, _anchor="list")


def register(blueprint: Blueprint) -> None:
    """Addresses of this module."""
    blueprint.get("/hours/sessions/<int:number>/paper")(paper)
    blueprint.post("/hours/sessions/<int:number>/paper")(read_paper)
    blueprint.post("/hours/sessions/<int:number>/paper/on")(keep_paper)
