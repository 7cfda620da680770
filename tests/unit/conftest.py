"""A platform that answers what a test tells it to, and the services client that asks it; a school without HTTP."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.lti.services import Services
from lti_tool.models import Registration
from tests.delivery.stand_in import StandIn, services
from tests.unit.provisioned import School, school, school_at


@pytest.fixture(scope="module")
def _stand_in() -> Iterator[StandIn]:
    with StandIn() as running:
        yield running


@pytest.fixture
def stand_in(_stand_in: StandIn) -> StandIn:
    _stand_in.reset()
    return _stand_in


@pytest.fixture
def client(keys_dir: Path) -> Services:
    return services(keys_dir)


@pytest.fixture
def platform(stand_in: StandIn) -> Registration:
    return stand_in.registration()


@pytest.fixture
def s() -> Iterator[School]:
    """In memory."""
    with school() as made:
        yield made


@pytest.fixture
def any_school(any_database_url: str) -> Iterator[School]:
    """In either database."""
    with school_at(any_database_url) as made:
        yield made
