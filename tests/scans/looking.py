"""Objects as they arrive: written, parsed and understood."""

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

import scan_objects
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts
from residuum.intake.scans.understanding.understand import understand


def look(dataset: Dataset) -> Facts:
    """Return the facts of an object, by way of its bytes, and see that they survive the way to the parent."""
    facts = understand(parse(scan_objects.written(dataset)), decode)
    assert Facts.from_json(facts.to_json()) == facts
    return facts


def refusal(dataset: Dataset, read: Callable[[Dataset], object] = look) -> tuple[str, str]:
    """Return the rule and the message with which an object is refused."""
    with pytest.raises(ScanError) as caught:
        read(dataset)
    return caught.value.rule, str(caught.value)
