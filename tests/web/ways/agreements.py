"""How members do the agreements, stage by stage."""

from typing import Any


def do(circle: Any, who: int, stage: str) -> None:
    """Each proposes and answers; the first writes the list."""
    if stage == "propose":
        circle.act(who, "propose", text=f"afspraak {next(circle.written)}")
    elif stage == "draft" and who == 0:
        circle.act(who, "write", lines=f"afspraak {next(circle.written)}\n- nog een", version=0)
    elif stage == "consent":
        circle.act(who, "consent", answer="agree")
