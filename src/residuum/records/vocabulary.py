"""Closed lists: every code that a study may contain; and the year by which its days are counted."""

from typing import Final

DAYS_PER_YEAR: Final = 365.25

PAIRED_REGIONS: Final = (
    "ribs",
    "clavicle",
    "scapula",
    "pelvis",
    "humerus",
    "forearm",
    "hand",
    "femur",
    "leg",
    "foot",
)
REGIONS: Final = (
    "skull_vault",
    "skull_base",
    "face_orbit",
    "spine_cervical",
    "spine_thoracic",
    "spine_lumbar",
    "sacrum",
    "sternum",
    *(f"{region}_{side}" for region in PAIRED_REGIONS for side in ("right", "left")),
)
"""The 28 skeletal regions: the smallest set of which SIOPEN, Curie and Amsterdam segments are exact unions."""

SOFT_TISSUE: Final = "soft_tissue"
MARK_REGIONS: Final = (*REGIONS, SOFT_TISSUE)

TIMEPOINTS: Final = (
    "diagnosis",
    "mid_induction",
    "post_induction",
    "post_consolidation",
    "end_of_treatment",
    "follow_up",
    "progression",
)
PHASES: Final = ("induction", "surgery", "hdc", "radiotherapy", "maintenance", "mibg_therapy", "other")
STAGES: Final = ("L1", "L2", "M", "MS")
SEXES: Final = ("female", "male", "unknown")
MYCN: Final = ("amplified", "not_amplified", "unknown")
VITAL_STATUS: Final = ("alive", "dead")
POST_THERAPY: Final = "I131_post_therapy"
TRACERS: Final = ("I123", "I131", POST_THERAPY, "F18_mFBG", "FDG", "other")
PATTERNS: Final = ("focal", "diffuse")
SEEN_ON: Final = ("planar_ant", "planar_post", "spot", "spect")
PLANAR_VIEWS: Final = ("planar_ant", "planar_post", "spot")
CONFIDENCE: Final = ("definite", "probable", "equivocal")
YES_NO: Final = ("yes", "no")
YES_NO_UNKNOWN: Final = ("yes", "no", "unknown")
READ_STATES: Final = ("draft", "locked")
VIEWS: Final = ("anterior", "posterior")
IMAGE_KINDS: Final = ("planar", "spot", "spect", "ct")
IMAGE_SIDES: Final = ("left", "right")
COMPONENTS: Final = ("primary", "soft_tissue", "marrow", "cns")
COMPONENT_VERDICTS: Final = ("CR", "PR", "MD", "SD", "PD", "NI", "NE")
TARGET_BASES: Final = ("planar", "spect_ct", "mri")
EVENT_KINDS: Final = ("progression", "relapse", "second_malignancy", "death")
"""In the order that decides which of two events of one day is the first."""
DEATH_CAUSES: Final = ("disease", "treatment", "other")
SYSTEMS: Final = ("siopen", "curie")
NOT_ASSESSABLE: Final = "not_assessable"
CONSENSUS: Final = "consensus"

SIOPEN_SEGMENTS: Final = (
    "skull",
    "thoracic_cage",
    "spine",
    "pelvis",
    *(
        f"{part}_{limb}_limb_{side}"
        for side in ("right", "left")
        for part, limb in (("proximal", "upper"), ("distal", "upper"), ("proximal", "lower"), ("distal", "lower"))
    ),
)
CURIE_SEGMENTS: Final = (
    "head",
    "cervicothoracic_spine",
    "ribs_and_sternum",
    "lumbosacral_spine",
    "pelvis",
    "arms",
    "forearms_and_hands",
    "thighs",
    "legs_and_feet",
    SOFT_TISSUE,
)
SEGMENTS: Final = {"siopen": SIOPEN_SEGMENTS, "curie": CURIE_SEGMENTS}
MAXIMUM_GRADE: Final = {"siopen": 6, "curie": 3}

SITE_STATES: Final = ("persistent", "cleared", "recurred", "new")
AVID_STATES: Final = ("persistent", "recurred", "new")
BONE_VERDICTS: Final = ("CR", "PR", "SD", "PD", "NI", "NE")
OVERALL_VERDICTS: Final = ("CR", "PR", "MR", "SD", "PD", "NE")
FAILURE_PATTERNS: Final = ("persistent_only", "recurred_only", "new_only", "mixed", "non_skeletal", "unknown")
SITE_CLASSES: Final = ("target", "prior_non_target", "never_seen")
TRIAL_CLASSES: Final = ("target_only", "elsewhere_only", "both", "unclear", "unknown")
