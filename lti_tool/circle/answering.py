"""What every form of a community has in common: done, and on by 303; or refused, and shown again."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect
from werkzeug.wrappers import Response

from lti_tool.db import undo
from lti_tool.domain import Refused
from lti_tool.observe import log


def form(again: Callable[..., Response], called: str = "") -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a view of a function that does what a form asks and returns the address to go on to, or an answer.

    Where it is refused nothing of it is kept, the log says which form and why, and `again` shows the page with
    what is wrong and everything typed: it is handed the refusal (a FormError tells it by field) and the values
    of the address. called: what the form is called in the log, where its address does not say so.
    """

    def wrap(do: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(do)
        def view(**values: Any) -> Response:
            try:
                done = do(**values)
            except Refused as refused:
                undo()
                step = {"step": values["name"]} if "name" in values else {}
                log.info("form_refused", **step, action=called or values["deed"], reason=str(refused))
                return again(refused, **values)
            return redirect(done, 303) if isinstance(done, str) else done

        return view

    return wrap
