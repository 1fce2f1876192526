"""Sign in through a provider of identities: who comes in, who does not, and what nobody is told."""

import json
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from click.testing import CliRunner
from fake_provider import ACCESS_TOKEN, CLIENT_ID, SECRET, FakeProvider, encode_part, sign_with
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from rooms import Answer, Person, Room, Rooms

from residuum.cli.user import user
from residuum.records.errors import CallError
from residuum.steps import identity_provider
from residuum.steps.identity_provider import IdentityProvider, make_provider
from residuum.store import audit
from residuum.store.database import Database
from residuum.store.schema import migrate
from residuum.web import command

HERE = "https://residuum.test"
FLOW = "__Host-residuum-oidc"


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "one"})


@pytest.fixture(scope="module")
def other_key() -> RSAKey:
    """Another key that calls itself by the name of the first."""
    return RSAKey.generate_key(2048, {"kid": "one"})


@dataclass
class Sign:
    """A room whose server knows a provider, and somebody in front of it."""

    room: Room
    fake: FakeProvider
    person: Person

    def begin(self) -> tuple[str, str]:
        """Return where the provider sends the browser back to, and the cookie of the flow."""
        answer = self.person.get("/api/oidc/begin")
        assert answer.status == 302, answer
        back = httpx.get(answer.header("location") or "").headers["location"]
        assert back.startswith(f"{HERE}/api/oidc/return?")
        return back.removeprefix(HERE), cookies(answer)[FLOW][0]

    def come_back(self, back: str, flow: str | None) -> Answer:
        """Return the answer to the browser that comes back from a page of the provider: only Lax cookies with it."""
        return self.person.get(back, headers={"cookie": f"{FLOW}={flow}" if flow is not None else None})

    def sign_in(self) -> Answer:
        return self.come_back(*self.begin())

    def refusals(self) -> list[dict[str, Any]]:
        """Return the details of every refused sign-in in the audit trail, with the account."""
        with self.room.desk.database.reading() as connection:
            entries = [one for one in audit.load_entries(connection) if one.action == "session.refused"]
        return [{"account": one.account, **(one.details or {})} for one in entries]


def cookies(answer: Answer) -> dict[str, tuple[str, set[str]]]:
    """Return value and attributes of the cookies that an answer sets."""
    found = {}
    for said in answer.all_headers("set-cookie"):
        first, *rest = said.split("; ")
        name, _, value = first.partition("=")
        found[name] = value.strip('"'), {one.lower() for one in rest if not one.lower().startswith("expires")}
    return found


def give_subject(room: Room, account: str, subject: str) -> None:
    room.raw(f"UPDATE accounts SET subject = '{subject}' WHERE name = '{account}'")


def connect(room: Room, fake: FakeProvider, secret: str | None = None, here: str = HERE) -> IdentityProvider:
    provider = make_provider(fake.issuer, CLIENT_ID, secret, here)
    assert provider is not None
    room.app.app.state.provider = provider  # type: ignore[attr-defined]
    return provider


def opened(rooms: Rooms, key: RSAKey) -> Iterator[Sign]:
    with rooms.open() as room, FakeProvider(key, lambda: room.clock().timestamp()) as fake:
        provider = connect(room, fake)
        give_subject(room, "anne", f"{fake.issuer}#{fake.sub}")
        yield Sign(room, fake, room.visitor("somebody"))
        provider.threads.shutdown()


@pytest.fixture
def sign(sqlite_rooms: Rooms, key: RSAKey) -> Iterator[Sign]:
    yield from opened(sqlite_rooms, key)


@pytest.fixture
def sign_anywhere(rooms: Rooms, key: RSAKey) -> Iterator[Sign]:
    """On either kind of database."""
    yield from opened(rooms, key)


