"""A cycle at its end without walking steps 4 to 6: what they leave, written as their steps write it."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from lti_tool.db import now
from lti_tool.domain import cycle
from lti_tool.domain.cycle import restart
from lti_tool.domain.thread import actions
from lti_tool.domain.thread.flow import Flow
from lti_tool.models import Community, Cycle, Member, StepRun
from lti_tool.models.voices import Contribution, Link

HORIZON = dt.date(2031, 6, 1)


class Ended:
    """The only community's cycle of that number, each step of it completed."""

    def __init__(self, session: Session, number: int = 1, decision: str = "new") -> None:
        self.session = session
        self.community = self.community_of(session)
        self.cycle = session.scalars(select(Cycle).filter_by(community_id=self.community.id, number=number)).one()
        self.member = session.scalars(
            select(Member).filter_by(community_id=self.community.id, standing="member").order_by(Member.id)
        ).first()
        self.runs = {run.step: run for run in session.scalars(select(StepRun).filter_by(cycle_id=self.cycle.id))}
        for name in ("ambition", "information", "interpretation", "consequences", "actions", "evaluation"):
            self._close(name)
        if decision:
            self.add("evaluation", Flow.NEXT, {"choice": decision, "text": ""})

    @staticmethod
    def community_of(session: Session) -> Community:
        """The only community there is, or the first."""
        return session.scalars(select(Community).order_by(Community.id)).all()[0]

    def _close(self, name: str) -> None:
        run = self.runs.get(name)
        if run is None:
            run = self.runs[name] = StepRun(cycle_id=self.cycle.id, step=name, stage="closed")
            self.session.add(run)
        run.stage, run.closed_at = "closed", run.closed_at or now()
        self.session.flush()

    def add(self, step: str, kind: str, body: dict[str, Any], **links: Contribution) -> Contribution:
        """What a step of this cycle left; links: kind, with _ for a space -> what it links to."""
        assert self.member is not None
        item = Contribution(step_run_id=self.runs[step].id, kind=kind, member_id=self.member.id, body=body)
        self.session.add(item)
        self.session.flush()
        for name, other in links.items():
            self.session.add(Link(from_id=item.id, to_id=other.id, kind=name.replace("_", " ")))
        self.session.flush()
        return item

    def action(self, what: str, ended: str = "", day: dt.date = HORIZON) -> Contribution:
        """An action the member owns; ended: done, changed, stopped, or "" for one that is open still."""
        body = {"what": what, "sign": "ze vragen het", "date": day.isoformat(), "hours": 4}
        item = self.add("consequences", actions.ACTION, body)
        self.add("consequences", actions.OWNER, {}, owns=item)
        if ended:
            body = {"ended": ended, "learned": "veel", "lens": "pupils", "took": None}
            self.add("actions", actions.RESULT, body, ends=item)
        return item

    def look_back(self, day: dt.date, what: str) -> None:
        """When the community asks itself whether it still does what it agreed."""
        self.add("evaluation", Flow.LOOK_BACK, {"date": day.isoformat(), "what": what})

    def result(self, text: str, *lessons: str) -> None:
        """The yield."""
        self.add("evaluation", Flow.YIELD, {"text": text, "lessons": list(lessons)})

    def begin_next(self, steps: Any) -> Cycle:
        """Close it for good; the next one."""
        turn = cycle.Turn(self.session, self.community, self.cycle, StepRun(), self.member, steps)
        made = restart.begin_next(turn, steps, after_all=True)
        self.session.flush()
        return made
