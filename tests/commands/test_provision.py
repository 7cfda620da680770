"""The provision list by command: looked at without writing, asked first, the same as by the page."""

from pathlib import Path

from sqlalchemy import func, select

from lti_tool.models.provision import ProvisionLine
from lti_tool.models.school import SchoolAct
from tests.actors import World
from tests.commands.conftest import run, settings_of


def test_a_list_is_checked_applied_once_and_written_again(any_world: World, tmp_path: Path) -> None:
    world, tool = any_world, any_world.tool
    world.begin("fatima")
    course, fatima = next(iter(world.lms.school.courses)), world.person("fatima").id
    file, settings = tmp_path / "lijst.csv", settings_of(tool)

    def lines() -> list[tuple[str, bool]]:
        with tool.session() as session:
            return [(each.title, each.course_id is not None) for each in session.scalars(select(ProvisionLine))]

    file.write_text(f"course id,title,facilitators\n{course},Zon,Jan de Vries\n")
    wrong = run("provision", "check", str(file), **settings)
    assert wrong.exit_code == 1
    assert "line 2, facilitators: WRONG: “Jan de Vries” is no e-mail address, login or id." in wrong.output
    assert run("provision", "apply", str(file), "--yes", **settings).exit_code == 1
    file.write_text(f"course id,title,facilitators\n{course},Zon,id:{fatima}\n")
    shown = run("provision", "check", str(file), **settings)
    assert shown.exit_code == 0, shown.output
    assert "line 2 (Zon, in the LMS '" in shown.output
    assert "): comes on the list; is the course" in shown.output
    assert lines() == []
    assert run("provision", "apply", str(file), **settings).exit_code != 0, "nobody answered"
    assert lines() == []
    done = run("provision", "apply", str(file), "--yes", **settings)
    assert done.exit_code == 0, done.output
    again = run("provision", "apply", str(file), "--yes", **settings)
    assert "1 line stays as it is." in again.output
    assert lines() == [("Zon", True)]
    with tool.session() as session:
        kinds = select(func.count()).where(SchoolAct.kind == "provision_applied", SchoolAct.person_id.is_(None))
        assert session.scalar(kinds) == 1
    out = tmp_path / "uit.xlsx"
    out.touch(0o644)
    assert run("provision", "export", str(out), **settings).exit_code == 0
    assert out.stat().st_mode & 0o777 == 0o600, "it names people"
    same = run("provision", "check", str(out), **settings)
    assert same.exit_code == 0, same.output
    assert "1 line stays as it is." in same.output


def test_what_cannot_be_read_and_a_school_that_is_not_there_are_said(any_world: World, tmp_path: Path) -> None:
    file, settings = tmp_path / "lijst.csv", settings_of(any_world.tool)
    file.write_bytes(b"PK\x03\x04")
    refused = run("provision", "check", str(file), **settings)
    assert refused.exit_code == 1
    assert "This file cannot be read." in refused.output
    file.write_text("course id\n1\n")
    assert "Say which school it is" in run("provision", "check", str(file), "--school", "99", **settings).output
    assert "LINE=ID" in run("provision", "apply", str(file), "--course", "x", **settings).output
