"""Rows of numbers by hand: what each value, denominator and list of patients is."""

from typing import Any

import pytest

from residuum.report.numbers import Numbers, Row
from small_studies import Child, Scan, by, child, draft, numbers

BASE = ["femur_left", "sternum x2", "pelvis_left"]
FEMUR = ["femur_left"]


def course(patient: str, *, landmark: Any = FEMUR, end: Any = FEMUR, late: Any = None, **columns: Any) -> Child:
    """Return an included child; with `late` a relapse on day 900 with this progression scan."""
    scans = [Scan("diagnosis", 0, BASE), Scan("post_consolidation", 200, landmark), Scan("end_of_treatment", 410, end)]
    if late is not None:
        scans.append(Scan("progression", 900, late))
        columns.setdefault("events", [(900, "relapse")])
    return child(patient, *scans, **columns)


def row(found: Numbers, name: str, group: str | None = None, mode: str | None = None) -> Row:
    one = found.get(name, group, mode)
    assert one is not None, name
    return one


def values(found: Numbers, prefix: str) -> dict[str, float | None]:
    """Return the values above 0 of the rows `prefix`.x by x."""
    rows = [one for one in found.named(f"{prefix}.") if "." not in one.name.removeprefix(f"{prefix}.")]
    return {one.name.rsplit(".", 1)[1]: one.value for one in rows if one.value != 0}


@pytest.fixture(scope="module")
def found() -> Numbers:
    """A: persistent; B: sternum recurs, leg new; C: complete, soft tissue relapse; D: target grown; E: not included."""
    return numbers(
        course("A", last_contact=410 + 1461),
        course("B", landmark=[*FEMUR, "pelvis_left"], late=["sternum x3", "leg_left", "femur_left 0.6"]),
        course("C", end=[], late=["soft_tissue"]),
        course(
            "D", late=["femur_left x4"], treatments=[("radiotherapy", 210, 220, "femur_left")]
        ),  # irradiated in between
        course("E", landmark=[]),
        child("F", stage="L1"),
    )


@pytest.mark.unit
def test_flow_and_outcome(found: Numbers) -> None:
    flow = {
        step: row(found, f"flow.{step}").patients for step in ("source", "evaluable_after_hdc", "persistent_after_hdc")
    }
    assert flow == {
        "source": tuple("ABCDE"),
        "evaluable_after_hdc": tuple("ABCDE"),
        "persistent_after_hdc": tuple("ABCD"),
    }
    last = row(found, "flow.persistent_after_hdc")
    assert (last.value, last.of, last.proportion) == (4, 5, 0.8)
    assert (last.low, last.high) == (pytest.approx(0.2836, abs=5e-5), pytest.approx(0.9949, abs=5e-5))
    lost = [(one.name, one.patients) for one in found.named("flow.") if ".lost." in one.name]
    assert lost == [
        ("flow.source.lost.stage_not_in_range", ("F",)),
        ("flow.persistent_after_hdc.lost.no_skeletal_uptake_after_hdc", ("E",)),
    ]
    outcome = {one.name.removeprefix("outcome."): (one.patients, one.of) for one in found.named("outcome.")}
    assert outcome == {
        "complete_response_end_of_treatment": (("C",), 4),
        "progression_during_maintenance": ((), 4),
        "persistent_end_of_treatment": (tuple("ABD"), 4),
        "persistent_response": (("A",), 3),
        "progression_after_end_of_treatment": (tuple("BD"), 3),
        "other": ((), None),
        "event_free": (("A",), 4),
    }


@pytest.mark.unit
def test_scores_by_group(found: Numbers) -> None:
    late = row(found, "siopen.progression", "progression", "all")
    # B: thoracic cage 3, leg 1, femur 5; C: 0; D: 4
    assert (late.n, late.median, late.min, late.max, late.patients) == (3, 4, 0, 9, tuple("BCD"))
    curie = row(found, "curie.progression", "progression", "all")
    assert (curie.median, curie.min, curie.max) == (2, 1, 6)
    skeletal = row(found, "curie_skeletal.progression", "progression", "all")
    assert (skeletal.median, skeletal.min, skeletal.max) == (2, 0, 6)
    assert row(found, "siopen.progression", "persistent_response", "all").n == 0


@pytest.mark.unit
def test_follow_up(found: Numbers) -> None:
    expected = {"diagnosis": (410 + 1461) / 365.25, "hdc": (250 + 1461) / 365.25, "end_of_treatment": 4.0}
    for origin, years in expected.items():
        assert row(found, f"follow_up.persistent_response.{origin}").median == pytest.approx(years)
        assert row(found, f"follow_up.persistent_response_with_complete.{origin}").n == 1
        assert row(found, f"follow_up.complete_response.{origin}").n == 0  # C relapsed
        assert row(found, f"follow_up.included.{origin}").n == 4


