"""Every address of the application, for everyone there is: what each of them gets."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from lti_tool import pdf
from tests.actors import Browser, Page, World
from tests.web.test_facilitator import member_id
from tests.web.walk import ADMINISTRATOR_ONLY, NO_ROLE, STEP, Visit, Walk, base_of, enrol, picker, rules, visit

ROLES = (
    "member",
    "facilitating",
    "outside",
    "beside",
    "leading",
    "leader",
    "asked",
    "apart",
    "administrator",
    "guest",
    "elsewhere",
    "gone",
    "ended",
)
# member: takes part. facilitating: facilitates and takes part (in the other course). outside: facilitates only.
# beside: takes part, and facilitates beside the one who is outside.
# leading: takes part and leads. leader: follows as school leader. asked: an Instructor who has not answered.
# apart: left the circle. administrator, guest: without a role in the course. elsewhere: a member of another course at
# this one's launch. gone: whom the roster that was applied last names no longer. ended: whose session has ended.

# Who reads and does what others do: whoever is set away is a member all the same, whom another's hand left out of the
# circle is asked like who left it, and who sits in another community of the course now is here no more.
LIKE = {"away": "member", "left out": "apart", "put elsewhere": "gone"}

PDF = 200 if pdf.available() else 404

# A form that is empty changes nothing, so that one community serves the whole table. GET and POST of each
# address; 303 for "asked" is the way to the question. Roles as above.
TABLE: dict[tuple[str, str], tuple[int, ...]] = {
    #                                     memb faci outs besi lead ledr aske apar admi gues else gone ende
    ("GET", ""):                         (200, 200, 200, 200, 200, 200, 303, 303, 200, 200, 401, 403, 401),
    ("GET", "home"):                     (200, 200, 200, 200, 200, 200, 303, 303, 200, 200, 401, 403, 401),
    ("POST", "seat"):                    (422, 422, 422, 422, 422, 422, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "welcome"):                  (403, 403, 403, 403, 403, 403, 200, 200, 403, 403, 401, 403, 401),
    ("POST", "welcome"):                 (403, 403, 403, 403, 403, 403, 422, 422, 403, 403, 401, 403, 401),
    ("POST", "language"):                (303, 303, 303, 303, 303, 303, 303, 303, 303, 303, 401, 403, 401),
    ("POST", "draft"):                   (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "step/<name>"):              (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/<deed>"):      (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/<deed>/lay"):  (404, 404, 403, 404, 404, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "step/<name>/invitations"):  (403, 200, 200, 200, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/facilitate/advance"):(403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "step/<name>/facilitate/confirm"):(403, 303, 303, 303, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/facilitate/back"):(403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/put"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "step/<name>/texts"):        (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/take-back"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/mend"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/facilitate/hide"):(403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "community/ask-me/hide"):   (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/pass"):(422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/facilitate/announce"):(403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "holidays"):                (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "holidays/remove"):         (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/reopen"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/reopen/too"):(422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/together/reopen/not"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/facilitate/authors"):(403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/begin"):       (303, 303, 303, 303, 303, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "step/<name>/file/<int:file_id>"):(404, 404, 404, 404, 404, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "step/<name>/note"):         (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/note"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "step/<name>/note/settle"):(422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "together"):                 (403, 200, 200, 200, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "together"):                (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/address"):        (403, 303, 303, 303, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    # Without a meeting: a screen that waits for one, or the agenda of one.
    ("GET", "together/beamer"):          (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "together/conduct"):         (403, 303, 303, 303, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "together/next"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/back"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/time"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/park"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/take-out"):       (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/away"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/here"):           (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "together/end"):            (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "together/<int:number>"):    (404, 404, 404, 404, 404, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "together/<int:number>/again"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "together/<int:number>/dates.ics"):(404, 404, 404, 404, 404, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "now"):                      (303, 303, 303, 303, 303, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "told"):                     (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    # Of whoever is asked first: no page, so no way to the question either.
    ("GET", "news"):                     (200, 200, 200, 200, 200, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "next-cycle"):              (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "pause"):                    (403, 200, 200, 200, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "pause"):                   (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "pause/over"):              (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "end-cycle"):               (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "lead/<name>/<deed>"):      (403, 403, 403, 403, 403, 404, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "journal"):                  (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "journal"):                 (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "journal/remove"):          (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "mine.json"):                (200, 200, 200, 200, 200, 200, 200, 200, 403, 403, 401, 403, 401),
    ("POST", "community/ask-me"):        (303, 303, 303, 303, 303, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "sessions"):                 (200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 401, 403, 401),
    ("POST", "sessions/end"):            (303, 303, 303, 303, 303, 303, 303, 303, 303, 303, 401, 403, 401),
    # Empty, these say nothing of what to do. The colleagues are those of a practice only.
    ("GET", "practise"):                 (403, 200, 200, 200, 200, 200, 200, 403, 200, 403, 401, 403, 401),
    ("POST", "practise"):                (403, 422, 422, 422, 422, 422, 422, 403, 422, 403, 401, 403, 401),
    ("POST", "practise/colleagues"):     (403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "practise/end"):            (403, 422, 422, 422, 422, 422, 422, 403, 422, 403, 401, 403, 401),
    ("GET", "practise/back"):            (404, 404, 404, 404, 404, 404, 404, 404, 404, 404, 401, 403, 401),
    ("GET", "pulse"):                    (200, 200, 403, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "community"):                (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "community/name"):          (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "community/ask-again"):     (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "community/roster"):        (403, 303, 303, 303, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "community/column"):        (403, 303, 303, 303, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "community/twins"):         (403, 303, 303, 303, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "thread"):                   (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    # 404 where the extra `pdf` is not installed.
    ("GET", "thread.pdf"):               (PDF, PDF, PDF, PDF, PDF, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "yields"):                   (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    # Of a cycle that agreed on nothing there is nothing to answer.
    ("POST", "still/<int:number>"):      (404, 404, 403, 404, 404, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "yields/take-back"):        (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "role"):                     (200, 200, 200, 200, 200, 200, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "role"):                    (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "role/stop"):               (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "take-over"):                (200, 200, 403, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "take-over"):               (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "resume"):                  (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "leave"):                    (200, 200, 403, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "leave"):                   (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "belonging"):                (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "belonging/others"):        (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/count"):         (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/circle"):        (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/aside"):         (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/bring"):         (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/teachers"):      (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/away"):          (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "belonging/here"):          (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "away"):                    (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "back"):                    (422, 422, 403, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    # Without a pot nobody approves: to each approver it is the page, to everybody else there is none.
    ("GET", "hours"):                    (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours.csv"):                (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours.xlsx"):               (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/pack.zip"):           (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/approve/pack/<int:number>"):(404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours"):                   (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/accept"):            (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/plan"):              (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/tariff"):            (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/send"):              (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/withdraw"):          (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/answer"):            (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/dispute"):           (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/proof/<int:number>"): (404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/approve/files"):      (404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/approve/files/<what>"):(404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/approve/files"):     (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/approve"):            (404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/approve.csv"):        (404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/approve.xlsx"):       (404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/approve"):           (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/return"):            (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/query"):             (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/uphold"):            (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/correct"):           (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/sessions"):           (200, 200, 200, 200, 200, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions"):          (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/sessions/<int:number>"):(404, 404, 404, 404, 404, 403, 303, 303, 403, 403, 401, 403, 401),
    ("GET", "hours/sessions/<int:number>/letters"):(403, 404, 404, 404, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/list"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/close"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/cancel"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/correct"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/sessions/<int:number>/paper"):(403, 404, 404, 404, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/paper"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/paper/on"):(403, 404, 404, 404, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/here"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/leave"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/confirm"):(422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/sessions/<int:number>/dispute"):(404, 404, 404, 404, 404, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/attended"):          (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/handed"):            (403, 403, 403, 403, 403, 403, 422, 422, 403, 403, 401, 403, 401),
    ("POST", "hours/attended/answer"):   (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/pots"):               (200, 200, 200, 200, 200, 200, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/pots"):              (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/stop"):         (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/pots/close/<int:number>"):(403, 404, 404, 404, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/close"):        (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/carries"):      (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    # An administrator of the LMS, whatever else they are. Of this LMS nobody administers the school yet.
    ("GET", "administer"):               (403, 403, 403, 403, 403, 403, 303, 303, 200, 403, 401, 403, 401),
    ("POST", "administer/code"):         (403, 403, 403, 403, 403, 403, 403, 403, 422, 403, 401, 403, 401),
    ("POST", "administer/ask"):          (403, 403, 403, 403, 403, 403, 403, 403, 422, 403, 401, 403, 401),
    ("GET", "hours/accounts"):           (403, 403, 403, 403, 403, 403, 303, 303, 200, 403, 401, 403, 401),
    ("POST", "hours/accounts"):          (403, 403, 403, 403, 403, 403, 403, 403, 422, 403, 401, 403, 401),
    ("POST", "hours/accounts/part"):     (403, 403, 403, 403, 403, 403, 403, 403, 422, 403, 401, 403, 401),
    ("POST", "hours/account"):           (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/pots/people/<int:number>"):(404, 404, 404, 404, 404, 404, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/people"):       (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("GET", "hours/pots/profiles"):      (403, 200, 200, 200, 403, 403, 303, 303, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/decision"):     (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/assign"):            (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/assign/back"):       (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/room"):              (422, 422, 422, 422, 422, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/room/give"):         (404, 404, 404, 404, 404, 404, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "hours/pots/approver"):     (403, 422, 422, 422, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    # Nobody places from an activity: only from the picker, below.
    ("GET", "place"):                    (403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401, 403, 401),
    ("POST", "place"):                   (403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 401, 403, 401),
}  # fmt: skip


def address(rule: str) -> str:
    """An address of a rule: step 1, its first action, a file that nobody has."""
    return (
        rule.replace("<name>", "ambition")
        .replace("<deed>", "idea")
        .replace("<int:file_id>", "1")
        .replace("<int:number>", "1")
    )


# Addresses without a community. What they do for whom is the protocol's and the operator's, tested there.
PUBLIC = {
    "/lti/login", "/lti/launch", "/lti/storage", "/lti/window", "/lti/confirm", "/lti/jwks", "/lti/register",
    "/static/<path:filename>", "/healthz", "/readyz", "/metrics", "/", "/seen",
    "/u/<token>/", "/u/<token>/hours.csv", "/u/<token>/hours.xlsx", "/u/<token>/pack.zip",
}  # fmt: skip


@pytest.fixture(scope="module")
def visits(shared_world: World) -> dict[str, Visit]:
    """Each role at a browser of its own."""
    world = shared_world
    world.begin("fatima", "marieke")
    els = visit(world, "els")
    els.post("welcome", choice="join_and_lead")
    mieke = visit(world, "mieke")
    mieke.post("welcome", choice="follow")
    enrol(world, "nina", "teacher")
    enrol(world, "olga", "")
    world.place_cycle("karin", "PLG-TEC")
    other = world.activity("ambition", "PLG-TEC")
    karin = world.as_("karin").launch(other)
    karin.form("/welcome").submit(choice="facilitate_and_join")
    bram = world.as_("bram").launch(other)
    fatima = visit(world, "fatima")
    ended = visit(world, "youssef")
    gone, apart, beside = (visit(world, name) for name in ("ruben", "siobhan", "chantal"))
    assert apart.post("leave", answer="yes").status == 303
    wout = visit(world, "wout")
    assert wout.post("community/name", member=member_id(world, "chantal")).status == 303
    with world.tool.session() as session:
        session.execute(
            text("UPDATE browser_session SET created_at = '2020-01-01' WHERE token_hash ="
                 " (SELECT session_hash FROM launch WHERE id = :id)"), {"id": ended.base.split("/")[2]}
        )  # fmt: skip
        session.execute(
            text("UPDATE seat SET present = false WHERE person_id ="
                 " (SELECT person_id FROM launch WHERE id = :id)"), {"id": gone.base.split("/")[2]}
        )  # fmt: skip
    away, _, put = visit(world, "soren"), visit(world, "janwillem"), visit(world, enrol(world, "piet", "student"))
    with world.tool.session() as session:
        for number, change in ((member_id(world, "soren"), "away_until = :later, away_since = :later"),
                               (member_id(world, "janwillem"), "standing = 'apart', opened_at = NULL"),
                               (member_id(world, "piet"), "standing = 'elsewhere'")):  # fmt: skip
            session.execute(
                text(f"UPDATE member SET {change} WHERE id = :id"),
                {"id": number, "later": "2099-01-01 00:00:00.000000"},
            )
    left_out = visit(world, "janwillem")
    return {
        "away": away,
        "left out": left_out,
        "put elsewhere": put,
        "member": fatima,
        "facilitating": Visit(world.as_("karin").browser, karin, base_of(karin)),
        "outside": wout,
        "beside": beside,
        "leading": visit(world, "els"),
        "leader": visit(world, "mieke"),
        "asked": visit(world, "nina"),
        "apart": apart,
        "administrator": visit(world, "admin", **ADMINISTRATOR_ONLY),
        "guest": visit(world, "olga", **NO_ROLE),
        "elsewhere": Visit(world.as_("bram").browser, bram, fatima.base),
        "gone": gone,
        "ended": ended,
    }


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_each_role_gets_what_the_table_says(
    visits: dict[str, Visit], monkeypatch: pytest.MonkeyPatch, method: str, rule: str
) -> None:
    # Who gets a PDF does not hang on how it is made (tests/web/test_thread.py).
    monkeypatch.setattr(pdf, "make", str.encode)
    path = address(rule)
    # Whoever is away would be back by that (tests/web/test_belonging.py).
    asking = [role for role in (*ROLES, *LIKE) if (role, rule) != ("away", "back")]
    for role in asking:
        at = visits[role]
        page = at.get(path) if method == "GET" else at.post(path)
        assert page.status == TABLE[method, rule][ROLES.index(LIKE.get(role, role))], (role, page.text[:300])
        assert page.response.headers["Cache-Control"] == "no-store", role
        if role in ("asked", "apart", "left out") and page.status == 303 and method == "GET":
            assert page.response.headers["Location"] == at.base + "welcome", role


def test_the_table_has_every_address_there_is(shared_world: World) -> None:
    known = {("GET", rule) for method, rule in TABLE if method == "GET"} | {k for k in TABLE if k[0] == "POST"}
    found = {
        (method, rule.rule.removeprefix("/l/<launch_id>/"))
        for method in ("GET", "POST")
        for rule in rules(shared_world, method)
    }
    assert found == known
    rest = {
        rule.rule
        for rule in shared_world.tool.app.url_map.iter_rules()
        if not rule.endpoint.startswith(("circle.", "news.", "approving.", "administration."))
    }
    assert rest <= PUBLIC
    methods = {method for rule in shared_world.tool.app.url_map.iter_rules() for method in rule.methods or ()}
    assert methods == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(("method", "rule"), TABLE)
def test_without_any_session_there_is_no_page_of_a_community(
    shared_world: World, visits: dict[str, Visit], method: str, rule: str
) -> None:
    browser = Browser(shared_world.tool)
    path = address(rule)
    for base in (visits["member"].base, "/l/nothing/", "/l/0/"):
        stranger = Visit(browser, visits["member"].first, base)
        page = stranger.get(path) if method == "GET" else stranger.post(path)
        assert page.status == 401
        assert "Leergemeenschap" not in page.html


@pytest.mark.parametrize(("method", "rule"), [key for key in TABLE if key[0] == "POST"])
def test_no_form_is_taken_from_another_site(visits: dict[str, Visit], method: str, rule: str) -> None:
    at = visits["outside"]
    path = at.base + address(rule)
    for headers in (
        {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {},
        {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": at.browser.tool.url},
    ):  # fmt: skip
        answer = at.browser.client.post(path, base_url=at.browser.tool.url, data={}, headers=headers)
        assert answer.status_code == 403, headers


def _open(path: str) -> Callable[[Visit], Page]:
    return lambda at: at.get(path)


@pytest.mark.parametrize("role", ["leader", "asked", "apart", "administrator", "guest", "gone"])
def test_who_stands_outside_gets_no_idea_dot_response_or_invitation(visits: dict[str, Visit], role: str) -> None:
    at = visits[role]
    for action in ("idea", "respond", "dots", "propose", "consent", "withdraw"):
        assert at.post(f"{STEP}/{action}", text="ik ook in onze lessen", why="x").status == 403
    for path in (STEP, f"{STEP}/invitations", "step/information", "community"):
        assert at.get(path).status in (303, 403)


@pytest.mark.parametrize(
    ("who", "claims", "status"),
    [
        ("wout", {}, 200),
        ("fatima", {}, 403),
        ("olga", NO_ROLE, 403),
        ("admin", {}, 200),
    ],
)
def test_the_picker_is_for_whoever_may_change_the_course(
    shared_world: World, visits: dict[str, Visit], who: str, claims: dict[str, object], status: int
) -> None:
    at = picker(shared_world, who, **claims)
    assert at.first.status == at.get("place").status == status
    assert at.post("place", what="nothing").status == (422 if status == 200 else status)


def test_an_unknown_step_or_action_is_not_there(visits: dict[str, Visit]) -> None:
    for path in ("step/nothing", "step/AMBITION", "step/ambition%00", "step/"):
        assert visits["member"].get(path).status == 404
    for path in ("step/ambition/nothing", "step/nothing/idea", "step/information/idea", "step/ambition/idea/"):
        assert visits["member"].post(path).status == 404
    for path in ("step/nothing/facilitate/advance", "step/nothing/facilitate/announce"):
        assert visits["outside"].post(path).status == 404
    for path in ("step/nothing/invitations", "step/information/invitations"):
        assert visits["outside"].get(path).status == 404


def test_a_page_of_a_community_is_framed_by_its_lms_only(shared_world: World, visits: dict[str, Visit]) -> None:
    answer: TestResponse = visits["member"].get(STEP).response
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors *" not in policy
    assert shared_world.lms.url in policy
    assert "unsafe" not in policy


def test_two_people_at_one_computer_the_second_ends_the_first(world: World) -> None:
    walk = Walk(world, "fatima", "marieke")
    shared = walk["fatima"].browser
    second = visit(world, "marieke", browser=shared)
    assert second.get(STEP).status == 200
    assert walk["fatima"].get(STEP).status == 401
    assert walk["fatima"].post(f"{STEP}/idea", text="niet meer van mij", why="x").status == 401
    assert walk.ids() == []
