"""The language model behind an interface: one call in, text and its price out."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol


class LLMUnavailable(Exception):
    """The model cannot be reached or is overloaded: the call may be tried again later."""


class LLMRejected(Exception):
    """The model's service understood the call and refuses it, or answers nonsense."""


@dataclass(frozen=True)
class LLMRequest:
    """`subject` is the participants' own text, always sent apart from our instructions."""

    node: str
    language: str
    instructions: str
    subject: str
    round: int = 1


@dataclass(frozen=True)
class LLMResponse:
    text: str
    model: str
    prompt_tokens: int
    completion_tokens: int
    cost_usd: Decimal


class LLMClient(Protocol):
    @property
    def model(self) -> str: ...

    def complete(self, request: LLMRequest) -> LLMResponse: ...


@dataclass(frozen=True)
class Prices:
    """USD for a million tokens."""

    input: Decimal
    output: Decimal

    @staticmethod
    def free() -> "Prices":
        return Prices(Decimal(0), Decimal(0))

    def cost(self, prompt_tokens: int, completion_tokens: int) -> Decimal:
        total = self.input * prompt_tokens + self.output * completion_tokens
        return (total / 1_000_000).quantize(Decimal("0.000001"))
