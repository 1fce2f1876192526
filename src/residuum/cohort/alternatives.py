"""The whole study again under another choice of reads: how much hangs on who read, and on what is unresolved."""

from collections.abc import Iterator

from residuum.cohort.analysis import Analysis, analyse_reads
from residuum.scores.alternatives import derive_merged, derive_reader_alone
from residuum.scores.read_used import is_single


def derive_alternatives(analysis: Analysis) -> Iterator[tuple[str, Analysis]]:
    """Yield the study analysed by reader 1 alone, reader 2 alone and, for unresolved scans, union and intersection.

    One at a time, since each is as large as the study. Without unresolved scans union and intersection are the
    analysis itself; a single-reader study has no alternative.
    """
    study, readings = analysis.study, analysis.readings
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
