"""What /metrics shows: golden signals, and the business figures of the dashboard."""

from collections.abc import Callable, Iterator

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from app.llm import LLMResponse
from app.version import VERSION

disable_created_metrics()  # type: ignore[no-untyped-call]

# Up to 30 s: an alert looks at a p95 of 25 s on the sprint's complex cycles.
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 25, 30)


class Metrics:
    """Holds its own registry, so that two applications in one process do not mix."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry = registry
        # CPU time, memory and open files of this process, read at each scrape.
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "http_requests",
            "HTTP requests answered.",
            ["method", "route", "status"],
            registry=registry,
        )
        self.latency = Histogram(
            "http_request_duration_seconds",
            "Time from request to the end of the answer.",
            ["method", "route"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge(
            "http_requests_in_flight", "HTTP requests being answered.", registry=registry
        )
        self.sessions_created = Counter(
            "sprint_sessions_created", "Sprints created.", registry=registry
        )
        self.node_runs = Counter(
            "sprint_node_runs",
            "Runs of the graph's nodes.",
            ["node", "outcome"],
            registry=registry,
        )
        self.node_seconds = Histogram(
            "sprint_node_duration_seconds",
            "Time that a node took.",
            ["node"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.llm_tokens = Counter(
            "sprint_llm_tokens",
            "Tokens sent to and received from the model.",
            ["node", "model", "kind"],
            registry=registry,
        )
        self.llm_cost = Counter(
            "sprint_llm_cost_usd",
            "What the model's calls cost, in USD.",
            ["node", "model"],
            registry=registry,
        )
        self.prompt_injections = Counter(
            "sprint_prompt_injections",
            "Texts refused as prompt injection.",
            ["pattern"],
            registry=registry,
        )
        self.external_failures = Counter(
            "sprint_external_failures",
            "Calls to an external service that failed.",
            ["service"],
            registry=registry,
        )
        Gauge("app_info", "The release that answers.", ["version"], registry=registry).labels(
            VERSION
        ).set(1)

    def observe_llm(self, node: str, response: LLMResponse) -> None:
        model = response.model
        self.llm_tokens.labels(node, model, "prompt").inc(response.prompt_tokens)
        self.llm_tokens.labels(node, model, "completion").inc(response.completion_tokens)
        self.llm_cost.labels(node, model).inc(float(response.cost_usd))

    def watch_database(
        self, pool_usage: Callable[[], dict[str, int]], active_sprints: Callable[[], int | None]
    ) -> None:
        """Adds the figures that are asked of the database at each scrape."""
        self.registry.register(_DatabaseCollector(pool_usage, active_sprints))


class _DatabaseCollector(Collector):
    def __init__(
        self, pool_usage: Callable[[], dict[str, int]], active_sprints: Callable[[], int | None]
    ) -> None:
        self._pool_usage = pool_usage
        self._active_sprints = active_sprints

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing, so that registering does not ask the database."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        pool = GaugeMetricFamily(
            "db_pool_connections", "Connections to the database by state.", labels=["state"]
        )
        for state, count in self._pool_usage().items():
            pool.add_metric([state], count)
        yield pool
        active = self._active_sprints()
        # When the database does not answer the figure is left out rather than shown as 0.
        if active is not None:
            yield GaugeMetricFamily(
                "sprint_sessions_active", "Sprints that are not finished.", value=active
            )
