"""The whole study again under another choice of reads: how much hangs on who read, and on what is unresolved."""

from collections.abc import Iterator
from dataclasses import replace

from residuum.cohort.analysis import Analysis, analyse_reads
from residuum.scores.alternatives import derive_merged, derive_reader_alone
from residuum.scores.read_used import is_single

ALTERNATIVES = ("reader_1", "reader_2", "union", "intersection", "region_sites", "lesion_sites")


def derive_alternatives(analysis: Analysis) -> Iterator[tuple[str, Analysis]]:
    """Yield the study analysed by reader 1 alone, reader 2 alone and, for unresolved scans, union and intersection.

    One at a time, since each is as large as the study. Without unresolved scans union and intersection are the
    analysis itself; a single-reader study has none of them. Where marks carry lesion labels, the study with the other
    meaning of a site (region or lesion) comes as well.
    """
    study, readings = analysis.study, analysis.readings
    if readings.lesions["label"].is_not_null().any():
        yield _with_other_sites(analysis)
    if is_single(study.settings.reading):
        return
    for position in (0, 1):
        alone = derive_reader_alone(study, readings, position)
        yield f"reader_{position + 1}", analyse_reads(study, readings, alone)
    unresolved = (analysis.reads_used["status"] == "unresolved").any()
    for name, larger in (("union", True), ("intersection", False)):
        if not unresolved:
            yield name, analysis
        else:
            yield name, analyse_reads(study, *derive_merged(study, readings, analysis.reads_used, larger=larger))


def _with_other_sites(analysis: Analysis) -> tuple[str, Analysis]:
    settings = analysis.study.settings
    level = "lesion" if settings.definitions.site_level == "region" else "region"
    definitions = settings.definitions.model_copy(update={"site_level": level})
    study = replace(analysis.study, settings=settings.model_copy(update={"definitions": definitions}))
    return f"{level}_sites", analyse_reads(study, analysis.readings, analysis.reads_used)
