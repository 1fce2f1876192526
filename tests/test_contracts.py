"""What the house promises about itself: layers, and a docstring for everything public."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import residuum

PACKAGE = Path(residuum.__file__).parent
REPOSITORY = PACKAGE.parent.parent
PURE_MIDDLE = ("records", "volumes", "stats", "reads", "scores", "sites", "response", "cohort", "trial")
MODULES = sorted(PACKAGE.rglob("*.py"))
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@pytest.mark.unit
def test_layers_hold() -> None:
    command = shutil.which("lint-imports", path=Path(sys.executable).parent)
    assert command is not None, "import-linter is not installed beside this Python"
    linted = subprocess.run([command, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert " 0 broken" in linted.stdout
    assert "Layers, exhaustive KEPT" in linted.stdout


def public(module: Path) -> Iterator[tuple[str, Definition]]:
    """Yield the public functions and classes of a module, and the public methods of public classes."""
    tree = ast.parse(module.read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                methods = [one for one in node.body if isinstance(one, ast.FunctionDef)]
                yield from ((f"{node.name}.{one.name}", one) for one in methods if not one.name.startswith("_"))


@pytest.mark.unit
@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_everything_public_has_a_docstring(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    assert ast.get_docstring(tree), "the module says nothing"
    assert [name for name, node in public(module) if not ast.get_docstring(node)] == []


def says_what_it_returns(docstring: str) -> bool:
    first, *_ = docstring.splitlines()
    return first.startswith(("Return ", "Yield ")) or "\nReturns\n-------\n" in docstring


@pytest.mark.unit
def test_what_is_derived_or_computed_is_named() -> None:
    """A function of the pure middle that derives or computes says in its docstring what comes back."""
    checked, silent = 0, []
    for module in MODULES:
        if module.relative_to(PACKAGE).parts[0] not in PURE_MIDDLE:
            continue
        for name, node in public(module):
            if isinstance(node, ast.FunctionDef) and name.startswith(("derive_", "compute_")) and node.args.args:
                checked += 1
                if not says_what_it_returns(ast.get_docstring(node) or ""):
                    silent.append(f"{module.name}: {name}")
    assert checked > 20
    assert silent == []
