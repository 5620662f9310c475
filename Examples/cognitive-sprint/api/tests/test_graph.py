"""The graph runner, and the sprint's graph on it."""

from collections.abc import Callable

import pytest

from app.graph import END, Branch, Graph, GraphError, NodeFailure
from app.llm import LLMClient, LLMRequest, LLMResponse, Prices
from app.llm.offline import OfflineLLM
from app.sprint import SprintState, make_sprint_graph, summary_request


def add(number: int) -> Callable[[int, None], int]:
    return lambda state, tool: state + number


def test_a_branch_looks_at_the_state_that_the_node_made() -> None:
    branch = Branch[int](lambda n: END if n >= 3 else "one", frozenset({END, "one"}))
    graph = Graph[int, None]("one", {"one": add(1)}, {"one": branch})
    state, following, runs = 0, "one", 0
    while following != END:
        state, following = graph.run(following, state, None)
        runs += 1
    assert (state, runs) == (3, 3)


@pytest.mark.parametrize(
    ("start", "nodes", "edges", "reason"),
    [
        ("b", ["a"], {"a": END}, "start"),
        ("a", ["a", "b"], {"a": END}, "one edge"),
        ("a", ["a"], {"a": "b"}, "not a node"),
        ("a", ["a", "b"], {"a": END, "b": END}, "nothing leads to b"),
        ("a", ["a", "b"], {"a": "b", "b": "a"}, "no path"),
    ],
)
def test_a_wrong_graph_is_refused_when_it_is_built(
    start: str, nodes: list[str], edges: dict[str, str | Branch[int]], reason: str
) -> None:
    with pytest.raises(GraphError, match=reason):
        Graph[int, None](start, {name: add(1) for name in nodes}, edges)


def test_a_branch_may_choose_only_what_it_declares() -> None:
    graph = Graph[int, None]("a", {"a": add(1)}, {"a": Branch(lambda n: "z", frozenset({END}))})
    with pytest.raises(GraphError, match="chose 'z'"):
        graph.run("a", 0, None)
    with pytest.raises(GraphError, match="no node"):
        graph.run("b", 0, None)


def run_to_end(topic: str, language: str, llm: LLMClient, max_rounds: int = 2) -> SprintState:
    graph = make_sprint_graph(max_rounds)
    state, following = SprintState(topic=topic, language=language), graph.start
    while following != END:
        state, following = graph.run(following, state, llm)
    return state


def test_the_offline_model_always_answers_the_same() -> None:
    llm = OfflineLLM(Prices.free())
    assert run_to_end("Shorter queues", "en", llm) == run_to_end("Shorter queues", "en", llm)
    assert run_to_end("Shorter queues", "en", llm) != run_to_end("Longer weekends", "en", llm)


def test_a_state_survives_its_json_form_and_fields_of_other_releases() -> None:
    state = run_to_end("Files d'attente", "fr", OfflineLLM(Prices.free()))
    data = state.to_json()
    assert SprintState.from_json(data) == state
    assert SprintState.from_json({**data, "of_a_newer_release": [1]}) == state


class _FixedLLM:
    model = "fixed"

    def __init__(self, text: str) -> None:
        self._text = text

    def complete(self, request: LLMRequest) -> LLMResponse:
        return LLMResponse(self._text, self.model, 1, 1, Prices.free().cost(1, 1))


def test_rounds_end_at_their_limit_however_weak_the_ideas_are() -> None:
    state = run_to_end("Anything", "en", _FixedLLM("score: 5\ndecision: stop\n- one\n- two"), 4)
    assert (state.round, state.score, state.decision) == (4, 5, "stop")


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ("diverge", "no list"),
        ("critique", "- a list without a score"),
        ("critique", "score: 400\n- a"),
        ("critique", "score: 50"),
        ("converge", "-\n- "),
        ("decide", "- actions without a decision"),
        ("decide", "decision: yes, but nothing to do"),
    ],
)
def test_an_answer_in_the_wrong_form_fails_the_node(node: str, text: str) -> None:
    with pytest.raises(NodeFailure) as caught:
        make_sprint_graph(2).run(node, SprintState("Topic", "en"), _FixedLLM(text))
    assert caught.value.node == node


def test_the_participants_text_is_never_among_the_instructions() -> None:
    request = summary_request("A topic", "fr", SprintState("A topic", "fr", decision="Do it"))
    assert "A topic" not in request.instructions
    assert request.subject.splitlines()[0] == "A topic"
