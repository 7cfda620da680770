"""How many random histories a test makes: few that are always the same, and many more with ./run test --all."""

import os

from hypothesis import HealthCheck, settings

ALL = os.environ.get("LEERKRING_TEST_ALL") == "true"


def histories(few: int, more: int, steps: int = 50) -> settings:
    """Settings of a test that makes so many, of so many steps each."""
    return settings(
        max_examples=more if ALL else few,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not ALL,
        suppress_health_check=list(HealthCheck),
    )
