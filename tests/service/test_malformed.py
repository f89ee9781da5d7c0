"""Whatever is sent, the service answers, and never with 500. `make service` sends more."""

import json
from collections import Counter

import pytest

from tests.benchmarks.malformed import requests
from tests.service.conftest import NEEDED, Service

pytest.importorskip("fastapi", reason=NEEDED)


def test_requests_made_by_hand_and_by_chance(service: Service) -> None:
    statuses: Counter[int] = Counter()
    for method, path, body, headers in requests("judging", 240):
        status, received, answer = service.ask(method, path, body, headers)
        statuses[status] += 1
        assert status < 500, (method, path, body[:200], headers)
        if status >= 400 and method != "HEAD":
            assert set(json.loads(answer)) == {"error"}, (method, path, body[:200])
            assert received["content-type"] == "application/json"
    assert {200, 400, 404, 405, 415, 422} <= set(statuses)


def test_requests_made_of_the_description(service: Service) -> None:
    """Schemathesis makes requests that the OpenAPI allows, and such that it does not; its checks are those of answers."""
    schemathesis = pytest.importorskip("schemathesis", reason=NEEDED)
    from hypothesis import HealthCheck, Phase, given, settings

    schema = schemathesis.openapi.from_url(f"http://127.0.0.1:{service.port}/openapi.json")
    checked: set[str] = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        checked.add(operation.path)

        @settings(
            max_examples=5, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def answered(case) -> None:
            response = case.call()
            assert response.status_code < 500, (case.path, case.body)
            if response.status_code < 400:
                case.validate_response(response)

        answered()
    assert {"/predict", "/explain", "/v2/models/{name}/infer"} <= checked
