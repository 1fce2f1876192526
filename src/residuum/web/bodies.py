"""What requests and answers hold: the models behind the OpenAPI description."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from residuum.records.read_content import Frozen, Label, ReadContent
from residuum.records.roles import ACCOUNT_NAME, Role
from residuum.steps.identity_provider import SUBJECT_FORM

Name = Annotated[str, Field(min_length=1, max_length=64, pattern=ACCOUNT_NAME)]
Password = Annotated[str, Field(min_length=1, max_length=200)]
Subject = Annotated[str, Field(pattern=SUBJECT_FORM, description="ISSUER#SUB, whom a provider of identities signs in")]
Version = Annotated[int, Field(ge=0, le=2**53, strict=True)]
Reason = Annotated[
    str, Field(min_length=3, max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*\S[^\x00-\x08\x0b-\x1f\x7f]*$")
]
CaseNumber = Annotated[str, Field(min_length=1, max_length=12, pattern=r"^[0-9]+$")]
Identifier = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
"""Whatever was typed; PostgreSQL takes every character but NUL."""
ReadState = Literal["unread", "draft", "locked"]


class Answer(BaseModel):
    """An answer; its fields are all there."""

    model_config = ConfigDict(frozen=True)


class Fault(BaseModel):
    """Why something was refused: a word for programs, a sentence for people, and what else is known."""

    model_config = ConfigDict(extra="allow")
    error: str
    message: str


class SignIn(Frozen):
    """Name and password."""

    account: Identifier
    password: Password


class PasswordChange(Frozen):
    """The old password and the new one."""

    old: Password
    new: Password


class SessionAnswer(Answer):
    """The running session; `csrf` goes into the header X-CSRF-Token of whatever changes something."""

    account: str
    role: Role
    reader: str | None
    csrf: str
    expires: float


class NewAccount(Frozen):
    """An account to be made; it has a password, a subject, or both."""

    name: Name
    role: Role
    reader: Name | None = None
    password: Password | None = None
    subject: Subject | None = None

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if self.password is None and self.subject is None:
            raise ValueError("nobody could sign in: give a password or a subject")
        return self


class AccountChange(Frozen):
    """What changes in an account; what is left out stays, and "" takes a subject away."""

    version: Version
    role: Role | None = None
    reader: Name | None = None
    password: Password | None = None
    subject: Subject | Literal[""] | None = None
    disabled: Annotated[bool, Field(strict=True)] | None = None


class AccountAnswer(Answer):
    """An account."""

    name: str
    role: str
    reader: str | None
    disabled: bool
    version: int
    created_at: str
    subject: str | None


class AccountsAnswer(Answer):
    """Every account."""

    accounts: list[AccountAnswer]


class StudyAnswer(Answer):
    """What every page says of the study."""

    title: str
    synthetic: bool
    design: str
    entry: str
    order: str
    disclaimer: str


class CaseAnswer(Answer):
    """One case of the worklist; patient, time point and day are null in blinded order.

    `images` says whether the scan has images, or gets them when the case is opened.
    """

    case: str
    position: int
    state: ReadState
    version: int
    training: bool
    patient: str | None
    timepoint: str | None
    day: int | None
    images: bool


class WorklistAnswer(Answer):
    """The cases of a reader in the order of reading."""

    cases: list[CaseAnswer]


class MarkAnswer(Answer):
    """A mark as it is stored."""

    mark: str
    regions: list[str]
    pattern: str
    extent: float | None
    seen_on: list[str]
    confidence: str | None
    site: str | None
    from_case: str | None
    from_mark: str | None
    image: str | None
    view: str | None
    x_mm: float | None
    y_mm: float | None
    z_mm: float | None


class PriorMark(MarkAnswer):
    """A mark of the same reader on an earlier scan of the patient."""

    case: str | None


class GradeAnswer(Answer):
    """A grade as it is stored."""

    system: str
    segment: str
    grade: int | str


class ClearedAnswer(Answer):
    """A mark of an earlier case that is gone on this one."""

    case: str
    mark: str


class SystemScore(Answer):
    """Grades and their sum; the total is null where a segment is not assessable or the scan is not evaluable."""

    total: int | None
    segments: dict[str, int | str]


class SkeletalScore(Answer):
    """The sum without soft tissue."""

    total: int | None


class ScoresAnswer(Answer):
    """What a read scores by the rules of the study; null for a system that it does not use."""

    siopen: SystemScore | None
    curie: SystemScore | None
    curie_skeletal: SkeletalScore | None


class ReadAnswer(CaseAnswer):
    """One case with everything that its reader said."""

    evaluable: bool
    comment: str | None
    seconds: float | None
    marks: list[MarkAnswer]
    grades: list[GradeAnswer]
    cleared: list[ClearedAnswer]
    earlier: str | None
    prior: list[PriorMark]
    scores: ScoresAnswer | None
    signed_at: str | None


class Draft(ReadContent):
    """The content of a read, and the version that it replaces (0 for the first)."""

    version: Version


class StateAnswer(Answer):
    """Where a case stands after a change."""

    case: str
    state: ReadState
    version: int


class SavedAnswer(StateAnswer):
    """Where a case stands after it was saved, and what it scores where that was asked."""

    scores: ScoresAnswer | None


class Signing(Frozen):
    """A draft that is to be locked."""

    case: CaseNumber
    version: Version
    reasons: dict[Annotated[str, Field(max_length=100)], Reason] = Field(default_factory=dict, max_length=200)


class Signature(Frozen):
    """The password, typed again, and the drafts that it locks."""

    password: Password
    reads: Annotated[list[Signing], Field(min_length=1, max_length=1000)]


class SignatureAnswer(Answer):
    """What was locked."""

    signed: list[StateAnswer]


class Unlocking(Frozen):
    """Why a locked read becomes a draft again."""

    version: Version
    reason: Reason


class UnlockingOfReader(Frozen):
    """Why a read of any reader becomes a draft again."""

    reason: Reason
    occasion: Literal["main", "repeat", "training"] = "main"


class UnlockedAnswer(Answer):
    """Where the read of a reader stands after it was unlocked."""

    scan: str
    reader: str
    occasion: str
    state: ReadState
    version: int


class LockedRead(Answer):
    """A locked read as the consensus sees it."""

    reader: str
    signed_at: str | None
    evaluable: bool
    comment: str | None
    seconds: float | None
    marks: list[MarkAnswer]
    grades: list[GradeAnswer]


class DifferenceAnswer(Answer):
    """One thing that two reads say differently."""

    kind: str
    item: str
    first: Any
    second: Any


class DifferencesAnswer(Answer):
    """The locked reads of a scan and where the first two differ."""

    case: str
    reads: list[LockedRead]
    differences: list[DifferenceAnswer]


class Count(Answer):
    """How many cases of a reader stand where."""

    reader: str
    occasion: str
    state: str
    cases: int


class ScanCount(Answer):
    """How many scans stand where."""

    state: str
    scans: int


class ProgressAnswer(Answer):
    """How far the reading has come."""

    readers: list[Count]
    scans: list[ScanCount]


class AssignmentAnswer(Answer):
    """Which scan a case number stands for."""

    reader: str
    case: str
    position: int
    scan: str
    occasion: str


class AssignmentsAnswer(Answer):
    """Every case of every reader."""

    assignments: list[AssignmentAnswer]


class DrawnAnswer(Answer):
    """How many cases were added."""

    new: int


class TableAnswer(Answer):
    """A table of the study."""

    table: str
    columns: list[str]
    rows: list[list[Any]]


class IdentityPatient(Answer):
    """A patient whose sites are named, and how often they were."""

    patient: str
    version: int


class IdentitiesAnswer(Answer):
    """The patients of a reader."""

    patients: list[IdentityPatient]


class IdentityScan(Answer):
    """A reader's own marks on one scan of a patient."""

    case: str
    timepoint: str
    day: int
    evaluable: bool
    marks: list[MarkAnswer]