@pytest.mark.unit
def test_fates(found: Numbers) -> None:
    # A, C and D keep the femur of three sites, B femur and pelvis; nothing of E
    assert values(found, "fate.post_consolidation") == {"persistent": 5, "cleared": 7}
    assert row(found, "fate.post_consolidation.cleared").of == 12
    # B: sternum recurs, leg is new, femur stays, pelvis is gone; C: three gone; D: femur stays, two gone
    assert values(found, "fate.progression") == {"persistent": 2, "recurred": 1, "new": 1, "cleared": 6}
    assert row(found, "fate.progression.cleared").patients == tuple("BCD")
    # without the irradiated femur of D
    assert values(found, "fate.no_site_therapy.progression") == {"persistent": 1, "recurred": 1, "new": 1, "cleared": 6}


@pytest.mark.unit
def test_patterns(found: Numbers) -> None:
    patients = {one.name.rsplit(".", 1)[1]: one.patients for one in found.named("pattern.patient.") if one.value}
    assert patients == {"mixed": ("B",), "non_skeletal": ("C",), "persistent_only": ("D",)}
    assert row(found, "pattern.patient.mixed").of == 3
    prior = row(found, "pattern.prior_site")
    assert (prior.patients, prior.of) == (tuple("BD"), 3)
    assert values(found, "pattern.site") == {"persistent": 2, "recurred": 1, "new": 1}
    assert row(found, "pattern.site.new").of == 4
    assert values(found, "pattern.points") == {"persistent": 5 + 4, "recurred": 3, "new": 1}
    assert row(found, "pattern.points.new").of == 13
    assert values(found, "pattern.site.no_site_therapy") == {"persistent": 1, "recurred": 1, "new": 1}
    mean, pooled = (row(found, f"pattern.site.{kind}_share.persistent") for kind in ("mean", "pooled"))
    assert mean.value == pytest.approx((1 / 3 + 1) / 2)
    assert pooled.value == pytest.approx(2 / 4)
    # two patients are too few for an interval
    assert (mean.n, mean.low, mean.high) == (2, None, None)


@pytest.mark.unit
def test_bone_responses(found: Numbers) -> None:
    verdicts = {
        one.name.rsplit(".", 1)[1]: one.patients for one in found.named("response.bone.progression.") if one.value
    }
    # at diagnosis 1 + 2 + 1 points: B has 9 and a new site, C 0, D 4 again
    assert verdicts == {"PD": ("B",), "CR": ("C",), "SD": ("D",)}
    assert row(found, "response.bone.progression.PD").of == 3
    assert row(found, "response.bone.end_of_treatment.PR").patients == tuple("ABD")
    assert row(found, "response.bone.end_of_treatment.PR").of == 4


@pytest.mark.unit
def test_prior_sites_among_those_with_uptake_at_end_of_treatment(found: Numbers) -> None:
    after = row(found, "pattern.prior_site.progression_after_end_of_treatment")
    assert (after.patients, after.of) == (tuple("BD"), 2)  # C was complete


@pytest.mark.unit
def test_mibg_therapy_is_a_therapy_of_every_site_seen_before_it() -> None:
    treated = course("A", late=["femur_left", "sternum", "leg_left"], treatments=[("mibg_therapy", 450, 450)])
    found = numbers(treated)
    assert values(found, "pattern.site") == {"persistent": 1, "recurred": 1, "new": 1}
    assert values(found, "pattern.site.no_site_therapy") == {"new": 1}


@pytest.mark.unit
def test_trial_view(found: Numbers) -> None:
    classes = {one.name.rsplit(".", 1)[1]: one.patients for one in found.named("trial_view.patient.") if one.value}
    assert classes == {"both": ("B",), "elsewhere_only": ("C",), "target_only": ("D",)}
    failed = {
        name: row(found, f"trial_view.site.{name}.failed") for name in ("target", "prior_non_target", "never_seen")
    }
    assert {name: (one.value, one.of) for name, one in failed.items()} == {
        "target": (2, 5),
        "prior_non_target": (1, 7),
        "never_seen": (1, 4 * 25),
    }
    assert failed["target"].patients == tuple("BD")
    # all relapse 700 days after the landmark: one of three first events is a target failure alone, two with `both`
    assert row(found, "trial_view.share.exclusive.1y").reason == "no event by then"
    assert row(found, "trial_view.share.exclusive.2y").value == pytest.approx(1 / 3)
    assert row(found, "trial_view.share.inclusive.2y").value == pytest.approx(2 / 3)
    assert row(found, "trial_view.share.unknown_as_target.2y").value == pytest.approx(2 / 3)
    overlap, chance = (row(found, f"trial_view.overlap.{name}") for name in ("observed", "by_chance"))
    # failing: three sites of B (two seen before), one of D; three of 28 places were seen before in each
    assert (overlap.value, overlap.of) == (3, 4)
    assert chance.value == pytest.approx(4 * 3 / 28)


