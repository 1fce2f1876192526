"""Residuum: research software for residual skeletal mIBG uptake in neuroblastoma. Not a medical device."""

__version__ = "0.1.0"
DISCLAIMER = "Research software, not a medical device."
PLANNING_FOOTER = (
    "Planning model; depends on unverified assumptions about dependence, seeding and local effect; "
    "not for treatment decisions."
)
"""Stands below every output about the trial question."""
