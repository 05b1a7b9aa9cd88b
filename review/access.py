"""Who may use the pages: this machine alone, or whoever has the token.

Pages on other sites must not correct anything through a reviewer's browser: names of hosts are
checked (against DNS rebinding), and what changes something must be JSON from a page of ours.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

_COOKIE: Final = "ocrq_review"
#: What each answer says to the browser: load nothing from elsewhere, guess no types, tell no paths.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of one server."""

    token: str | None  # None: everybody who reaches the server, which listens on loopback alone
    hosts: Sequence[str] | None = None  # names under which it may be asked; None: any

    @classmethod
    def of(cls, host: str, token: str | None) -> Access:
        """The rules of a server that listens on `host`."""
        return cls(token=token, hosts=(*_LOCAL_NAMES, host) if is_loopback(host) else None)

    async def guard(self, request: Request, answer: Answer) -> Response:
        """Let a request through, or say why not."""
        response = self._refusal(request) or await answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refusal(self, request: Request) -> Response | None:
        if self.hosts is not None and request.url.hostname not in self.hosts:
            return _refused(421, "this server answers on its own machine only")
        if request.method not in ("GET", "HEAD") and not _is_from_our_page(request):
            return _refused(403, "corrections are accepted from ocrq's own pages, as JSON")
        return None if self.token is None else self._without_token(request, self.token)

    def _without_token(self, request: Request, token: str) -> Response | None:
        asked = request.query_params.get("token")
        if asked is not None and request.method == "GET" and _is_same(asked, token):
            rest = request.url.remove_query_params("token")
            response = RedirectResponse(rest.path + (f"?{rest.query}" if rest.query else ""), 303)
            response.set_cookie(_COOKIE, token, httponly=True, samesite="strict")
            return response
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        given = bearer if scheme.lower() == "bearer" else request.cookies.get(_COOKIE, "")
        if _is_same(given, token):
            return None
        return _refused(401, "give the token: open the address that `ocrq review` printed")


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from its own machine alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_from_our_page(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    origin = request.headers.get("origin")  # programs send none
    is_ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    return kind == "application/json" and is_ours


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _refused(status: int, why: str) -> Response:
    return JSONResponse({"error": why}, status)
