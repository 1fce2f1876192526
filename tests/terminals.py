"""Commands that take their standard streams for a terminal, and what stands on its screen."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

COMMAND: Final = Path(sys.executable).with_name("residuum")
SERVING: Final = re.compile(r"Serving on http://127\.0\.0\.1:(\d+) ")
BESIDE_SCREENS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


class Terminal:
    """A command that takes its standard streams for a terminal."""

    def __init__(self, *arguments: str | Path, **environment: str) -> None:
        self.master, slave = pty.openpty()
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("RESIDUUM_") and name not in BESIDE_SCREENS
        }
        self.process = subprocess.Popen(
            [COMMAND, *arguments], stdin=slave, stdout=slave, stderr=slave, env=clean | environment
        )
        os.close(slave)
        self.text = ""

    def wait_for(self, pattern: re.Pattern[str], seconds: float) -> re.Match[str]:
        """Return what stands on the screen."""
        end = time.monotonic() + seconds
        while not (found := pattern.search(self.text)):
            assert time.monotonic() < end, self.text
            assert self._read(), self.text
        return found

    def interrupt(self) -> int:
        """Press Ctrl+C and return with what the command leaves."""
        self.process.send_signal(signal.SIGINT)
        while self._read():
            pass
        return self.process.wait(30)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def _read(self) -> bool:
        """Read what comes within a second; return whether more may come."""
        if not select.select([self.master], [], [], 1)[0]:
            return True
        try:
            read = os.read(self.master, 65536)
        except OSError:  # nobody has the other end any more
            return False
        self.text += read.decode(errors="replace").replace("\r\n", "\n")
        return bool(read)


def passwords_on(text: str) -> dict[str, str]:
    """Return the passwords that stand on the screen, by account."""
    shown = text.split("Accounts and their passwords", 1)[1]
    return dict(re.findall(r"^  (\w+) +([a-z-]{20})$", shown, re.MULTILINE))