class IdentityAnswer(Answer):
    """A reader's own marks on every scan of a patient, in the order of time."""

    patient: str
    version: int
    scans: list[IdentityScan]


class IdentityLink(Frozen):
    """Which site a mark is, and which earlier mark it continues."""

    case: CaseNumber
    mark: Label
    site: Label | None = None
    from_case: CaseNumber | None = None
    from_mark: Label | None = None


class IdentityChange(Frozen):
    """The sites of a patient's marks."""

    version: Version
    links: Annotated[list[IdentityLink], Field(max_length=1000)]

    @model_validator(mode="after")
    def _linked_once(self) -> Self:
        if len({(one.case, one.mark) for one in self.links}) < len(self.links):
            raise ValueError("a mark stands there twice; give every mark one entry")
        return self


class IdentitySaved(Answer):
    """The new version of a patient's sites."""

    patient: str
    version: int


class AnalysisAnswer(Answer):
    """Where an analysis stands; `audit_head` names the state that it analyses."""

    id: str
    requested_by: str
    requested_at: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    message: str | None
    audit_head: str | None
    finished_at: str | None
    doing: str
    share: float


class AnalysesAnswer(Answer):
    """Every analysis."""

    analyses: list[AnalysisAnswer]


class NumbersAnswer(Answer):
    """Rows of the table of numbers, each with the patients behind it."""

    about: dict[str, Any]
    rows: list[dict[str, Any]]


