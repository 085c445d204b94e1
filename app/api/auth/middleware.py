"""Access: who asks, and what he may. Every way into /api but the login goes through here."""

import asyncio
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from aiohttp import hdrs, web

from app.api.auth.session import SessionToken, decode, encode, is_valid
from app.api.auth.users import Role, User, Users
from app.api.errors import ApiError
from app.settings import Settings
from app.settings.address import LOOPBACK, hosts_of

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COOKIE: Final = "geovelocity"
SESSION_S: Final = 12 * 3600
"""A working day. Whoever has the page open longer logs in again."""

FAILED_LOGIN_DELAY_S: Final = 0.5
"""How long somebody waits for the answer that his token is unknown: to ask again at once gains nothing."""

REVOKED_MAX: Final = 10_000
DEMO_USER: Final = User("demo", Role.ANALYST)
PUBLIC_PATHS: Final = frozenset({"/api/login"})
USER: Final = web.RequestKey("user", User)


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a login."""

    token: str


class AuthMiddleware:
    """Knows the users and their sessions. `is_open`: nobody logs in, since nobody else can come by."""

    def __init__(self, users: Users, *, is_open: bool, clock: Callable[[], float] = time.time) -> None:
        self._users = users
        self._is_open = is_open
        self._clock = clock
        self._revoked: OrderedDict[str, None] = OrderedDict()

    @classmethod
    def from_settings(cls, settings: Settings) -> "AuthMiddleware":
        """Open in demo mode on loopback alone."""
        is_open = settings.mode == "demo" and hosts_of(settings.api_host) <= LOOPBACK
        return cls(Users(settings.api_users_file), is_open=is_open)

    def mount(self, application: web.Application) -> None:
        """Adds its routes, and itself before all others."""
        application.middlewares.append(self._guard)
        application.router.add_post("/api/login", self._login)
        application.router.add_post("/api/logout", self._logout)
        application.router.add_get("/api/me", self._me)

    def user_of(self, request: web.Request) -> User | None:
        """Whoever asks, as of now."""
        if self._is_open:
            return DEMO_USER
        note = decode(request.cookies.get(COOKIE, ""))
        if note is None or note.nonce in self._revoked:
            return None
        entry = self._users.by_name(note.name)
        if entry is None or not is_valid(note, entry.token_sha256, self._clock()):
            return None
        return User(entry.name, entry.role)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/api/"):
            self._check_origin(request)
            user = self.user_of(request)
            if user is not None:
                request[USER] = user
            elif request.path not in PUBLIC_PATHS:
                raise ApiError(401, "You are not logged in, or no longer: log in with your token.")
        return await handler(request)

    def _check_origin(self, request: web.Request) -> None:
        """No other page may speak through the browser of somebody who has logged in, or sits at this machine."""
        if self._is_open and not hosts_of(request.host) <= LOOPBACK:
            raise ApiError(403, "This console is open without login, so it is reached as localhost alone.")
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise ApiError(403, "This request comes from another page: open the console itself.")
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD) and request.content_type != "application/json":
            raise ApiError(415, "Send JSON, with Content-Type application/json.")

    async def _login(self, request: web.Request) -> web.Response:
        login = await read_json(request, Login)
        entry = self._users.by_token(login.token)
        if entry is None:
            await asyncio.sleep(FAILED_LOGIN_DELAY_S)
            raise ApiError(401, "This token is not known: ask for one, made with `geovelocity user add`.")
        until_s = int(self._clock()) + SESSION_S
        answer = web.Response(status=204)
        answer.set_cookie(
            COOKIE,
            encode(entry.name, entry.token_sha256, until_s, secrets.token_urlsafe(16)),
            max_age=SESSION_S,
            httponly=True,
            samesite="Strict",
            secure=_is_https(request),
        )
        return answer

    async def _logout(self, request: web.Request) -> web.Response:
        note = decode(request.cookies.get(COOKIE, ""))
        if note is not None:
            self._revoke(note)
        answer = web.Response(status=204)
        answer.del_cookie(COOKIE, httponly=True, samesite="Strict", secure=_is_https(request))
        return answer

    def _revoke(self, note: SessionToken) -> None:
        """Only known users come as far as this, so none can drive out another's nonce by inventing many."""
        self._revoked[note.nonce] = None
        while len(self._revoked) > REVOKED_MAX:
            self._revoked.popitem(last=False)

    async def _me(self, request: web.Request) -> web.Response:
        user = request[USER]
        return web.json_response({"name": user.name, "role": user.role, "demo": self._is_open})


def analyst_of(request: web.Request) -> User:
    """Whoever asks, if he may do more than look.

    Raises:
        RefusalError: he may not.
    """
    user = request[USER]
    if user.role is not Role.ANALYST:
        raise ApiError(403, "Viewers look; this is for analysts.")
    return user


async def read_json(request: web.Request, kind: type[T]) -> T:
    """The body of a request.

    Raises:
        RefusalError: it is not what it must be. The sentence quotes nothing of it.
    """
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, f"The body is not a {kind.__name__.lower()} in JSON.") from None


def _is_https(request: web.Request) -> bool:
    """Also when a proxy before us speaks it: to be told so wrongly only keeps a cookie from being sent."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
