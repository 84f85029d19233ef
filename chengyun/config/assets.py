"""The files of the pages, also while others take their place under a running server."""

import contextlib
import os
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import MissingFileError, StaticFile

from chengyun.core.native import packings_in


class Assets(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise remembers at its start which files there are and how long they are. Here a file
    that has been replaced is sent as it is now, and one that is gone is not found."""

    def __init__(self, *given: Any, **named: Any) -> None:
        self._found: dict[str, tuple[str, int, int]] = {}
        super().__init__(*given, **named)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The file of this address; what is none goes on."""
        address = request.path_info
        if address in self.files:
            # A packed form may go between the first look and the reading; then all is read anew.
            for file in (self._as_it_lies, self._anew):
                with contextlib.suppress(FileNotFoundError, MissingFileError):
                    return self.serve(file(address), request)
            answer: HttpResponseBase = self.get_response(request)
        else:
            answer = super().__call__(request)
        return answer

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """The file with its headers; where it lies and what it was is kept."""
        try:
            known = os.stat(path) if stat_cache is None else stat_cache[path]
        except FileNotFoundError:
            raise MissingFileError(path) from None
        self._found[url] = (path, known.st_mtime_ns, known.st_size)
        return super().get_static_file(path, url, stat_cache=stat_cache)

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponseBase:
        """The file in the smallest form that the caller takes; WhiteNoise would overlook `q=0`."""
        taken = packings_in(request.META.get("HTTP_ACCEPT_ENCODING", ""))
        request.META["HTTP_ACCEPT_ENCODING"] = ", ".join(sorted(taken))
        answer: HttpResponseBase = WhiteNoiseMiddleware.serve(static_file, request)
        return answer

    def _as_it_lies(self, address: str) -> StaticFile:
        path, changed, size = self._found[address]
        now = os.stat(path)
        if (now.st_mtime_ns, now.st_size) == (changed, size):
            return self.files[address]
        return self._anew(address)

    def _anew(self, address: str) -> StaticFile:
        self.files[address] = self.get_static_file(self._found[address][0], address)
        return self.files[address]
