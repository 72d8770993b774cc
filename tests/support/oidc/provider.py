"""An OpenID provider of Authlib's server side, which listens on a loopback port of this process.

What it does wrong is said by `faults`: all that a test wants to see refused. Everything else is Authlib's own rules:
the client's secret, the redirect address, PKCE, and that a code is spent once.
"""

import base64
import json
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Payload, OAuth2Request, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "key-1", "use": "sig", "alg": "RS256"})
"""Of every provider here: to make one takes a while. `Faults.forged` signs with another."""
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "key-1", "use": "sig", "alg": "RS256"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What a provider does wrong, or otherwise than most."""

    claims: Mapping[str, Any] = field(default_factory=dict)
    """In the place of those of the ID token; None: it lacks them."""
    forged: bool = False
    """The ID token has another key's signature."""
    unsigned: bool = False
    """The ID token says `alg: none`."""
    says_who: bool = True
    """Its answer says whose it is (RFC 9207)."""
    email_in_userinfo: bool = False
    """The address is not in the ID token."""
    userinfo: Mapping[str, Any] = field(default_factory=dict)
    """In the place of what that says; None: it says nothing of it."""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whoever is signed in at the provider."""

    subject: str = "subject-1"
    email: str | None = "ada@example.com"
    is_email_verified: bool = True


class _Payload(OAuth2Payload):  # type: ignore[misc]  # Authlib has no types
    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    @property
    def data(self) -> Mapping[str, str]:
        return self._values

    @property
    def datalist(self) -> Mapping[str, list[str]]:
        return defaultdict(list, {name: [value] for name, value in self._values.items()})


class _Request(OAuth2Request):  # type: ignore[misc]  # likewise
    def __init__(self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, str]) -> None:
        super().__init__(method, f"https://provider.example{path}", headers={})
        self._query, self._form = dict(query), dict(form)
        self.payload = _Payload({**query, **form})

    @property
    def args(self) -> Mapping[str, str]:
        return self._query

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


@dataclass
class _Answer:
    status: int
    body: Any
    headers: list[tuple[str, str]]

    @property
    def location(self) -> str | None:
        return dict(self.headers).get("Location")

    @location.setter
    def location(self, value: str) -> None:
        self.headers = [(name, value if name == "Location" else kept) for name, kept in self.headers]


@dataclass(frozen=True, slots=True)
class _Client:
    """The one that the provider knows: ours."""

    client_id: str
    client_secret: str
    back: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.back

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, address: str) -> bool:
        return address == self.back

    def check_client_secret(self, secret: str) -> bool:
        return secrets.compare_digest(secret, self.client_secret)

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == "client_secret_post"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass(frozen=True, slots=True)
class _Code:
    client_id: str
    redirect_uri: str
    scope: str
    person: Person
    nonce: str | None
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> None:
        return None

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


class Provider:
    """A provider that runs. `asked`: the paths that it was asked for."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now, self.faults, self.person = now, Faults(), Person()
        self.client_id, self.client_secret = "slotline", f"secret%with&odd=signs+{secrets.token_urlsafe(8)}"
        self.back, self.issuer = "", ""
        self.codes: dict[str, _Code] = {}
        self.tokens: dict[str, Person] = {}
        self.asked: list[str] = []
        self._server = _server_of(self)

    def does(self, **changes: Any) -> None:
        """Do something else than is right from now on."""
        self.faults = replace(self.faults, **changes)

    def authorize(self, address: str) -> str:
        """Somebody opens the address, and consents: where they are led back to."""
        query = dict(parse_qsl(urlsplit(address).query))
        request = _Request("GET", "/authorize", query, {})
        answer = self._server.create_authorization_response(request, grant_user=self.person, grant=self._grant(request))
        assert answer.location, answer
        return str(answer.location)

    def _grant(self, request: _Request) -> Any:
        return self._server.get_consent_grant(request, end_user=self.person)

    def answer(self, method: str, path: str, form: Mapping[str, str], authorization: str) -> tuple[int, Any]:
        """An answer to what our side asks behind the browser's back."""
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/jwks":
            return 200, KeySet([KEY]).as_dict(private=False)
        if path == "/userinfo":
            person = self.tokens.get(authorization.removeprefix("Bearer "))
            said = {**self._about(person), **self.faults.userinfo} if person else {}
            return (200 if person else 401), {name: value for name, value in said.items() if value is not None}
        if (method, path) == ("POST", "/token"):
            answer = self._server.create_token_response(_Request(method, path, {}, form))
            return answer.status, answer.body
        return 404, {}

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": self.faults.says_who,
            **self.faults.metadata,
        }

    def _about(self, person: Person) -> dict[str, Any]:
        said = {"email": person.email, "email_verified": person.is_email_verified} if person.email else {}
        return {"sub": person.subject, **said}

    def id_token(self, claims: Mapping[str, Any]) -> str:
        """The token with what is wrong about it."""
        now = self.now()
        times = {"iat": int(now.timestamp()), "exp": int((now + timedelta(minutes=5)).timestamp())}
        wanted = {**claims, **times, **self.faults.claims}
        said = {name: value for name, value in wanted.items() if value is not None}
        if self.faults.unsigned:
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, said))
            return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])
        return jwt.encode({"alg": "RS256", "kid": "key-1"}, said, OTHER_KEY if self.faults.forged else KEY, ["RS256"])


