"""Images of a case over the real server: names that tell nothing, values as stored, geometry; what is proposed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pydicom
import pytest

from browser.client import Client
from browser.conftest import Served
from browser.studies import password_of

pytestmark = pytest.mark.slow
Serve = Callable[..., Served]
Talk = Callable[[Served, str], Client]


def rows_of(served: Served) -> dict[str, dict[str, Any]]:
    """Return the rows of images.csv by identifier."""
    return {row["image"]: row for row in pl.read_csv(served.study / "images.csv").to_dicts()}


def test_images_are_those_that_are_stored_under_names_that_tell_nothing(serve: Serve, talk: Talk) -> None:
    served = serve()
    anne = talk(served, "anne")
    stored = rows_of(served)
    planar = {
        row["sha256"]: (served.study / "images" / row["source"].partition("#")[0])
        for row in stored.values()
        if row["kind"] == "planar"
    }
    values = [pydicom.dcmread(path).pixel_array for path in planar.values()]
    seen = 0
    for case in anne.get("/worklist")["cases"]:
        answer = anne.http.get(f"/cases/{case['case']}/images")
        assert "SECRET" not in answer.text
        assert "P1" not in answer.text
        assert answer.json()["state"] == "ready"
        names = [one["image"] for one in answer.json()["images"]]
        assert names[:2] == ["planar-anterior", "planar-posterior"]
        for frame, name in enumerate(names[:2]):
            one = answer.json()["images"][frame]
            got = anne.pixels(case["case"], name).reshape(one["rows"], one["columns"])
            assert any(np.array_equal(got, array[frame]) for array in values)
            assert np.array_equal(got.ravel(), anne.pixels(case["case"], name, **{"accept-encoding": "identity"}))
            assert one["levels"] == sorted(one["levels"])
            assert 0 < one["levels"][0] < one["levels"][-1] <= got.max()
            seen += 1
    assert seen == 6


def test_a_volume_lies_where_its_header_says(serve: Serve, talk: Talk) -> None:
    served = serve()
    anne = talk(served, "anne")
    found = [
        (case["case"], one)
        for case in anne.get("/worklist")["cases"]
        for one in anne.get(f"/cases/{case['case']}/images")["images"]
        if one["kind"] == "spect"
    ]
    assert found
    case, spect = found[0]
    row = next(row for row in rows_of(served).values() if row["kind"] == "spect" and row["rows"] == spect["rows"])
    header = pydicom.dcmread(served.study / "images" / row["source"].partition("#")[0])
    detector = header.DetectorInformationSequence[0]
    placement = {name: np.array(value) for name, value in spect["placement"].items()}
    assert placement["origin_mm"] == pytest.approx([float(one) for one in detector.ImagePositionPatient], abs=1e-3)
    orientation = np.array([float(one) for one in detector.ImageOrientationPatient])
    assert np.concatenate([placement["row_direction"], placement["column_direction"]]) == pytest.approx(orientation)
    normal = np.cross(orientation[:3], orientation[3:])
    assert placement["step_mm"] == pytest.approx(normal * float(header.SpacingBetweenSlices), abs=1e-3)
    assert anne.pixels(case, "spect").size == spect["frames"] * spect["rows"] * spect["columns"]


def test_what_may_not_be_seen_or_read_is_refused(serve: Serve, talk: Talk) -> None:
    served = serve()
    anne, manager, judge = (talk(served, account) for account in ("anne", "manager", "judge"))
    path = "/cases/0001/images"
    assert manager.http.get(path).status_code == 403
    assert judge.http.get(path).status_code == 404
    assert anne.http.get("/cases/0099/images").status_code == 404
    assert anne.http.get(f"{path}/SECRET-A-planar-anterior/pixels").status_code in (404, 422)
    assert anne.http.get(f"{path}/ct-9/pixels").json()["error"] == "not_found"
    assert anne.http.get("/cases/0001/proposals").json()["error"] == "blinded"
    for file in (served.study / "images").rglob("*.dcm"):
        file.write_bytes(b"gone")
    for file in (served.study / "images").rglob("*.zip"):
        file.write_bytes(b"gone")
    refused = anne.http.get(path)
    assert (refused.status_code, refused.json()["error"]) == (409, "image_unreadable")
    assert "SECRET" not in refused.text


def test_marks_of_an_earlier_scan_are_proposed_on_the_later_one(serve: Serve, talk: Talk) -> None:
    anne = talk(serve(order="paired"), "anne")
    cases = [one for one in anne.get("/worklist")["cases"] if one["patient"] == "P1"]
    first, second = (one["case"] for one in cases)
    image = anne.get(f"/cases/{first}/images")["images"][0]
    middle = [0.5 * image["columns"] * image["spacing_mm"][1], 0.5 * image["rows"] * image["spacing_mm"][0]]
    place = {"image": "planar-anterior", "view": "anterior", "x_mm": middle[0], "y_mm": middle[1]}
    mark = {"mark": "1", "regions": ["pelvis_left"], "pattern": "focal", **place}
    plain = {"mark": "2", "regions": ["sternum"], "pattern": "focal"}
    saved = anne.http.put(f"/reads/{first}?scores=true", json={"version": 0, "marks": [mark, plain]})
    assert saved.json()["scores"]["siopen"]["total"] == 2
    assert anne.get(f"/reads/{first}")["marks"][0]["image"] == "planar-anterior"
    answer = anne.get(f"/cases/{second}/proposals")
    assert answer["fault"] is None
    (proposal,) = answer["proposals"]
    assert (proposal["from_case"], proposal["from_mark"], proposal["image"]) == (first, "1", "planar-anterior")
    assert np.hypot(proposal["x_mm"] - middle[0], proposal["y_mm"] - middle[1]) < 150
    assert 1 < proposal["error_mm"] < 60

    draft = anne.http.put(f"/reads/{second}", json={"version": 0, "marks": []}).json()
    signature = {"password": password_of("anne"), "reads": [{"case": second, "version": draft["version"]}]}
    refused = anne.http.post("/signatures", json=signature)
    assert (refused.status_code, refused.json()["error"]) == (409, "proposals_pending")
    assert refused.json()["items"] == ["1", "2"]
    kept = {**mark, "from_case": first, "from_mark": "1"}
    settled = {"version": 1, "marks": [kept], "cleared": [{"case": first, "mark": "2"}]}
    assert anne.http.put(f"/reads/{second}", json=settled).status_code == 200
    assert anne.get(f"/reads/{second}")["cleared"] == [{"case": first, "mark": "2"}]
    signature["reads"][0]["version"] = 2
    assert anne.http.post("/signatures", json=signature).status_code == 200


def test_a_name_that_the_case_does_not_have_is_refused(serve: Serve, talk: Talk) -> None:
    anne = talk(serve(), "anne")
    mark = {"mark": "1", "regions": ["sternum"], "pattern": "focal", "image": "planar-lateral"}
    refused = anne.http.put("/reads/0001", json={"version": 0, "marks": [mark]})
    assert (refused.status_code, refused.json()["error"]) == (404, "not_found")
    cleared = {"version": 0, "marks": [], "cleared": [{"case": "0002", "mark": "1"}]}
    assert anne.http.put("/reads/0001", json=cleared).json()["error"] == "blinded"
