"""One analysis in a process of its own: `python -m residuum.steps.analysis_job STUDY OUT AUDIT_HEAD`.

Tells its progress as lines of JSON on standard output.
"""

import json
import sys
from pathlib import Path

from residuum.steps.analyse import analyse


def main(study: str, out: str, audit_head: str) -> None:
    """Analyse a snapshot."""
    analyse(Path(study), Path(out), _tell, audit_head=audit_head)


def _tell(doing: str, share: float) -> None:
    print(json.dumps({"doing": doing, "share": round(share, 4)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
