"""How the service tells what it does: the form of its log; metrics and traces would be set up here too."""

import logging.config
import time
from typing import Any


class UtcFormatter(logging.Formatter):
    """Times in UTC, as everywhere else."""

    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"


def logging_configuration(level: str) -> dict[str, Any]:
    """For ``logging.config.dictConfig``: one line an event, to standard error, from ``level`` up."""
    quiet = "DEBUG" if level == "DEBUG" else "WARNING"  # libraries that tell of each of their steps
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": UtcFormatter, "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "stream": "ext://sys.stderr"}},
        "root": {"level": level, "handlers": ["stderr"]},
        "loggers": {name: {"level": quiet} for name in ("_granian", "alembic", "asyncio", "httpx", "sqlalchemy")},
    }


def configure_logging(level: str) -> None:
    """Log from ``level`` up, in this process."""
    logging.config.dictConfig(logging_configuration(level))