def check_refused(sign: Sign, answer: Answer, fault: str, account: str = "unknown") -> dict[str, Any]:
    """Check that nobody came in and that nobody was told a token; return what the audit trail says."""
    assert answer.status == 401, answer
    assert "__Host-residuum" not in cookies(answer)
    assert sign.room.rows("sessions") == []
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert b"Not signed in" in answer.body
    said = sign.refusals()[-1]
    assert (said["account"], said["fault"], said["through"]) == (account, fault, "oidc")
    for secret in [
        ACCESS_TOKEN,
        SECRET,
        "code-0",
        *sign.fake.tokens,
        *(part for t in sign.fake.tokens for part in t.split(".")),
    ]:
        if secret:
            assert secret not in answer.body.decode()
            assert secret not in json.dumps(said)
    return said


# ----- who comes in


@pytest.mark.unit
def test_whoever_has_an_account_comes_in(sign_anywhere: Sign) -> None:
    sign = sign_anywhere
    answer = sign.sign_in()
    assert answer.status == 200, answer
    session = sign.person.get("/api/session")
    assert session.status == 200
    assert (session.json["account"], session.json["role"], session.json["reader"]) == ("anne", "reader", "anne")
    assert sign.person.get("/api/worklist").status == 200
    assert sign.person.get("/api/accounts").status == 403
    with sign.room.desk.database.reading() as connection:
        last = list(audit.load_entries(connection))[-1]
        assert audit.verify(connection).faults == ()
    assert (last.account, last.role, last.source) == ("anne", "reader", "web")
    assert sign.refusals() == []


@pytest.mark.unit
def test_provider_decides_no_role(sign: Sign) -> None:
    sign.fake.claims = {"role": "administrator", "roles": ["administrator"], "groups": ["boss"], "email": "boss@x.org"}
    sign.sign_in()
    assert sign.person.get("/api/session").json["role"] == "reader"


@pytest.mark.unit
def test_cookies_and_page(sign: Sign) -> None:
    begun = sign.person.get("/api/oidc/begin")
    flow, attributes = cookies(begun)[FLOW]
    assert attributes == {"httponly", "secure", "samesite=lax", "path=/", "max-age=600"}
    query = parse_qs(urlsplit(begun.header("location") or "").query)
    assert query["redirect_uri"] == [f"{HERE}/api/oidc/return"]
    for one in ("state", "nonce"):
        assert len(query[one][0]) == 43
        assert query[one][0] not in flow
    back = httpx.get(begun.header("location") or "").headers["location"].removeprefix(HERE)
    answer = sign.come_back(back, flow)
    assert cookies(answer)["__Host-residuum"][1] == {"httponly", "secure", "samesite=strict", "path=/"}
    assert cookies(answer)[FLOW] == ("", {"httponly", "secure", "samesite=lax", "path=/", "max-age=0"})
    assert b'<meta http-equiv="refresh" content="0; url=/">' in answer.body
    assert b"<script" not in answer.body
    assert answer.header("cache-control") == "no-store"


@pytest.mark.unit
@pytest.mark.parametrize("method", [None, "client_secret_post"])
def test_client_with_a_secret(sign: Sign, method: str | None) -> None:
    sign.fake.secret = SECRET
    if method:
        sign.fake.about = {"token_endpoint_auth_methods_supported": [method]}
    connect(sign.room, sign.fake, SECRET)
    assert sign.sign_in().status == 200
    connect(sign.room, sign.fake, "another secret")
    sign.room.raw("DELETE FROM sessions")
    check_refused(sign, sign.sign_in(), "provider")


@pytest.mark.unit
@pytest.mark.parametrize("alg", ["PS256", "ES256"])
def test_other_signatures(sign: Sign, alg: str) -> None:
    if alg == "ES256":
        sign.fake.key = ECKey.generate_key("P-256", {"kid": "two"})
    sign.fake.sign = sign_with(sign.fake.key, alg)
    assert sign.sign_in().status == 200


@pytest.mark.unit
def test_provider_renews_its_keys(sign: Sign, other_key: RSAKey) -> None:
    assert sign.sign_in().status == 200
    sign.fake.key, sign.fake.sign = other_key, sign_with(other_key)
    assert sign.sign_in().status == 200


@pytest.mark.unit
def test_several_audiences_name_this_client_as_the_one_meant(sign: Sign) -> None:
    sign.fake.claims = {"aud": [CLIENT_ID, "project"], "azp": CLIENT_ID}
    assert sign.sign_in().status == 200


