/** The closed lists that the page offers; `tests/web/test_answer_types.py` compares them with the server's. */

const PAIRED = ["ribs", "clavicle", "scapula", "pelvis", "humerus", "forearm", "hand", "femur", "leg", "foot"];

/** The 28 skeletal regions from head to foot, then soft tissue. */
export const REGIONS: readonly string[] = [
  "skull_vault",
  "skull_base",
  "face_orbit",
  "spine_cervical",
  "spine_thoracic",
  "spine_lumbar",
  "sacrum",
  "sternum",
  ...PAIRED.flatMap((part) => [`${part}_right`, `${part}_left`]),
  "soft_tissue",
];

export const CONFIDENCES = ["definite", "probable", "equivocal"] as const;
