"""A port of its own for metrics, which asks for no key: in the process that starts the others, and outlasts them."""

import logging
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from service import metrics

logger = logging.getLogger(__name__)
PATHS = ("/metrics", "/")
PATIENCE = 5.0
"""Seconds that a caller has to say what it wants, and to take it."""


class _Figures(BaseHTTPRequestHandler):
    timeout = PATIENCE
    server_version, sys_version = "tarih", ""

    def do_GET(self) -> None:
        known = self.path.partition("?")[0] in PATHS
        body = metrics.rendered() if known else b""
        self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", f"{metrics.MEDIA_TYPE}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - http.server's own name

    def log_message(self, format: str, *arguments: object) -> None:
        """Whoever asks every few seconds is not worth a line."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], OSError):  # a caller that left is no news
            logger.exception("figures could not be told")


def export(host: str, port: int) -> None:
    """Answers there from now on, until this process ends. Raises OSError where it cannot."""
    server = _Server((host, port), _Figures)
    threading.Thread(target=server.serve_forever, name="figures", daemon=True).start()