@pytest.mark.unit
def test_session_held_before_ends(sign: Sign) -> None:
    sign.person.sign_in("bela")
    assert [row["account"] for row in sign.room.rows("sessions")] == ["bela"]
    back, flow = sign.begin()  # from a page of ours, with the session's cookie
    assert sign.come_back(back, flow).status == 200  # from a page of the provider, without it
    assert [row["account"] for row in sign.room.rows("sessions")] == ["anne"]


# ----- who does not: the token


def unsigned(claims: dict[str, Any]) -> str:
    return f"{encode_part({'alg': 'none'})}.{encode_part(claims)}."


def signed_with_public_key(key: RSAKey) -> Callable[[dict[str, Any]], str]:
    """Return what signs with the public key as if that were a shared secret."""
    shared = OctKey.import_key(json.dumps(key.as_dict(private=False)), {"kid": "one"})
    return lambda claims: jwt.encode({"alg": "HS256", "kid": "one"}, claims, shared, ["HS256"])


LIES: dict[str, dict[str, Any]] = {
    "wrong nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1},
    "never expires": {"exp": None},
    "expires at no time": {"exp": float("nan")},
    "not yet issued": {"iat": 2**40},
    "wrong audience": {"aud": "another client"},
    "wrong audience, said to be meant for this": {"aud": "another client", "azp": CLIENT_ID},
    "no audience": {"aud": None},
    "one audience of several": {"aud": [CLIENT_ID, "another"]},
    "meant for another": {"aud": [CLIENT_ID, "another"], "azp": "another"},
    "wrong issuer": {"iss": "https://elsewhere.example.org"},
    "no issuer": {"iss": None},
    "wrong access token": {"at_hash": "bm90IHRoZSBoYXNo"},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "subject with a zero": {"sub": "f3a1\x00"},
    "subject that is a number": {"sub": 7},
}


@pytest.mark.unit
@pytest.mark.parametrize("lie", LIES)
def test_invalid_claims_are_refused(sign: Sign, lie: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sign.fake.claims = LIES[lie]
    back, flow = sign.begin()
    caplog.clear()  # what the browser did
    check_refused(sign, sign.come_back(back, flow), "token")
    assert len(sign.fake.tokens) == 1
    assert not any(secret in caplog.text for secret in (ACCESS_TOKEN, sign.fake.tokens[0], "code-0"))


@pytest.mark.unit
@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 401)])
def test_expired_after_a_minute_of_leeway(sign: Sign, seconds: int, status: int) -> None:
    sign.fake.claims = {"exp": int(sign.room.clock().timestamp()) - seconds}
    assert sign.sign_in().status == status


@pytest.mark.unit
def test_lies_change_nothing_on_either_database(sign_anywhere: Sign) -> None:
    sign_anywhere.fake.claims = {"nonce": "another"}
    said = check_refused(sign_anywhere, sign_anywhere.sign_in(), "token")
    assert said["reason"] == "InvalidClaimError nonce"


@pytest.mark.unit
def test_invalid_signatures_are_refused(sign: Sign, key: RSAKey, other_key: RSAKey) -> None:
    good = sign_with(key)
    lies: dict[str, Callable[[dict[str, Any]], str]] = {
        "alg none": unsigned,
        "public key as a shared one": signed_with_public_key(key),
        "wrong key": sign_with(other_key),
        "algorithm not taken": sign_with(key, "RS512"),
        "no signature": lambda claims: good(claims).rpartition(".")[0] + ".",
        "other claims": lambda claims: ".".join(
            (
                good(claims).split(".")[0],
                encode_part(claims | {"sub": "f3a1"}),
                good(claims | {"sub": "x"}).split(".")[2],
            )
        ),
        "no token": lambda claims: "",
        "no claims": lambda claims: jws.serialize_compact({"alg": "RS256", "kid": "one"}, b"[]", key),
    }
    for lie in lies.values():
        sign.fake.sign = lie
        check_refused(sign, sign.sign_in(), "token")
    sign.fake.sign = good
    assert sign.sign_in().status == 200


# ----- who does not: the flow


