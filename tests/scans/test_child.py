"""The child that reads objects: killed where it hangs, started again where it dies, believed in nothing."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

import scan_objects
from residuum.intake.scans import limits
from residuum.intake.scans.dicom.decoding import decode
from residuum.intake.scans.dicom.parsing import parse
from residuum.intake.scans.limited.child import ScanChild
from residuum.intake.scans.privacy.copying import CopyPlan, copy_object
from residuum.intake.scans.refusals import ScanError
from residuum.intake.scans.understanding.facts import Facts
from residuum.intake.scans.understanding.understand import understand

pytestmark = pytest.mark.unit
WHOLE_BODY = scan_objects.written(scan_objects.planar())
PLAN = CopyPlan(secret="5e" * 32, patient="P1", day=3, views={1: ("anterior", "right"), 2: ("posterior", "left")})


def stub(behaviour: str) -> tuple[str, ...]:
    """Return the command of a worker whose understanding of an object is a piece of code (`dataset` is at hand)."""
    lines = "\n    ".join(behaviour.strip().splitlines())
    code = f"""
import os, signal, sys, time, tempfile
import residuum.intake.scans.limited.worker as worker
from residuum.intake.scans.refusals import ScanError
plain = worker.understand
def understand(dataset, pixels):
    {lines}
    return plain(dataset, pixels)
worker.understand = understand
worker.main()
"""
    return (sys.executable, "-P", "-s", "-c", code)


def sick(behaviour: str) -> tuple[str, ...]:
    """Return a worker that does something to objects whose patient is called so, and reads all others."""
    return stub(f"if dataset.PatientID == 'sick':\n    {behaviour}")


SICK = scan_objects.written(scan_objects.planar(PatientID="sick"))


def refusal(child: ScanChild, data: bytes = SICK) -> ScanError:
    with pytest.raises(ScanError) as caught:
        child.look(data)
    return caught.value


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    before = set(psutil.Process().children())
    yield
    assert set(psutil.Process().children()) <= before


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.5)


@pytest.mark.parametrize("made", [scan_objects.planar, scan_objects.spect, lambda: scan_objects.ct()[3]])
def test_facts_cross_as_they_are(made: Callable[[], scan_objects.FileDataset]) -> None:
    data = scan_objects.written(made())
    with ScanChild() as child:
        found = child.look(data)
    assert found == understand(parse(data), decode)
    assert Facts.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_copies_cross_as_they_are() -> None:
    found = parse(WHOLE_BODY)
    with ScanChild() as child:
        copied = child.copy(WHOLE_BODY, PLAN)
    assert copied == copy_object(found, decode(found), PLAN)
    assert scan_objects.NAME.encode() not in copied.data


def test_one_child_reads_many_objects_and_starts_when_it_is_needed() -> None:
    with ScanChild() as child:
        assert child.starts == 0
        for _ in range(20):
            child.look(WHOLE_BODY)
        assert refusal(child, b"no DICOM").rule == "scan.not_dicom"
        assert child.starts == 1
        assert (sys.platform == "linux") == (child.missing == ())
        # Its libraries take some 90 MB; the memory of this process must not be counted as its own.
        assert 50e6 < child.largest_bytes < 200e6


def test_a_child_that_hangs_is_killed_and_the_next_object_read(impatient: None) -> None:
    with ScanChild(sick("time.sleep(600)")) as child:
        child.look(WHOLE_BODY)
        began = time.monotonic()
        found = refusal(child)
        assert (found.rule, found.words) == ("scan.too_slow", {"limit": "0.5"})
        assert 0.4 < time.monotonic() - began < 4
        child.look(WHOLE_BODY)
        assert child.starts == 2


def test_a_child_that_hangs_in_a_loop_of_the_processor_is_killed(impatient: None) -> None:
    with ScanChild(sick("while True: pass")) as child:
        assert refusal(child).rule == "scan.too_slow"


def test_a_child_that_does_not_listen_is_killed(impatient: None) -> None:
    deaf = (
        "import sys, time, residuum.intake.scans.limited.messages as m;"
        "m.write_message(sys.stdout.buffer, {}); time.sleep(600)"
    )
    with ScanChild((sys.executable, "-P", "-s", "-c", deaf)) as child:
        began = time.monotonic()
        assert refusal(child, bytes(32 * limits.MIB)).rule == "scan.too_slow"
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    "behaviour",
    ["os.kill(os.getpid(), signal.SIGSEGV)", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)", "os.abort()"],
)
def test_a_child_that_dies_is_started_again(behaviour: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with ScanChild(sick(behaviour)) as child:
        child.look(WHOLE_BODY)
        assert refusal(child).rule == "scan.crash"
        child.look(WHOLE_BODY)
        assert child.starts == 2
    assert not list(tmp_path.iterdir())


def test_a_child_that_died_between_two_objects_is_started_again() -> None:
    with ScanChild() as child:
        child.look(WHOLE_BODY)
        [process] = psutil.Process().children()
        process.kill()
        process.wait()
        child.look(WHOLE_BODY)
        assert child.starts == 2


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
@pytest.mark.parametrize(
    "behaviour", ["held = bytearray(600_000_000)", "held = [b'x' * 4_000_000 for _ in range(200)]"]
)
def test_a_child_cannot_take_more_memory_than_it_may(behaviour: str) -> None:
    with ScanChild(sick(behaviour)) as child:
        found = refusal(child)
        assert (found.rule, found.words) == ("scan.too_much_memory", {"limit": "400 MiB"})
        child.look(WHOLE_BODY)
        assert child.largest_bytes < 500e6


@pytest.mark.parametrize(
    ("behaviour", "rule", "words"),
    [
        ("raise ValueError(str(dataset.PatientName))", "scan.damaged", "its values cannot be used (ValueError)"),
        ("raise ScanError('scan.raw_tomo')", "scan.raw_tomo", None),
        ("raise ScanError('scan.incomplete', what='Rows')", "scan.incomplete", "Rows"),
        ("raise SystemExit(3)", "scan.damaged", "its values cannot be used (SystemExit)"),
        ("dataset = str(dataset) + 1", "scan.damaged", "its values cannot be used (TypeError)"),
        ("return understand(dataset, pixels)", "scan.too_deep", None),
    ],
)
def test_whatever_fails_becomes_a_refusal_without_values(behaviour: str, rule: str, words: str | None) -> None:
    with ScanChild(sick(behaviour)) as child:
        found = refusal(child)
        assert (found.rule, found.words.get("what")) == (rule, words)
        assert scan_objects.NAME.partition("^")[0] not in str(found)
        child.look(WHOLE_BODY)
        assert child.starts == 1


BAD_ANSWERS = [
    "b'not a message at all, but long enough to be one'",
    "b''",
    "struct.pack('>LQ', 0xFFFFFFFF, 0)",
    "struct.pack('>LQ', 2, 1 << 62) + b'{}'",
    "struct.pack('>LQ', 40, 0) + b'{}'",
    "message(b'{}')",
    "message(b'[]')",
    "message(b'{\"facts\": 3}')",
    "message(b'{\"facts\": ' + facts.replace(b'\"planar\"', b'\"Quisquilia\"') + b'}')",
    "message(b'{\"facts\": ' + facts.replace(b'\"rows\": 512', b'\"rows\": \"512\"') + b'}')",
    "message(json.dumps({'facts': {**json.loads(facts), 'flags': ['Quisquilia']}}).encode())",
    'message(b\'{"refused": "Quisquilia"}\')',
    'message(b\'{"refused": "scan.damaged"}\')',
    'message(b\'{"refused": "scan.damaged", "words": {"what": [1]}}\')',
    "message(b'{\"originals\": {}}')",
]


@pytest.mark.parametrize("answer", BAD_ANSWERS)
def test_an_answer_that_is_none_is_a_crash(answer: str) -> None:
    facts = json.dumps(dataclasses.asdict(understand(parse(WHOLE_BODY), decode))).encode()
    liar = f"""
