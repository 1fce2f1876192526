"""Methods and limits in plain words: how it was computed, what is assumed, and what is not said."""

from gettext import NullTranslations

from residuum.report.document import Block, Fold, Heading, Section, say
from residuum.report.trial_findings import Findings


def limits_section(findings: Findings, words: NullTranslations) -> Section:
    """Return what is not said, first; then how it was computed."""
    _ = words.gettext
    placed = findings.design.radiotherapy is not None
    blocks: list[Block] = [Heading(_("What this page does not say"))]
    blocks += [say(sentence) for sentence in _not_said(words, placed=placed)]
    blocks.append(Fold(_("How it was computed"), tuple(say(sentence) for sentence in _methods(findings, words))))
    every = _(
        "Every number is a row of numbers.json (%d rows), where it stands with all digits, its unit and its method."
    )
    blocks.append(say("{every}", "note", every=every % len(findings.numbers)))
    return Section("limits", _("Methods and limits"), blocks)


def _not_said(words: NullTranslations, *, placed: bool) -> list[str]:
    _ = words.gettext
    general = _(
        "It says nothing about one child, and nothing about how a child should be treated. A verdict belongs to its "
        "assumptions: with other assumptions it may be another one, and the page names those that would change it."
    )
    if not placed:
        return [general]
    return [
        general,
        _(
            "It gives no limit of a score, or of a number of sites, above or below which a child should be treated in "
            "one way. Who is oligo is an assumption of the design, and EFS, f and accrual would all change with it."
        ),
        _(
            "Uptake that remains is what a scan shows; whether it is living tumour is not known. Sites that cleared "
            "may have been irradiated or treated with 131I-mIBG: that chemotherapy alone cleared them is not claimed. "
            "Nothing here is a reason to irradiate all cleared sites; nothing is known about the harm of that."
        ),
        _(
            "Both bounds of f are extremes of one unknown. What irradiation can or cannot do is not shown by either, "
            "nor by a comparison with patients from outside the trial."
        ),
    ]


def _methods(findings: Findings, words: NullTranslations) -> list[str]:
    _ = words.gettext
    said = [
        _(
            "Trials are simulated patient by patient: arrival, failure, visits, dropout, looks and test, as "
            "docs/trial-model.md says. The random numbers depend on seed and design alone, so that the same file gives "
            "the same page on any number of threads or machines."
        ),
        _drawn(findings, words),
        _(
            "Accrual is a Poisson process at each open centre with gamma rates between centres (Anisimov and Fedorov "
            "2007). Events needed are by Schoenfeld's formula at the average hazard ratio, children needed by the "
            "events per child of those who come."
        ),
    ]
    if findings.design.radiotherapy is not None:
        said.insert(
            1,
            _(
                "The effect is a consequence of where first failures happen: the hazard at an irradiated target is "
                "multiplied by 1 - e, everything else stays. How causes of failure depend on each other cannot be seen "
                "in any data (a frailty stands for it), e is identified by no source, and whether mixed failures begin "
                "at the target is not known."
            ),
        )
    return said


def _drawn(findings: Findings, words: NullTranslations) -> str:
    _ = words.gettext
    if findings.reach is None:
        return _(
            "Assurance: every input with a range is drawn from it, all together and independently of each other, and "
            "256 trials are simulated at every draw; the bounds of Z stay those that were planned. The shares of "
            "failures are drawn again where they would add to more than 1."
        )
    return _(
        "Assurance: every input with a range is drawn from it. The shares of failures come from one posterior, that of "
        "the study, and hang together; the other inputs are drawn independently of them and of each other. 256 trials "
        "are simulated at every draw; the bounds of Z stay those that were planned."
    )
