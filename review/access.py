"""Who may use the pages: this machine alone, or whoever has the token.

Pages on other sites must not correct anything through a reviewer's browser, nor load pictures:
names of hosts are checked (against DNS rebinding), what a browser says of where a request comes
from, and what changes something must be JSON from a page of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

#: What each answer says to the browser: load nothing from elsewhere, give nothing to pages of
#: other sites, guess no types, tell no paths.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")
#: NAME, NAME:PORT, or an IPv6 address in brackets.
_HOST: Final = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\s:/?#@\[\]\\]+))(?::[0-9]*)?", re.ASCII)
#: Bytes of a body: two texts of the longest line, each character escaped as two surrogates.
_MOST_BYTES: Final = 500_000

Answer = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The rules of one server."""

    token: str | None  # None: everybody who reaches the server, which listens on loopback alone
    hosts: Sequence[str] | None = None  # names under which it may be asked; None: any

    @classmethod
    def of(cls, host: str, token: str | None) -> Access:
        """The rules of a server that listens on `host`.

        Where there is a token it may have any name, as behind a proxy: a page that has taken over
        a name does not know the token, and the browser keeps our cookie from it.
        """
        is_open = token is None and is_loopback(host)
        return cls(token=token, hosts=(*_LOCAL_NAMES, host) if is_open else None)

    async def guard(self, request: Request, answer: Answer) -> Response:
        """Let a request through, or say why not."""
        response = self._refusal(request) or await answer(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _refusal(self, request: Request) -> Response | None:
        if self.hosts is not None and _host(request) not in self.hosts:
            return _refused(421, "this server answers on its own machine only")
        if _is_of_another_site(request):
            return _refused(403, "pages of other sites are shown nothing")
        if request.method not in ("GET", "HEAD"):
            if not _is_from_our_page(request):
                return _refused(403, "corrections are accepted from ocrq's own pages, as JSON")
            length = request.headers.get("content-length")
            if length is None or not length.isdecimal():
                return _refused(411, "say how long the body is (Content-Length)")
            if int(length[:20]) > _MOST_BYTES:
                return _refused(413, f"a body has {_MOST_BYTES:,} bytes at most")
        return None if self.token is None else self._without_token(request, self.token)

    def _without_token(self, request: Request, token: str) -> Response | None:
        # The browser keeps a hash: a token of a setting may have any characters, and two servers
        # on one host, which share their cookies, have each its own.
        digest = hashlib.sha256(f"ocrq review {token}".encode()).hexdigest()
        cookie = f"ocrq_review_{digest[:8]}"
        asked = request.query_params.get("token")
        if asked is not None and request.method == "GET" and _is_same(asked, token):
            response = RedirectResponse(_without_token_in_address(request), 303)
            is_https = request.url.scheme == "https"
            response.set_cookie(
                cookie, digest[8:], httponly=True, samesite="strict", secure=is_https
            )
            return response
        scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            is_known = _is_same(_as_utf8(bearer), token)
        else:
            is_known = _is_same(request.cookies.get(cookie, ""), digest[8:])
        return None if is_known else _refused(401, _NO_TOKEN, {"WWW-Authenticate": "Bearer"})


_NO_TOKEN: Final = "give the token: open the address that `ocrq review` printed"


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


def _host(request: Request) -> str:
    """The name under which the server was asked; "" where that cannot be told."""
    found = _HOST.fullmatch(request.headers.get("host", "").lower())
    return (found[1] or found[2]) if found else ""


def _is_of_another_site(request: Request) -> bool:
    """Whether a page elsewhere wants this for itself; a link that somebody follows is none."""
    site = request.headers.get("sec-fetch-site", "none")  # programs and old browsers send none
    is_followed = request.headers.get("sec-fetch-mode") == "navigate" and request.method == "GET"
    return site not in ("none", "same-origin") and not is_followed


def _is_from_our_page(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        return False
    origin = request.headers.get("origin")  # programs send none
    if origin is None or request.headers.get("sec-fetch-site") == "same-origin":
        return True  # so says the browser, also where a proxy asks under another name
    try:
        return urlsplit(origin).netloc.lower() == request.headers.get("host", "").lower()
    except ValueError:
        return False


def _without_token_in_address(request: Request) -> str:
    """Where the browser goes on: the same place of this server, whatever the path looks like."""
    path = "/" + quote(request.scope["path"]).lstrip("/")  # "//name" would be another server
    rest = urlencode([(k, v) for k, v in request.query_params.multi_items() if k != "token"])
    return f"{path}?{rest}" if rest else path


def _as_utf8(header: str) -> str:
    """A header as programs mean it that send UTF-8; Starlette decodes it as Latin-1."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def _is_same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _refused(status: int, why: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": why}, status, headers)
