"""One file over https from whoever publishes it: no package brings it.

Only https, also after a redirection; no more bytes than the manifest names; a slow or absent
network is given up soon, since the kiosk does without such a file.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from models.errors import NotOffered
from models.manifest import Source

SECONDS_OF_SILENCE = 8.0
SECONDS_FOR_ALL = 120.0
_PIECE = 1 << 16
_MEND = "Take it from its publisher another way, then: python -m models fetch --from FOLDER"


class Publisher:
    """Downloads; a host that could not be reached is not asked again."""

    def __init__(self, silence: float = SECONDS_OF_SILENCE, whole: float = SECONDS_FOR_ALL) -> None:
        self._silence = silence
        self._whole = whole
        self._unreachable: dict[str, str] = {}
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=ssl.create_default_context()), _OnlyHttps()
        )

    def download(self, source: Source, folder: Path) -> Path:
        """The file in `folder` under its own name; raises NotOffered."""
        host = urlsplit(source.url).netloc
        if host in self._unreachable:
            raise _not_offered(source, self._unreachable[host])
        if not source.url.startswith("https://"):
            raise _not_offered(source, f"{source.url} is not https")
        try:
            content = self._read(source)
        except urllib.error.HTTPError as error:
            raise _not_offered(source, f"{host} answers {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            cause = getattr(error, "reason", error)
            self._unreachable[host] = f"{host} cannot be reached: {cause}"
            raise _not_offered(source, self._unreachable[host]) from error
        path = folder / source.member
        path.write_bytes(content)
        return path

    def _read(self, source: Source) -> bytes:
        end = time.monotonic() + self._whole
        content = bytearray()
        with self._opener.open(source.url, timeout=self._silence) as answer:
            # One byte more than promised tells enough: `read_member` refuses it.
            while piece := answer.read(min(_PIECE, source.size + 1 - len(content))):
                content += piece
                if time.monotonic() > end:
                    raise TimeoutError(f"took longer than {self._whole:g} s")
        return bytes(content)


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """A publisher may point elsewhere, but not out of TLS."""

    def redirect_request(self, *arguments: Any) -> urllib.request.Request | None:
        request = super().redirect_request(*arguments)
        if request is not None and request.type != "https":
            raise urllib.error.URLError(f"redirected to {request.type}")
        return request


def _not_offered(source: Source, cause: str) -> NotOffered:
    return NotOffered(f"{source.member} of {source.package} {source.version}: {cause}", _MEND)
