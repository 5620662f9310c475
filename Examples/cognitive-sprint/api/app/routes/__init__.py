"""The routes, by topic. ROUTERS is what the application serves."""

from fastapi import APIRouter

from app.routes import operations, sessions

ROUTERS: tuple[APIRouter, ...] = (
    operations.router,
    sessions.router,
)
