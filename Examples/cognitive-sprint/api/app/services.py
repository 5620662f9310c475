"""What the routes work with, built once when the application is."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from app.metrics import Metrics
from app.sessions import Sessions


@dataclass(frozen=True)
class Services:
    engine: Engine
    sessions: Sessions
    metrics: Metrics


async def _from_request(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Provided = Annotated[Services, Depends(_from_request)]
