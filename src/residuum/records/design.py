"""What a trial design declares in its TOML file: every key, its default and its meaning.

A quantity that nobody knows is a range: its central value is simulated, the whole range is drawn in an assurance.
"""

import math
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from residuum.records.checks import DESIGN_CHECKS
from residuum.records.printable import first_unprintable

Bound = Literal["exclusive", "inclusive"]
Funnelling = Literal["evaluable", "stage_m"]
BOUNDS: Final[tuple[Bound, ...]] = ("exclusive", "inclusive")
FUNNELLINGS: Final[tuple[Funnelling, ...]] = ("evaluable", "stage_m")

# Half a week: what is shorter was meant in other units, and far shorter times leave no room between two numbers.
LEAST_YEARS: Final = 0.01
LEAST_HAZARD: Final = 1e-9
MOST_UNEVEN: Final = 3.0
"""How many times further, in logarithms, one end of a log-normal range may be from its median than the other."""

Year = Annotated[float, Field(ge=LEAST_YEARS, le=60)]
Patients = Annotated[int, Field(ge=2, le=4000)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _refuse(part: str, faults: list[InitErrorDetails]) -> None:
    if faults:
        raise ValidationError.from_exception_data(part, faults)


def _fault(rule: str, key: str | None, value: float | str, **words: str | float) -> InitErrorDetails:
    """Return one fault at a key of a part, None for the part itself."""
    kind = PydanticCustomError(rule, DESIGN_CHECKS[rule].message, words)
    return InitErrorDetails(type=kind, loc=() if key is None else (key,), input=value)


def _text(allowed: str = "") -> AfterValidator:
    """Refuse what a terminal would obey instead of print, except the characters allowed."""

    def check(text: str) -> str:
        found = first_unprintable(text, allowed)
        if found is not None:
            rule, words = DESIGN_CHECKS["design.unprintable"], {"character": f"U+{ord(found):04X}"}
            raise PydanticCustomError(rule.id, rule.message, words)
        return text

    return AfterValidator(check)


def _one(given: Any) -> Any:
    """Refuse true and 1.0, which equal 1."""
    if type(given) is not int:
        raise ValueError
    return given


Line = Annotated[str, _text()]
Lines = Annotated[str, _text("\n\t")]


class Quantity(_Part):
    """A number, or a range: ``{ central = 0.4, low = 0.0, high = 0.7, source = "..." }``.

    Attributes
    ----------
    central : float
        The value simulated.
    low, high : float or None
        Ends of the range, both or neither; `central` lies between them.
    distribution : {"pert", "uniform", "log_normal"}
        Of an assurance's draws: a beta with its mode at `central`, flat, or with median `central` and 95 % within.
    source : str
        Where the range comes from.
    """

    central: float = Field(description="the value simulated")
    low: float | None = Field(None, description="lower end of the range")
    high: float | None = Field(None, description="upper end of the range")
    distribution: Literal["pert", "uniform", "log_normal"] = Field("pert", description="of the draws of an assurance")
    source: Line = Field("", description="where the range comes from")

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"central": given} if isinstance(given, int | float) and not isinstance(given, bool) else given

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        low, high = self.low, self.high
        faults = []
        if (low is None) != (high is None):
            given, wanted = ("low", "high") if high is None else ("high", "low")
            faults.append(_fault("design.half_a_range", given, getattr(self, given), wanted=wanted))
        if low is not None and low > self.central:
            faults.append(_fault("design.range_order", "low", low, central=self.central))
        if high is not None and high < self.central:
            faults.append(_fault("design.range_order", "high", high, central=self.central))
        if low is None and high is None and self.distribution != "pert":
            faults.append(_fault("design.distribution_without_range", "distribution", self.distribution))
        if self.distribution == "log_normal" and low is not None and low <= 0:
            faults.append(_fault("design.log_normal_from_zero", "low", low))
        _refuse("Quantity", faults or self._uneven())
        return self

    def _uneven(self) -> list[InitErrorDetails]:
        """Return the fault of a log-normal whose median is too near one end for 95 % to lie within."""
        low, high = self.low, self.high
        if self.distribution != "log_normal" or low is None or high is None:
            return []
        below, above = math.log(self.central / low), math.log(high / self.central)
        if max(below, above) <= MOST_UNEVEN * min(below, above) + 1e-9:
            return []
        return [_fault("design.log_normal_uneven", "central", self.central, mean=math.sqrt(low) * math.sqrt(high))]

    @property
    def known(self) -> bool:
        """True where it is one value, not a range."""
        return self.low is None or self.low == self.high


