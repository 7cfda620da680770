"""What a teacher reads when a login or launch is refused; the log and the header say the reason itself."""

import datetime as dt
from dataclasses import dataclass

from flask import make_response, render_template
from werkzeug.wrappers import Response

from lti_tool.db import undo
from lti_tool.i18n import in_words, say, speak
from lti_tool.lti import LaunchRefused
from lti_tool.observe import log
from lti_tool.text import Text


@dataclass(frozen=True)
class Words:
    """What happened, and what to do about it in one or more sentences."""

    sentence: Text
    advice: tuple[Text, ...]

    def spoken(self) -> tuple[str, str]:
        """Both in the page's language."""
        return speak(self.sentence), " ".join(map(speak, self.advice))


_AGAIN = Text(
    "Open de activiteit opnieuw vanuit je cursus.",
    "Open the activity again from your course.",
)
_SHOW = Text(
    "Laat deze pagina aan de beheerder van je leeromgeving zien.",
    "Show this page to the administrator of your learning platform.",
)

_LATE = Words(
    Text(
        "Deze pagina is te laat, dubbel of vanuit een ander venster geopend.",
        "This page was opened too late, twice, or from another window.",
    ),
    (_AGAIN,),
)
_NOT_SAID = Words(
    Text(
        "Je leeromgeving gaf niet door wie je bent.",
        "Your learning platform did not say who you are.",
    ),
    (
        Text(
            "Log daar opnieuw in en open dan de activiteit opnieuw vanuit je cursus.",
            "Log in there again, then open the activity again from your course.",
        ),
    ),
)
_NO_ID = Words(
    Text(
        "Je leeromgeving geeft niet door wie je bent, ook niet als nummer.",
        "Your learning platform does not pass on who you are, not even as a number.",
    ),
    (
        Text(
            "De beheerder van je leeromgeving kan dat aanzetten bij de instellingen van Leerkring daar: "
            "gebruikers-id delen (in WordPress heet dat “Send user's ID?”). Een naam is niet nodig.",
            "The administrator of your learning platform can switch that on in its settings for Leerkring: "
            "share the user's ID (in WordPress: “Send user's ID?”). A name is not needed.",
        ),
    ),
)
_NO_ROLE = Words(
    Text(
        "Je leeromgeving geeft niet door welke rol je in deze cursus hebt.",
        "Your learning platform does not pass on which role you have in this course.",
    ),
    (
        Text(
            "De beheerder van je leeromgeving kan dat aanzetten bij de instellingen van Leerkring daar: "
            "rol delen (in WordPress heet dat “Send user's role?”).",
            "The administrator of your learning platform can switch that on in its settings for Leerkring: "
            "share the user's role (in WordPress: “Send user's role?”).",
        ),
    ),
)
_ROLE_UNREAD = Words(
    Text(
        "Je leeromgeving geeft je rol in deze cursus door op een manier die Leerkring niet kan lezen.",
        "Your learning platform passes on your role in this course in a form that Leerkring cannot read.",
    ),
    (
        Text(
            "De beheerder kan dit melden bij de maker van je leeromgeving: ook wie één rol heeft, hoort met een lijst "
            "van rollen binnen te komen.",
            "The administrator can report this to the maker of your learning platform: whoever has one role should "
            "come with a list of roles too.",
        ),
    ),
)
_TEST_USER = Words(
    Text(
        "Je kijkt nu als proefstudent van je leeromgeving, en die krijgt in Leerkring geen plek.",
        "You are looking as your learning platform's test student, who has no place in Leerkring.",
    ),
    (
        Text(
            "Verlaat de studentweergave en open de activiteit opnieuw als jezelf.",
            "Leave the student view, then open the activity again as yourself.",
        ),
    ),
)
_GUEST = Words(
    Text(
        "Je bent als gast in je leeromgeving, en alle gasten delen daar één account.",
        "You are a guest in your learning platform, where all guests share one account.",
    ),
    (
        Text(
            "Log daar in met je eigen account en open de activiteit opnieuw. Lukt dat niet, vraag dan wie de cursus "
            "beheert om je in te schrijven.",
            "Log in there with your own account, then open the activity again. If you cannot, ask the teacher who "
            "manages the course to enrol you.",
        ),
    ),
)
_KEEPS_NOTHING = Words(
    Text(
        "Deze browser bewaart niets voor Leerkring, dus blijf je niet ingelogd.",
        "This browser keeps nothing for Leerkring, so it cannot stay signed in.",
    ),
    (
        Text(
            "Sta cookies toe voor dit adres, of open de activiteit in een andere browser.",
            "Allow cookies for this address, or open the activity in another browser.",
        ),
    ),
)
_PAUSED = Words(
    Text(
        "Leerkring staat op jullie school even stil.",
        "Leerkring is paused at your school for now.",
    ),
    (
        Text(
            "Er gaat niets verloren. Vraag wie Leerkring op je school beheert wanneer het weer opengaat.",
            "Nothing is lost. Ask whoever administers Leerkring at your school when it opens again.",
        ),
    ),
)
_WITHDRAWN = Words(
    Text(
        "Leerkring is op jullie school gestopt.",
        "Leerkring has been stopped at your school.",
    ),
    (
        Text(
            "Vraag wie Leerkring op je school beheert waarom, en wat er met jullie werk gebeurt.",
            "Ask whoever administers Leerkring at your school why, and what happens with your work.",
        ),
    ),
)
_NOT_APPROVED = Words(
    Text(
        "Leerkring kent dit deel van jullie leeromgeving nog niet.",
        "Leerkring does not know this part of your school's learning platform yet.",
    ),
    (
        Text(
            "De beheerder van Leerkring ziet het verzoek en kan het goedkeuren. Open daarna de activiteit opnieuw.",
            "The administrator of Leerkring has been told and can approve it. Then open the activity again.",
        ),
    ),
)
_NOT_CONNECTED = Words(
    Text(
        "Leerkring is nog niet (goed) gekoppeld aan deze leeromgeving.",
        "Leerkring has not been connected to this learning platform, or not in this way.",
    ),
    (_SHOW,),
)
_NO_COURSE = Words(
    Text(
        "Open Leerkring vanuit een cursus: het werkt voor de mensen van één cursus.",
        "Open Leerkring from a course: it works for the people of one course.",
    ),
    (
        Text(
            "Ga naar een cursus en open daar de activiteit.",
            "Go to a course and open the activity there.",
        ),
    ),
)
_WHICH_COURSE = Words(
    Text(
        "Je leeromgeving zei niet uit welke cursus je komt.",
        "Your learning platform did not say which course you come from.",
    ),
    (_SHOW,),
)
_NOT_CHECKED = Words(
    Text(
        "Leerkring kon niet nagaan of je echt uit je leeromgeving komt.",
        "Leerkring could not check that your learning platform sent you.",
    ),
    (
        Text(
            "Probeer het over een minuut opnieuw. Blijft het zo, laat deze pagina dan aan de "
            "beheerder van je leeromgeving zien.",
            "Try again in a minute. If it stays like this, show this page to the administrator of"
            " your learning platform.",
        ),
    ),
)
_WEAK_KEY = Words(
    Text(
        "De sleutel waarmee je leeromgeving ondertekent, is te kort om te vertrouwen.",
        "The key that your learning platform signs with is too short to be trusted.",
    ),
    (_SHOW,),
)
_NOT_ACCEPTED = Words(
    Text(
        "Je leeromgeving stuurde iets wat Leerkring niet mag aannemen.",
        "Your learning platform sent something that Leerkring may not accept.",
    ),
    (
        _AGAIN,
        Text(
            "Gebeurt het weer, laat deze pagina dan aan de beheerder van je leeromgeving zien.",
            "If it happens again, show this page to the administrator of your learning platform.",
        ),
    ),
)

