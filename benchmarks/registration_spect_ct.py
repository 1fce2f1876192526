"""Measure how well points are carried between simulated SPECT/CT scans: `make bench-spect-ct`.

Pairs of one make-believe child by two generators that share no code; sites of the earlier CT are carried to the later
one, where their true places are known. Then scans that must not be registered: each is to be told as a fault.
A site fails silently where it is proposed, lies more than 15 mm off, and beyond its expected error.
"""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import spect_ct_pairs
from residuum.volumes.registration.spect_ct import register_spect_ct
from spect_ct_pairs import Pair, is_limb

LIMIT_MM = 15.0
GOALS = {"accepted pairs within 15 mm": 0.96, "seconds of a processor": 5.0, "silent": 0}


@dataclass
class Result:
    """What was measured on one set of pairs; sites without a proposal are counted and left out of the errors."""

    worst: list[float] = field(default_factory=list)
    worst_trunk: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    silent: int = 0
    refused: int = 0
    refused_arms: int = 0

    def add(self, pair: Pair) -> None:
        """Register a pair and compare its sites with their true places."""
        began = time.process_time()
        found = register_spect_ct(pair.before, pair.after)
        carried = found.carry(pair.before_mm)
        self.seconds.append(time.process_time() - began)
        if found.fault is not None:
            self.faults.append(found.fault)
            return
        away = np.linalg.norm(carried.positions_mm - pair.after_mm, axis=1)
        given = np.isfinite(away)
        trunk = given & ~np.array([is_limb(site) for site in pair.sites])
        self.refused += int((~given).sum())
        self.refused_arms += int((~given & [is_limb(site) for site in pair.sites]).sum())
        self.silent += bool((away[given] > np.maximum(LIMIT_MM, carried.error_mm[given])).any())
        self.worst.append(float(away[given].max(initial=0.0)))
        self.worst_trunk.append(float(away[trunk].max(initial=0.0)))
        self.errors += away[given].tolist()
        self.covered += (away <= carried.error_mm)[given].tolist()

    def line(self, name: str) -> str:
        """Return the figures of the set."""
        whole, trunk = (np.mean(np.array(one) <= LIMIT_MM) for one in (self.worst, self.worst_trunk))
        median, high = np.percentile(self.errors, [50, 95])
        sites = len(self.errors) + self.refused
        return (
            f"{name}: pairs {len(self.seconds)}, faults {len(self.faults)} {sorted(self.faults)}; of the accepted all "
            f"sites within 15 mm {whole:.1%} (without arms {trunk:.1%}), silent {self.silent}; sites {sites}, "
            f"not proposed {self.refused} ({self.refused_arms} in arms), median {median:.1f}, p95 {high:.1f} mm, "
            f"within expected error {np.mean(self.covered):.1%}; {np.median(self.seconds):.1f} s of a processor "
            f"(max {max(self.seconds):.1f})"
        )

    def is_met(self) -> bool:
        """Return whether the goals are met."""
        within = np.mean(np.array(self.worst) <= LIMIT_MM)
        quick = np.median(self.seconds) <= GOALS["seconds of a processor"]
        return bool(within >= GOALS["accepted pairs within 15 mm"] and not self.silent and quick)


def count_told(make_pair: Callable[[int], Pair], seeds: range) -> str:
    """Return how many of the damaged scans are told as a fault."""
    told: dict[str, list[bool]] = {}
    for seed in seeds:
        for name, scans in spect_ct_pairs.spoil(make_pair(seed)).items():
            told.setdefault(name, []).append(register_spect_ct(*scans).fault is not None)
    return ", ".join(f"{name} {sum(some)} of {len(some)}" for name, some in told.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=18)
    parser.add_argument("--first-seed", type=int, default=3000)
    given = parser.parse_args()
    seeds = range(given.first_seed, given.first_seed + given.pairs)
    sets = {"the generator": spect_ct_pairs.make_phantom_pair, "random torsos": spect_ct_pairs.make_torso_pair}
    met = True
    for name, make_pair in sets.items():
        result = Result()
        for seed in seeds:
            result.add(make_pair(seed))
        met &= result.is_met()
        print(result.line(name), flush=True)
        print("    told:", count_told(make_pair, seeds[: max(1, given.pairs // 16)]), flush=True)
    print("goals met" if met else "goals NOT met", GOALS)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