def _within(low: float, high: float, wanted: str, *, or_zero: bool = False, open_high: bool = False) -> Any:
    def outside(value: float) -> bool:
        return not (or_zero and value == 0) and (value < low or value > high or (open_high and value == high))

    def check(quantity: Quantity) -> Quantity:
        values = {name: getattr(quantity, name) for name in ("central", "low", "high")}
        faults = [
            _fault("design.outside", name, value, wanted=wanted)
            for name, value in values.items()
            if value is not None and outside(value)
        ]
        if high == 1 and quantity.distribution == "log_normal" and not quantity.known:
            faults.append(_fault("design.log_normal_above_one", "distribution", quantity.distribution))
        _refuse("Quantity", faults)
        return quantity

    return AfterValidator(check)


Probability = Annotated[Quantity, _within(0, 1, "a probability from 0 to 1, such as 0.45 for 45 %")]
Fraction = Annotated[Quantity, _within(0, 1, "a probability from 0 to below 1, such as 0.45 for 45 %", open_high=True)]
Rate = Annotated[Quantity, _within(LEAST_HAZARD, 1000, "a number from 0 to 1000, 1e-9 or more if not 0", or_zero=True)]
Hazard = Annotated[Quantity, _within(LEAST_HAZARD, 1000, "a number from 1e-9 to 1000")]
PerYear = Annotated[Quantity, _within(0.001, 1000, "a number from 0.001 to 1000 per year")]
Ratio = Annotated[Quantity, _within(0.01, 100, "a ratio from 0.01 to 100, 1 for no difference")]
Shape = Annotated[Quantity, _within(0.1, 10, "a number from 0.1 to 10")]
Median = Annotated[Quantity, _within(0.01, 60, "years from 0.01 to 60, such as 1.5 for 18 months")]
Variance = Annotated[Quantity, _within(0, 5, "a number from 0 to 5")]
Days = Annotated[Quantity, _within(0, 3650, "days from 0 to 3650")]


def _quantity(value: float) -> Any:
    return Quantity(central=value)


class Funnel(_Part):
    """From the children enrolled by the whole group to those randomised, each year once every centre is open."""

    enrolled_per_year: PerYear = Field(description="children with high-risk disease enrolled per year")
    stage_m: Probability = Field(description="of them, stage M")
    evaluable: Probability = Field(description="of these, alive without event and evaluable after high-dose therapy")
    persistent: Probability = Field(description="with persistent skeletal uptake")
    persistent_of: Funnelling = Field(
        "evaluable", description="whether `persistent` is of the evaluable or all stage M"
    )
    oligo: Probability = Field(description="of the persistent, with few enough sites")
    consent: Probability = Field(description="of these, randomised")


class Accrual(_Part):
    """How patients come."""

    patients: Patients = Field(description="randomised at most")
    pattern: Literal["uniform", "centres"] = Field("uniform", description="evenly over `years`, or centre by centre")
    years: Year = Field(description="from the first patient to the last; accrual by centres closes then")
    centres: int = Field(30, ge=1, le=1000, description="number of centres (pattern centres)")
    opening_years: float = Field(2.0, ge=0, le=60, description="the last centre opens then; they open evenly (centres)")
    shape: Shape = Field(default=_quantity(1.2), description="of the gamma spread of rates between centres (centres)")
    per_year: PerYear | None = Field(None, description="expected per year with every centre open, without a funnel")
    funnel: Funnel | None = Field(None, description="where `per_year` comes from")


class Profile(_Part):
    """A kind of patient, known at randomisation."""

    name: Line = Field(min_length=1, description="printed in tables")
    share: float = Field(gt=0, le=1, description="of the patients; the shares add to 1")
    targets: int = Field(1, ge=1, le=28, description="residual sites to irradiate, P")
    cleared: int = Field(0, ge=0, le=28, description="sites seen before and cleared, C")
    risk: float = Field(1.0, ge=0.01, le=100, description="hazard ratio of every cause against the others")
    stratum: int = Field(0, ge=0, le=7, description="stratum of the randomisation and of the stratified test")


class Shares(_Part):
    """Where first failures are, as shares of the hazard; what remains is elsewhere only."""

    target_only: Probability = Field(description="at a target and nowhere else: the exclusive bound of f")
    both: Probability = Field(
        default=_quantity(0.0), description="at a target and elsewhere; the inclusive bound adds it to f"
    )
    death: Probability = Field(default=_quantity(0.0), description="death or second malignancy without progression")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        parts = (self.target_only, self.both, self.death)
        central = sum(part.central for part in parts)
        highest = sum(part.central if part.high is None else part.high for part in parts)
        if central > 1 + 1e-9:
            _refuse("Shares", [_fault("design.shares_above_one", None, round(central, 9))])
        if highest > 1 + 1e-9:
            _refuse("Shares", [_fault("design.highest_shares_above_one", None, round(highest, 9))])
        return self


