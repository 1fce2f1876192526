"""Every way to spoil a design, with what must be said about it: one case, one line."""
# ruff: noqa: E501

import json
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final, NamedTuple

EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "designs"
NAMES: Final = sorted(path.stem for path in EXAMPLES.glob("*.toml"))
DECLARED: Final = {name: tomllib.loads((EXAMPLES / f"{name}.toml").read_text("utf-8")) for name in NAMES}
GONE: Final = type("Deleted", (), {"__repr__": lambda _: "deleted"})()
"""Deletes a key."""


class Case(NamedTuple):
    """Changes of an example by dotted key, and the problem that they must give."""

    changes: Mapping[str, Any]
    rule: str
    key: str
    value: str | None
    cure: str
    example: str = "residual_oligo_central"


def changed(example: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an example declares after some changes; numbers in a key count entries from 0."""
    declared = deepcopy(DECLARED[example])
    for key, value in changes.items():
        *place, name = (int(part) if part.isdecimal() else part for part in key.split("."))
        section: Any = declared
        for part in place:
            section = section[part] if isinstance(section, list) else section.setdefault(part, {})
        if value is GONE:
            del section[name]
        else:
            section[name] = value
    return declared


def toml(declared: Mapping[str, Any]) -> str:
    """Return a design file, each section in one line."""
    return "".join(f"{_text(key)} = {_value(value)}\n" for key, value in declared.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value) if isinstance(value, str) else str(value).lower()


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


FIXED, GS3 = "s1_fixed", "s1_gs3"
LE, SH, SP, F, P = "radiotherapy.local_effect", "failure.shares", "primary.spending", "failure", "primary"
LOPSIDED: Final = {"central": 1.0, "low": 0.99, "high": 50.0, "distribution": "log_normal"}
RT, IDLE = "radiotherapy", "design.no_effect"
NAN, INF = float("nan"), float("inf")


def _piecewise(**keys: Any) -> dict[str, Any]:
    given = {"baseline": "piecewise", "from_years": [0, 1], "hazards_per_year": [0.5, 0.2]} | keys
    return {"failure": {key: value for key, value in given.items() if value is not GONE}}


KEYS = [
    Case({"format": 2}, "design.format", "format", "2", "format = 1"),
    Case({"format": True}, "design.format", "format", "true", "format = 1"),
    Case({"format": 1.0}, "design.format", "format", "1.0", "format = 1"),
    Case({"format": GONE}, "design.missing_key", "format", None, "version of the design format"),
    Case({"accrual": GONE}, "design.missing_key", "accrual", None, "how patients come"),
    Case({"accrual.years": GONE}, "design.missing_key", "accrual.years", None, "from the first patient to the last"),
    Case({"accrual.funnel.consent": GONE}, "design.missing_key", "accrual.funnel.consent", None, "of these, randomised"),
    Case({"profiles.1.share": GONE}, "design.missing_key", "profiles[2].share", None, "Add it"),
    Case({LE: {"low": 0.1}}, "design.missing_key", f"{LE}.central", None, "the value simulated"),
    Case({"failure.efs_at": [3.0]}, "design.missing_key", "failure.efs_at[2]", None, "year, and EFS then", FIXED),
    Case({"titel": "x"}, "design.unknown_key", "titel", "x", "Did you mean title?"),
    Case({"accrual.patient": 10}, "design.unknown_key", "accrual.patient", "10", "Did you mean patients?"),
    Case({"profiles.0.shares": 1}, "design.unknown_key", "profiles[1].shares", "1", "Did you mean share?"),
    Case({f"{LE}.hi": 0.9}, "design.unknown_key", f"{LE}.hi", "0.9", "Did you mean high?"),
    Case({"looks_events": [3]}, "design.unknown_key", "looks_events", "[3]", "`looks_events` belongs to [primary]."),
    Case({"alpha": 0.05}, "design.unknown_key", "alpha", "0.05", "`alpha` belongs to [primary] or [search]."),
    Case({"primary.risk": 1}, "design.unknown_key", "primary.risk", "1", "`risk` belongs to [[profiles]]."),
    Case({"dropout.zzz": 1}, "design.unknown_key", "dropout.zzz", "1", "The keys here are: per_year."),
    Case({"id": "A b"}, "design.wrong_value", "id", "A b", "small letters, digits and _"),
    Case({"title": ""}, "design.wrong_value", "title", "", "Write some text. It means: printed on every output."),
    Case({"title": 3}, "design.wrong_value", "title", "3", "text in quotes"),
    Case({"accrual.patients": 1}, "design.wrong_value", "accrual.patients", "1", "2 or more"),
    Case({"accrual.patients": 4001}, "design.wrong_value", "accrual.patients", "4001", "4000 or less"),
    Case({"accrual.patients": 40.0}, "design.wrong_value", "accrual.patients", "40.0", "a whole number"),
    Case({"accrual.patients": True}, "design.wrong_value", "accrual.patients", "true", "a whole number"),
    Case({"accrual.patients": "40"}, "design.wrong_value", "accrual.patients", "40", "a whole number"),
    Case({"accrual.years": 0}, "design.wrong_value", "accrual.years", "0", "a value of 0.01 or more"),
    Case({"profiles": [{"name": "", "share": 1.0}]}, "design.wrong_value", "profiles[1].name", "", "Write some text"),
    Case({"accrual.years": 5e-324}, "design.wrong_value", "accrual.years", "5e-324", "a value of 0.01 or more"),
    Case({"primary.latest_year": 5e-324}, "design.wrong_value", "primary.latest_year", "5e-324", "a value of 0.01 or more"),
    Case({"title": "a\x1b[31mb"}, "design.unprintable", "title", "a\x1b[31mb", "printable text only"),
    Case({"title": "a\nb"}, "design.unprintable", "title", "a\nb", "`notes` may have several lines"),
    Case({"notes": "a\x07b"}, "design.unprintable", "notes", "a\x07b", "printable text only"),
    Case({"notes": "a\rb"}, "design.unprintable", "notes", "a\rb", "printable text only"),
    Case({"profiles.1.name": "\u202eab"}, "design.unprintable", "profiles[2].name", "\u202eab", "printable text only"),
    Case({f"{LE}.source": "a\x7f"}, "design.unprintable", f"{LE}.source", "a\x7f", "printable text only"),
    Case({"a\x1b": 1}, "design.unknown_key", "a\\x1b", "1", "The keys here are"),
    Case({"accrual.years": 96}, "design.wrong_value", "accrual.years", "96", "60 or less"),
    Case({"accrual.years": NAN}, "design.wrong_value", "accrual.years", "nan", "a finite number"),
    Case({"accrual.years": INF}, "design.wrong_value", "accrual.years", "inf", "a finite number"),
    Case({"accrual.pattern": "centers"}, "design.wrong_value", "accrual.pattern", "centers", "one of 'uniform' or 'centres'"),
    Case({"accrual.funnel": 5.7}, "design.wrong_value", "accrual.funnel", "5.7", "a section of its own, [accrual.funnel]"),
    Case({"profiles": {"name": "all", "share": 1}}, "design.wrong_value", "profiles", '{"name": "all", "share": 1}', "a section of its own, [[profiles]]"),
    Case({"profiles": []}, "design.wrong_value", "profiles", "[]", "at least 1 in the list"),
    Case({"profiles.0.targets": 0}, "design.wrong_value", "profiles[1].targets", "0", "1 or more"),
    Case({"profiles.2.risk": 0.0}, "design.wrong_value", "profiles[3].risk", "0.0", "0.01 or more"),
    Case({"profiles.2.stratum": 8}, "design.wrong_value", "profiles[3].stratum", "8", "7 or less"),
    Case({"allocation": [1, 1, 1]}, "design.wrong_value", "allocation", "[1, 1, 1]", "at most 2 in the list"),
    Case({LE: "0.4"}, "design.wrong_value", LE, "0.4", "a number, or a range such as {"),
    Case({LE: True}, "design.wrong_value", LE, "true", "a number, or a range such as {"),
    Case({LE: NAN}, "design.wrong_value", LE, "nan", "a finite number. It means: e:"),
    Case({f"{LE}.low": -INF}, "design.wrong_value", f"{LE}.low", "-inf", "a finite number. It means: lower end"),
    Case({f"{LE}.distribution": "normal"}, "design.wrong_value", f"{LE}.distribution", "normal", "'log_normal'"),
    Case({"radiotherapy.delay_years": 55}, "design.wrong_value", "radiotherapy.delay_years", "55", "10 or less"),
    Case({"assessment.every_months": [3, 0]}, "design.wrong_value", "assessment.every_months[2]", "0", "0.25 or more"),
    Case({"assessment.until_years": []}, "design.wrong_value", "assessment.until_years", "[]", "at least 1 in the list"),
    Case({"primary.alpha": 0.5}, "design.wrong_value", "primary.alpha", "0.5", "a value below 0.5"),
    Case({"primary.looks_events": [0, 20]}, "design.wrong_value", "primary.looks_events[1]", "0", "a value above 0"),
    Case({"primary.looks_events": [10, 20.5]}, "design.wrong_value", "primary.looks_events[2]", "20.5", "a whole number"),
    Case({"primary.looks_years": 8.0}, "design.wrong_value", "primary.looks_years", "8.0", "a list, such as [1, 2]", FIXED),
    Case({"primary.looks_years": [-1.0]}, "design.wrong_value", "primary.looks_years[1]", "-1.0", "a value of 0.01 or more", FIXED),
    Case({"failure.efs_at": [3.0, 1.0]}, "design.wrong_value", "failure.efs_at[2]", "1.0", "a value below 1", FIXED),
    Case({"failure.efs_at": [3.0, 0.0]}, "design.wrong_value", "failure.efs_at[2]", "0.0", "a value above 0", FIXED),
    Case({"failure.efs_at": [0.0, 0.45]}, "design.wrong_value", "failure.efs_at[1]", "0.0", "a value of 0.01 or more", FIXED),
    Case({"search.patients": [1]}, "design.wrong_value", "search.patients[1]", "1", "2 or more"),
    Case({"search.tests": ["weighted_log_rank"]}, "design.wrong_value", "search.tests[1]", "weighted_log_rank", "'max_combo'"),
    Case({"borrowing.weight": 1.5}, "design.wrong_value", "borrowing.weight", "1.5", "1 or less"),
]  # fmt: skip

RANGES = [
    Case({LE: 40}, "design.outside", LE, "40.0", "a probability from 0 to 1, such as 0.45 for 45 %"),
    Case({f"{LE}.high": 1.2}, "design.outside", f"{LE}.high", "1.2", "a probability from 0 to 1"),
    Case({f"{LE}.low": -0.1}, "design.outside", f"{LE}.low", "-0.1", "a probability from 0 to 1"),
    Case({"failure.cured": 1}, "design.outside", "failure.cured", "1.0", "from 0 to below 1"),
    Case({"failure.median_years": 0}, "design.outside", "failure.median_years", "0.0", "such as 1.5 for 18 months"),
    Case({"failure.frailty_variance.high": 9}, "design.outside", "failure.frailty_variance.high", "9.0", "a number from 0 to 5"),
    Case({"accrual.shape": 0.01}, "design.outside", "accrual.shape", "0.01", "a number from 0.1 to 10"),
    Case({"accrual.funnel.enrolled_per_year": 0}, "design.outside", "accrual.funnel.enrolled_per_year", "0.0", "a number from 0.001 to 1000 per year"),
    Case({"dropout.per_year": -0.1}, "design.outside", "dropout.per_year", "-0.1", "a number from 0 to 1000"),
    Case({"assessment.clearing_days": 9999}, "design.outside", "assessment.clearing_days", "9999.0", "days from 0"),
    Case({"dropout.per_year": 5e-324}, "design.outside", "dropout.per_year", "5e-324", "1e-9 or more if not 0"),
    Case({"failure": {"hazard_per_year": 5e-324}}, "design.outside", "failure.hazard_per_year", "5e-324", "a number from 1e-9 to 1000", FIXED),
    Case({"effect.hazard_ratio": 0}, "design.outside", "effect.hazard_ratio", "0.0", "1 for no difference", FIXED),
    Case({"effect.hazard_ratio": -0.7}, "design.outside", "effect.hazard_ratio", "-0.7", "a ratio from 0.01 to 100", FIXED),
    Case(_piecewise(hazards_per_year=[0.5, -0.2]), "design.outside", "failure.hazards_per_year[2]", "-0.2", "from 0 to 1000", FIXED),
    Case({f"{LE}.high": GONE}, "design.half_a_range", f"{LE}.low", "0.0", "Give `high` too"),
    Case({f"{LE}.low": GONE}, "design.half_a_range", f"{LE}.high", "0.7", "Give `low` too"),
    Case({f"{LE}.low": 0.5}, "design.range_order", f"{LE}.low", "0.5", "in order"),
    Case({f"{LE}.high": 0.3}, "design.range_order", f"{LE}.high", "0.3", "in order"),
    Case({LE: {"central": 0.4, "distribution": "uniform"}}, "design.distribution_without_range", f"{LE}.distribution", "uniform", "`low` and `high`"),
    Case({f"{LE}.distribution": "log_normal"}, "design.log_normal_from_zero", f"{LE}.low", "0.0", "pert"),
    Case({"effect.hazard_ratio": LOPSIDED}, "design.log_normal_uneven", "effect.hazard_ratio.central", "1.0", "central = 7.036, the geometric mean", FIXED),
    Case({"effect.hazard_ratio": LOPSIDED | {"central": 0.99}}, "design.log_normal_uneven", "effect.hazard_ratio.central", "0.99", 'distribution = "pert"', FIXED),
    Case({f"{SH}.both.distribution": "log_normal"}, "design.log_normal_above_one", f"{SH}.both.distribution", "log_normal", "uniform"),
    Case({f"{SH}.target_only": 0.7, f"{SH}.both": 0.3}, "design.shares_above_one", SH, "1.1", "Lower one of them"),
    Case({f"{SH}.both.high": 0.9}, "design.highest_shares_above_one", SH, "1.25", "Lower one `high`"),
]  # fmt: skip

PATIENTS = [
    Case({"accrual.per_year": 5.7}, "design.accrual_twice", "accrual.per_year", "5.7", "Delete accrual.per_year or [accrual.funnel]"),
    Case({"accrual.funnel": GONE}, "design.accrual_missing", "accrual.per_year", None, "Give accrual.per_year, or [accrual.funnel]"),
    Case({"accrual.opening_years": 8}, "design.centres_open_too_late", "accrual.opening_years", "8.0", "raise accrual.years"),
    Case({"accrual.per_year": 60}, "design.no_effect", "accrual.per_year", "60.0", 'write pattern = "centres"', FIXED),
    Case({"accrual.centres": 10}, "design.no_effect", "accrual.centres", "10", 'write pattern = "centres"', FIXED),
    Case({"accrual.opening_years": 1.0}, "design.no_effect", "accrual.opening_years", "1.0", 'write pattern = "centres"', FIXED),
    Case({"accrual.shape": 2}, "design.no_effect", "accrual.shape", "2.0", 'write pattern = "centres"', FIXED),
    Case({"allocation": [0, 1]}, "design.allocation", "allocation", "[0, 1]", "for example [1, 1]"),
    Case({"allocation": [1, -1]}, "design.allocation", "allocation", "[1, -1]", "for example [1, 1]"),
    Case({"allocation": [50, 50]}, "design.allocation", "allocation", "[50, 50]", "8 at most"),
    Case({"allocation": [3, 5], "accrual.patients": 7}, "design.too_few_patients", "accrual.patients", "7", "8 or more"),
    Case({"profiles.0.share": 0.5}, "design.profile_shares", "profiles", "[0.5, 0.33, 0.14]", "shares of all patients"),
    Case({"profiles.1.name": "1 target"}, "design.profile_name_twice", "profiles", "1 target", "a name of its own"),
    Case({"profiles.2.cleared": 26}, "design.profile_sites", "profiles[3].cleared", "26", "Lower `targets` or `cleared`"),
    Case({"failure.median_years": GONE}, "design.baseline_missing", "failure.hazard_per_year", None, "hazard_per_year, median_years or efs_at"),
    Case({"failure.median_years": GONE, "failure.baseline": "weibull"}, "design.baseline_missing", "failure.median_years", None, "Give failure.median_years"),
    Case(_piecewise(from_years=GONE), "design.baseline_missing", "failure.from_years", None, "Give failure.from_years", FIXED),
    Case(_piecewise(hazards_per_year=GONE), "design.baseline_missing", "failure.hazards_per_year", None, "Give failure.hazards_per_year", FIXED),
    Case({"failure.median_years": 2}, "design.baseline_twice", "failure.median_years", "2.0", "Keep one", FIXED),
    Case({"failure.hazard_per_year": 0.3}, "design.baseline_twice", "failure.efs_at", "[3.0, 0.45]", "Keep one", FIXED),
    Case({"failure.shape": 0.8}, "design.no_effect", "failure.shape", "0.8", "choose its baseline"),
    Case({"failure.from_years": [0, 1]}, "design.no_effect", "failure.from_years", "[0.0, 1.0]", "choose its baseline"),
    Case({"failure.hazards_per_year": [1]}, "design.no_effect", "failure.hazards_per_year", "[1.0]", "choose its baseline"),
    Case({"failure.baseline": "weibull", "failure.hazard_per_year": 1}, "design.no_effect", "failure.hazard_per_year", "1.0", "choose its baseline"),
    Case(_piecewise(efs_at=[3, 0.5]), "design.no_effect", "failure.efs_at", "[3.0, 0.5]", "choose its baseline", FIXED),
    Case(_piecewise(from_years=[0.5, 1]), "design.piecewise_start", "failure.from_years", "[0.5, 1.0]", "with 0", FIXED),
    Case(_piecewise(from_years=[0, 0]), "design.not_rising", "failure.from_years", "[0.0, 0.0]", "rising order", FIXED),
    Case(_piecewise(hazards_per_year=[1, 1, 1]), "design.piecewise_lengths", "failure.hazards_per_year", "[1.0, 1.0, 1.0]", "one hazard for each start", FIXED),
    Case(_piecewise(hazards_per_year=[0, 0]), "design.no_hazard", "failure.hazards_per_year", "[0.0, 0.0]", "above 0", FIXED),
    Case({"failure.cure": "cause_specific"}, "design.no_effect", "failure.cure", "cause_specific", "raise failure.cured above 0", FIXED),
    Case({"radiotherapy": GONE}, "design.effect_missing", "effect", None, "Add [radiotherapy], or [effect]"),
    Case({"effect": {"hazard_ratio": 0.7}}, "design.effect_twice", "effect.hazard_ratio", "0.7", "Delete one of the two"),
    Case({SH: GONE}, "design.shares_missing", SH, None, "Add [failure.shares]"),
    Case({SH: {"target_only": 0.1}}, "design.no_effect", SH, None, "give [radiotherapy] instead of [effect]", FIXED),
    Case({"failure.bound": "inclusive"}, "design.no_effect", "failure.bound", "inclusive", "give [radiotherapy]", FIXED),
    Case({"radiotherapy.crossover": 0.95, "radiotherapy.compliance": 0.05}, "design.crossover_above_compliance", "radiotherapy.crossover", "0.95", "Exchange"),
    Case({"assessment.every_months": [3]}, "design.visit_periods", "assessment.every_months", "[3.0]", "one entry of every_months for each"),
    Case({"assessment.until_years": [5, 2]}, "design.not_rising", "assessment.until_years", "[5.0, 2.0]", "rising order"),
    Case({"assessment": {"every_months": [3], "until_years": [5], "clearing_days": 78}}, "design.no_effect", "assessment.clearing_days", "78.0", "give [radiotherapy]", FIXED),
]  # fmt: skip

ONE = {"name": "all", "share": 1.0}
TWO = [{"name": "a", "share": 0.5}, {"name": "b", "share": 0.5}]
NO_VISITS = {"assessment": GONE, "primary.latest_year": 10.0}
NOBODY = {f"{RT}.compliance": 0, f"{RT}.crossover": 0}


def _profiles(**keys: Any) -> dict[str, Any]:
    """Return the change to one kind of patient."""
    return {"profiles": [ONE | keys]}


IDLE_KEYS = [
    Case(_profiles(targets=2), IDLE, "profiles[1].targets", "2", "give [radiotherapy]", FIXED),
    Case(_profiles(cleared=3), IDLE, "profiles[1].cleared", "3", "give [radiotherapy]", FIXED),
    Case(_profiles(risk=2.0), IDLE, "profiles[1].risk", "2.0", "give the profiles different ones", FIXED),
    Case(_profiles(stratum=1), IDLE, "profiles[1].stratum", "1", "give the profiles different ones"),
    Case({"profiles": [one | {"risk": 2.0} for one in TWO]}, IDLE, "profiles[2].risk", "2.0", "different ones"),
    Case(_profiles() | {"failure.target_power": 2.0}, IDLE, "failure.target_power", "2.0", "different `targets`"),
    Case({"profiles": [one | {"targets": 2} for one in TWO], "failure.target_power": 0.5}, IDLE, "failure.target_power", "0.5", "different `targets`"),
    Case(_profiles(targets=2) | {"failure.target_power": 0.0}, IDLE, "profiles[1].targets", "2", "another number"),
    Case(_profiles(cleared=4) | {"failure.cleared_power": 0.5}, IDLE, "failure.cleared_power", "0.5", "different `cleared`"),
    Case({"profiles": TWO, "failure.cleared_power": 0.5}, IDLE, "failure.cleared_power", "0.5", "different `cleared`"),
    Case({"failure.bound": "inclusive", f"{SH}.both": 0}, IDLE, "failure.bound", "inclusive", "raise failure.shares.both"),
    Case({f"{RT}.seeded_elsewhere": 0.2, LE: 0}, IDLE, f"{RT}.seeded_elsewhere", "0.2", "raise radiotherapy.local_effect"),
    Case({f"{RT}.seeded_elsewhere": {"central": 0, "low": 0, "high": 0.2}, LE: 0}, IDLE, f"{RT}.seeded_elsewhere", "0.0", "local_effect above 0"),
    Case({f"{RT}.seeded_elsewhere": 0.2, SH: {"target_only": 0.9, "death": 0.1}}, IDLE, f"{RT}.seeded_elsewhere", "0.2", "lower failure.shares.target_only"),
    Case(NOBODY | {f"{RT}.seeded_elsewhere": 0.2}, IDLE, f"{RT}.seeded_elsewhere", "0.2", "raise radiotherapy.compliance"),
    Case(NOBODY, IDLE, f"{RT}.delay_years", "0.15", "raise radiotherapy.compliance"),
    Case(NOBODY, IDLE, f"{RT}.toxicity_per_year", "0.001", "raise radiotherapy.compliance"),
    Case(NOBODY, IDLE, "assessment.clearing_days", "78.0", "raise radiotherapy.compliance"),
    Case(NO_VISITS | {LE: 0, f"{RT}.toxicity_per_year": 0}, IDLE, f"{RT}.delay_years", "0.15", "raise radiotherapy.local_effect"),
    Case({"accrual.centres": 1, "accrual.opening_years": 1.0}, IDLE, "accrual.opening_years", "1.0", "raise accrual.centres above 1"),
    Case({f"{RT}.delay_years": 10.0}, "design.delay_out_of_reach", f"{RT}.delay_years", "10.0", "Lower delay_years"),
    Case({f"{RT}.delay_years": 9.5, "primary.looks_events": GONE, "primary.latest_year": GONE, "primary.looks_years": [8.5, 9.5]}, "design.delay_out_of_reach", f"{RT}.delay_years", "9.5", "analyse later"),
]  # fmt: skip

LOOKS = [
    Case({"primary.looks_years": [8, 8.005], SP: {"efficacy": "pocock"}}, "design.times_too_close", "primary.looks_years", "[8.0, 8.005]", "Leave one of them out", FIXED),
    Case(_piecewise(from_years=[0, 5e-324]), "design.times_too_close", "failure.from_years", "[0.0, 5e-324]", "Leave one of them out", FIXED),
    Case({"assessment.until_years": [2, 2.001]}, "design.times_too_close", "assessment.until_years", "[2.0, 2.001]", "Leave one of them out"),
    Case({SP: {"spent": [0.025, 0.025]}}, "design.alpha_spent_early", f"{SP}.spent", "[0.025, 0.025]", "reach 0.025 at the last look only"),
    Case({SP: {"spent": [0.01, 0.025, 0.025]}}, "design.alpha_spent_early", f"{SP}.spent", "[0.01, 0.025, 0.025]", "at the last look only", GS3),
    Case({f"{SP}.futility": "pocock", f"{SP}.beta": 0.98}, "design.beta_too_large", f"{SP}.beta", "0.98", "Lower beta below 0.975"),
    Case({f"{SP}.futility": "pocock", f"{SP}.beta": 0.975}, "design.beta_too_large", f"{SP}.beta", "0.975", "usual are 0.1 and 0.2"),
    Case({"primary.looks_years": GONE}, "design.looks_missing", "primary.looks_events", None, "looks_events (events at each look) or looks_years", FIXED),
    Case({"primary.looks_events": [200]}, "design.looks_twice", "primary.looks_years", "[8.0]", "Delete looks_events or looks_years", FIXED),
    Case({"primary.looks_events": [138, 69, 207]}, "design.not_rising", "primary.looks_events", "[138, 69, 207]", "rising order", GS3),
    Case({"primary.looks_years": [8, 8]}, "design.not_rising", "primary.looks_years", "[8.0, 8.0]", "rising order", FIXED),
    Case({"primary.looks_events": [*range(1, 22)]}, "design.too_many_looks", "primary.looks_events", str([*range(1, 22)]), "Leave some out", GS3),
    Case({"primary.looks_events": [2000, 2001], "accrual.patients": 4000}, "design.looks_too_close", "primary.looks_events", "[2000, 2001]", "Leave one of them out", GS3),
    Case({"primary.looks_events": [69, 138, 301]}, "design.more_events_than_patients", "primary.looks_events", "[69, 138, 301]", "raise accrual.patients", GS3),
    Case({"primary.looks_years": [4.0]}, "design.last_look_during_accrual", "primary.looks_years", "4.0", "lower accrual.years", FIXED),
    Case({"primary.latest_year": 3.0}, "design.last_look_during_accrual", "primary.latest_year", "3.0", "not follow-up", GS3),
    Case({"primary.latest_year": 9.0}, "design.no_effect", "primary.latest_year", "9.0", "give looks_events", FIXED),
    Case({"primary.latest_year": GONE}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year"),
    Case({"failure.cured": 0.1}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case({"failure.cured": {"central": 0, "low": 0, "high": 0.2}}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case({"dropout": {"per_year": 0.01}}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case({"accrual.pattern": "centres", "accrual.per_year": 60}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case({"assessment": {"every_months": [3], "until_years": [5]}}, "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case(_piecewise(hazards_per_year=[0.5, 0]), "design.latest_year_missing", "primary.latest_year", None, "Add latest_year", GS3),
    Case({SP: GONE}, "design.spending_missing", f"{SP}.efficacy", None, "obrien_fleming"),
    Case({f"{SP}.spent": [0.01, 0.025]}, "design.alpha_spent_twice", f"{SP}.spent", "[0.01, 0.025]", "Delete one of the two"),
    Case({SP: {"spent": [0.01, 0.05]}}, "design.alpha_overspent", f"{SP}.spent", "[0.01, 0.05]", "end with 0.025"),
    Case({SP: {"spent": [0.03, 0.025]}}, "design.alpha_overspent", f"{SP}.spent", "[0.03, 0.025]", "end with 0.025"),
    Case({SP: {"spent": [0.005, 0.02]}}, "design.alpha_left_over", f"{SP}.spent", "[0.005, 0.02]", "not what each look adds"),
    Case({SP: {"spent": []}}, "design.alpha_left_over", f"{SP}.spent", "[]", "end with 0.025"),
    Case({SP: {"spent": [0.02, 0.005]}}, "design.spent_falls", f"{SP}.spent", "[0.02, 0.005]", "cumulative"),
    Case({SP: {"spent": [0.025]}}, "design.spent_length", f"{SP}.spent", "[0.025]", "one entry for each look"),
    Case({SP: {"efficacy": "hwang_shih_decani"}}, "design.parameter_missing", f"{SP}.efficacy_parameter", None, "Add a gamma"),
    Case({SP: {"efficacy": "power"}}, "design.parameter_missing", f"{SP}.efficacy_parameter", None, "Add a rho"),
    Case({f"{SP}.futility": "power"}, "design.parameter_missing", f"{SP}.futility_parameter", None, "Add a rho"),
    Case({SP: {"efficacy": "power", "efficacy_parameter": 0.0}}, "design.parameter_outside", f"{SP}.efficacy_parameter", "0.0", "a rho from 0.01"),
    Case({SP: {"efficacy": "hwang_shih_decani", "efficacy_parameter": -400.0}}, "design.parameter_outside", f"{SP}.efficacy_parameter", "-400.0", "a gamma from -40"),
    Case({f"{SP}.efficacy_parameter": 3}, "design.no_effect", f"{SP}.efficacy_parameter", "3.0", "hwang_shih_decani or power"),
    Case({SP: {"spent": [0.01, 0.025], "efficacy_parameter": 3}}, "design.no_effect", f"{SP}.efficacy_parameter", "3.0", "hwang_shih_decani or power"),
    Case({f"{SP}.futility_parameter": 3}, "design.no_effect", f"{SP}.futility_parameter", "3.0", "hwang_shih_decani or power"),
    Case({f"{SP}.beta": 0.1}, "design.no_effect", f"{SP}.beta", "0.1", "choose `futility`"),
    Case({SP: {"efficacy": "pocock"}}, "design.no_effect", f"{SP}.efficacy", "pocock", "add a look", FIXED),
    Case({SP: {"spent": [0.025]}}, "design.no_effect", f"{SP}.spent", "[0.025]", "add a look", FIXED),
    Case({SP: {"futility": "pocock"}}, "design.no_effect", f"{SP}.futility", "pocock", "add a look", FIXED),
]  # fmt: skip

TESTS = [
    Case({"primary.test": "rmst", "primary.horizon_years": 3}, "design.one_look_only", "primary.test", "rmst", "log_rank", GS3),
    Case({"primary.test": "max_combo"}, "design.one_look_only", "primary.test", "max_combo", "keep one look"),
    Case({"primary.test": "stratified_log_rank"}, "design.one_stratum", "primary.test", "stratified_log_rank", "different strata", FIXED),
    Case({"primary.gamma": 1}, "design.no_effect", "primary.gamma", "1.0", "weighted_log_rank"),
    Case({"primary.rho": 0.5}, "design.no_effect", "primary.rho", "0.5", "weighted_log_rank"),
    Case({"primary.horizon_years": 3}, "design.no_effect", "primary.horizon_years", "3.0", "rmst or milestone", FIXED),
    Case({"primary.test": "rmst"}, "design.horizon_missing", "primary.horizon_years", None, "for example 3.0", FIXED),
    Case({"primary.test": "milestone"}, "design.horizon_missing", "primary.horizon_years", None, "for example 3.0", FIXED),
    Case({"primary.horizon_years": GONE}, "design.horizon_missing", "primary.horizon_years", None, "for example 3.0"),
    Case({"primary.test": "rmst", "primary.horizon_years": 8}, "design.horizon_out_of_reach", "primary.horizon_years", "8.0", "analyse later", FIXED),
    Case({"primary.horizon_years": 9}, "design.horizon_out_of_reach", "primary.horizon_years", "9.0", "analyse later"),
    Case({"primary.endpoint": "target_control"}, "design.target_control_without_targets", "primary.endpoint", "target_control", 'Write endpoint = "efs"', FIXED),
    Case({"primary.endpoint": "target_control", f"{SH}.target_only": 0}, "design.target_control_without_targets", "primary.endpoint", "target_control", "Raise failure.shares.target_only"),
    Case({"search.alpha": [0.05, 0.05]}, "design.repeated", "search.alpha", "[0.05, 0.05]", "once"),
    Case({"search.tests": ["rmst", "rmst"]}, "design.repeated", "search.tests", '["rmst", "rmst"]', "once"),
    Case({"borrowing.events": 31}, "design.borrowed_events", "borrowing.events", "31", "one first event at most"),
]  # fmt: skip

CASES = [*KEYS, *RANGES, *PATIENTS, *IDLE_KEYS, *LOOKS, *TESTS]