@pytest.mark.unit
def test_wrong_state_is_refused(sign: Sign) -> None:
    back, flow = sign.begin()
    for wrong in (re.sub(r"state=[^&]+", "state=another", back), re.sub(r"&state=[^&]+", "", back)):
        check_refused(sign, sign.come_back(wrong, flow), "state")
    assert "/token" not in sign.fake.asked
    assert sign.come_back(back, flow).status == 200


@pytest.mark.unit
@pytest.mark.parametrize("flow", [None, "", "x", "é", "gAAAAA" + "A" * 200])
def test_another_browser_is_refused(sign: Sign, flow: str | None) -> None:
    back, _ = sign.begin()
    check_refused(sign, sign.come_back(back, flow), "flow")
    assert "/token" not in sign.fake.asked


@pytest.mark.unit
def test_flow_of_somebody_else_is_refused(sign: Sign) -> None:
    """Nobody can be made to sign in to the account of whoever sends them a link."""
    of_attacker, _ = sign.begin()
    _, of_victim = sign.begin()
    check_refused(sign, sign.come_back(of_attacker, of_victim), "state")


@pytest.mark.unit
@pytest.mark.parametrize(("seconds", "fault"), [(599, None), (601, "flow")])
def test_flow_lasts_ten_minutes(sign: Sign, seconds: int, fault: str | None) -> None:
    back, flow = sign.begin()
    sign.room.clock.forward(seconds)
    answer = sign.come_back(back, flow)
    if fault is None:
        assert answer.status == 200
    else:
        check_refused(sign, answer, fault)


@pytest.mark.unit
def test_code_works_once(sign: Sign) -> None:
    back, flow = sign.begin()
    assert sign.come_back(back, flow).status == 200
    sign.room.raw("DELETE FROM sessions")
    asked = sign.fake.asked.count("/token")
    check_refused(sign, sign.come_back(back, flow), "replay")
    assert sign.fake.asked.count("/token") == asked
    again, new_flow = sign.begin()
    old_code = back.partition("code=")[2].partition("&")[0]
    check_refused(sign, sign.come_back(re.sub(r"code=[^&]+", f"code={old_code}", again), new_flow), "provider")


@pytest.mark.unit
def test_stolen_code_is_of_no_use(sign: Sign) -> None:
    """The code of another flow does not fit this flow's verifier (PKCE)."""
    stolen, _ = sign.begin()
    own, flow = sign.begin()
    code = stolen.partition("code=")[2].partition("&")[0]
    check_refused(sign, sign.come_back(re.sub(r"code=[^&]+", f"code={code}", own), flow), "provider")


@pytest.mark.unit
def test_refusal_of_the_provider_is_not_repeated(sign: Sign) -> None:
    back, flow = sign.begin()
    answer = sign.come_back(f"{back}&error=<b>access_denied&error_description=<script>", flow)
    check_refused(sign, answer, "provider")
    assert "/token" not in sign.fake.asked
    back, flow = sign.begin()
    check_refused(sign, sign.come_back(re.sub(r"code=[^&]+&", "", back), flow), "provider")
    assert b"access_denied" not in answer.body
    assert b"<script" not in answer.body


@pytest.mark.unit
def test_after_many_failures_an_address_waits(sign: Sign) -> None:
    for _ in range(31):
        assert sign.come_back("/api/oidc/return", None).status == 401
    answer = sign.sign_in()
    assert answer.status == 429
    assert answer.header("retry-after") == "3"
    sign.room.clock.forward(3)
    assert sign.sign_in().status == 200


# ----- who does not: the account


@pytest.mark.unit
def test_unknown_subject_is_refused_and_nothing_is_made(sign_anywhere: Sign) -> None:
    sign = sign_anywhere
    sign.fake.sub = "<b>stranger"
    before = sign.room.rows("accounts")
    answer = sign.sign_in()
    said = check_refused(sign, answer, "subject")
    assert said["subject"] == f"{sign.fake.issuer}#<b>stranger"
    assert f"{sign.fake.issuer}#&lt;b&gt;stranger" in answer.body.decode()
    assert sign.room.rows("accounts") == before


