"""The command line: `main` is what the installed command calls."""

import gc
import sys


def main() -> None:
    """Run the command line and leave with its exit code."""
    from residuum.cli.failures import run  # here, so that `import residuum.cli` stays free

    gc.set_threshold(100_000)  # tables and figures leave few cycles; looking for them costs a tenth of the time
    sys.exit(run(sys.argv[1:]))
