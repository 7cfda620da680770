"""What kind of browser somebody has: as much as they need to know it again, and no more is kept of what it sends."""

from lti_tool.text import Text

# What stands in a User-Agent -> code, its name. The first that is found: most say that they are others too.
BROWSERS = (
    ("MoodleMobile", "moodle", Text("De Moodle-app", "The Moodle app")),
    ("Edg", "edge", Text("Edge", "Edge")),
    ("OPR/", "opera", Text("Opera", "Opera")),
    ("SamsungBrowser", "samsung", Text("Samsung Internet", "Samsung Internet")),
    ("Firefox", "firefox", Text("Firefox", "Firefox")),
    ("FxiOS", "firefox", Text("Firefox", "Firefox")),
    ("CriOS", "chrome", Text("Chrome", "Chrome")),
    ("Chrome", "chrome", Text("Chrome", "Chrome")),
    ("Safari", "safari", Text("Safari", "Safari")),
)
SYSTEMS = (
    ("iPhone", "iphone", Text("op een iPhone", "on an iPhone")),
    ("iPad", "ipad", Text("op een iPad", "on an iPad")),
    ("CrOS", "chromebook", Text("op een Chromebook", "on a Chromebook")),
    ("Android", "android", Text("op een Android-toestel", "on an Android device")),
    ("Windows", "windows", Text("op Windows", "on Windows")),
    ("Macintosh", "mac", Text("op een Mac", "on a Mac")),
    ("Linux", "linux", Text("op Linux", "on Linux")),
)
OTHER = Text("Een andere browser", "Another browser")

_WORDS = {code: words for _part, code, words in BROWSERS + SYSTEMS}


def kind(user_agent: str) -> str:
    """Codes of a browser and of what it runs on, with a space between; either may be missing."""
    found = (next((code for part, code, _words in each if part in user_agent), "") for each in (BROWSERS, SYSTEMS))
    return " ".join(code for code in found if code)


def words(kind: str) -> Text:
    """A kind in words: "Firefox op Windows"."""
    known = [_WORDS[code] for code in kind.split() if code in _WORDS]
    if not known or known[0] not in [words for _part, _code, words in BROWSERS]:
        known.insert(0, OTHER)
    return Text(" ".join(each.nl for each in known), " ".join(each.en for each in known))
