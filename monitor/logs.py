"""The log: one line a run, a delivery or a fault on stderr, in words or as JSON, and never with a secret in it."""

import json
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, TextIO

from monitor.settings import LogFormat
from sources.http.veil import Veil


class Log:
    """What this service says of itself. structlog, and what draws its lines, is imported when there is a line to write:
    most commands say nothing."""

    def __init__(self) -> None:
        self._form: Callable[[], None] | None = None
        self._forming = threading.Lock()
        self.level: int = logging.NOTSET
        """From which level on anything is written."""

    def goes(self, level: int, form: Callable[[], None] | None) -> None:
        """Write from this level on, in a form that is set up before the first line. None: as structlog is set up."""
        self.level, self._form = level, form

    def info(self, event: str, **about: Any) -> None:
        """What is as it should be."""
        self._say(logging.INFO, "info", event, about)

    def warning(self, event: str, **about: Any) -> None:
        """What a person may want to see to."""
        self._say(logging.WARNING, "warning", event, about)

    def error(self, event: str, **about: Any) -> None:
        """What has failed."""
        self._say(logging.ERROR, "error", event, about)

    def exception(self, event: str, **about: Any) -> None:
        """What has failed by the fault at hand."""
        self._say(logging.ERROR, "exception", event, about)

    def _say(self, level: int, name: str, event: str, about: dict[str, Any]) -> None:
        if level < self.level:
            return
        import structlog  # noqa: PLC0415

        if self._form is not None:
            with self._forming:  # no thread writes a line in another form, past the veil, while the first sets it up
                form = self._form
                if form is not None:
                    form()
                self._form = None
        getattr(structlog.get_logger(), name)(event, **about)


log = Log()


def log_to_stderr(level: int, veil: Veil, form: LogFormat) -> None:
    """Write what this service says of itself to stderr. JSON is one object a line: `event`, `level`, `timestamp` and
    what the line is about; a traceback is the text `exception`."""
    log.goes(level, partial(_form_lines, sys.stderr, level, veil, form))


def _form_lines(stderr: TextIO, level: int, veil: Veil, form: LogFormat) -> None:
    import structlog  # noqa: PLC0415

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
            if form == "json"
            else structlog.dev.ConsoleRenderer(colors=stderr.isatty()),
            lambda _logger, _method, line: veil.text(str(line)),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stderr),
    )


class _Veiled(logging.Formatter):
    """Lines without secrets, their tracebacks too."""

    def __init__(self, veil: Veil, form: LogFormat) -> None:
        super().__init__("%(asctime)s [%(levelname)s] %(name)s: %(message)s")
        self._veil, self._form = veil, form

    def format(self, record: logging.LogRecord) -> str:
        if self._form == "text":
            return self._veil.text(super().format(record))
        line = {"event": record.getMessage(), "logger": record.name, "level": record.levelname.lower()}
        line["timestamp"] = _stamp(datetime.fromtimestamp(record.created, UTC))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return self._veil.text(_as_json(line))


def veil_the_rest(level: int, veil: Veil, form: LogFormat) -> None:
    """What libraries log, the web server among them, and faults that nobody catches: on stderr too, without secrets."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Veiled(veil, form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(not sys.warnoptions)

    def uncaught(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        said = "".join(traceback.format_exception(kind, fault, trace))
        if form == "json":
            said = _as_json({"event": "fault", "level": "critical", "timestamp": _stamp(), "exception": said}) + "\n"
        sys.stderr.write(veil.text(said))

    sys.excepthook = uncaught
    threading.excepthook = lambda ended: uncaught(
        ended.exc_type, ended.exc_value or ended.exc_type(), ended.exc_traceback
    )


def _stamp(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _as_json(line: dict[str, str]) -> str:
    return json.dumps(line, ensure_ascii=False)
