"""A model behind the OpenAI chat completions API, or any server that speaks it."""

import json
import urllib.error
import urllib.request

from app import correlation
from app.llm import LLMRejected, LLMRequest, LLMResponse, LLMUnavailable, Prices

_MAX_ANSWER_BYTES = 1_000_000


class OpenAILLM:
    """Calls POST {base_url}/chat/completions; the correlation id goes along in the headers."""

    def __init__(
        self, base_url: str, api_key: str, model: str, prices: Prices, timeout_seconds: float
    ) -> None:
        self._url = f"{base_url}/chat/completions"
        self._api_key = api_key
        self._model = model
        self._prices = prices
        self._timeout_seconds = timeout_seconds

    @property
    def model(self) -> str:
        return self._model

    def complete(self, request: LLMRequest) -> LLMResponse:
        body = {
            "model": self._model,
            "temperature": 0.7,
            "messages": [
                {"role": "system", "content": request.instructions},
                {"role": "user", "content": request.subject},
            ],
        }
        call = urllib.request.Request(  # noqa: S310 - the settings accept http and https only
            self._url,
            data=json.dumps(body).encode(),
            method="POST",
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {self._api_key}",
                **correlation.outgoing_headers(),
            },
        )
        try:
            with urllib.request.urlopen(  # noqa: S310
                call, timeout=self._timeout_seconds
            ) as answer:
                raw = answer.read(_MAX_ANSWER_BYTES)
        except urllib.error.HTTPError as error:
            if error.code == 429 or error.code >= 500:
                raise LLMUnavailable(f"the model's service answered {error.code}") from error
            raise LLMRejected(f"the model's service answered {error.code}") from error
        except OSError as error:
            raise LLMUnavailable(f"the model's service cannot be reached: {error}") from error
        try:
            parsed = json.loads(raw)
            text = parsed["choices"][0]["message"]["content"]
            usage = parsed.get("usage") or {}
            prompt_tokens = int(usage.get("prompt_tokens", 0))
            completion_tokens = int(usage.get("completion_tokens", 0))
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise LLMRejected(
                "the model's service sent an answer that is not understood"
            ) from error
        if not isinstance(text, str) or not text.strip():
            raise LLMRejected("the model's service sent an empty answer")
        return LLMResponse(
            text=text,
            model=str(parsed.get("model") or self._model),
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cost_usd=self._prices.cost(prompt_tokens, completion_tokens),
        )
