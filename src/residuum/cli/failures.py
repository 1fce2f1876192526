"""How a command ends: exit codes, and what is said on stderr.

0 done; 1 the input is at fault; 2 the call is wrong; 70 a fault of Residuum; 130 interrupted; 141 the reader of the
output left.
"""

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import click

from residuum.cli.app import app
from residuum.records.errors import InputError, ResiduumError

WRONG_CALL: Final = 2
INTERNAL_FAULT: Final = 70
INTERRUPTED: Final = 130
NOBODY_READS: Final = 141
_UNWRITABLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF, errno.EROFS})
"""What a write to an open file fails with when the place it goes to takes no more."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no exception escapes."""
    if sys.stdout is None:  # closed by the caller; the next file opened would take its place
        return _said("Error: cannot write the output: standard output is closed.", WRONG_CALL)
    try:
        code = app.main(list(arguments), prog_name="residuum", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        with suppress(OSError):  # standard error may be full as well
            error.show()
        return WRONG_CALL
    except ResiduumError as error:
        return _refused(error)
    except (KeyboardInterrupt, click.Abort):
        return _said("Interrupted.", INTERRUPTED)
    except SystemExit:
        return NOBODY_READS  # the only case in which click leaves by itself
    except BrokenPipeError:
        _drop_output()
        return NOBODY_READS
    except OSError as error:
        return _unusable(error)
    except Exception as error:  # the last resort: whatever went wrong is said in one place
        return _fault(error)
    return code if isinstance(code, int) else 0


def _said(text: str, code: int) -> int:
    with suppress(OSError):  # standard error may be full as well
        click.echo(text, err=True)
    return code


def _drop_output() -> None:
    """Send what is still buffered nowhere, since writing it would raise again at exit."""
    with suppress(OSError):  # where standard output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unusable(error: OSError) -> int:
    """Say which file cannot be used, or that the output cannot be written; anything else is a fault."""
    if error.filename:
        return _said(f"Error: {error.strerror}: {error.filename}", WRONG_CALL)
    if error.errno in _UNWRITABLE:
        _drop_output()
        return _said(f"Error: cannot write the output: {error.strerror}", WRONG_CALL)
    return _fault(error)


def _refused(error: ResiduumError) -> int:
    problems = error.problems if isinstance(error, InputError) else ()
    return _said("\n".join([f"Error: {error}", *map(str, problems)]), error.exit_code)


def _fault(error: Exception) -> int:
    if os.environ.get("RESIDUUM_DEBUG") == "1":
        traceback.print_exception(error)
    return _said(
        f"Residuum has a fault ({type(error).__name__}). Nothing in your call or study need be wrong.\n"
        "Run the command again with RESIDUUM_DEBUG=1 in the environment and report what it prints, together with\n"
        "`residuum --version`. Remove patient data first.",
        INTERNAL_FAULT,
    )
