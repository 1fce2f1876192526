"""A program that speaks to a server of the browser tests."""

from collections.abc import Mapping
from typing import Any

import httpx
import numpy as np

from browser.studies import password_of


class Client:
    """A program that speaks to a server for one account."""

    def __init__(self, url: str, account: str) -> None:
        self.account = account
        self.http = httpx.Client(base_url=f"{url}/api", timeout=60)
        answer = self.http.post("/session", json={"account": account, "password": password_of(account)})
        assert answer.status_code == 200, answer.text
        cookie = answer.headers["set-cookie"].split(";")[0]  # which is for TLS or a browser's own machine
        self.http.headers.update({"cookie": cookie, "x-csrf-token": answer.json()["csrf"]})

    def get(self, path: str) -> Any:
        answer = self.http.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def lock(self, case: str, said: Mapping[str, Any], reasons: Mapping[str, str] | None = None) -> httpx.Response:
        """Save a case, unless `said` is empty, and sign it; return the answer to the signature."""
        version = self.get(f"/reads/{case}")["version"]
        if said:
            saved = self.http.put(f"/reads/{case}", json={"version": version, **said})
            assert saved.status_code == 200, saved.text
            version = saved.json()["version"]
        signed = [{"case": case, "version": version, "reasons": reasons or {}}]
        return self.http.post("/signatures", json={"password": password_of(self.account), "reads": signed})

    def pixels(self, case: str, image: str, **headers: str) -> np.ndarray:
        answer = self.http.get(f"/cases/{case}/images/{image}/pixels", headers=headers)
        assert answer.status_code == 200, answer.text
        return np.frombuffer(answer.content, "<u2")
