"""The API as a user of it sees it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from app.application import create_app
from app.llm import LLMRequest, LLMResponse, Prices
from app.llm.offline import OfflineLLM
from app.settings import Settings
from app.version import VERSION


def create(client: TestClient, topic: str = "Fewer meetings", **more: object) -> dict[str, object]:
    answer = client.post("/api/sessions", json={"topic": topic, **more})
    assert answer.status_code == 201, answer.text
    created: dict[str, object] = answer.json()
    return created


def test_a_sprint_goes_from_its_topic_to_a_decision(client: TestClient) -> None:
    answer = client.post(
        "/api/sessions", json={"topic": "  Moins de réunions ", "language": "fr", "participants": 7}
    )
    assert answer.status_code == 201
    session = answer.json()
    assert session["topic"] == "Moins de réunions"
    assert (session["status"], session["step"], session["participants"]) == ("active", "frame", 7)
    path = answer.headers["location"]
    assert path == f"/api/sessions/{session['id']}"

    steps = ["frame"]
    while session["status"] == "active":
        answer = client.post(f"{path}/advance")
        assert answer.status_code == 200, answer.text
        session = answer.json()
        steps.append(session["step"])
        assert len(steps) < 20
    assert steps[:3] == ["frame", "diverge", "critique"]
    assert steps[-3:] == ["converge", "decide", "done"]
    state = session["state"]
    assert state["question"].startswith("Comment pourrions-nous")
    assert state["decision"] in state["shortlist"]
    assert set(state["shortlist"]) <= set(state["ideas"])
    assert len(state["critiques"]) == len(state["ideas"]) == 4
    assert len(state["actions"]) == 3
    assert session["finished_at"] is not None

    read = client.get(path)
    assert read.status_code == 200
    assert read.json() == session

    trace = client.get(f"{path}/trace").json()
    assert [run["node"] for run in trace["runs"]] == steps[:-1]
    assert {run["outcome"] for run in trace["runs"]} == {"ok"}
    assert trace["prompt_tokens"] == sum(run["prompt_tokens"] for run in trace["runs"]) > 0

    again = client.post(f"{path}/advance")
    assert again.status_code == 409
    assert again.json()["error"]["code"] == "finished"


def test_a_weak_round_goes_back_for_more_ideas(client: TestClient) -> None:
    rounds = set()
    for number in range(12):
        session = create(client, f"Topic number {number}")
        while session["status"] == "active":
            session = client.post(f"/api/sessions/{session['id']}/advance").json()
        rounds.add(session["state"]["round"])  # type: ignore[index]
    assert rounds == {1, 2}


def test_the_list_pages_from_the_newest_to_the_oldest(client: TestClient) -> None:
    made = [create(client, f"Topic {number}")["id"] for number in range(5)]
    seen: list[object] = []
    cursor = ""
    for _ in range(3):
        page = client.get(f"/api/sessions?limit=2{cursor}").json()
        seen += [item["id"] for item in page["items"]]
        cursor = f"&before={page['next']}"
    assert seen == made[::-1]
    assert page["next"] is None

    client.post(f"/api/sessions/{made[0]}/advance")
    assert len(client.get("/api/sessions?status=active").json()["items"]) == 5
    assert client.get("/api/sessions?status=finished").json()["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/api/sessions/6dd4aa5e-0000-4000-8000-000000000000", None, 404, "no_session"),
        ("POST", "/api/sessions/6dd4aa5e-0000-4000-8000-000000000000/advance", None, 404, None),
        ("GET", "/api/sessions/6dd4aa5e-0000-4000-8000-000000000000/trace", None, 404, None),
        ("GET", "/api/sessions/nope", None, 422, "invalid"),
        ("GET", "/api/sessions?limit=0", None, 422, "invalid"),
        ("GET", "/api/sessions?before=nope", None, 422, "invalid"),
        ("GET", "/api/nothing", None, 404, "not_found"),
        ("DELETE", "/api/sessions", None, 405, "method_not_allowed"),
        ("POST", "/api/sessions", {"topic": "x"}, 422, "invalid"),
        ("POST", "/api/sessions", {"topic": "fine", "participants": 0}, 422, "invalid"),
        ("POST", "/api/sessions", {"topic": "fine", "language": "de"}, 422, "invalid"),
        ("POST", "/api/sessions", {"topic": "fine", "colour": "red"}, 422, "invalid"),
        ("POST", "/api/sessions", {"topic": "x" * 70_000}, 413, "body_too_large"),
    ],
)
def test_a_wrong_request_is_refused_with_its_reason(
    client: TestClient,
    method: str,
    path: str,
    body: dict[str, object] | None,
    status: int,
    code: str | None,
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert code is None or error["code"] == code
    assert error["correlation_id"] == answer.headers["x-request-id"]


def test_each_answer_names_the_release(client: TestClient) -> None:
    assert client.get("/api/version").json() == {"version": VERSION}
    for path in ("/live", "/health", "/api/sessions", "/nothing"):
        assert client.get(path).headers["x-app-version"] == VERSION


class _GatedLLM(OfflineLLM):
    """Lets all callers in before it answers any."""

    def __init__(self, callers: int) -> None:
        super().__init__(Prices.free())
        self._barrier = threading.Barrier(callers)

    def complete(self, request: LLMRequest) -> LLMResponse:
        self._barrier.wait(timeout=10)
        return super().complete(request)


def test_of_two_that_advance_at_once_one_wins(settings: Settings) -> None:
    with TestClient(create_app(settings, _GatedLLM(2))) as client, ThreadPoolExecutor(2) as pool:
        path = f"/api/sessions/{create(client)['id']}"
        answers = list(pool.map(lambda _: client.post(f"{path}/advance"), range(2)))
        assert sorted(answer.status_code for answer in answers) == [200, 409]
        assert client.get(path).json()["step"] == "diverge"
        assert len(client.get(f"{path}/trace").json()["runs"]) == 1