@pytest.mark.unit
def test_same_subject_of_another_issuer_is_refused(sign: Sign) -> None:
    give_subject(sign.room, "anne", f"https://elsewhere.example.org#{sign.fake.sub}")
    check_refused(sign, sign.sign_in(), "subject")


@pytest.mark.unit
def test_disabled_account_is_refused(sign_anywhere: Sign) -> None:
    sign_anywhere.room.raw("UPDATE accounts SET disabled = TRUE WHERE name = 'anne'")
    check_refused(sign_anywhere, sign_anywhere.sign_in(), "subject", account="anne")


# ----- the provider is away


@pytest.mark.unit
def test_provider_that_does_not_answer(sign: Sign) -> None:
    sign.fake.broken = True
    answer = sign.person.get("/api/oidc/begin")
    assert (answer.status, FLOW in cookies(answer)) == (503, False)
    sign.fake.broken = False
    back, flow = sign.begin()
    sign.fake.describe = lambda: pytest.fail("what it says of itself is asked once an hour")  # type: ignore[method-assign]
    keys, sign.fake.keys = sign.fake.keys, lambda: [1]  # type: ignore[method-assign, assignment, return-value]
    said = check_refused(sign, sign.come_back(back, flow), "unreachable")
    assert said["reason"] == "no JSON object"
    assert sign.room.rows("attempts") == []
    sign.fake.keys = keys  # type: ignore[method-assign]
    assert sign.sign_in().status == 200


@pytest.mark.unit
@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://elsewhere.example.org"},
        {"authorization_endpoint": "http://elsewhere.example.org/authorize"},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://[/"},
    ],
)
def test_provider_that_says_strange_things_of_itself(sign: Sign, about: dict[str, Any]) -> None:
    sign.fake.about = about
    answer = sign.person.get("/api/oidc/begin")
    assert answer.status == 503
    assert b"identity provider does not answer" in answer.body


# ----- a real browser