class AuditEntry(Answer):
    """One entry of the audit trail; `details` is null where the patient was forgotten."""

    n: int
    at: str
    account: str
    role: str
    source: str
    request: str | None
    action: str
    details: dict[str, Any] | None
    hash: str


class AuditAnswer(Answer):
    """Entries of the audit trail, oldest first."""

    entries: list[AuditEntry]


class AuditHeadAnswer(Answer):
    """The head of the chain, N:HASH, and what is wrong with the chain."""

    head: str
    entries: int
    faults: list[str]


ImageName = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9-]+$")]


class Placement(Answer):
    """Where the slices of a volume lie, in patient (LPS) millimetres.

    Voxel (frame, row, column) lies at origin + frame * step + row * spacing[0] * column_direction
    + column * spacing[1] * row_direction.
    """

    origin_mm: list[float]
    row_direction: list[float]
    column_direction: list[float]
    step_mm: list[float]


class ImageAnswer(Answer):
    """An image of a case; counts or HU are slope * stored value + intercept."""

    image: str
    kind: Literal["planar", "spot", "spect", "ct"]
    view: Literal["anterior", "posterior"] | None
    left_at: Literal["left", "right"] | None
    rows: int
    columns: int
    frames: int
    spacing_mm: list[float] | None
    placement: Placement | None
    slope: float
    intercept: float
    levels: list[float]
    flags: list[str]


class ImagesAnswer(Answer):
    """The images of a case in the order of reading; `being_made` where simulated ones are on their way."""

    case: str
    state: Literal["ready", "being_made", "none"]
    images: list[ImageAnswer]


class RegionMapAnswer(Answer):
    """Proposed regions of one view, on a grid that begins at the centre of its first pixel.

    `first` and `second` are bytes in base64, row after row: indices into `regions`, 255 outside the body.
    """

    image: str
    step_mm: float
    rows: int
    columns: int
    regions: list[str]
    first: str
    second: str


class RegionsAnswer(Answer):
    """Proposed regions of the whole-body views of a case, or why there are none."""

    case: str
    fault: str | None
    maps: list[RegionMapAnswer]


class ProposalAnswer(Answer):
    """Where one earlier mark is expected; 95 of 100 true places lie within `error_mm`."""

    from_case: str
    from_mark: str
    image: str
    view: Literal["anterior", "posterior"] | None
    x_mm: float
    y_mm: float
    z_mm: float | None
    error_mm: float


class ProposalsAnswer(Answer):
    """Where earlier marks are expected on a case, or why that cannot be said."""

    case: str
    fault: str | None
    proposals: list[ProposalAnswer]
