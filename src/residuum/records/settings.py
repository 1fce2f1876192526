"""What a study declares in study.toml: every key, its default and its meaning."""

from datetime import date
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

FILE: Final = "study.toml"
STEPS: Final[tuple["Step", ...]] = ("source", "avid_at_diagnosis", "evaluable_after_hdc", "persistent_after_hdc")
Step = Literal["source", "avid_at_diagnosis", "evaluable_after_hdc", "persistent_after_hdc"]
Stage = Literal["L1", "L2", "M", "MS"]
Origin = Literal["diagnosis", "hdc", "end_of_treatment"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, strict=True)


class Population(_Section):
    """Who belongs to the source population, and the eligibility steps in their order."""

    minimum_age_days: int = Field(366, ge=0, description="youngest age at diagnosis, in days (366: over one year)")
    stages: tuple[Stage, ...] = Field(("M",), strict=False, description="INRGSS stages: L1, L2, M, MS")
    diagnosis_years: tuple[int, int] = Field((2000, 2020), strict=False, description="first and last year, inclusive")
    steps: tuple[Step, ...] = Field(STEPS, strict=False, description="eligibility steps, in order")


class Reading(_Section):
    """Who reads, how, and what is recorded."""

    design: Literal["independent", "consensus", "single"] = Field(
        "independent", description="independent, consensus or single"
    )
    readers: tuple[str, ...] = Field(("reader_1", "reader_2"), strict=False, description="never lists `consensus`")
    entry: Literal["marks", "grades"] = Field("marks", description="marks, or grades only")
    order: Literal["blinded", "paired"] = Field(
        "blinded", description="blinded: random order, patient, time point and day hidden; or paired"
    )
    seed: int = Field(1, ge=0, description="seed of the random reading order")
    reveal: Literal["study", "scan"] = Field(
        "study", description="a reader sees the other's reads once both have locked: study (all their scans) or scan"
    )
    repeat_share: float = Field(0.1, ge=0, le=1, description="share of scans that every reader reads twice")
    training: tuple[str, ...] = Field((), strict=False, description="scans read first, for training; never counted")


class Definitions(_Section):
    """Definitions on which sources disagree; the defaults are the reference study's."""

    site_level: Literal["region", "lesion", "segment"] = Field(
        "region", description="region, lesion (by the label `site` of a mark) or segment (studies with grades)"
    )
    sacrum_to: Literal["spine", "pelvis"] = Field("spine", description="SIOPEN and Amsterdam segment of the sacrum")
    girdle_to: Literal["thoracic_cage", "proximal_upper_limb"] = Field(
        "thoracic_cage", description="SIOPEN and Amsterdam segment of clavicle and scapula"
    )
    progression_window_days: int = Field(60, ge=0, description="farthest progression scan, in days")
    oligo_max_sites: int = Field(3, ge=0, description="most sites at the landmark scan that still count as oligo")


class Analysis(_Section):
    """What is computed beside the contract's fixed numbers."""

    origins: tuple[Origin, ...] = Field(
        ("diagnosis", "hdc", "end_of_treatment"), strict=False, description="origins of follow-up"
    )
    landmark: Literal["post_consolidation"] = Field(
        "post_consolidation", description="scan from which survival of the included is counted"
    )
    milestones: tuple[int, ...] = Field((1, 2, 3, 5), strict=False, description="years at which survival is given")
    languages: tuple[str, ...] = Field(("en",), strict=False, description="languages of the report")


class Settings(_Section):
    """A whole study.toml; `rules` holds the rule set and the overrides by clause id."""

    format: Literal[1] = Field(1, description="version of the folder format")
    title: str = Field("", description="title of the study, printed on every output")
    centres: tuple[str, ...] = Field((), strict=False, description="names of the centres")
    synthetic: bool = Field(False, description="true marks a make-believe study on every output")
    compare_with: Literal["", "reference_study"] = Field(
        "", description="reference_study prints its figures beside the results, in synthetic studies only"
    )
    data_freeze: date | None = Field(None, description="day on which the data were frozen, for example 2020-12-31")
    population: Population = Population()
    reading: Reading = Reading()
    definitions: Definitions = Definitions()
    rules: dict[str, Any] = Field(default_factory=lambda: {"set": "default"})
    analysis: Analysis = Analysis()
