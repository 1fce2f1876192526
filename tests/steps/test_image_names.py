"""Names of images within their case, both ways; values that fit into 16 bits."""

from typing import Any

import numpy as np
import pytest

from residuum.records.errors import RefusalError
from residuum.records.read_content import ReadContent
from residuum.steps.image_names import ImageNames, name_images
from residuum.steps.pictures import _fit, _join

pytestmark = pytest.mark.unit


def row(image: str, kind: str, view: str | None = None) -> dict[str, Any]:
    return {"image": image, "kind": kind, "view": view}


ROWS = [
    row("S-ct", "ct"),
    row("S-p", "planar", "posterior"),
    row("S-a", "planar", "anterior"),
    row("S-a2", "planar", "anterior"),
    row("S-s", "spot", "anterior"),
]


def content(image: str | None, **more: Any) -> ReadContent:
    mark = {"mark": "1", "regions": ["sternum"], "pattern": "focal", "image": image, "x_mm": 1.0, "y_mm": 2.0, **more}
    return ReadContent.model_validate({"marks": [mark]})


def test_names_tell_what_is_shown_in_the_order_of_reading() -> None:
    names = name_images(ROWS)
    assert list(names.values()) == ["planar-anterior", "planar-anterior-2", "planar-posterior", "spot-anterior", "ct"]
    assert names["S-a2"] == "planar-anterior-2"


@pytest.mark.parametrize("hidden", [True, False])
def test_every_name_leads_back_to_its_image(hidden: bool) -> None:
    names = ImageNames(ROWS, hidden=hidden)
    for one in ROWS:
        restored = names.restore(content(names.show(one["image"])), ())
        assert restored.marks[0].image == one["image"]
    with pytest.raises(RefusalError, match="does not have"):
        names.restore(content("planar-lateral"), ())


def test_an_image_that_the_study_lacks_stays_only_with_the_mark_that_it_belongs_to() -> None:
    names, stored = ImageNames(ROWS, hidden=True), content("ELSEWHERE").marks
    assert names.show("ELSEWHERE") is None
    assert names.restore(content(None), stored).marks[0].image == "ELSEWHERE"
    assert names.restore(content(None, regions=["femur_left"]), stored).marks[0].image is None
    assert names.restore(content(None, x_mm=7.0), stored).marks[0].image is None
    with pytest.raises(RefusalError):
        names.restore(content("ELSEWHERE"), stored)
    assert ImageNames(ROWS, hidden=False).restore(content("ELSEWHERE"), stored).marks[0].image == "ELSEWHERE"


@pytest.mark.parametrize(
    "stored",
    [
        np.array([[[0, 5], [65535, 7]]], np.uint16),
        np.array([[[-1024, 0], [3071, 7]]], np.int16),
        np.array([[[-70000, 1], [9, 70000]]], np.int32),
        np.array([[[0.0, 0.25], [1e-3, 0.5]]], np.float64),
        np.zeros((1, 2, 2), np.int16),
    ],
)
def test_values_keep_what_they_mean(stored: np.ndarray) -> None:
    values, (slope, intercept) = _fit(stored, (2.0, -3.0))
    assert values.dtype == np.uint16
    exact = np.issubdtype(stored.dtype, np.integer) and int(stored.max()) - min(int(stored.min()), 0) <= 65535
    step = 0.0 if exact else 2.0 * (float(stored.max()) - float(stored.min())) / 65535
    assert np.abs(slope * values.astype(float) + intercept - (2.0 * stored - 3.0)).max() <= step / 2 + 1e-9


def test_slices_of_different_scales_are_rescaled_before_they_are_one_volume() -> None:
    one = np.array([[[1, 2]]], np.int16)
    joined, scale = _join([one, one], [(1.0, 0.0), (2.0, 5.0)])
    assert scale == (1.0, 0.0)
    assert joined.tolist() == [[[1.0, 2.0]], [[7.0, 9.0]]]
    with pytest.raises(ValueError, match="no such frame"):
        _fit(one[5:6], (1.0, 0.0))
