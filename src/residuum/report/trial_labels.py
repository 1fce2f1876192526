"""What people read in place of the keys of a design."""

import re
from gettext import NullTranslations
from typing import Final

from residuum.report.wording import N_

INPUTS: Final = {
    "accrual.shape": N_("spread of rates between centres (gamma shape)"),
    "accrual.per_year": N_("children randomised per year"),
    "accrual.funnel.enrolled_per_year": N_("children enrolled per year"),
    "accrual.funnel.stage_m": N_("of them, stage M"),
    "accrual.funnel.evaluable": N_("evaluable after HDC"),
    "accrual.funnel.persistent": N_("persistent uptake"),
    "accrual.funnel.oligo": N_("few enough sites"),
    "accrual.funnel.consent": N_("consent"),
    "failure.hazard_per_year": N_("hazard per year"),
    "failure.median_years": N_("median time to failure, uncured"),
    "failure.shape": N_("shape of the hazard (Weibull)"),
    "failure.cured": N_("share that never fails"),
    "failure.frailty_variance": N_("dependence of causes (frailty)"),
    "failure.shares.target_only": N_("failures at a target only"),
    "failure.shares.both": N_("failures at a target and elsewhere"),
    "failure.shares.death": N_("death or second malignancy first"),
    "effect.hazard_ratio": N_("hazard ratio"),
    "radiotherapy.local_effect": N_("local effect e"),
    "radiotherapy.compliance": N_("irradiated in the experimental arm"),
    "radiotherapy.crossover": N_("controls irradiated off protocol"),
    "radiotherapy.seeded_elsewhere": N_("failures elsewhere seeded by targets"),
    "radiotherapy.toxicity_per_year": N_("fatal toxicity per year"),
    "dropout.per_year": N_("leaving without event, per year"),
    "assessment.sensitivity": N_("sensitivity of a visit"),
    "assessment.false_positive": N_("false calls of progression per visit"),
    "assessment.clearing_days": N_("days until irradiated uptake clears"),
}
TESTS: Final = {
    "log_rank": N_("log-rank test"),
    "stratified_log_rank": N_("stratified log-rank test"),
    "weighted_log_rank": N_("weighted log-rank test"),
    "max_combo": N_("MaxCombo test"),
    "rmst": N_("difference in restricted mean survival time (RMST)"),
    "milestone": N_("difference in EFS at a milestone"),
}
ENDPOINTS: Final = {
    "efs": N_("EFS: the first of progression, relapse, second malignancy and death"),
    "target_control": N_("control of the targets: first failure at a target, other first events censored"),
}


SHORT_TESTS: Final = {"log_rank": N_("log-rank test"), "rmst": N_("RMST"), "max_combo": N_("MaxCombo test")}


def input_label(words: NullTranslations, path: str) -> str:
    """Return the words for a quantity of a design, its path where it has none."""
    return words.gettext(INPUTS[path]) if path in INPUTS else path


def readable(words: NullTranslations, text: str) -> str:
    """Return a sentence about a design with its keys replaced by words."""
    found = INPUTS | SHORT_TESTS
    keys = "|".join(re.escape(key) for key in sorted(found, key=len, reverse=True))
    return re.sub(rf"\b({keys})\b", lambda match: words.gettext(found[match[1]]), text)
