"""A meeting that runs itself: its agenda, the big screen, who conducts it, phones that follow, what one takes away."""

from flask import Blueprint

from lti_tool.circle.together import beamer, conduct, following, start, taken


def register(blueprint: Blueprint) -> None:
    """Addresses of this package."""
    blueprint.get("/together")(start.together)
    blueprint.post("/together")(start.begin_meeting)
    blueprint.post("/together/address")(start.give_address)
    blueprint.get("/together/beamer")(beamer.beamer)
    blueprint.get("/together/conduct")(conduct.conduct)
    blueprint.post("/together/next")(conduct.go_next)
    blueprint.post("/together/back")(conduct.go_back)
    blueprint.post("/together/time")(conduct.give_time)
    blueprint.post("/together/park")(conduct.park)
    blueprint.post("/together/take-out")(conduct.take_out)
    blueprint.post("/together/away")(conduct.away_today)
    blueprint.post("/together/here")(conduct.here_after_all)
    blueprint.post("/together/end")(conduct.end_meeting)
    blueprint.get("/together/<int:number>")(taken.taken_away)
    blueprint.post("/together/<int:number>/again")(taken.meet_again)
    blueprint.get("/together/<int:number>/dates.ics")(taken.dates)
    blueprint.get("/now")(following.where_now)
    blueprint.get("/told")(following.told)
