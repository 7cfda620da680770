"""The steps of the cycle: every module here that defines a `Step` is one, in order of position.

A step too long for one module is a package of its own, with the class in its __init__.
"""

import importlib
import pkgutil

from lti_tool.steps.base import Registry, Step


def load(extra: tuple[type[Step], ...] = ()) -> Registry:
    """All steps, checked; extra: steps from elsewhere (the tests' seventh)."""
    registry = Registry()
    for module in pkgutil.iter_modules(__path__):
        found = importlib.import_module(f"{__name__}.{module.name}")
        for value in vars(found).values():
            if isinstance(value, type) and issubclass(value, Step) and value.__module__ == found.__name__:
                if value is not Step:
                    registry.add(value())
    for step in extra:
        registry.add(step())
    return registry
