"""Sign in through a provider of identities: OpenID Connect, authorization code with PKCE, state and nonce.

The provider says who somebody is; which account that is, and what it may do, is known to the database alone. Where no
provider is configured, nobody is asked and the packages for it are not imported.
"""

import json
import re
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.util import find_spec
from secrets import compare_digest
from typing import Any, Final
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet, InvalidToken

from residuum.records.errors import CallError, RefusalError

SUBJECT_FORM: Final = r'^https?://[!"$->@-~]{1,300}#[ -~]{1,255}$'
"""Form of a subject, ISSUER#SUB; an issuer holds no #, so nobody can be read as somebody else."""
FLOW_SECONDS: Final = 600
"""How long somebody may take to sign in at the provider."""
ALGORITHMS: Final = ("RS256", "PS256", "ES256")  # never none, nor HS256, whose key could be a public one
_ADDRESS_FORM: Final = r'^https?://[!"$->@-~]{1,300}$'
_RETURN: Final = "/api/oidc/return"
_METADATA_SECONDS: Final = 3600
_LEEWAY_SECONDS: Final = 60
_TIMEOUT_SECONDS: Final = 10.0
_SAID: Final = {
    "flow": "this sign-in began in another browser or too long ago; begin again",
    "state": "this sign-in is not the one that this browser began; begin again",
    "replay": "this sign-in has come back already; begin again",
    "provider": "the identity provider did not sign you in; begin again",
    "unreachable": "the identity provider does not answer as it should; try again later",
    "token": "what the identity provider says is not valid; tell an administrator",
    "subject": "no account that may sign in belongs to this identity; give an administrator its subject",
}
"""What people are told, by the word that goes into the audit trail."""


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """Which provider, as which of its clients, and under which address browsers know this server."""

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    public_url: str


@dataclass(frozen=True, slots=True)
class Flow:
    """What must come back from the provider, and the session that the browser held before."""

    state: str
    nonce: str
    verifier: str
    session: str | None


class IdentityProvider:
    """A provider of identities, asked over the network.

    A flow travels in a cookie sealed with a key of this process: strangers, who may begin as many flows as they like,
    take up no room here.
    """

    def __init__(self, settings: ProviderSettings) -> None:
        self.settings = settings
        # threads of its own: whoever signs in with a password never waits for a slow provider
        self.threads = ThreadPoolExecutor(4, "provider")
        self._seal = Fernet(Fernet.generate_key())
        self._lock = threading.Lock()
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._used: dict[str, float] = {}

    def address_of(self, flow: Flow, at: datetime) -> str:
        """Return the address at the provider where a flow begins."""
        from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
        from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

        query = {"client_id": self.settings.client_id, "response_type": "code", "scope": "openid"}  # no name, no mail
        address: str = prepare_grant_uri(
            self._endpoint("authorization_endpoint", at),
            **query,
            redirect_uri=self.settings.public_url + _RETURN,
            state=flow.state,
            nonce=flow.nonce,
            code_challenge=create_s256_code_challenge(flow.verifier),
            code_challenge_method="S256",
        )
        return address

    def seal(self, flow: Flow, at: datetime) -> str:
        """Return a flow as a cookie that only this process can read."""
        return self._seal.encrypt_at_time(json.dumps(asdict(flow)).encode(), int(at.timestamp())).decode()

    def open_flow(self, sealed: str | None, state: str | None, at: datetime) -> Flow:
        """Return the flow that this browser began, once.

        Raises
        ------
        RefusalError
            It began in another browser or too long ago, or has come back already.
        """
        now = at.timestamp()
        try:
            opened = self._seal.decrypt_at_time((sealed or "").encode(), FLOW_SECONDS, int(now))
        except InvalidToken:
            raise refusal("flow") from None
        flow = Flow(**json.loads(opened))
        if not compare_digest(flow.state.encode(), (state or "").encode()):
            raise refusal("state")
        with self._lock:
            self._used = {one: used for one, used in self._used.items() if used > now - 2 * FLOW_SECONDS}
            if flow.state in self._used:
                raise refusal("replay")
            self._used[flow.state] = now
        return flow

    def identify(self, code: str, flow: Flow, at: datetime) -> str:
        """Return the subject, ISSUER#SUB, for whom the provider gives a valid ID token.

        Raises
        ------
        RefusalError
            The provider gives none, or it is not valid.
        """
        given = self._exchange(code, flow, at)
        keys = _ask("GET", self._endpoint("jwks_uri", at))  # anew each time: providers renew them
        subject = f"{self.settings.issuer}#{self._check_token(given, keys, flow.nonce, at)}"
        if not re.fullmatch(SUBJECT_FORM, subject):
            raise refusal("token", reason="subject")
        return subject

    def _exchange(self, code: str, flow: Flow, at: datetime) -> dict[str, Any]:
        settings = self.settings
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": settings.public_url + _RETURN,
            "client_id": settings.client_id,
            "code_verifier": flow.verifier,
        }
        who = None
        if settings.client_secret is not None:
            known = self._described(at).get("token_endpoint_auth_methods_supported")
            if not known or "client_secret_basic" in known:
                who = (quote(settings.client_id, safe=""), quote(settings.client_secret, safe=""))
            else:
                body["client_secret"] = settings.client_secret
        return _ask("POST", self._endpoint("token_endpoint", at), data=body, auth=who)

    def _check_token(self, given: Mapping[str, Any], keys: Any, nonce: str, at: datetime) -> str:
        from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
        from joserfc import jws, jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        registry = jws.JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        wanted = {"iss": self.settings.issuer, "aud": self.settings.client_id}
        options = {name: {"essential": True, "value": value} for name, value in wanted.items()}
        about = {"nonce": nonce, "client_id": self.settings.client_id, "access_token": given.get("access_token")}
        try:
            token = jwt.decode(given["id_token"], KeySet.import_key_set(keys), ALGORITHMS, registry)
            claims = CodeIDToken(token.claims, token.header, options, about)
            claims.validate(int(at.timestamp()), _LEEWAY_SECONDS)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
            # its message may hold parts of the token; its kind and the name of a claim never do
            reason = f"{type(error).__name__} {getattr(error, 'claim', '')}".rstrip()
            raise refusal("token", reason=reason) from None
        return str(claims["sub"])

    def _endpoint(self, name: str, at: datetime) -> str:
        address = self._described(at).get(name)
        if not isinstance(address, str) or not _is_protected(address):
            raise refusal("unreachable", reason=f"no {name}")
        return address

    def _described(self, at: datetime) -> dict[str, Any]:
        """Return what the provider says of itself; it is asked once an hour."""
        now = at.timestamp()
        if self._metadata is None or not 0 <= now - self._metadata[0] < _METADATA_SECONDS:
            place = self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = _ask("GET", place)
            if found.get("issuer") != self.settings.issuer:
                raise refusal("unreachable", reason="another issuer")
            self._metadata = now, found
        return self._metadata[1]


