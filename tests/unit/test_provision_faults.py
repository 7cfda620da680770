"""What is said of a list's faults: by line, each with what its cell says, one cause a sentence."""

from lti_tool.domain.school.provision import out, reading, said, waiting
from lti_tool.domain.school.provision.lines import SHOWN, Fault
from lti_tool.domain.school.provision.planned import Change
from tests.unit.provisioned import HEADS, School, keyed, listed


def of(s: School, row: str, heads: str = f"{HEADS},template,settings") -> Fault:
    """The one fault of a line."""
    (found,) = s.plan(listed(row, heads=heads)).faults
    return found


def test_faults_stand_by_line_whoever_found_them(s: School) -> None:
    made = s.plan(
        listed("c1,,,,,,,Nergens,", "c2,,,,Jan de Vries,,,,", "c1,,,,,,,,", heads=f"{HEADS},template,settings")
    )
    assert [(each.number, each.code) for each in made.faults] == [(2, "template"), (3, "who"), (4, "twice")]


def test_a_value_that_a_setting_has_not_is_told_from_a_name_that_is_none(s: School) -> None:
    value, name, days = (of(s, f"c1,,,,,,,,{cell}") for cell in ("deelname=ja", "kleur=rood", "vakanties=zomer"))
    assert said.fault(value).nl == "‘ja’ kan niet bij deelname. Dat is momenten, afgerond of niets."
    assert said.fault(value).en == "“ja” cannot be at passback. That is moments, completed or none."
    assert said.fault(name).nl.startswith("‘kleur=rood’ is geen instelling.")
    assert "2027-02-20/2027-02-28" in said.fault(days).nl
    assert [each.shown for each in (value, name, days)] == ["", "", ""], "the sentence says it"


def test_an_unknown_template_is_told_from_one_that_two_courses_are_called(s: School) -> None:
    for number in (1, 2):
        s.template(f"t{number}", "Praktijk")
    two, none = of(s, "c1,,,,,,,praktijk,"), of(s, "c1,,,,,,,SJABLOON2,")
    assert (two.code, none.code) == ("template_twice", "template")
    assert (two.shown, none.shown) == ("praktijk", "SJABLOON2")
    assert "of er zijn er twee" not in said.fault(none).nl
    assert "de korte naam telt hier niet" in said.fault(none).nl


def test_a_cell_is_said_back_no_longer_than_one_reads_and_without_what_is_not_seen(s: School) -> None:
    long = of(s, "c1,,,=1+" + "9" * 99 + ",,,,,")
    assert long.code == "formula"
    assert (len(long.shown), long.shown[-1]) == (SHOWN, "…")
    assert of(s, "c1,,,om\u202egekeerd,,,,,").shown == "omgekeerd"


def test_one_course_that_is_called_so_is_told_from_several(s: School) -> None:
    s.comes(1, "c1", context_label="PRO")
    sheet = listed(",,pro,,,,")
    (ask,) = s.plan(sheet).planned[0].asks
    assert "een korte naam kan nog veranderen" in said.ask(ask, by_name=True).nl
    s.comes(1, "c2", context_label="PRO")
    (ask,) = s.plan(sheet).planned[0].asks
    assert said.ask(ask, by_name=True).nl == "Zo heet meer dan één cursus. Welke is het?"
    s.apply(sheet)
    (waits,) = waiting.standing(s.session, s.id, keyed).waiting
    assert (waits.by_name, len(waits.choices)) == (True, 2)


def test_a_line_says_whether_its_course_was_found_and_what_template_and_settings_do_there(s: School) -> None:
    s.template("t1", "Praktijk")
    s.comes(1, "c1")
    heads = f"{HEADS},template,settings"
    sheet = listed('c1,,,Een,,,,t1,"taal=nl,deelname=niets"', "c2,,,Twee,,,,Praktijk,", heads=heads)
    here, later = s.plan(sheet).planned
    assert (here.place.title if here.place else "", here.unopened, later.unopened) == ("Cursus c1", False, True)
    words = [said.change(each).nl for each in here.changes]
    assert "begint met sjabloon ‘Praktijk’, als er nog niets is begonnen" in words, "by its title, not by an id"
    assert "taal wordt nl, deelname wordt niets" in words
    s.apply(sheet)
    assert not s.plan(sheet).changes
    assert Change.TEMPLATE not in {each.kind for each in s.plan(sheet).planned[1].changes}
    # Opened, but by another way than a launch: the next list finds it.
    s.lines()[0].course_id, s.lines()[0].key = None, "id:c1"
    s.session.flush()
    kinds = [each.kind for each in s.plan(sheet).planned[0].changes]
    assert kinds == [Change.BOUND, Change.TEMPLATE, Change.SETTINGS], "what waited is done now, and is said again"


def test_an_emptied_cell_is_no_setting_of_nothing(s: School) -> None:
    heads = f"{HEADS},template,settings"
    s.template("t1", "Praktijk")
    s.apply(listed("c1,,,Een,,,,Praktijk,taal=nl", heads=heads))
    words = [said.change(each).nl for each in s.plan(listed("c1,,,Een,,,,,", heads=heads)).planned[0].changes]
    assert words == ["noemt geen sjabloon meer", "noemt geen instellingen meer; wat er stond, blijft gelden"]


def test_the_list_as_it_stands_given_back_takes_nobody_off_it_who_could_not_be_in_it(s: School) -> None:
    s.comes(1, "c1")
    s.apply(listed('c1,,,Een,"id:u1,l2",,'))
    written = out.csv(s.session, s.id, "nl")
    assert written.decode("utf-8-sig").partition("\r\n")[0].endswith(";nog niet gevonden")
    made = s.plan(reading.read(written, keyed))
    assert [(each.unknown, each.kept) for each in made.removed] == [(True, True)]
    assert not made.changes
    before = s.state()
    s.apply(reading.read(written, keyed))
    assert s.state() == before
    typed = s.plan(listed("c1,,,Een,id:u1,,"))
    assert [(each.unknown, each.kept) for each in typed.removed] == [(True, False)], "who leaves them out means it"
    ticked = s.apply(reading.read(written, keyed), **{made.removed[0].name: 1})
    assert ticked.changes
    assert len(s.parts()) == 1


def test_who_was_not_found_is_told_from_who_has_not_opened_it_on_the_page_and_in_the_file(s: School) -> None:
    s.comes(1, "c1")
    s.apply(listed("c1,,,Een,,,", "c2,,,Twee,,,l7"))
    s.apply(listed('c1,,,Een,"l2,l3",,', "c2,,,Twee,,,l7"))
    (first, *_) = s.parts()
    first.person_id, first.named_hash = s.member(1, "c1").person_id, None
    s.session.flush()
    stands = waiting.standing(s.session, s.id, keyed)
    found = [each.found for each in stands.waiting if each.role]
    assert (stands.unfound, stands.unopened) == (found.count(False), found.count(True)) == (2, 1)
    assert sum(int(row[-1] or 0) for row in out.rows(s.session, s.id)) == stands.unfound
    (mine,) = [alike for alike in stands.alike if alike[0].found]
    assert said.waits(mine).nl.endswith("gevonden in de cursus, maar heeft Leerkring daar nog niet geopend.")