import json, struct, sys
from residuum.intake.scans.limited.messages import read_message, write_message
facts = {facts!r}
def message(header): return struct.pack(">LQ", len(header), 0) + header
write_message(sys.stdout.buffer, {{}})
read_message(sys.stdin.buffer, 1 << 30, 1 << 30)
sys.stdout.buffer.write({answer})
"""
    with ScanChild((sys.executable, "-P", "-s", "-c", liar)) as child:
        assert refusal(child, WHOLE_BODY).rule == "scan.crash"
    honest = liar.replace(answer, "message(b'{\"facts\": ' + facts + b'}')")
    with ScanChild((sys.executable, "-P", "-s", "-c", honest)) as child:
        assert child.look(WHOLE_BODY).rows == 512


def test_a_copy_without_bytes_is_a_crash() -> None:
    code = "import residuum.intake.scans.limited.worker as w; w._answer = lambda *_: ({'originals': {}}, b''); w.main()"
    with ScanChild((sys.executable, "-P", "-s", "-c", code)) as child, pytest.raises(ScanError) as caught:
        child.copy(WHOLE_BODY, PLAN)
    assert caught.value.rule == "scan.crash"


def test_a_worker_that_does_not_start_says_so() -> None:
    for command in ((sys.executable, "-c", "raise SystemExit(1)"), (sys.executable, "-c", "print('hello')")):
        with ScanChild(command) as child:
            assert refusal(child).rule == "scan.no_reader"


def test_objects_that_are_too_large_are_not_even_sent() -> None:
    with ScanChild() as child:
        assert refusal(child, bytes(limits.LARGEST_OBJECT_BYTES + 1)).rule == "scan.too_large"
        assert child.starts == 0


def test_a_child_is_replaced_after_many_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OBJECTS_PER_CHILD", 3)
    with ScanChild() as child:
        for _ in range(7):
            child.look(WHOLE_BODY)
        assert child.starts == 3


@pytest.mark.skipif(sys.platform != "linux", reason="memory is told on Linux only")
def test_a_child_that_holds_much_memory_is_replaced() -> None:
    with ScanChild(sick("worker.leak = b'x' * 240_000_000")) as child:
        child.look(SICK)
        child.look(WHOLE_BODY)
        assert child.starts == 2


def test_threads_share_a_child() -> None:
    counts = {number: scan_objects.written(scan_objects.planar(InstanceNumber=number)) for number in range(24)}
    with ScanChild() as child, ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda number: child.look(counts[number]).instance_number, counts))
        assert child.starts == 1
    assert found == list(counts)


def test_an_interrupt_ends_the_child_and_the_next_object_is_read() -> None:
    with ScanChild(sick("time.sleep(600)")) as child:
        child.look(WHOLE_BODY)
        interrupt = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        interrupt.start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            child.look(SICK)
        # Not only when its time is up.
        assert time.monotonic() - began < limits.SECONDS - 1
        assert not psutil.Process().children()
        interrupt.join()
        child.look(WHOLE_BODY)


def test_the_child_can_write_no_file_and_keeps_no_core(tmp_path: Path) -> None:
    tried = f"""