def make_provider(
    issuer: str | None, client_id: str | None, client_secret: str | None, public_url: str | None
) -> IdentityProvider | None:
    """Return the provider that the options of a server name, None where they name none.

    Raises
    ------
    CallError
        Only some of the options are given, an address is not protected, or a package is missing.
    """
    if not (issuer or client_id or client_secret or public_url):
        return None
    given = {"--oidc-issuer": issuer, "--oidc-client-id": client_id, "--public-url": public_url}
    if missing := [name for name, value in given.items() if not value]:
        raise CallError(f"to sign in through a provider, give {', '.join(missing)} as well")
    settings = ProviderSettings(issuer or "", client_id or "", client_secret or None, (public_url or "").rstrip("/"))
    for name, address in (("--oidc-issuer", settings.issuer), ("--public-url", settings.public_url)):
        if not _is_protected(address) or not re.fullmatch(_ADDRESS_FORM, address):
            raise CallError(f"{name} {address} must be an https:// address without ? and # (http:// on localhost only)")
    if urlsplit(settings.public_url).path:
        raise CallError("--public-url has no path; write https://HOST or https://HOST:PORT")
    if any(find_spec(package) is None for package in ("authlib", "httpx", "joserfc")):
        raise CallError("to sign in through a provider, more packages are needed: pip install 'residuum[oidc]'")
    return IdentityProvider(settings)


def refusal(fault: str, **details: object) -> RefusalError:
    """Return the refusal of a sign-in; `details` go into the audit trail."""
    return RefusalError("unauthenticated", _SAID[fault], fault=fault, **details)


def _ask(method: str, address: str, **more: Any) -> dict[str, Any]:
    """Return the JSON object that the provider answers; the text of a refusal is not passed on."""
    import httpx

    try:
        answer = httpx.request(method, address, timeout=_TIMEOUT_SECONDS, **more).raise_for_status().json()
    except httpx.HTTPStatusError as error:
        fault = "provider" if error.response.is_client_error else "unreachable"
        raise refusal(fault, reason=f"HTTP {error.response.status_code}") from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise refusal("unreachable", reason=type(error).__name__) from None
    if not isinstance(answer, dict):
        raise refusal("unreachable", reason="no JSON object")
    return answer


def _is_protected(address: str) -> bool:
    """Return whether an address is reached over TLS, or on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    here = parts.hostname in ("localhost", "127.0.0.1", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))
