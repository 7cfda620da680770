"""A school to begin with: a staff team that learns together, and a second course."""

from lti_tool.demo.school import School

# Names that test what encodes, sorts or splits names.
TEACHERS = (
    ("Fatima", "Öztürk", "fatima"),
    ("Marieke", "de Vries", "marieke"),
    ("Youssef", "Amrani", "youssef"),
    ("Jan-Willem", "van den Berg", "janwillem"),
    ("Siobhán", "O'Neill", "siobhan"),
    ("Søren", "Ångström", "soren"),
    ("Chantal", "Bakker", "chantal"),
    ("Ruben", "'t Hart", "ruben"),
)
TECHNICIANS = (
    ("Bram", "Visser", "bram"),
    ("Noor", "el Idrissi", "noor"),
    ("Hatice", "Demir", "hatice"),
    ("Sander", "Kok", "sander"),
    ("Lianne", "Prins", "lianne"),
)
NEWCOMERS = (
    ("Priya", "Ramdin"),
    ("Joost", "Dijkstra"),
    ("Zeynep", "Yılmaz"),
    ("Anouk", "Meijer-Smit"),
    ("Tomasz", "Wójcik"),
    ("Esmée", "van 't Veer"),
)
"""Who may be enrolled later, by the button that shows a roster changing."""


def staff_course() -> School:
    """Two courses. In the first: a facilitator, eight teachers, an assistant, a leader.

    The administrator is enrolled nowhere. Youssef and the leader are in both courses.
    """
    school = School()
    practice = school.add_course("Leergemeenschap Praktijkonderwijs", "PLG-PRO", "sis-PLG-PRO")
    technology = school.add_course("Leergemeenschap Techniek", "PLG-TEC", "sis-PLG-TEC")

    school.add_person("Anneke", "Postma", "admin", admin=True)
    facilitator = school.add_person("Wout", "Schipper", "wout")
    school.enrol(practice.id, facilitator.id, "editingteacher")
    for given, family, username in TEACHERS:
        language = "en" if username == "siobhan" else "nl"
        teacher = school.add_person(given, family, username, language=language)
        school.enrol(practice.id, teacher.id, "student")
        if username == "youssef":
            school.enrol(technology.id, teacher.id, "student")
    assistant = school.add_person("Els", "Mulder", "els")
    school.enrol(practice.id, assistant.id, "teacher")
    leader = school.add_person("Mieke", "Hendriks", "mieke")
    school.enrol(practice.id, leader.id, "teacher")

    other_facilitator = school.add_person("Karin", "Smit", "karin")
    school.enrol(technology.id, other_facilitator.id, "editingteacher")
    for given, family, username in TECHNICIANS:
        teacher = school.add_person(given, family, username)
        school.enrol(technology.id, teacher.id, "student")
    school.enrol(technology.id, leader.id, "teacher")
    return school


def enrol_newcomer(school: School, course_id: str) -> None:
    """Enrol somebody new as a student: from the list of names, then numbered."""
    with school.changing():
        number = school.counters.get("newcomer", 0)
        school.counters["newcomer"] = number + 1
        given, family = NEWCOMERS[number % len(NEWCOMERS)]
        round_ = number // len(NEWCOMERS)
        family = f"{family} {round_ + 1}" if round_ else family
        person = school.add_person(given, family, f"nieuw{number + 1}")
        school.enrol(course_id, person.id, "student")
