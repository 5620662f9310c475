"""A small typed graph of steps: each node turns a state into a new one, edges say what follows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State")
Tool = TypeVar("Tool")

END = "done"


class GraphError(Exception):
    """The graph itself is wrong; found when it is built, not when it runs."""


class NodeFailure(Exception):
    """A node could not do its work; `node` says which one."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(f"{node}: {reason}")
        self.node = node
        self.reason = reason


@dataclass(frozen=True)
class Branch(Generic[State]):
    """An edge that looks at the state; `targets` is all that `choose` may answer."""

    choose: Callable[[State], str]
    targets: frozenset[str]


class Graph(Generic[State, Tool]):
    """Nodes by name, and for each the one edge or branch that leaves it."""

    def __init__(
        self,
        start: str,
        nodes: Mapping[str, Callable[[State, Tool], State]],
        edges: Mapping[str, str | Branch[State]],
    ) -> None:
        self.start = start
        self._nodes = dict(nodes)
        self._edges = dict(edges)
        self._validate()

    @property
    def node_names(self) -> tuple[str, ...]:
        return tuple(self._nodes)

    def run(self, node: str, state: State, tool: Tool) -> tuple[State, str]:
        """Runs one node; answers the new state and the name of the node that follows, or END."""
        if node not in self._nodes:
            raise GraphError(f"there is no node {node!r}")
        after = self._nodes[node](state, tool)
        edge = self._edges[node]
        if isinstance(edge, str):
            return after, edge
        following = edge.choose(after)
        if following not in edge.targets:
            raise GraphError(f"the branch after {node!r} chose {following!r}, not a target of it")
        return after, following

    def _targets(self, node: str) -> frozenset[str]:
        edge = self._edges[node]
        return frozenset({edge}) if isinstance(edge, str) else edge.targets

    def _validate(self) -> None:
        if self.start not in self._nodes:
            raise GraphError(f"the start {self.start!r} is not a node")
        if self._edges.keys() != self._nodes.keys():
            odd = sorted(self._edges.keys() ^ self._nodes.keys())
            raise GraphError(f"each node has one edge; look at {', '.join(odd)}")
        for node in self._nodes:
            for target in self._targets(node):
                if target != END and target not in self._nodes:
                    raise GraphError(f"the edge from {node!r} leads to {target!r}, not a node")
        reached = {self.start}
        waiting = [self.start]
        while waiting:
            for target in self._targets(waiting.pop()) - reached:
                reached.add(target)
                if target != END:
                    waiting.append(target)
        if lost := self._nodes.keys() - reached:
            raise GraphError(f"nothing leads to {', '.join(sorted(lost))}")
        if END not in reached:
            raise GraphError("no path leads to the end")
