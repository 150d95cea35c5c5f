"""The description of the calls and the calls themselves say the same: schemathesis reads the one and tries the other, with
what fits and with what does not, as people of several roles. Source: OP-02."""

import itertools

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import SchemathesisConfig

from app.rules.documents import KINDS
from tests.abuse.matrix import PEOPLE, furnished, keys_of
from tests.support.calls import Caller

EXAMPLES = 4
REFUSED_BY_RULES = [409, 412, 422, 428]
"""What fits the description may still be against a rule that no description can say: a date after another, a vendor
that is debarred, a version that is over."""

CHECKS = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", 401, 403, 404, 429, *REFUSED_BY_RULES]},
        "negative_data_rejection": {"expected-statuses": [400, 401, 403, 404, 405, 415, 429, *REFUSED_BY_RULES]},
    }
}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("role", ["Buyer", "Fiscal", "Admin"])
def test_every_call_answers_as_described(databases, role, mode):
    world, keys = furnished(databases), keys_of(databases)
    caller, turn = Caller(world.app, PEOPLE[role]), itertools.count()
    schema = schemathesis.openapi.from_wsgi("/api/v1/_openapi", world.app, config=SchemathesisConfig.from_dict(CHECKS))

    @schema.auth()
    class Token:
        """The role's token."""

        def get(self, case, context):
            return caller.tokens["access_token"]

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"

    def real_record(case) -> None:
        """A key that exists, three times out of four: otherwise nearly all would be about records that do not."""
        kind = case.operation.path.split("/")[1].replace("-", "_").replace("user", "ab_user")
        path = [part for place, part in case.meta.components.items() if "path" in str(place).lower()]
        fits = all(part.mode is GenerationMode.POSITIVE for part in path)
        if fits and kind in keys and "pk" in (case.path_parameters or {}) and next(turn) % 4:
            case.path_parameters["pk"] = keys[kind][0]

    calls = 0
    for operation in (result.ok() for result in schema.get_all_operations()):
        if operation.path == "/security/logout":
            continue  # it would end the sign-in that the others need; test_refusals tries it

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def try_it(case):
            nonlocal calls
            calls += 1
            real_record(case)
            case.validate_response(case.call())

        try_it()
    assert calls > 1000


def test_every_document_has_its_calls(world):
    paths = world.app.test_client().get("/api/v1/_openapi").json["paths"]
    for kind in KINDS.values():
        name = kind.entity.__tablename__.replace("_", "-")
        for part in ("", "/{pk}", "/{pk}/lines", "/{pk}/attachments", "/{pk}/history", "/{pk}/problems", "/{pk}/print"):
            assert f"/{name}{part}" in paths
        for move in kind.life:
            assert "post" in paths[f"/{name}/{{pk}}/actions/{move.action}"]


def test_the_description_tells_nothing_of_the_office(world):
    text = world.app.test_client().get("/api/v1/_openapi").text
    for name in ("Adesso", "Rosa", "Clinic", "S1"):
        assert f'"{name}' not in text
