"""Authentication of requests to `/api`, and the routes of login and logout."""

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
from app.api.endpoint import Endpoint, mount_endpoints, serves
from app.api.errors import ApiError
from app.api.messages import json_response
from app.settings import Settings
from app.settings.address import LOOPBACK, hosts_of

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

COOKIE: Final = "geovelocity"
SESSION_S: Final = 12 * 3600
"""Lifetime of a session: a working day. A page that stays open longer needs a new login."""

FAILED_LOGIN_DELAY_S: Final = 0.5
"""Delay before the answer to an unknown token, which slows down guessing."""

REVOKED_MAX: Final = 10_000
"""Maximum number of logged-out sessions to remember. Beyond it, the oldest is dropped."""

DEMO_USER: Final = User("demo", Role.ANALYST)
PUBLIC_PATHS: Final = frozenset({"/api/login"})
USER: Final = web.RequestKey("user", User)


class Login(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a login. `token`: as `geovelocity user add` printed it."""

    token: str


class UserResponse(msgspec.Struct, frozen=True):
    """The user of the session. `demo`: the console is open without login, so everybody is this user."""

    name: str
    role: Role
    demo: bool


class AuthMiddleware:
    """Checks the session of each request. `is_open`: no login, because only this machine can connect."""

    def __init__(self, users: Users, *, is_open: bool, clock: Callable[[], float] = time.time) -> None:
        self._users = users
        self._is_open = is_open
        self._clock = clock
        self._revoked: OrderedDict[str, None] = OrderedDict()

    @classmethod
    def from_settings(cls, settings: Settings) -> "AuthMiddleware":
        """Return the middleware of a deployment. It is open only in demo mode on a loopback address."""
        is_open = settings.mode == "demo" and hosts_of(settings.api_host) <= LOOPBACK
        return cls(Users(settings.api_users_file), is_open=is_open)

    def mount(self, application: web.Application) -> None:
        """Add its routes, and itself as a middleware."""
        application.middlewares.append(self._guard)
        mount_endpoints(application, self)

    def user_of(self, request: web.Request) -> User | None:
        """Return the user of the session; None where it is missing, expired, revoked, or its user was removed."""
        if self._is_open:
            return DEMO_USER
        session = decode(request.cookies.get(COOKIE, ""))
        if session is None or session.nonce in self._revoked:
            return None
        entry = self._users.by_name(session.name)
        if entry is None or not is_valid(session, entry.token_sha256, self._clock()):
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
                raise ApiError(401, "You are not logged in: log in with your token.")
        return await handler(request)

    def _check_origin(self, request: web.Request) -> None:
        """Reject requests that a page of another origin sends through the user's browser."""
        if self._is_open and not hosts_of(request.host) <= LOOPBACK:
            raise ApiError(
                403, "This console needs no login and accepts only requests to localhost: open it as http://localhost."
            )
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and urlsplit(origin).netloc != request.host:
            raise ApiError(403, "The request comes from a page of another origin: open the console itself.")
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD) and request.content_type != "application/json":
            raise ApiError(415, "The content type is not JSON: send application/json.")

    @serves(Endpoint(method="POST", path="/api/login", status=204, request=Login, errors=(401,)))
    async def _login(self, request: web.Request) -> web.Response:
        """Log in with a token. The response sets the session cookie."""
        login = await read_json(request, Login, "login")
        entry = self._users.by_token(login.token)
        if entry is None:
            await asyncio.sleep(FAILED_LOGIN_DELAY_S)
            raise ApiError(401, "The token is unknown: ask an operator for one (`geovelocity user add`).")
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

    @serves(Endpoint(method="POST", path="/api/logout", status=204))
    async def _logout(self, request: web.Request) -> web.Response:
        """Log out. The server revokes the session and deletes its cookie."""
        session = decode(request.cookies.get(COOKIE, ""))
        if session is not None:
            self._revoke(session)
        answer = web.Response(status=204)
        answer.del_cookie(COOKIE, httponly=True, samesite="Strict", secure=_is_https(request))
        return answer

    def _revoke(self, session: SessionToken) -> None:
        """Remember a nonce. Only known users get here, so nobody can evict nonces with invented ones."""
        self._revoked[session.nonce] = None
        while len(self._revoked) > REVOKED_MAX:
            self._revoked.popitem(last=False)

    @serves(Endpoint(method="GET", path="/api/me", response=UserResponse))
    async def _me(self, request: web.Request) -> web.Response:
        """Return the user of the session."""
        user = request[USER]
        return json_response(UserResponse(user.name, user.role, self._is_open))


def analyst_of(request: web.Request) -> User:
    """Return the user of the request.

    Raises:
        ApiError: the user is not an analyst.
    """
    user = request[USER]
    if user.role is not Role.ANALYST:
        raise ApiError(403, "Your role is viewer: only analysts may do this.")
    return user


async def read_json(request: web.Request, kind: type[T], name: str) -> T:
    """Read the body of a request. `name`: what the error message calls it.

    Raises:
        ApiError: the body does not have this type. The message quotes nothing of it.
    """
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ApiError(400, f"The body is not a valid {name}: see /openapi.json.") from None


def _is_https(request: web.Request) -> bool:
    """Return whether the browser uses TLS, perhaps to a proxy. A forged header only costs the sender its cookie."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
