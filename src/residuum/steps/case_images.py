"""The images of a case as its reader may know them: names within the case, geometry, values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from residuum.intake.scans.image_files import ImageFiles
from residuum.records.errors import RefusalError
from residuum.steps.image_names import name_images
from residuum.steps.pictures import CaseImage, Picture, Pictures
from residuum.steps.reading import find_case
from residuum.steps.visits import Visit
from residuum.store.study import load_table
from residuum.volumes.grid import Volume
from residuum.volumes.planar import PlanarView
from residuum.volumes.registration.planar import Views


@dataclass(frozen=True, slots=True)
class CaseImages:
    """The images of a case, and whether they are still being made."""

    case: str
    images: tuple[CaseImage, ...]
    being_made: bool


def find_images(visit: Visit, number: str) -> CaseImages:
    """Return the images of a case of this reader; simulated ones that the scan lacks are made from then on.

    Raises
    ------
    RefusalError
        ``not_found``.
    """
    case = find_case(visit, number)
    every = load_image_rows(visit, case.scan)
    rows = [row for row in every if row["source"] is not None and ImageFiles.is_own(row["source"])]
    planned = not rows and case.scan in visit.openings.planned
    if planned:
        visit.openings.ask(case.scan)
    names = name_images(every)  # also of images that lie elsewhere: a mark may name one
    images = tuple(_case_image(row, names[row["image"]], case.patient) for row in rows)
    order = list(names.values())
    return CaseImages(number, tuple(sorted(images, key=lambda one: order.index(one.name))), planned)


def load_image_rows(visit: Visit, scan: str) -> list[dict[str, Any]]:
    """Return the rows of images of a scan, in the order of the study."""
    return load_table(visit.connection, "images").filter(scan=scan).to_dicts()


def describe_images(found: CaseImages, pictures: Pictures) -> dict[str, Any]:
    """Return what a page needs to show the images of a case.

    Raises
    ------
    RefusalError
        ``image_unreadable``.
    """
    state = "being_made" if found.being_made else "ready" if found.images else "none"
    images = [_describe(one, pictures.load(one)) for one in found.images]
    return {"case": found.case, "state": state, "images": images}


def load_pixels(found: CaseImages, name: str, pictures: Pictures) -> Picture:
    """Return one image of a case with its values.

    Raises
    ------
    RefusalError
        ``not_found``, ``image_unreadable``.
    """
    for one in found.images:
        if one.name == name:
            return pictures.load(one)
    raise RefusalError("not_found", "the case has no image of this name")


def load_views(images: Sequence[CaseImage], pictures: Pictures) -> tuple[Views, dict[str, str]] | None:
    """Return the whole-body views of a scan and their names by view; None where it has none that belong together.

    Raises
    ------
    RefusalError
        ``image_unreadable``.
    """
    chosen: dict[str, CaseImage] = {}
    for one in images:
        if one.kind == "planar" and one.view is not None and one.left_at is not None:
            chosen.setdefault(one.view, one)
    views: dict[str, PlanarView] = {}
    for view, one in chosen.items():
        picture = pictures.load(one)
        if picture.spacing_mm is not None:
            views[view] = PlanarView(picture.values[0], picture.spacing_mm, one.view, one.left_at)  # type: ignore[arg-type]
    if not views:
        return None
    try:
        return Views(views.get("anterior"), views.get("posterior")), {view: chosen[view].name for view in views}
    except ValueError:  # two views of different matrices: the anterior one alone
        view = next(iter(views))
        alone = Views(views[view], None) if view == "anterior" else Views(None, views[view])
        return alone, {view: chosen[view].name}


def load_ct(images: Sequence[CaseImage], pictures: Pictures) -> Volume | None:
    """Return the CT of a scan in Hounsfield units, in the frame of reference of its SPECT; None where it has none.

    Raises
    ------
    RefusalError
        ``image_unreadable``.
    """
    for one in images:
        picture = pictures.load(one) if one.kind == "ct" else None
        if picture is not None and picture.spacing_mm is not None and picture.placement is not None:
            slope, intercept = picture.scale
            values = (slope * picture.values + intercept).astype(np.float32)
            return Volume(values, picture.spacing_mm, picture.placement)
    return None


def _case_image(row: Mapping[str, Any], name: str, patient: str) -> CaseImage:
    flags = tuple(flag for flag in (row["flags"] or "").split(";") if flag)
    picked = {key: row[key] for key in ("image", "kind", "view", "left_at", "source", "sha256")}
    return CaseImage(name=name, patient=patient, flags=flags, **picked)


def _describe(one: CaseImage, picture: Picture) -> dict[str, Any]:
    frames, rows, columns = picture.values.shape
    slope, intercept = picture.scale
    return {
        "image": one.name,
        "kind": one.kind,
        "view": one.view,
        "left_at": one.left_at,
        "rows": rows,
        "columns": columns,
        "frames": frames,
        "spacing_mm": picture.spacing_mm,
        "placement": asdict(picture.placement) if picture.placement else None,
        "slope": slope,
        "intercept": intercept,
        "levels": picture.levels,
        "flags": one.flags,
    }