@pytest.mark.slow
@pytest.mark.unit
def test_session_works_at_once_in_a_browser(sign: Sign, tmp_path: Path) -> None:
    """The page after the return is asked with the session's cookie, SameSite=Strict as it is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is needed (Debian: chromium)")
        pytest.skip("Chromium is needed (Debian: chromium)")
    sign.fake.shows_page = True
    asked: list[tuple[str, list[str]]] = []
    with served(sign.room.app, asked) as here:
        connect(sign.room, sign.fake, here=here)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        options += [f"--user-data-dir={tmp_path}", "--remote-debugging-port=0", f"{here}/api/oidc/begin"]
        with subprocess.Popen([found, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
            until = time.monotonic() + 90
            while time.monotonic() < until and "/" not in [path for path, _ in asked]:
                time.sleep(0.05)
            browser.terminate()
    pages = [one for one in asked if one[0] in ("/api/oidc/begin", "/api/oidc/return", "/")]
    assert pages == [("/api/oidc/begin", []), ("/api/oidc/return", [FLOW]), ("/", ["__Host-residuum"])]


@contextmanager
def served(app: Any, asked: list[tuple[str, list[str]]]) -> Iterator[str]:
    """Give the address of a server on this machine; `asked` gets each path with the names of the cookies sent."""

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            sent = dict(scope["headers"]).get(b"cookie", b"").decode()
            asked.append((scope["path"], [one.strip().partition("=")[0] for one in sent.split(";") if one]))
        await app(scope, receive, send)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(listening, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://localhost:{listener.getsockname()[1]}"  # another site than the provider's 127.0.0.1
        finally:
            server.should_exit = True
            thread.join()


# ----- off, half on, on


@pytest.mark.unit
def test_off_by_default(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        for path in ("begin", "return"):
            answer = room.visitor().get(f"/api/oidc/{path}")
            assert (answer.status, answer.error) == (404, "not_found")
        described = room.visitor().get("/openapi.json").json["paths"]
        for path in ("begin", "return"):
            assert "security" not in described[f"/api/oidc/{path}"]["get"]


@pytest.mark.unit
def test_packages_are_imported_only_where_they_are_needed() -> None:
    code = (
        "import sys, residuum.web.command, residuum.cli.user\n"
        "from residuum.steps.identity_provider import make_provider\n"
        "assert make_provider(None, None, None, None) is None\n"
        "print(sorted({'authlib', 'httpx', 'joserfc'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


ISSUER = "https://sso.example.org/realms/ward"


@pytest.mark.unit
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((ISSUER, None, None, None), "--oidc-client-id, --public-url"),
        ((None, "a", None, HERE), "--oidc-issuer"),
        ((None, None, SECRET, None), "--oidc-issuer, --oidc-client-id, --public-url"),
        ((None, None, None, HERE), "--oidc-issuer, --oidc-client-id"),
        (("http://sso.example.org", "a", None, HERE), "https://"),
        ((ISSUER + "#x", "a", None, HERE), "https://"),
        ((ISSUER, "a", None, "http://residuum.test"), "https://"),
        ((ISSUER, "a", None, "residuum.test"), "https://"),
        ((ISSUER, "a", None, "https://"), "https://"),
        ((ISSUER, "a", None, "https://[/"), "https://"),
        ((ISSUER, "a", None, HERE + "/path"), "no path"),
    ],
)
def test_half_configured(given: tuple[str | None, ...], said: str) -> None:
    with pytest.raises(CallError, match=re.escape(said)) as raised:
        make_provider(*given)
    assert SECRET not in str(raised.value)


@pytest.mark.unit
@pytest.mark.parametrize("missing", ["authlib", "httpx", "joserfc"])
def test_missing_package(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(identity_provider, "find_spec", lambda name: None if name == missing else object())
    with pytest.raises(CallError, match=r"pip install 'residuum\[oidc\]'"):
        make_provider(ISSUER, "a", None, HERE)


@pytest.mark.unit
def test_secret_comes_from_environment_or_file_never_by_a_flag(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    seen: list[tuple[str | None, ...]] = []

    def remember(*given: str | None) -> None:
        seen.append(given)
        raise CallError("enough")

    monkeypatch.setattr(command, "make_provider", remember)
    config = tmp_path_factory.mktemp("config") / "serve.toml"
    config.write_text(f'oidc-client-secret = "{SECRET}"\noidc-issuer = "{ISSUER}"\n')
    flags = ["--oidc-client-id", "a", "--public-url", HERE]
    run = CliRunner().invoke
    run(command.serve, [".", *flags, "--config", str(config)])
    environment = {"RESIDUUM_OIDC_CLIENT_SECRET": "x", "RESIDUUM_OIDC_ISSUER": "y", "RESIDUUM_OIDC_CLIENT_ID": "z"}
    run(command.serve, ["."], env=environment | {"RESIDUUM_PUBLIC_URL": HERE})
    run(command.serve, ["."])
    assert seen == [(ISSUER, "a", SECRET, HERE), ("y", "z", "x", HERE), (None, None, None, None)]
    refused = run(command.serve, [".", "--oidc-client-secret", SECRET])
    assert refused.exit_code == 2
    assert "No such option" in refused.output
    assert len(seen) == 3


@pytest.mark.unit
def test_settings_do_not_show_the_secret() -> None:
    provider = make_provider(ISSUER, "a", SECRET, HERE + "/")
    assert provider is not None
    assert SECRET not in repr(provider.settings)
    assert provider.settings.public_url == HERE


# ----- accounts


@pytest.mark.unit
def test_administrator_gives_and_takes_subjects(rooms: Rooms) -> None:
    with rooms.open() as room:
        boss = room.person("boss")
        new = {"name": "dora", "role": "statistician", "subject": f"{ISSUER}#d"}
        made = boss.ask("POST", "/api/accounts", new)
        assert (made.status, made.json["subject"]) == (201, f"{ISSUER}#d")
        assert next(row["password"] for row in room.rows("accounts") if row["name"] == "dora") is None
        assert room.visitor().sign_in("dora", "nobody has this password").status == 401
        taken = boss.ask("POST", "/api/accounts", new | {"name": "emil"})
        assert (taken.status, taken.error) == (409, "exists")
        assert boss.ask("POST", "/api/accounts", {"name": "emil", "role": "auditor"}).status == 422
        changed = boss.ask("PATCH", "/api/accounts/anne", {"version": 1, "subject": f"{ISSUER}#d"})
        assert (changed.status, changed.error) == (409, "exists")
        assert boss.ask("PATCH", "/api/accounts/dora", {"version": 1, "subject": ""}).json["subject"] is None
        changed = boss.ask("PATCH", "/api/accounts/anne", {"version": 1, "subject": f"{ISSUER}#d"})
        assert changed.json["subject"] == f"{ISSUER}#d"
        assert (
            boss.ask("PATCH", "/api/accounts/anne", {"version": 2, "disabled": True}).json["subject"] == f"{ISSUER}#d"
        )
        assert boss.ask("PATCH", "/api/accounts/boss", {"version": 1, "subject": f"{ISSUER}#b"}).error == "own_account"
        subjects = {one["name"]: one["subject"] for one in boss.get("/api/accounts").json["accounts"]}
        assert {name for name, subject in subjects.items() if subject} == {"anne"}
        with room.desk.database.reading() as connection:
            changes = [
                one.details["changes"] for one in audit.load_entries(connection) if "changes" in (one.details or {})
            ]
    assert ["account dora", "subject", None, f"{ISSUER}#d"] in changes[0]
    assert [field for _, field, _, _ in changes[0]] == ["role", "subject", "disabled"] or "password" not in str(
        changes[0]
    )


@pytest.mark.unit
@pytest.mark.parametrize(
    "subject", ["x", ISSUER, f"{ISSUER}#", f"#{ISSUER}", f"{ISSUER}#é", f"{ISSUER}#a\n", f"{ISSUER}#" + "a" * 256]
)
def test_malformed_subjects_are_refused(sqlite_rooms: Rooms, subject: str) -> None:
    with sqlite_rooms.open() as room:
        boss = room.person("boss")
        assert boss.ask("POST", "/api/accounts", {"name": "d", "role": "auditor", "subject": subject}).status == 422
        given = ["add", "dora", "--role", "auditor", "--study", room.url, "--subject", subject]
        assert isinstance(CliRunner().invoke(user, given).exception, CallError)


@pytest.mark.unit
def test_account_with_a_subject_is_made_on_the_command_line(sqlite_rooms: Rooms) -> None:
    with sqlite_rooms.open() as room:
        given = ["add", "dora", "--role", "auditor", "--study", room.url, "--json", "--subject", f"{ISSUER}#d"]
        made = CliRunner().invoke(user, given)
        assert json.loads(made.output)["subject"] == f"{ISSUER}#d"
        given[1], given[-1] = "emil", f"{ISSUER}#e"
        CliRunner().invoke(user, [*given, "--password-stdin"], input="a long word that nobody knows\n")
        given[1] = "fred"
        assert "signs in to the account emil" in str(CliRunner().invoke(user, given).exception)
        passwords = {row["name"]: row["password"] for row in room.rows("accounts")}
        assert passwords["dora"] is None
        assert passwords["emil"].startswith("$argon2id$")
        assert "fred" not in passwords


@pytest.mark.unit
def test_accounts_of_the_older_database_keep_working(database_url: str) -> None:
    database = Database(database_url)
    with database.writing() as connection:
        migrate(connection, "0001")
        values = "role, password, created_at) VALUES ('{}', 'auditor', 'x', '2026')"
        for name in ("a", "b"):
            connection.exec_driver_sql("INSERT INTO accounts (name, " + values.format(name))
    with database.writing() as connection:
        migrate(connection)
        rows = connection.exec_driver_sql("SELECT name, subject, disabled FROM accounts ORDER BY name").all()
        assert [tuple(row) for row in rows] == [("a", None, False), ("b", None, False)]
        connection.exec_driver_sql("UPDATE accounts SET subject = 'x' WHERE name = 'a'")
    with pytest.raises(Exception, match=r"(?i)unique"), database.writing() as connection:
        connection.exec_driver_sql("UPDATE accounts SET subject = 'x' WHERE name = 'b'")
    database.close()
