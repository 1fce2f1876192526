"""A provider of identities for the tests: it answers over HTTP in a thread of its own and really signs what it says."""

import base64
import itertools
import json
import threading
from collections.abc import Callable
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

CLIENT_ID: Final = "residuum"
SECRET: Final = "a secret/of+the client"
ACCESS_TOKEN: Final = "an-access-token-that-nobody-should-see"
Key = RSAKey | ECKey
Signing = Callable[[dict[str, Any]], str]


def sign_with(key: Key, alg: str = "RS256") -> Signing:
    """Return what signs claims with a key."""
    return lambda claims: jwt.encode({"alg": alg, "kid": key.kid}, claims, key, [alg])


def encode_part(part: Any) -> str:
    """Return a part of a token."""
    said = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


class FakeProvider:
    """Says that whoever comes is `sub`; what a test changes in `claims`, `sign` and the rest makes it lie.

    Attributes
    ----------
    asked : list of str
        Paths asked, in their order.
    tokens : list of str
        ID tokens given out.
    shows_page : bool
        Send the browser back from a page, as after a form, and not by a redirect.
    """

    def __init__(self, key: Key, now: Callable[[], float]) -> None:
        self.key, self.now = key, now
        self.sub: str = "f3a1"
        self.claims: dict[str, Any] = {}
        self.sign: Signing = sign_with(key)
        self.secret: str | None = None
        self.about: dict[str, Any] = {}
        self.broken = False
        self.shows_page = False
        self.asked: list[str] = []
        self.tokens: list[str] = []
        self._numbers = itertools.count()
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/realms/ward"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def describe(self) -> dict[str, Any]:
        places = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
        }
        return {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in places.items()} | self.about

    def authorize(self, query: dict[str, str]) -> str:
        """Return where the browser goes back to, with a new code."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["scope"] == "openid"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, body: dict[str, str], authorization: str | None) -> dict[str, Any] | None:
        """Return the tokens for a code, None where the client or the code is not good."""
        query = self._codes.pop(body.get("code", ""), None)
        if query is None or not self._is_client(body, authorization):
            return None
        challenge = encode_part(sha256(body["code_verifier"].encode()).digest())
        if challenge != query["code_challenge"] or body["redirect_uri"] != query["redirect_uri"]:
            return None
        now = int(self.now())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "sub": self.sub, "iat": now, "exp": now + 300}
        claims = claims | {"nonce": query["nonce"]} | self.claims
        self.tokens.append(self.sign({name: value for name, value in claims.items() if value is not None}))
        return {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "id_token": self.tokens[-1]}

    def keys(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def _is_client(self, body: dict[str, str], authorization: str | None) -> bool:
        if self.secret is None:
            return authorization is None and body["client_id"] == CLIENT_ID and "client_secret" not in body
        if self.about.get("token_endpoint_auth_methods_supported") == ["client_secret_post"]:
            return authorization is None and body["client_secret"] == self.secret
        quoted = f"{CLIENT_ID}:{self.secret.replace('/', '%2F').replace('+', '%2B').replace(' ', '%20')}"
        return authorization == f"Basic {base64.b64encode(quoted.encode()).decode()}" and "client_secret" not in body


def _handler(provider: FakeProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            path = place.path.removeprefix("/realms/ward")
            provider.asked.append(path)
            if provider.broken:
                self._answer(500, {"error": ACCESS_TOKEN})
            elif path == "/authorize":
                self._go(provider.authorize({name: values[0] for name, values in parse_qs(place.query).items()}))
            else:
                known = {"/.well-known/openid-configuration": provider.describe, "/keys": provider.keys}
                self._answer(200 if path in known else 404, known.get(path, dict)())

        def do_POST(self) -> None:
            provider.asked.append(urlsplit(self.path).path.removeprefix("/realms/ward"))
            sent = self.rfile.read(int(self.headers["content-length"])).decode()
            body = {name: values[0] for name, values in parse_qs(sent).items()}
            found = None if provider.broken else provider.exchange(body, self.headers["authorization"])
            self._answer(400 if found is None else 200, found or {"error": "invalid_grant", "was": sent})

        def _go(self, address: str) -> None:
            page = f'<!doctype html><meta http-equiv="refresh" content="0; url={address.replace("&", "&amp;")}">'
            self._send(200 if provider.shows_page else 302, "text/html", page.encode(), address)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self._send(status, "application/json", json.dumps(body).encode())

        def _send(self, status: int, kind: str, body: bytes, address: str | None = None) -> None:
            self.send_response(status)
            if address is not None and status == 302:
                self.send_header("location", address)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
