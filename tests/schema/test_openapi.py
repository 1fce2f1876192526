"""Whatever is sent, by whomever: the server answers as its OpenAPI description says, and never with a fault.

``RESIDUUM_SCHEMA_CASES`` (600 unless said) is the number of cases over both kinds of database and both kinds of
study; ``RESIDUUM_SCHEMA_SEED`` (1) is what they are drawn from.
"""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from campaigns import Campaign
from seeded_servers import Server

from residuum.steps.analyses import AnalysisQueue

CASES = int(os.environ.get("RESIDUUM_SCHEMA_CASES", "600"))
SEED = int(os.environ.get("RESIDUUM_SCHEMA_SEED", "1"))
NOT_DONE = {
    # nobody signs in through a provider of identities here, and no scan has images; a reader who may see the other's
    # read unlocks no more; in blinded order nothing is proposed
    "marks": {
        "GET /api/oidc/begin",
        "GET /api/oidc/return",
        "POST /api/reads/{case}/unlock",
        "GET /api/cases/{case}/images/{image}/pixels",
        "GET /api/cases/{case}/proposals",
    },
    # sites are named in blinded studies with marks only
    "grades": {
        "GET /api/oidc/begin",
        "GET /api/oidc/return",
        "GET /api/cases/{case}/images/{image}/pixels",
        "GET /api/identity",
        "GET /api/identity/{patient}",
        "PUT /api/identity/{patient}",
    },
}


def _wait_a_little(_: AnalysisQueue, run: Any) -> tuple[str, str | None]:
    """Let an analysis take a while and fail: one per server really runs, the others would only take time."""
    for _ in range(10):
        time.sleep(0.01)
        if run.cancelled:
            return "cancelled", None
    return "failed", "this analysis was not to run"


@pytest.mark.property
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("entry", ["marks", "grades"])
def test_every_answer_fits_its_description(
    entry: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(entry, database_url, tmp_path / "data") as server:
        monkeypatch.setattr(AnalysisQueue, "_execute", _wait_a_little)
        campaign = Campaign(server, SEED)
        campaign.run(-(-CASES // 4), NOT_DONE[entry])
    print(f"\n{database_url.partition(':')[0]}, {campaign.report()}")
    assert not campaign.failures, "\n\n".join(campaign.failures.values())
    assert campaign.never_done() <= NOT_DONE[entry]
