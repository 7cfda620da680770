"""What the six steps are called in a community: as its school calls them, else as they call themselves."""

from collections.abc import Mapping
from typing import Any

from lti_tool.models import Community
from lti_tool.text import Text


def of(said: Mapping[str, Any] | None, step: str, title: Text) -> Text:
    """What a step is called by a setting (school.setting_kinds), NULL where none is set. title: its own."""
    names = ((said or {}).get("value") or {}).get(step) or {}
    return Text(names.get("nl") or title.nl, names.get("en") or title.en) if names else title


def title(community: Community, step: str, own: Text) -> Text:
    """What a step is called in a community. own: as it calls itself."""
    return of(community.step_names, step, own)
