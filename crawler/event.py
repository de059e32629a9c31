"""Events of a run in the log: a line a person can read, and facts a machine can count."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

_FACTS = "consilia_facts"


def say(logger: logging.Logger, level: int, line: str, event: str, **facts: Any) -> None:
    """Log the line; as JSON it is the event with its facts. Neither may hold a secret."""
    logger.log(level, "%s", line, extra={_FACTS: {"event": event, **facts}})


class JsonLine(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """When, how grave, from where, what."""
        line = record.getMessage()
        told = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": line,
        }
        if facts := getattr(record, _FACTS, None):
            told |= {**facts, "line": line}
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        return json.dumps(told, ensure_ascii=False, default=str)
