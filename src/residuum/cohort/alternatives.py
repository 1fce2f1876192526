"""The whole study again under another choice of reads: how much hangs on who read, and on what is unresolved."""

from residuum.cohort.analysis import Analysis, analyse_reads
from residuum.scores.alternatives import derive_merged, derive_reader_alone
from residuum.scores.read_used import is_single


def derive_alternatives(analysis: Analysis) -> dict[str, Analysis]:
    """Return the study analysed by reader 1 alone, reader 2 alone and, for unresolved scans, union and intersection.

    A single-reader study has no alternative.
    """
    study, readings = analysis.study, analysis.readings
    if is_single(study.settings.reading):
        return {}
    alternatives = {
        f"reader_{position + 1}": analyse_reads(study, readings, derive_reader_alone(study, readings, position))
        for position in (0, 1)
    }
    for name, larger in (("union", True), ("intersection", False)):
        merged = derive_merged(study, readings, analysis.reads_used, larger=larger)
        alternatives[name] = analyse_reads(study, *merged)
    return alternatives
