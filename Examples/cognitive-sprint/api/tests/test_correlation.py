"""The correlation id: which header wins, and what is passed on."""

import re

import pytest
from fastapi.testclient import TestClient

from app import correlation

CLOUD = "105445aa7843bc8bf206b12000100000"
PARENT = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Cloud-Trace-Context": f"{CLOUD}/1;o=1"}, CLOUD),
        ({"X-Cloud-Trace-Context": CLOUD.upper()}, CLOUD),
        ({"traceparent": f"00-{PARENT}-00f067aa0ba902b7-01"}, PARENT),
        ({"X-Request-Id": "order-17"}, "order-17"),
        (
            {
                "X-Request-Id": "order-17",
                "traceparent": f"00-{PARENT}-00f067aa0ba902b7-01",
                "X-Cloud-Trace-Context": f"{CLOUD}/1",
            },
            CLOUD,
        ),
        ({"X-Cloud-Trace-Context": "nonsense", "X-Request-Id": "order-17"}, "order-17"),
        ({"traceparent": f"00-{'0' * 32}-00f067aa0ba902b7-01", "X-Request-Id": "a"}, "a"),
    ],
)
def test_the_id_comes_from_the_request(
    client: TestClient, headers: dict[str, str], expected: str
) -> None:
    assert client.get("/live", headers=headers).headers["x-request-id"] == expected


@pytest.mark.parametrize("value", ["", "two words", "x" * 129, 'quo"te', "new\x0bline"])
def test_a_value_without_form_is_replaced(client: TestClient, value: str) -> None:
    answered = client.get("/live", headers={"X-Request-Id": value}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{32}", answered)


def test_outgoing_calls_carry_it() -> None:
    correlation.bind(CLOUD)
    headers = correlation.outgoing_headers()
    assert headers["X-Request-Id"] == CLOUD
    assert re.fullmatch(rf"{CLOUD}/[1-9][0-9]*;o=1", headers["X-Cloud-Trace-Context"])
    assert re.fullmatch(rf"00-{CLOUD}-[0-9a-f]{{16}}-01", headers["traceparent"])
    correlation.bind("order-17")
    assert correlation.outgoing_headers() == {"X-Request-Id": "order-17"}
    correlation.bind(correlation.PROCESS_CORRELATION_ID)
