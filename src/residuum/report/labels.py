"""What people read in place of the codes of the closed lists."""

from typing import Final

from residuum.report.wording import N_

TIMEPOINTS: Final = {
    "diagnosis": N_("Diagnosis"),
    "mid_induction": N_("Mid-induction"),
    "post_induction": N_("After induction"),
    "post_consolidation": N_("After HDC"),
    "end_of_treatment": N_("End of treatment"),
    "follow_up": N_("Follow-up"),
    "progression": N_("Progression"),
}
TIMEPOINT_CODES: Final = {
    "diagnosis": N_("Dx"),
    "mid_induction": N_("MI"),
    "post_induction": N_("PI"),
    "post_consolidation": N_("HDC"),
    "end_of_treatment": N_("EoT"),
    "follow_up": N_("FU"),
    "progression": N_("PD"),
}
STEPS: Final = {
    "source": N_("Source population"),
    "avid_at_diagnosis": N_("mIBG-avid at diagnosis"),
    "evaluable_after_hdc": N_("Evaluable after HDC"),
    "persistent_after_hdc": N_("Skeletal uptake persisting after HDC"),
}
LOSSES: Final = {
    "blank age, stage or year": N_("blank age, stage or year"),
    "too young": N_("too young"),
    "stage not in range": N_("stage not in range"),
    "year not in range": N_("year not in range"),
    "diagnosis scan unresolved": N_("diagnosis scan unresolved"),
    "diagnosis scan not evaluable": N_("diagnosis scan not evaluable"),
    "no diagnosis scan": N_("no diagnosis scan"),
    "not avid at diagnosis": N_("not avid at diagnosis"),
    "no high-dose chemotherapy": N_("no high-dose chemotherapy"),
    "event before high-dose chemotherapy": N_("event before high-dose chemotherapy"),
    "event before the scan after HDC": N_("event before the scan after HDC"),
    "scan after HDC unresolved": N_("scan after HDC unresolved"),
    "scan after HDC not evaluable": N_("scan after HDC not evaluable"),
    "no scan after HDC": N_("no scan after HDC"),
    "event on or before the day of the scan after HDC": N_("event on or before the day of the scan after HDC"),
    "score after HDC not assessable": N_("score after HDC not assessable"),
    "no skeletal uptake after HDC": N_("no skeletal uptake after HDC"),
}
OUTCOMES: Final = {
    "complete_response_end_of_treatment": N_("Complete response at end of treatment"),
    "progression_during_maintenance": N_("Progression during maintenance"),
    "persistent_end_of_treatment": N_("Persistent uptake at end of treatment"),
    "persistent_response": N_("Persistent response (no event)"),
    "progression_after_end_of_treatment": N_("Progression after end of treatment"),
    "other": N_("Other course"),
    "event_free": N_("Event-free"),
}
GROUPS: Final = {
    "persistent_response": N_("Persistent response"),
    "complete_response": N_("Complete response"),
    "persistent_response_with_complete": N_("Persistent or complete response"),
    "progression": N_("Progression"),
    "included": N_("Included"),
    "source": N_("Source population"),
    "not_persistent": N_("Not persistent"),
    "oligo": N_("Oligo"),
    "more": N_("More sites"),
}
STATES: Final = {
    "persistent": N_("persistent"),
    "recurred": N_("recurred"),
    "new": N_("new"),
    "cleared": N_("cleared"),
}
PATTERNS: Final = {
    "persistent_only": N_("persistent sites only"),
    "recurred_only": N_("recurred sites only"),
    "new_only": N_("new sites only"),
    "mixed": N_("mixed"),
    "non_skeletal": N_("no skeletal site"),
    "unknown": N_("unknown (no usable scan)"),
    "death": N_("death"),
    "second_malignancy": N_("second malignancy"),
}
TRIAL_CLASSES: Final = {
    "target_only": N_("targets only"),
    "elsewhere_only": N_("elsewhere only"),
    "both": N_("both"),
    "unclear": N_("unclear (nothing failed)"),
    "unknown": N_("unknown (no usable scan)"),
}
SITE_CLASSES: Final = {
    "target": N_("targets (avid at the landmark)"),
    "prior_non_target": N_("avid earlier, not at the landmark"),
    "never_seen": N_("never seen avid"),
}
SYSTEMS: Final = {
    "siopen": N_("SIOPEN score (0-72)"),
    "curie": N_("Curie score, all ten regions (0-30)"),
    "curie_skeletal": N_("Curie score, skeletal (0-27)"),
}
MODES: Final = {"all": N_("all views"), "planar_only": N_("planar and spot views only")}
ORIGINS: Final = {
    "diagnosis": N_("diagnosis"),
    "hdc": N_("end of HDC"),
    "end_of_treatment": N_("scan at end of treatment"),
}
EVENTS: Final = {
    "progression": N_("Progression"),
    "relapse": N_("Relapse"),
    "death": N_("Death"),
    "second_malignancy": N_("Second malignancy"),
}
PHASES: Final = {
    "induction": N_("Induction"),
    "surgery": N_("Surgery"),
    "hdc": N_("High-dose chemotherapy (HDC)"),
    "radiotherapy": N_("Radiotherapy"),
    "maintenance": N_("Maintenance"),
    "mibg_therapy": N_("131I-mIBG therapy"),
    "other": N_("Other treatment"),
}
SEXES: Final = {"female": N_("female"), "male": N_("male"), "unknown": N_("unknown")}
MYCN: Final = {
    "amplified": N_("amplified"),
    "not_amplified": N_("not amplified"),
    "unknown": N_("unknown"),
}
SOURCES: Final = {
    "consensus": N_("consensus"),
    "single": N_("single read"),
    "agreed": N_("two reads agree"),
}
STATUSES: Final = {
    "evaluable": N_("evaluable"),
    "not_evaluable": N_("not evaluable"),
    "unresolved": N_("unresolved"),
}
REGIONS: Final = {
    "skull_vault": N_("Skull vault"),
    "skull_base": N_("Skull base"),
    "face_orbit": N_("Face and orbit"),
    "spine_cervical": N_("Cervical spine"),
    "spine_thoracic": N_("Thoracic spine"),
    "spine_lumbar": N_("Lumbar spine"),
    "sacrum": N_("Sacrum"),
    "sternum": N_("Sternum"),
    "ribs_right": N_("Ribs R"),
    "ribs_left": N_("Ribs L"),
    "clavicle_right": N_("Clavicle R"),
    "clavicle_left": N_("Clavicle L"),
    "scapula_right": N_("Scapula R"),
    "scapula_left": N_("Scapula L"),
    "pelvis_right": N_("Pelvis R"),
    "pelvis_left": N_("Pelvis L"),
    "humerus_right": N_("Humerus R"),
    "humerus_left": N_("Humerus L"),
    "forearm_right": N_("Forearm R"),
    "forearm_left": N_("Forearm L"),
    "hand_right": N_("Hand R"),
    "hand_left": N_("Hand L"),
    "femur_right": N_("Femur R"),
    "femur_left": N_("Femur L"),
    "leg_right": N_("Lower leg R"),
    "leg_left": N_("Lower leg L"),
    "foot_right": N_("Foot R"),
    "foot_left": N_("Foot L"),
    "soft_tissue": N_("Soft tissue"),
}
SEGMENTS: Final = {
    "skull": N_("Skull"),
    "thoracic_cage": N_("Thoracic cage"),
    "spine": N_("Spine"),
    "pelvis": N_("Pelvis"),
    "proximal_upper_limb_right": N_("Proximal upper limb R"),
    "proximal_upper_limb_left": N_("Proximal upper limb L"),
    "distal_upper_limb_right": N_("Distal upper limb R"),
    "distal_upper_limb_left": N_("Distal upper limb L"),
    "proximal_lower_limb_right": N_("Proximal lower limb R"),
    "proximal_lower_limb_left": N_("Proximal lower limb L"),
    "distal_lower_limb_right": N_("Distal lower limb R"),
    "distal_lower_limb_left": N_("Distal lower limb L"),
    "head": N_("Head"),
    "cervicothoracic_spine": N_("Cervicothoracic spine"),
    "ribs_and_sternum": N_("Ribs and sternum"),
    "lumbosacral_spine": N_("Lumbosacral spine"),
    "arms": N_("Arms"),
    "forearms_and_hands": N_("Forearms and hands"),
    "thighs": N_("Thighs"),
    "legs_and_feet": N_("Lower legs and feet"),
    "soft_tissue": N_("Soft tissue"),
}