# From so many seconds on a difference is said in units of so many.
_UNITS = (
    (2 * 86_400, 86_400, Text("dagen", "days")),
    (2 * 3600, 3600, Text("uur", "hours")),
    (2 * 60, 60, Text("minuten", "minutes")),
    (0, 1, Text("seconden", "seconds")),
)


def _clocks(ahead: int) -> Words:
    seconds = abs(ahead)
    size, unit = next((size, unit) for least, size, unit in _UNITS if seconds >= least)
    count = seconds // size
    way = Text("voor", "ahead of") if ahead > 0 else Text("achter", "behind")
    return Words(
        Text(
            f"De klok van je leeromgeving loopt {count} {unit.nl} {way.nl} op die van Leerkring.",
            f"Your learning platform's clock is {count} {unit.en} {way.en} Leerkring's.",
        ),
        (
            Text(
                f"Meld het de beheerder van je leeromgeving: een van beide klokken staat verkeerd, "
                f"en ze verschillen {seconds} seconden.",
                f"Tell the administrator of your learning platform: one of the two clocks is wrong, "
                f"and they differ by {seconds} seconds.",
            ),
        ),
    )


# Any other reason is _NOT_ACCEPTED, unless the clocks differ.
WORDS = {
    "expired": _LATE,
    "login_expired": _LATE,
    "state_used": _LATE,
    "unknown_state": _LATE,
    "not_this_browser": _LATE,
    "no_state": _LATE,
    "handover_expired": _LATE,
    "platform_error": _NOT_SAID,
    "no_sub": _NO_ID,
    "no_roles": _NO_ROLE,
    "roles_no_list": _ROLE_UNREAD,
    "test_user": _TEST_USER,
    "guest": _GUEST,
    "no_cookies_at_all": _KEEPS_NOTHING,
    "unknown_deployment": _NOT_APPROVED,
    "deployment_paused": _PAUSED,
    "deployment_withdrawn": _WITHDRAWN,
    "unknown_platform": _NOT_CONNECTED,
    "malformed_login": _NOT_CONNECTED,
    "target_link_uri": _NOT_CONNECTED,
    "login_iss": _NOT_CONNECTED,
    "login_login_hint": _NOT_CONNECTED,
    "login_target_link_uri": _NOT_CONNECTED,
    "no_place_here": Words(
        Text(
            "In deze cursus zijn meerdere leergemeenschappen, en jij zit nog in geen ervan.",
            "There are several learning communities in this course, and you are in none of them yet.",
        ),
        (
            Text(
                "Vraag wie Leerkring op jullie school beheert om je er in een te zetten. Werkt je cursus met groepen, "
                "vraag dan wie de cursus beheert om je in een groep te zetten. Open de activiteit daarna opnieuw.",
                "Ask whoever administers Leerkring at your school to put you in one of them. If your course works with "
                "groups, ask whoever manages the course to put you in a group. Then open the activity again.",
            ),
        ),
    ),
    "no_context": _NO_COURSE,
    "context_id": _WHICH_COURSE,
    "key_set": _NOT_CHECKED,
    "unknown_kid": _NOT_CHECKED,
    "weak_key": _WEAK_KEY,
}


