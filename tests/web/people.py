"""Somebody with a browser who asks the server, and what comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from small_room import content, password_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rooms import Room

COOKIE: Final = "__Host-residuum"


@dataclass(frozen=True)
class Answer:
    """Everything that came back: status, headers in their order, body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str | None:
        """Return the word for programs of a refusal, None where nothing was refused."""
        return self.json["error"] if self.status >= 400 else None

    def header(self, name: str) -> str | None:
        found = self.all_headers(name)
        return found[0] if found else None

    def all_headers(self, name: str) -> list[str]:
        return [value.decode() for key, value in self.headers if key.decode().lower() == name.lower()]


class Person:
    """Somebody with a browser: it keeps the cookie and the CSRF token of its session."""

    def __init__(self, room: Room, name: str, address: str) -> None:
        self.room, self.name, self.address = room, name, address
        self.cookie: str | None = None
        self.csrf: str | None = None
        self.trace: list[Answer] = []

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str | None] | None = None,
        chunks: Iterable[bytes] | None = None,
    ) -> Answer:
        """Return the answer to a request; a header that is None is left out."""
        sent = b"" if body is None else json.dumps(body).encode()
        parts = [sent] if chunks is None else chunks
        given: dict[str, str | None] = {
            "host": "residuum.test",
            "content-type": "application/json" if body is not None or chunks is not None else None,
            "content-length": str(len(sent)) if sent else None,
            "cookie": f"{COOKIE}={self.cookie}" if self.cookie else None,
            "x-csrf-token": self.csrf if method not in ("GET", "HEAD") else None,
        }
        given |= headers or {}
        answer = self.room.exchange(self.name, scope_of(method, path, given, self.address), parts)
        self._keep(answer)
        self.trace.append(answer)
        return answer

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def sign_in(self, account: str | None = None, password: str | None = None) -> Answer:
        """Begin a session, as oneself and with the right password where nothing else is said."""
        name = account or self.name
        answer = self.ask("POST", "/api/session", {"account": name, "password": password or password_of(name)})
        if answer.status == 200:
            self.csrf = answer.json["csrf"]
        return answer

    def save(self, case: str, version: int, said: Mapping[str, Any] | None = None) -> Answer:
        return self.ask("PUT", f"/api/reads/{case}", {"version": version, **(content() if said is None else said)})

    def sign(
        self, *reads: tuple[str, int], password: str | None = None, reasons: Mapping[str, str] | None = None
    ) -> Answer:
        more = {"reasons": reasons} if reasons else {}
        given = [{"case": case, "version": version, **more} for case, version in reads]
        return self.ask("POST", "/api/signatures", {"password": password or password_of(self.name), "reads": given})

    def unlock(self, case: str, version: int, reason: str = "seen anew") -> Answer:
        return self.ask("POST", f"/api/reads/{case}/unlock", {"version": version, "reason": reason})

    def change_password(self, old: str | None, new: str) -> Answer:
        return self.ask("POST", "/api/session/password", {"old": old or password_of(self.name), "new": new})

    def read(self, case: str, said: Mapping[str, Any] | None = None) -> int:
        """Save a case that is not locked, lock it, and return its version."""
        version = self.get(f"/api/reads/{case}").json["version"]
        saved = self.save(case, version, said)
        assert saved.status == 200, saved
        if self.name == "judge":
            assert self.get(f"/api/reads/{case}/differences").status == 200
        signed = self.sign((case, saved.json["version"]))
        assert signed.status == 200, signed
        return int(signed.json["signed"][0]["version"])

    def read_all(self, said: Callable[[str], Mapping[str, Any]] = lambda case: content()) -> None:
        """Save and lock every case of the worklist that is not locked, all under one signature."""
        drafts = []
        for case in self.get("/api/worklist").json["cases"]:
            if case["state"] != "locked":
                saved = self.save(case["case"], case["version"], said(case["case"]))
                assert saved.status == 200, saved
                drafts.append((case["case"], saved.json["version"]))
        if drafts:
            signed = self.sign(*drafts)
            assert signed.status == 200, signed

    def _keep(self, answer: Answer) -> None:
        for value in answer.all_headers("set-cookie"):
            name, _, token = value.split(";")[0].partition("=")
            if name == COOKIE:
                self.cookie = token.strip('"') or None


def scope_of(method: str, path: str, headers: Mapping[str, str | None], address: str) -> dict[str, Any]:
    """Return a request as the server hands it to the application."""
    place, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "https",
        "path": place,
        "raw_path": place.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value is not None],
        "client": (address, 50_000),
        "server": ("residuum.test", 443),
    }