done = []
for place in ({str(tmp_path / "made")!r}, "made"):
    try:
        open(place, "w").write("Quisquilia") or done.append("written")
    except OSError:
        pass
try:
    tempfile.NamedTemporaryFile().write(b"x")
    done.append("temporary")
except OSError:
    pass
import resource
if resource.getrlimit(resource.RLIMIT_CORE) != (0, 0): done.append("core")
opened = []
try:
    while True: opened.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
if len(opened) > 20: done.append("many files")
raise ScanError("scan.damaged", what=" ".join([*done, os.getcwd(), *sorted(os.environ)]))
"""
    with ScanChild(stub(tried)) as child:
        what = str(refusal(child).words["what"]).split()
    assert what[0] == "/"
    assert set(what[1:]) <= {
        *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPJ_NUM_THREADS", "TMPDIR", "HOME"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "LD_LIBRARY_PATH", "LC_CTYPE"),
        # Set by the library itself.
        "GDCM_RESOURCES_PATH",
    }
    assert all(not made.stat().st_size for made in tmp_path.iterdir())


def test_decoders_that_print_break_nothing_and_show_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    noisy = "print(dataset.PatientName, flush=True)\nos.write(1, b'Zephyrine')\nos.write(2, b'Zephyrine')"
    with ScanChild(stub(noisy)) as child:
        assert child.look(WHOLE_BODY).kind == "planar"
    assert capfd.readouterr() == ("", "")


def test_what_cannot_be_limited_is_told() -> None:
    code = """
import resource
def refuse(*_): raise ValueError
resource.setrlimit = refuse
import residuum.intake.scans.limited.worker as worker
worker.main()
"""
    with ScanChild((sys.executable, "-P", "-s", "-c", code)) as child:
        child.look(WHOLE_BODY)
        assert child.missing == ("files", "memory")
    code = code.replace("import resource", "import sys; sys.modules['resource'] = None", 1).replace(
        "resource.setrlimit = refuse\n", ""
    )
    with ScanChild((sys.executable, "-P", "-s", "-c", code)) as child:
        child.look(WHOLE_BODY)
        assert child.missing == ("files", "memory", "time")


def test_files_of_the_working_directory_never_become_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("json.py", "pydicom.py", "numpy.py"):
        (tmp_path / name).write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    with ScanChild() as child:
        assert child.look(WHOLE_BODY).kind == "planar"


def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    object_file = tmp_path / "object"
    object_file.write_bytes(WHOLE_BODY)
    code = f"""
import pathlib, time
from residuum.intake.scans.limited.child import ScanChild
child = ScanChild()
child.look(pathlib.Path({str(object_file)!r}).read_bytes())
print(child._process.pid, flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        orphan = psutil.Process(int(parent.stdout.readline()))
        assert orphan.is_running()
        parent.kill()
    psutil.wait_procs([orphan], timeout=10)
    assert not orphan.is_running()
