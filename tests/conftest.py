"""What several folders of tests share: the demonstration, made once."""

import pytest
from hypothesis import settings

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