CLOSED = "school_closed"


def school_closed(opens_on: dt.date) -> tuple[str, str]:
    """The same, of a school whose activities are closed until a day."""
    day = in_words(opens_on)
    return say(
        "Op jullie school gaat Leerkring open op %(day)s.", "At your school Leerkring opens on %(day)s.", day=day
    ), say(
        "Tot die dag bewaart Leerkring niets van wat je hier doet. Open de activiteit dan opnieuw vanuit je cursus.",
        "Until that day Leerkring keeps nothing of what you do here. Then open the activity again from your course.",
    )


def words(reason: str, ahead: int = 0, detail: str = "") -> tuple[str, str]:
    """What happened and what to do, in the page's language. ahead, detail: as LaunchRefused says them."""
    if reason == CLOSED:
        return school_closed(dt.date.fromisoformat(detail))
    return (_clocks(ahead) if ahead else WORDS.get(reason, _NOT_ACCEPTED)).spoken()


def refuse(refused: LaunchRefused, reopen_url: str = "") -> Response:
    """The page instead of a launch."""
    undo()
    log.warning("launch_refused", reason=refused.reason, detail=refused.detail)
    sentence, advice = words(refused.reason, refused.ahead, refused.detail)
    # What was posted came from the LMS or from a page without text fields: nobody typed it.
    page = render_template(
        "error.html", sentence=sentence, advice=advice, reopen_url=reopen_url, hours_url="", typed=[]
    )
    response = make_response(page, 401)
    response.headers["X-Leerkring-Reason"] = refused.reason
    return response
