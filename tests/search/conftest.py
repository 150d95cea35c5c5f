"""What the searches begin with."""

from collections.abc import Iterator

import pytest

from tests.support.shop import Shop
from tests.support.world import World


@pytest.fixture
def shop(both: World) -> Iterator["Shop"]:
    with both.app.app_context():
        yield Shop(both)
