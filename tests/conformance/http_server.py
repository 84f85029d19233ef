"""A real port in front of the whole ASGI application, inside the process of the tests.

Foreign clients (GDAL, OWSLib) speak to it as to any server; the data is that of the test.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from asgiref.sync import sync_to_async


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    loop: asyncio.AbstractEventLoop
    application: Any
    seen: list[str]

    def answer(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": self.command,
            "path": unquote(path),
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "scheme": "http",
            "client": self.client_address,
            "server": self.server.server_address,
            "headers": [(k.lower().encode(), v.encode()) for k, v in self.headers.items()],
        }
        self.seen.append(f"{self.command} {self.path}")
        asked = asyncio.run_coroutine_threadsafe(self.run(scope, body), self.loop)
        start, content = asked.result(timeout=120)
        self.send_response(start["status"])
        for name, text in start["headers"]:
            if name != b"content-length":
                self.send_header(name.decode(), text.decode())
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    async def run(self, scope: dict[str, Any], body: bytes) -> tuple[Any, bytes]:
        sent: list[Any] = []
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return given.pop() if given else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await type(self).application(scope, receive, send)
        return sent[0], b"".join(each.get("body", b"") for each in sent[1:])

    def log_message(self, *_: Any) -> None:
        pass


for _verb in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(Handler, f"do_{_verb}", Handler.answer)


@contextmanager
def serving(application: Any) -> Iterator[tuple[str, list[str]]]:
    """The address of a server, and what it was asked so far."""
    from django.db import connections

    from chengyun.city.tiles.app import close

    loop = asyncio.new_event_loop()
    runner = threading.Thread(target=loop.run_forever, daemon=True)
    runner.start()
    seen: list[str] = []
    kind = type("Serving", (Handler,), {
        "loop": loop, "application": staticmethod(application), "seen": seen,
    })  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    port = threading.Thread(target=server.serve_forever, daemon=True)
    port.start()

    async def end() -> None:
        await close()
        await sync_to_async(connections.close_all)()

    try:
        yield f"http://127.0.0.1:{server.server_port}", seen
    finally:
        server.shutdown()
        server.server_close()
        asyncio.run_coroutine_threadsafe(end(), loop).result(timeout=30)
        loop.call_soon_threadsafe(loop.stop)
        runner.join()
