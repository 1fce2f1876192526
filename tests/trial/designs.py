"""Small designs for tests, from a few changed values."""

from typing import Any

from residuum.records.design import Design


def design(**parts: Any) -> Design:
    """Return a small valid design; each argument replaces a section."""
    whole: dict[str, Any] = {
        "format": 1,
        "id": "small",
        "title": "A small design",
        "accrual": {"patients": 300, "years": 5.0},
        "failure": {"efs_at": (3.0, 0.45)},
        "primary": {"looks_years": (8.0,)},
    }
    return Design.model_validate(whole | parts)


def irradiating(f: float, e: float, failure: dict[str, Any] | None = None, **therapy: Any) -> Design:
    """Return a design with a share f at targets and an effect e there, everybody treated as allocated."""
    shares = {"target_only": f}
    return design(
        failure={"hazard_per_year": 0.3, "shares": shares} | (failure or {}),
        radiotherapy={"local_effect": e, "crossover": 0.0} | therapy,
    )
