"""The child that reads objects: little memory, no files, no words; `python -m residuum.intake.scans.limited.worker`.

It answers one message after another on its standard streams: `look` gives facts, `copy` an object without identity.
Whatever goes wrong with an object is answered as a rule of `refusals.REFUSALS`.
"""

import contextlib
import importlib
import json
import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any, BinaryIO, Final

from residuum.intake.scans import limits
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.limited.messages import read_message, write_message
from residuum.intake.scans.privacy.copying import CopyPlan, copy_object
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.understand import understand

# Otherwise loaded with the first object that needs them, which would then wait.
_DECODERS: Final = ("gdcm", "jpeg_ls", "openjpeg", "pydicom.pixels.decoders", "pydicom.encoders")


def main() -> None:
    """Answer until nobody asks."""
    requests, answers = _take_streams()
    missing = _set_limits()
    warnings.simplefilter("ignore")
    for name in _DECODERS:
        importlib.import_module(name)
    write_message(answers, {"missing": missing})
    while request := read_message(requests, limits.ANSWER_BYTES, limits.LARGEST_OBJECT_BYTES):
        header, held = json.loads(request[0]), [request[1]]
        del request
        _allow_more_time()
        write_message(answers, *_answer(header, held))


def _answer(header: Mapping[str, Any], held: list[bytes]) -> tuple[dict[str, Any], bytes]:
    """Return what is answered to a request. The bytes are taken out of the list: large objects do not fit in twice."""
    try:
        found = parse(held.pop())
        if header["command"] == "look":
            return {"facts": understand(found, decode).to_json()}, b""
        copied = copy_object(found, decode(found), CopyPlan.from_json(header["plan"]))
        return {"originals": dict(copied.originals)}, copied.data
    except BaseException as fault:
        return _refuse(fault), b""


def _refuse(fault: BaseException) -> dict[str, Any]:
    """Return the refusal that a failure means, without its message, which may quote the header."""
    match fault:
        case ScanError():
            words = {name: word if isinstance(word, int | float) else str(word) for name, word in fault.words.items()}
            return {"refused": fault.rule, "words": words}
        case MemoryError():
            return {"refused": "scan.too_much_memory", "words": {"limit": limits.in_words(limits.MEMORY_BYTES)}}
        case RecursionError():
            return {"refused": "scan.too_deep", "words": {"limit": limits.DEPTH}}
        case _:
            return {"refused": "scan.damaged", "words": {"what": f"its values cannot be used ({type(fault).__name__})"}}


def _take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the two pipes; decoders that print can then neither break a message nor show a header."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.close(nothing)
    return requests, answers


def _set_limits() -> list[str]:
    """Limit what this process may take; return what this system cannot limit."""
    try:
        import resource
    except ImportError:
        return ["files", "memory", "time"]
    wanted = {
        "memory": {"RLIMIT_DATA": limits.MEMORY_BYTES, "RLIMIT_AS": limits.ADDRESS_BYTES},
        # A core dump would hold names. No byte can be written to any file, so no temporary file can hold one either.
        "files": {"RLIMIT_CORE": 0, "RLIMIT_FSIZE": 0, "RLIMIT_NOFILE": limits.OPEN_FILES},
    }
    missing = [] if sys.platform == "linux" else ["memory"]
    for what, bounds in wanted.items():
        for name, most in bounds.items():
            try:
                resource.setrlimit(getattr(resource, name), (most, most))
            except (AttributeError, OSError, ValueError):
                missing.append(what)
    return sorted(set(missing))


def _allow_more_time() -> None:
    """Bound the processor time of the next object, in case that the parent dies and no longer watches."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime + 2 * limits.SECONDS) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
