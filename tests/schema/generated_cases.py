"""Requests generated from the description of the server: drawn at random, or from a walk over all that it says.

All servers of a run have the same description; what was derived from it once serves them all.
"""

from contextlib import suppress
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any, Final
from unittest import SkipTest

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override

CONFIG: Final = {
    "generation": {"with-security-parameters": False},  # sessions are ours to give
    "checks": {
        # What no JSON schema can say is refused with 422 all the same: two marks of one name, a weak password, a
        # reader whom the study does not have, marks in a study of grades, a consensus without its reasons.
        "positive_data_acceptance": {"expected-statuses": ["2xx", "302", "401", "403", "404", "409", "422", "429"]},
        # Whoever is not signed in may say little: a long body is refused before it is read.
        "negative_data_rejection": {"expected-statuses": ["4xx"]},
    },
}


SHARES: Final = {"valid": 0.55, "invalid": 0.2, "walk": 0.25}
"""Shares of the cases: drawn at random, or taken from a systematic walk over the description."""


class Switch:
    """Passes requests on to the application under test."""

    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.app(scope, receive, send)


SWITCH: Final = Switch()


def draw_cases(label: str, count: int, chance: Random) -> list[Case]:
    """Return so many cases of an operation in a random order."""
    walked = _walk(label)
    drawn = [_copied(case) for case in chance.sample(walked, min(len(walked), round(count * SHARES["walk"])))]
    drawn += _draw_random(label, GenerationMode.NEGATIVE, round(count * SHARES["invalid"]), chance.randrange(2**32))
    drawn += draw_valid(label, count - len(drawn), chance)
    return chance.sample(drawn, len(drawn))


def draw_valid(label: str, count: int, chance: Random) -> list[Case]:
    """Return so many valid cases of an operation; they are repeated where there are not so many different ones."""
    drawn: list[Case] = []
    while len(drawn) < count:
        drawn += _draw_random(label, GenerationMode.POSITIVE, count - len(drawn), chance.randrange(2**32))
    return drawn[:count]


@cache
def _schema() -> Any:
    config = SchemathesisConfig.from_dict(CONFIG)
    return schemathesis.openapi.from_asgi("/openapi.json", SWITCH, config=config)


@cache
def labels() -> list[str]:
    return [one.ok().label for one in _schema().get_all_operations()]


def find_operation(label: str) -> Any:
    return _schema().find_operation_by_label(label)


@cache
def _walk(label: str) -> list[Case]:
    """Return the cases of the walk: every keyword of every schema kept and broken, foreign methods, foreign types."""
    cases = CoverageGenerator(
        operation=find_operation(label),
        generation_modes=list(GenerationMode),
        generation_config=_schema().config.generation,
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
    )
    return list(cases)


def _copied(case: Case) -> Case:
    copied = case.derive()
    copied._meta = deepcopy(case._meta)
    return copied


@cache
def _strategy(label: str, mode: GenerationMode) -> st.SearchStrategy[Case]:
    return find_operation(label).as_strategy(generation_mode=mode)


def _draw_random(label: str, mode: GenerationMode, count: int, number: int) -> list[Case]:
    """Return up to so many cases: where nothing can be invalid there are no invalid ones."""
    drawn: list[Case] = []

    @seed(number)
    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck))
    @given(_strategy(label, mode))
    def draw(case: Case) -> None:
        drawn.append(case)

    with suppress(Unsatisfiable, SkipTest):
        draw()
    return drawn
