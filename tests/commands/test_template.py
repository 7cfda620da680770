"""`leerkring template`: the same as an administrator's page does, with the same line in the trail."""

from tests.actors import World
from tests.commands.conftest import run, settings_of
from tests.web.test_course_templates import acts


def test_the_command_does_the_same_with_the_same_line_in_the_trail(any_world: World) -> None:
    world = any_world
    world.begin("fatima")
    settings = settings_of(world.tool)
    course = world.course()
    for words in ([course.id], [course.title], [course.title.upper()]):
        done = run("template", "mark", *words, **settings)
        assert (done.exit_code, done.output) == (0, f"{course.title} is a template.\n")
    listed = run("template", "list", **settings)
    assert listed.output.startswith(f"{course.id}\t{course.title}\tsince ")
    assert listed.output.endswith("\t0 copies\n")
    assert run("template", "unmark", course.id, **settings).exit_code == 0
    assert run("template", "list", **settings).output == ""
    assert acts(world) == [("template_marked", False), ("template_unmarked", False)]
    nobody = run("template", "mark", "Bestaat niet", **settings)
    assert nobody.exit_code == 1
    assert "There is no such course" in nobody.output
