"""A Celery worker without tasks: it answers `inspect ping` over the broker that it was handed."""

import os

from celery import Celery

app = Celery("worker", broker=os.environ["CELERY_BROKER_URL"])
