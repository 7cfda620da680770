"""What stands in the way of a turn of the year, by page and by command."""

from collections.abc import Mapping

from lti_tool.text import Text

# What stands in the way of one community, in a list of many: code -> words.
WHYS: Mapping[str, Text] = {
    "cycle_closed": Text("de cyclus is al voorbij", "the cycle is over already"),
    "cycle_paused": Text("de cyclus is gepauzeerd", "the cycle is paused"),
    "cycle_open": Text("er loopt nog een cyclus", "a cycle is under way"),
    "cycle_stopped": Text("de groep besloot te stoppen", "the group decided to stop"),
    "no_pot_over": Text("er is geen pot waarvan de periode voorbij is", "no pot has a period that is over"),
    "community_archived": Text("gearchiveerd", "archived"),
    "at_work": Text(
        "er was de laatste vier weken iemand aan het werk; de groep kan zelf stoppen",
        "somebody was at work in the last four weeks; the group can end it itself",
    ),
    "cycle_young": Text("de cyclus begon nog geen vier weken geleden", "the cycle began less than four weeks ago"),
    "is_template": Text("dit is een sjabloon, en blijft zoals het is", "this is a template, and stays as it is"),
    "pause_spent": Text("de acht weken pauze zijn al op", "its eight weeks of pause are spent"),
    "pause_too_long": Text("die dag is later dan acht weken", "that day is later than eight weeks"),
    "date_passed": Text("die dag is al voorbij", "that day is past"),
}
OTHERWISE = Text("kan nu niet", "cannot be now")


def why(code: str) -> Text:
    """The words for what stands in the way."""
    return WHYS.get(code, OTHERWISE)
