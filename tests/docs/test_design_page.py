"""The page about the design file names every key, value, default and check, and its example reads."""

import json
import re
from pathlib import Path
from typing import Annotated, Any, Final, get_args

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from residuum.intake.design_file import read_design
from residuum.records.checks import DESIGN_CHECKS, Check
from residuum.records.design import Design, Quantity

pytestmark = pytest.mark.unit

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = DOCS.joinpath("trial-design-file.md").read_text("utf-8")
Row = list[str]


def models(model: type[BaseModel], heading: str = "### Top of the file") -> dict[str, type[BaseModel]]:
    """Return every section of a design by its heading on the page."""
    found = {heading: model}
    for name, field in model.model_fields.items():
        section = model_in(field.annotation)
        if section is Quantity:
            found["## Quantities"] = Quantity
        elif section is not None:
            above = "" if model is Design else heading.strip("# []") + "."
            found |= models(section, "### [[profiles]]" if name == "profiles" else f"### [{above}{name}]")
    return found


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model that an annotation names, None where there is none."""
    if isinstance(annotation, type):
        return annotation if issubclass(annotation, BaseModel) else None
    return next(filter(None, map(model_in, get_args(annotation))), None)


def choices(annotation: Any) -> list[str]:
    """Return the words that an annotation allows."""
    inner = get_args(annotation)
    return [word for one in inner for word in ([one] if isinstance(one, str) else choices(one))]


SECTIONS: Final = models(Design)
KEYS: Final = [(heading, name) for heading, model in SECTIONS.items() for name in model.model_fields]


def rows(heading: str) -> dict[str, Row]:
    """Return the cells of a table by key."""
    assert PAGE.count(f"\n{heading}\n") == 1, heading
    text = re.split(r"\n##+ ", PAGE.split(f"\n{heading}\n")[1])[0]
    cells = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in cells}


def default(field: FieldInfo) -> str:
    """Return the default of a key as the page writes it."""
    if field.is_required():
        return "required"
    value = field.get_default()
    if isinstance(value, Quantity):
        return f"`{value.central!r}`"
    if isinstance(value, BaseModel):
        return "as below"
    if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        return "one, `all`"
    return "none" if value is None else f"`{json.dumps(value)}`"


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_section_lists_its_keys_in_order(heading: str) -> None:
    assert list(rows(heading)) == list(SECTIONS[heading].model_fields)


@pytest.mark.parametrize(("heading", "name"), KEYS)
def test_every_key_is_described_as_it_is(heading: str, name: str) -> None:
    field = SECTIONS[heading].model_fields[name]
    value, stated_default, meaning = rows(heading)[name]
    assert stated_default == default(field)
    assert field.description is not None
    assert meaning.startswith(field.description)
    assert [word for word in choices(field.annotation) if f"`{word}`" not in value] == []
    assert ("quantit" in value) == (model_in(field.annotation) is Quantity)
    assert value.startswith("section") == (model_in(field.annotation) not in (None, Quantity) and name != "profiles")


@pytest.mark.parametrize(("heading", "name"), KEYS)
def test_every_limit_holds(heading: str, name: str) -> None:
    limits = re.fullmatch(r"(?:quantity|number|whole number), ([\d.]+) to ([\d.]+)", rows(heading)[name][0])
    if limits is None:
        return
    field = SECTIONS[heading].model_fields[name]
    key: TypeAdapter[Any] = TypeAdapter(Annotated[field.annotation, field, *field.metadata])
    low, high = (json.loads(limit) for limit in limits.groups())
    for value in (low, high):
        key.validate_python(value)
    for value in (low - 0.001, high + 1):
        with pytest.raises(ValidationError):
            key.validate_python(value)


@pytest.mark.parametrize("check", DESIGN_CHECKS.values(), ids=lambda check: check.id)
def test_every_check_is_described_as_it_is(check: Check) -> None:
    assert f"| `{check.id}` | {check.message} |" in PAGE


def test_no_check_is_described_that_is_gone() -> None:
    assert list(rows("## Checks")) == list(DESIGN_CHECKS)


def test_the_example_reads(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "boost.toml"
    path.write_text(example, "utf-8")
    assert read_design(path).id == "boost"


def test_the_examples_named_exist() -> None:
    for name in ("s1_fixed", "s1_gs3", *(f"residual_oligo_{end}" for end in ("central", "optimistic", "pessimistic"))):
        assert DOCS.with_name("examples").joinpath("designs", f"{name}.toml").is_file()
