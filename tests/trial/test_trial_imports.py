import subprocess
import sys

import pytest


@pytest.mark.unit
def test_heavy_libraries_wait_until_they_are_needed():
    modules = "spending, recursion, boundaries, drift, expected_events, sample_size"
    script = f"import sys\nfrom residuum.trial.theory import {modules}\nprint(*sys.modules)"
    loaded = subprocess.run((sys.executable, "-c", script), capture_output=True, text=True, check=True).stdout.split()
    assert not {"scipy", "statsmodels", "pandas", "polars"} & set(loaded)
