"""The command line: `main` is what the installed command calls."""

import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from residuum.cli.failures import run  # here, so that `import residuum.cli` stays free

    sys.exit(run(sys.argv[1:]))
