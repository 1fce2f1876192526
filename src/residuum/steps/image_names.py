"""Names of images within their case: they say what an image shows and never which scan it is."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from residuum.records.errors import RefusalError
from residuum.records.read_content import Mark, ReadContent

_ORDER: Final = {
    name: place
    for place, name in enumerate(
        [("planar", "anterior"), ("planar", "posterior"), ("spot", None), ("spect", None), ("ct", None)]
    )
}


class ImageNames:
    """Names of the images of one scan, both ways.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of `images.csv` of the scan, in its order.
    hidden : bool
        Whether the reader must not see identifiers: of images that the study lacks, too.
    """

    def __init__(self, rows: Iterable[Mapping[str, Any]], *, hidden: bool) -> None:
        self._names, self._hidden = name_images(rows), hidden
        self._images = {name: image for image, name in self._names.items()}

    def show(self, image: str | None) -> str | None:
        """Return what a reader is told of the image of a mark."""
        if image is None or image in self._names:
            return image and self._names[image]
        return None if self._hidden else image

    def restore(self, content: ReadContent, before: Sequence[Mark]) -> ReadContent:
        """Return content with identifiers in place of names; what a reader was not told of a mark stays as it was.

        Raises
        ------
        RefusalError
            ``not_found``: the case has no image of that name.
        """
        stored = {mark.mark: mark for mark in before}
        marks = tuple(
            mark.model_copy(update={"image": self._find(mark, stored.get(mark.mark))}) for mark in content.marks
        )
        return content.model_copy(update={"marks": marks})

    def _find(self, mark: Mark, before: Mark | None) -> str | None:
        name = mark.image
        if name in self._images:
            return self._images[name]
        if before is not None and name == self.show(before.image) and _is_same(mark, before):
            return before.image
        if name is None:
            return None
        raise RefusalError("not_found", "a mark names an image that the case does not have")


def _is_same(mark: Mark, before: Mark) -> bool:
    """Return whether a mark says of its place what it said before."""
    return all(getattr(mark, name) == getattr(before, name) for name in ("regions", "view", "x_mm", "y_mm", "z_mm"))


def name_images(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the name of each image of one scan within its case, by its identifier, in the order of reading.

    Parameters
    ----------
    rows : iterable of mapping
        Rows of `images.csv` of one scan, in its order.
    """
    names: dict[str, str] = {}
    for row in sorted(rows, key=_place):
        base = "-".join(part for part in (row["kind"], row["view"]) if part)
        name, number = base, 2
        while name in names.values():
            name, number = f"{base}-{number}", number + 1
        names[row["image"]] = name
    return names


def _place(row: Mapping[str, Any]) -> int:
    kind, view = row["kind"], row["view"]
    return _ORDER.get((kind, view), _ORDER.get((kind, None), len(_ORDER)))
