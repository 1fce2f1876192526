"""What the tests of scans share: a real archive, started once."""

from collections.abc import Iterator

import pytest

from orthanc import Orthanc, running_orthanc


@pytest.fixture(scope="session")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An archive in a network of its own (`orthanc.run`); tests share it, so each brings patients of its own."""
    with running_orthanc(tmp_path_factory.mktemp("orthanc")) as archive:
        yield archive
