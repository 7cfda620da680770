"""A community goes through a whole cycle, person by person, by the pages that everybody uses.

The demo's second course has its past from here, over HTTP; the self-check and the tests take people through it.
"""

from lti_tool.demo.past.after import Community
from lti_tool.demo.past.before import ASKED
from lti_tool.demo.past.belonging import settle
from lti_tool.demo.past.hours import Hours
from lti_tool.demo.past.people import HOME, STAGES
from lti_tool.demo.past.second_course import give

__all__ = ["ASKED", "HOME", "STAGES", "Community", "Hours", "give", "settle"]
