"""What a placement shows and hands on: what its launches say, as long as they say something.

A teacher may pick again for an activity that stands in the course: its link stays, its custom values change, and its
column may come, go or become another (M39, M82). Several items may stand behind one link (Open edX, O10): then each
launch names the page of the item that was opened, and nobody picked anything. _picked_anew tells these two apart.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import cycle, participation
from lti_tool.domain.community import acts
from lti_tool.domain.hours import column
from lti_tool.domain.participation import Passback
from lti_tool.domain.school import settings
from lti_tool.models import Act, Beside, Community, Course, Launch, LineItem, Member, ResourceLink
from lti_tool.text import Text

# Items that were opened by turns within this time stand behind one link; nobody edits a link by hand that often.
BY_TURNS = dt.timedelta(days=1)


@dataclass(frozen=True)
class Other:
    """Something that can be placed beside a cycle: what it is called in the LMS, and what is said of it there.

    graded: as what its placement says that the gradebook gets its column; None where it has none.
    """

    title: Text
    text: Text
    graded: Passback | None = None


# What can be placed beside the home and the steps.
BESIDE: dict[Beside, Other] = {
    Beside.HOURS: Other(
        Text("Mijn uren", "My hours"),
        Text("Wat je deed voor je ontwikkeling, en wat ervan meetelt.", "What you did to develop, and what counts."),
        Passback.HOURS,
    ),
}


class Page(NamedTuple):
    """What a launch opens: a step of a cycle, something beside it (Beside), or (None) the home."""

    step: str | None
    cycle_number: int


class Said(Protocol):
    """What a launch says of its placement; None and "": nothing. step counts where names_step says so."""

    @property
    def step(self) -> str | None: ...
    @property
    def names_step(self) -> bool: ...
    @property
    def cycle_number(self) -> int | None: ...
    @property
    def passback(self) -> Passback | None: ...
    @property
    def origin(self) -> str: ...
    @property
    def resource_link_title(self) -> str: ...
    @property
    def line_items_url(self) -> str: ...
    @property
    def line_item_url(self) -> str: ...
    @property
    def scopes(self) -> str: ...


def follow(session: Session, said: Said, community: Community, link: ResourceLink, item: LineItem | None) -> Page:
    """Have a placement be what this launch says it is. item: its column of participation, as far as known.

    What was sent before stays in the LMS (participation.left_behind says it); what is sent from now on, and whether
    a column may be made, follows the new choice.
    """
    url, gone = (item.url, item.gone) if item else ("", False)
    # Found by its column before anybody opened it (roster.place_unopened): only this launch says what it hands on.
    first = bool(url and not link.line_items_url and said.line_items_url)
    page = _page(session, said, community, link)
    passback = said.passback or (_of_school(session, link) if first else link.passback)
    moves = page != (link.step, link.cycle_number) and bool(said.line_item_url or _picked_anew(session, link, page))
    others = list(Beside)
    if not moves and (page.step in others) != (link.step in others):
        # Behind one link with the steps (O10), what is beside them says nothing of their columns, nor they of its.
        passback = Passback(link.passback)
    changed = moves or passback != link.passback
    link.passback = passback
    if moves:
        link.step, link.cycle_number = page
    if said.origin and said.origin != link.origin and page == (link.step, link.cycle_number):
        # Picked anew it is no copy any more; of items by turns behind one link only the placement's own counts.
        link.origin, link.twin_kept = said.origin, False
    had_column = bool(link.line_items_url or url) and not gone
    # A service that was switched on meanwhile: what waits for a column may have one now.
    beside = link.step in others
    granted = bool(said.scopes) and link.scopes != said.scopes and (not url or beside)
    for name, value in (
        ("title", said.resource_link_title),
        ("line_items_url", said.line_items_url),
        ("scopes", said.scopes),
    ):
        if value and getattr(link, name) != value:
            setattr(link, name, value)
    # The stored column wins over the claim, since Moodle's claim vanishes once there are two (M22); not over what was
    # picked anew, which may have brought another.
    if beside:
        # Its columns belong to no activity (column.Hours): none that a launch names is one.
        if link.step == Beside.HOURS and (changed or granted or not had_column):
            column.catch_up(session, community.course_id, chosen=changed)
    elif said.line_item_url and (not url or gone or changed):
        participation.set_column(session, link, said.line_item_url)
    elif link.step and link.line_items_url:
        if changed:
            participation.choose_column(session, link, item)
        elif item and (gone or said.line_item_url not in ("", url)):
            # Taken away and given again between two launches, a column has another address, or one again.
            participation.doubt_column(session, link, item, later=gone)
        elif granted or not had_column:
            participation.catch_up(session, link)
    return page


def _of_school(session: Session, link: ResourceLink) -> Passback:
    return settings.passback(session, session.get_one(Course, link.course_id))


def _page(session: Session, said: Said, community: Community, link: ResourceLink) -> Page:
    number = link.cycle_number
    if said.cycle_number is not None and said.cycle_number != number:
        # A cycle that the community does not have says nothing.
        found = cycle.existing_number(session, community, said.cycle_number)
        number = found if found == said.cycle_number else number
    return Page(said.step if said.names_step else link.step, number)


# What was handed out


def hand_out(
    session: Session,
    community: Community,
    by: Member | None,
    pages: Sequence[Page],
    passback: Passback,
    beside: Passback = Passback.NONE,
) -> None:
    """Note what a deep linking response gives to the LMS: pages of one cycle, as one choice. beside: that of others.

    Whoever picks "nothing" for an activity in the course, and thinks better of it, has its column taken away and
    made anew. Where nobody opened it in between no launch tells so: its column is looked for, once the LMS has had
    time to save. Who picks again is given one item (M83).
    """
    items: dict[str, str | int] = {f"item_{number}": page.step or HOME for number, page in enumerate(pages, 1)}
    items |= {"cycle": pages[0].cycle_number, "passback": str(passback)}
    if any(page.step in list(Beside) for page in pages):
        items["beside"] = str(beside)
    acts.note(session, community.id, acts.Kind.PLACED, by, detail=items)
    if len(pages) > 1 or passback == Passback.NONE:
        return
    placed = session.execute(
        select(ResourceLink, LineItem)
        .join(LineItem, (LineItem.resource_link_id == ResourceLink.id) & (LineItem.kind == participation.TAG))
        .where(
            ResourceLink.course_id == community.course_id,
            ResourceLink.cycle_number == pages[0].cycle_number,
            ResourceLink.step == pages[0].step,
            LineItem.url != "",
        )
    )
    for link, item in placed:
        participation.doubt_column(session, link, item, later=True)


HOME = "home"
_OPENED = select(func.max(Launch.created_at)).where(
    Launch.resource_link_id == bindparam("link"),
    Launch.step.is_not_distinct_from(bindparam("step")),
    Launch.cycle_number == bindparam("number"),
    Launch.created_at > bindparam("since"),
)
# By whichever of the course's communities: they share its placements.
_PLACED = (
    select(Act.detail)
    .join(Community, Community.id == Act.community_id)
    .where(Community.course_id == bindparam("course"), Act.kind == acts.Kind.PLACED, Act.at > bindparam("since"))
)


def _picked_anew(session: Session, link: ResourceLink, page: Page) -> bool:
    """Whether a launch that names another page than its placement's does so because somebody picked that page for it.

    It does where no launch of this link has named that page for a day: nobody opened it by turns. Where one has, it
    does if the tool has handed out that page since, and did not hand out with it the page that the placement has
    now: one item is what Moodle gets from whoever picks again, and it replaces what the link was. Items by turns
    come without picking, or out of one response that holds them both, as Open edX keeps one whole behind a link.
    """
    keys = {"link": link.id, "step": page.step, "number": page.cycle_number, "since": now() - BY_TURNS}
    opened = session.scalar(_OPENED, keys)
    if opened is None:
        return True
    present = Page(link.step, link.cycle_number)
    responses = map(_pages, session.scalars(_PLACED, {"course": link.course_id, "since": opened}))
    return any(page in pages and present not in pages for pages in responses)


def _pages(detail: dict[str, object]) -> Collection[Page]:
    """The pages of an act of placing."""
    names = [str(value) for key, value in detail.items() if key.startswith("item_")]
    return {Page(None if name == HOME else name, int(str(detail["cycle"]))) for name in names}