def _code_grant(provider: Provider) -> Any:
    class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]  # Authlib has no types
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_post",)

        def save_authorization_code(self, code: str, request: Any) -> None:
            said = request.payload.data
            provider.codes[code] = _Code(
                said["client_id"],
                said["redirect_uri"],
                said["scope"],
                request.user,
                said.get("nonce"),
                said["code_challenge"],
                said["code_challenge_method"],
            )

        def query_authorization_code(self, code: str, _client: object) -> _Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, code: _Code) -> None:
            provider.codes = {name: kept for name, kept in provider.codes.items() if kept is not code}

        def authenticate_user(self, code: _Code) -> Person:
            return code.person

    return CodeGrant


def _id_token(provider: Provider) -> Any:
    class IdToken(OpenIDCode):  # type: ignore[misc]  # likewise
        def exists_nonce(self, nonce: str, _request: object) -> bool:
            return any(code.nonce == nonce for code in provider.codes.values())

        def encode_id_token(self, token: Mapping[str, Any], request: Any) -> str:
            provider.tokens[token["access_token"]] = request.user
            about = provider._about(request.user)
            if provider.faults.email_in_userinfo:
                about = {"sub": about["sub"]}
            nonce = request.authorization_code.get_nonce()
            return provider.id_token({"iss": provider.issuer, "aud": provider.client_id, "nonce": nonce, **about})

        def generate_user_info(self, user: Person, _scope: str) -> Any:
            return UserInfo(sub=user.subject)

    return IdToken(require_nonce=True)


def _server_of(provider: Provider) -> Any:
    class Issuer(IssuerParameter):  # type: ignore[misc]  # likewise
        def get_issuer(self) -> str | None:
            return provider.issuer if provider.faults.says_who else None

    class Server(AuthorizationServer):  # type: ignore[misc]  # likewise
        def query_client(self, client_id: str) -> _Client | None:
            known = _Client(provider.client_id, provider.client_secret, provider.back)
            return known if client_id == provider.client_id else None

        def save_token(self, token: object, request: object) -> None:
            """Nothing: what an access token is of is kept with the ID token."""

        def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
            """Nobody listens."""

        def create_oauth2_request(self, request: _Request) -> _Request:
            return request

        def handle_response(self, status: int, body: Any, headers: Any) -> _Answer:
            return _Answer(status, body, list(headers))

    server = Server()
    bearer = BearerTokenGenerator(lambda **_: secrets.token_urlsafe(24), expires_generator=lambda *_: 300)
    server.register_token_generator("default", bearer)
    server.register_grant(_code_grant(provider), [CodeChallenge(required=True), _id_token(provider)])
    server.register_extension(Issuer())
    return server


@contextmanager
def running(now: Callable[[], datetime]) -> Iterator[Provider]:
    """A provider on a free port of the loopback."""
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            form = dict(parse_qsl(body))
            authorization = self.headers.get("authorization", "")
            status, said = provider.answer(self.command, urlsplit(self.path).path, form, authorization)
            sent = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


__all__ = ["OAuth2Error", "Person", "Provider", "running"]
