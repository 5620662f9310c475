"""Chooses the model that the settings name."""

from app.llm import LLMClient, Prices
from app.llm.offline import OfflineLLM
from app.llm.openai import OpenAILLM
from app.settings import Settings


def make_llm(settings: Settings) -> LLMClient:
    prices = Prices(settings.llm_input_price, settings.llm_output_price)
    match settings.llm_provider:
        case "offline":
            return OfflineLLM(prices, settings.llm_offline_delay_ms)
        case "openai":
            return OpenAILLM(
                settings.openai_base_url,
                settings.openai_api_key,
                settings.openai_model,
                prices,
                settings.llm_timeout_seconds,
            )