class Failure(_Part):
    """When first failures happen in a patient who is not irradiated."""

    baseline: Literal["exponential", "weibull", "piecewise"] = Field("exponential", description="shape of the hazard")
    hazard_per_year: Hazard | None = Field(None, description="constant hazard (exponential)")
    efs_at: tuple[Year, Annotated[float, Field(gt=0, lt=1)]] | None = Field(
        None, strict=False, description="year, and EFS then, which give the constant hazard (exponential)"
    )
    median_years: Median | None = Field(None, description="median, of the uncured where there is a cure")
    shape: Shape = Field(default=_quantity(1.0), description="of the Weibull; below 1 the hazard falls")
    from_years: tuple[Annotated[float, Field(ge=0, le=60)], ...] = Field(
        (), strict=False, description="starts of the intervals, first 0 (piecewise)"
    )
    hazards_per_year: tuple[Rate, ...] = Field((), strict=False, description="hazard in each interval (piecewise)")
    cured: Fraction = Field(default=_quantity(0.0), description="share that never fails")
    cure: Literal["shared", "cause_specific"] = Field(
        "shared", description="shared: some patients never fail; cause_specific: the hazards of all fade alike"
    )
    shares: Shares | None = Field(None, description="where first failures are; needed with [radiotherapy]")
    bound: Bound = Field("exclusive", description="bound of f that the rows without a bound in their name describe")
    target_power: float = Field(1.0, ge=0, le=3, description="hazard at targets grows as P to this power")
    cleared_power: float = Field(0.0, ge=0, le=3, description="hazard elsewhere grows as (1 + C) to this power")
    frailty_variance: Variance = Field(default=_quantity(0.0), description="of a gamma frailty shared by the causes")


class Effect(_Part):
    """One hazard ratio for the first event, taken as given."""

    hazard_ratio: Ratio = Field(description="experimental over control")


class Radiotherapy(_Part):
    """What irradiating the targets does."""

    local_effect: Probability = Field(description="e: hazard at irradiated targets is multiplied by 1 - e")
    delay_years: float = Field(0.0, ge=0, le=10, description="from randomisation to the effect: planning and treatment")
    compliance: Probability = Field(default=_quantity(1.0), description="of the experimental arm, irradiated")
    crossover: Probability = Field(default=_quantity(0.05), description="of the control arm, irradiated off protocol")
    seeded_elsewhere: Probability = Field(
        default=_quantity(0.0), description="of the hazard elsewhere only, seeded by targets and so prevented with them"
    )
    toxicity_per_year: Rate = Field(
        default=_quantity(0.0), description="hazard of fatal toxicity or second malignancy added once irradiated"
    )


class Dropout(_Part):
    """Leaving the trial without event."""

    per_year: Rate = Field(default=_quantity(0.0), description="hazard, the same in both arms")


class Assessment(_Part):
    """When and how well progression is seen; without it the day of failure is known."""

    every_months: tuple[Annotated[float, Field(ge=0.25, le=120)], ...] = Field(
        strict=False, min_length=1, description="interval between visits, by period"
    )
    until_years: tuple[Year, ...] = Field(strict=False, min_length=1, description="end of each period")
    sensitivity: Probability = Field(default=_quantity(1.0), description="of a visit, for a failure that is there")
    false_positive: Fraction = Field(
        default=_quantity(0.0), description="probability per visit that progression is called without failure"
    )
    clearing_days: Days = Field(
        default=_quantity(0.0), description="after irradiation uptake at a target is not called a failure for so long"
    )


class Spending(_Part):
    """How the type I error is spent over several looks."""

    efficacy: Literal["obrien_fleming", "pocock", "hwang_shih_decani", "power"] | None = Field(
        None, description="spending function: Lan-DeMets types, Hwang-Shih-DeCani, or power family"
    )
    efficacy_parameter: float | None = Field(None, description="gamma of hwang_shih_decani, rho of power")
    spent: tuple[Annotated[float, Field(ge=0, le=1)], ...] | None = Field(
        None, strict=False, description="error spent by each look, cumulative, instead of `efficacy`"
    )
    futility: Literal["obrien_fleming", "pocock", "hwang_shih_decani", "power"] | None = Field(
        None, description="spending function of beta; futility bounds do not bind"
    )
    futility_parameter: float | None = Field(None, description="gamma or rho of the futility spending")
    beta: float = Field(0.2, gt=0, lt=1, description="type II error to spend on futility")