@pytest.mark.unit
def test_rates_per_site_year(found: Numbers) -> None:
    to_relapse, to_contact = 700 / 365.25, (410 + 1461 - 200) / 365.25
    target = row(found, "trial_view.site.target.rate")
    assert target.value == pytest.approx(2 / (4 * to_relapse + to_contact))
    prior = row(found, "trial_view.site.prior_non_target.rate")
    assert prior.value == pytest.approx(1 / (5 * to_relapse + 2 * to_contact))
    ratio = row(found, "trial_view.site.rate_ratio")
    assert ratio.value == pytest.approx(target.value / prior.value)
    assert ratio.low is None  # four children are too few for an interval


@pytest.mark.unit
def test_unknown_and_unclear_are_bounds_of_the_share() -> None:
    unknown = course("U", events=[(900, "relapse")])
    unclear = course("V", late=FEMUR)
    died = course("W", events=[(900, "death")])
    found = numbers(unknown, unclear, died)
    assert row(found, "trial_view.share.inclusive.2y").value == 0
    assert row(found, "trial_view.share.unknown_as_target.2y").value == pytest.approx(2 / 3)
    assert row(found, "pattern.patient.unknown").patients == ("U",)
    assert row(found, "pattern.prior_site").of == 1


@pytest.mark.unit
def test_only_the_oligo_enter_the_share() -> None:
    many = [f"{bone}_left" for bone in ("femur", "leg", "ribs", "humerus")]
    found = numbers(course("A", landmark=many, late=[*many, "femur_left"]), course("B", late=["femur_left x2"]))
    share = row(found, "trial_view.share.exclusive.2y")
    assert (share.n, share.patients) == (1, ("B",))


PAIR: Any = {"readers": ("anne", "bela")}


def read(*pairs: tuple[Any, Any]) -> Child:
    return child("P", *(Scan("follow_up", 10 * day, by(anne=a, bela=b)) for day, (a, b) in enumerate(pairs)))


@pytest.mark.unit
def test_agreement_of_totals() -> None:
    found = numbers(
        read((["sternum"], ["sternum x3"]), ([], []), (["leg_left"], None), (["leg_left"], draft())), **PAIR
    )
    bias = row(found, "agreement.siopen.total.bias")
    assert (bias.value, bias.n) == (-1, 2)  # reader 1 minus reader 2: (1 - 3 + 0) / 2
    assert row(found, "agreement.curie.total.bias").value == -0.5
    # by hand from the two-way table (1, 3), (0, 0): rows 4, columns 1, error 1; ICC = (4 - 1) / (4 + 1 + (1 - 1))
    icc = row(found, "agreement.siopen.total.icc")
    assert (icc.value, icc.n) == (pytest.approx(3 / 5), 2)
    assert row(found, "agreement.siopen.total.icc.follow_up").value == pytest.approx(3 / 5)
    assert row(found, "agreement.siopen.total.icc.diagnosis").n == 0


@pytest.mark.unit
def test_agreement_of_a_segment() -> None:
    found = numbers(read((["sternum"], ["sternum"]), ([], []), (["sternum x2"], ["sternum"])), **PAIR)
    kappa = row(found, "agreement.siopen.thoracic_cage.weighted_kappa")
    # observed squared differences 0 + 0 + 1; expected over all pairs of (1, 0, 2) and (1, 0, 1): 9 / 3
    assert (kappa.value, kappa.n) == (pytest.approx(1 - 1 / (9 / 3)), 3)
    assert row(found, "agreement.siopen.skull.weighted_kappa").value is None
    prevalence = row(found, "agreement.siopen.thoracic_cage.prevalence")
    assert (prevalence.value, prevalence.of) == (4, 6)


