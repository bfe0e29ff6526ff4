"""The notes on files become one review."""

from collections.abc import Iterator, Sequence

from ml_architect.policy.profile import Profile
from ml_architect.review.care import cautions
from ml_architect.review.gaps import absences
from ml_architect.review.questions import questions_about
from ml_architect.review.summary import next_steps, summary
from ml_architect.review.values import (
    SEVERITIES,
    FileNotes,
    FindingNote,
    Open,
    Review,
    Scope,
    Stage,
    StageReview,
    Start,
    Statement,
    Version,
)
from ml_architect.rules import rule_named

__all__ = ["review_of"]

_MOST_STARTS = 12


def review_of(title: str, files: Sequence[FileNotes], scope: Scope, profile: Profile) -> Review:
    """Return the review of `files`, which are all that was read. Pure.

    Tests and benchmarks count for what may be there out of our sight; nothing is stated about them unless there is
    nothing else.
    """
    relevant = [notes for notes in files if notes.relevant]
    stated = [notes for notes in relevant if not notes.is_test] or relevant
    absent = absences(stated, files, scope)
    unknown = (*absent.unknown, *_contradictions(stated, profile))
    stages = tuple(
        StageReview(
            stage,
            tuple(_statements(stated, stage)),
            tuple(text for at, text in absent.missing if at is stage),
            tuple(_findings(stated, stage)),
            (
                *(item for item in unknown if item.stage is stage),
                *(item for notes in stated for item in notes.opens if item.stage is stage),
            ),
        )
        for stage in Stage
    )
    return Review(
        title,
        scope,
        summary(title, stated, scope),
        stages,
        questions_about(stated, profile),
        profile,
        tuple(stated),
        others=len(files) - len(relevant),
        tests=len(relevant) - len(stated),
        values=tuple(_starts(stated))[:_MOST_STARTS],
        versions=tuple(_versions(stated)),
        next_steps=next_steps(stated, absent.missing),
        care=cautions(stated, profile),
    )


def _statements(files: Sequence[FileNotes], stage: Stage) -> Iterator[Statement]:
    """Yield the statements of a stage; what is said of several files is said once, with all places."""
    found: dict[tuple[str, str], Statement] = {}
    for notes in files:
        for item in notes.statements:
            if item.stage is stage:
                known = found.get((item.topic, item.text))
                places = (*known.places, *item.places) if known else item.places
                found[item.topic, item.text] = Statement(stage, item.topic, item.text, places)
    yield from found.values()


def _findings(files: Sequence[FileNotes], stage: Stage) -> Iterator[FindingNote]:
    found = [note for notes in files for note in notes.findings if note.stage is stage]
    yield from sorted(found, key=lambda note: (SEVERITIES.index(note.severity), note.place.order, note.code))


def _contradictions(files: Sequence[FileNotes], profile: Profile) -> Iterator[Open]:
    numbers = sorted({number for notes in files for number in notes.classes})
    if profile.classes is not None and numbers and profile.classes not in numbers:
        stated = ", ".join(map(str, numbers))
        text = f"the project states {profile.classes} classes, the code has outputs for {stated}: one of them is wrong"
        yield Open(Stage.ARCHITECTURE, text)


def _starts(files: Sequence[FileNotes]) -> Iterator[Start]:
    """Yield the starting values of the rules that found something, those of the most severe findings first."""
    findings = [note for notes in files for note in notes.findings]
    findings.sort(key=lambda note: SEVERITIES.index(note.severity))
    seen: set[str] = set()
    for code in dict.fromkeys(note.code for note in findings):
        rule = rule_named(code)
        for start in rule.starting_values if rule is not None else ():
            if start.setting not in seen:
                seen.add(start.setting)
                yield Start(start.setting, start.value, start.range, start.reason, code)


def _versions(files: Sequence[FileNotes]) -> Iterator[Version]:
    found: dict[Version, None] = {}
    for notes in files:
        found.update(dict.fromkeys(notes.versions))
    yield from sorted(found, key=lambda item: (item.library, item.version))