class Primary(_Part):
    """The primary analysis: by intention to treat, one test, one endpoint."""

    test: Literal["log_rank", "stratified_log_rank", "weighted_log_rank", "max_combo", "rmst", "milestone"] = Field(
        "log_rank", description="the one pre-specified test"
    )
    endpoint: Literal["efs", "target_control"] = Field(
        "efs", description="efs, or target_control: failure at a target, other first events censored"
    )
    alpha: float = Field(0.025, gt=0, lt=0.5, description="one-sided type I error")
    rho: float = Field(0.0, ge=0, le=5, description="Fleming-Harrington rho (weighted_log_rank)")
    gamma: float = Field(0.0, ge=0, le=5, description="Fleming-Harrington gamma (weighted_log_rank)")
    horizon_years: Year | None = Field(None, description="of the RMST, or the milestone")
    looks_events: tuple[Annotated[int, Field(gt=0)], ...] = Field(
        (), strict=False, description="events at each look, the last one final"
    )
    looks_years: tuple[Year, ...] = Field((), strict=False, description="or calendar years of the looks")
    latest_year: Year | None = Field(None, description="calendar year at which the last analysis is made anyway")
    spending: Spending = Field(default=Spending(), description="over several looks")


class Criteria(_Part):
    """Declared before running: what is worthwhile and what is feasible."""

    worthwhile_points: float = Field(0.10, gt=0, lt=1, description="gain in EFS that is worth a trial")
    worthwhile_year: Year = Field(3.0, description="at this year from randomisation")
    assurance: float = Field(0.6, gt=0, lt=1, description="least assurance of a feasible trial")
    done_years: Year = Field(8.0, description="the trial must be done by then")
    done_probability: float = Field(0.8, gt=0, lt=1, description="with at least this probability")


class Search(_Part):
    """The grid that `residuum trial search` walks."""

    patients: tuple[Patients, ...] = Field(strict=False, min_length=1, description="numbers randomised at most")
    follow_up_years: tuple[Annotated[float, Field(ge=0, le=60)], ...] = Field(
        (1.0, 2.0, 3.0), strict=False, min_length=1, description="least follow-up before the last analysis"
    )
    alpha: tuple[Annotated[float, Field(gt=0, lt=0.5)], ...] = Field(
        (0.025,), strict=False, min_length=1, description="one-sided type I errors"
    )
    tests: tuple[Literal["log_rank", "rmst", "milestone", "max_combo"], ...] = Field(
        ("log_rank",), strict=False, min_length=1, description="primary tests"
    )


class Borrowing(_Part):
    """Controls from outside the trial, for what the available children can buy; never called a radiotherapy effect."""

    patients: int = Field(gt=0, description="historical controls")
    events: int = Field(gt=0, description="first events among them")
    weight: float = Field(0.5, ge=0, le=1, description="power-prior weight, 1: as good as own controls")


class Design(_Part):
    """A whole design file."""

    format: Annotated[Literal[1], BeforeValidator(_one)] = Field(description="version of the design format")
    id: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", description="short name; keys the random numbers")
    title: Line = Field(min_length=1, description="printed on every output")
    notes: Lines = Field("", description="assumptions in words, printed in the report")
    accrual: Accrual = Field(description="how patients come")
    allocation: tuple[int, int] = Field((1, 1), strict=False, description="control to experimental")
    profiles: tuple[Profile, ...] = Field(
        (Profile(name="all", share=1.0),), strict=False, min_length=1, max_length=8, description="kinds of patient"
    )
    failure: Failure = Field(description="when and where first failures happen")
    effect: Effect | None = Field(None, description="a hazard ratio taken as given, instead of [radiotherapy]")
    radiotherapy: Radiotherapy | None = Field(None, description="what irradiation does, instead of [effect]")
    dropout: Dropout = Field(default=Dropout(), description="leaving without event")
    assessment: Assessment | None = Field(None, description="visits; without it failures are seen at once")
    primary: Primary = Field(description="the primary analysis")
    criteria: Criteria = Field(default=Criteria(), description="what is worthwhile and feasible")
    search: Search | None = Field(None, description="grid of `residuum trial search`")
    borrowing: Borrowing | None = Field(None, description="controls from outside the trial")