@pytest.mark.unit
def test_a_segment_or_total_that_cannot_be_assessed_drops_the_scan() -> None:
    pairs = ({"spine": 1, "skull": 1}, {"spine": "not_assessable", "skull": 1}), ({"spine": 2}, {"spine": 2})
    found = numbers(read(*pairs), entry="grades", **PAIR)
    sizes = {
        name: row(found, f"agreement.siopen.{name}").n
        for name in ("total.bias", "spine.weighted_kappa", "skull.weighted_kappa", "pelvis.weighted_kappa")
    }
    assert sizes == {"total.bias": 1, "spine.weighted_kappa": 1, "skull.weighted_kappa": 2, "pelvis.weighted_kappa": 2}


@pytest.mark.unit
def test_agreement_on_places() -> None:
    found = numbers(read((["sternum", "leg_left", "soft_tissue"], ["sternum x5"]), ([], [])), **PAIR)
    positive, negative = (row(found, f"agreement.sites.{sign}") for sign in ("positive", "negative"))
    assert positive.value == pytest.approx(2 / 3)
    assert negative.value == pytest.approx(2 * 54 / (2 * 54 + 1))


@pytest.mark.unit
def test_agreement_on_decisions() -> None:
    few, many = FEMUR, [*FEMUR, "sternum", "leg_left", "pelvis_left"]
    found = numbers(
        course("A", landmark=by(anne=few, bela=many)),
        course("B", landmark=by(anne=few, bela=few)),
        course("C", landmark=many),
        **PAIR,
    )
    positive, negative = (row(found, f"agreement.oligo.{sign}") for sign in ("positive", "negative"))
    # anne: A and B, bela: B alone
    assert (positive.value, positive.n) == (pytest.approx(2 / 3), 3)
    assert negative.value == pytest.approx(2 / 3)
    # leg_left on the landmark is a new site: PD by both in C, by bela in A; the end of treatment of both agrees
    pd = row(found, "agreement.bone_pd.positive")
    assert (pd.value, pd.n) == (pytest.approx(2 / 3), 6)


@pytest.mark.unit
def test_sensitivity_to_the_choice_of_reads() -> None:
    def late(patient: str, landmark: Any) -> Child:
        return course(patient, landmark=landmark, end=FEMUR, late=FEMUR)

    differ = by(anne=FEMUR, bela=[])
    found = numbers(late("A", differ), late("B", by(anne=FEMUR, bela=["sternum"])), course("C"), late("D", []), **PAIR)
    names = ("flow.persistent_after_hdc", "outcome.event_free", "pattern.prior_site")
    by_name = {
        (alternative, name): row(found, f"sensitivity.{alternative}.{name}").patients
        for alternative in ("reader_1", "reader_2", "union", "intersection")
        for name in names
    }
    assert row(found, names[0]).patients == ("C",)
    assert row(found, "flag.provisional").patients == ("A", "B")
    everybody = {"reader_1": "ABC", "reader_2": "BC", "union": "ABC", "intersection": "C"}
    for alternative, included in everybody.items():
        assert by_name[alternative, names[0]] == tuple(included), alternative
        assert by_name[alternative, names[1]] == ("C",)
        assert by_name[alternative, names[2]] == tuple(included.replace("C", ""))
        share = row(found, f"sensitivity.{alternative}.{names[0]}")
        assert (share.of, share.level) == (4, 0.95)


@pytest.mark.unit
def test_a_step_that_the_study_leaves_out_has_no_sensitivity_either() -> None:
    steps = ("source", "avid_at_diagnosis", "evaluable_after_hdc")
    found = numbers(course("A"), population={"steps": steps}, **PAIR)
    for prefix in ("", "sensitivity.reader_1."):
        left_out = row(found, f"{prefix}flow.persistent_after_hdc")
        assert (left_out.value, left_out.reason) == (None, "no step of this study")


@pytest.mark.unit
def test_a_single_reader_study_has_no_sensitivity_rows() -> None:
    assert numbers(course("A")).named("sensitivity.") == []


@pytest.mark.unit
def test_components_give_overall_verdicts_of_the_included() -> None:
    complete = [
        {"day": 410, "component": name, "timepoint": "end_of_treatment", "verdict": "CR"}
        for name in ("primary", "soft_tissue", "marrow")
    ]
    found = numbers(
        course("A", end=[], components=complete), course("B"), course("E", landmark=[], components=complete)
    )
    verdicts = {
        one.name.rsplit(".", 1)[1]: one.patients
        for one in found.named("response.overall.end_of_treatment.")
        if one.value
    }
    assert verdicts == {"CR": ("A",), "NE": ("B",)}
    assert row(found, "response.overall.end_of_treatment.CR").of == 2
