"""What several folders of tests share: the demonstration, made once; real databases, a server started once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from databases import KINDS, new_database, running_postgresql
from residuum.cohort.alternatives import derive_alternatives
from residuum.cohort.analysis import Analysis, derive_analysis
from residuum.records.study import Study
from residuum.report.numbers import Numbers
from residuum.report.whole import derive_numbers
from residuum.synthetic.demonstration import make_demonstration

# A deadline would measure how busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def demonstration() -> Study:
    return make_demonstration()


@pytest.fixture(scope="session")
def demonstration_analysis(demonstration: Study) -> Analysis:
    return derive_analysis(demonstration)


@pytest.fixture(scope="session")
def demonstration_numbers(demonstration_analysis: Analysis) -> Numbers:
    return derive_numbers(demonstration_analysis, derive_alternatives(demonstration_analysis))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    with running_postgresql() as url:
        yield url


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database; a test that asks for it runs on either kind."""
    server = request.getfixturevalue("postgresql_server") if request.param == "postgresql" else ""
    return new_database(request.param, tmp_path, server)
