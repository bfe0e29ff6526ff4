"""A review as a page: the blocks that become Markdown or HTML."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ml_architect.page import Block, Bullets, Code, Heading, Paragraph, Table
from ml_architect.page.shape import Section, part_of
from ml_architect.review.summary import leveled
from ml_architect.review.values import SEVERITIES, FileNotes, Open, Place, Review, Scope, Stage, StageReview

__all__ = ["blocks_of", "sections_there"]

_MOST_PLACES = 4
_MOST_ROWS = 120
_MOST_FILES = 200


def sections_there() -> tuple[Section, ...]:
    """Return the parts of the document shape that every review has."""
    return (
        Section.APPROACH,
        Section.VALUES,
        Section.ENVIRONMENT,
        Section.VERIFY,
        Section.NEXT,
        Section.CARE,
    )


def blocks_of(review: Review, assessed: Mapping[Stage, Sequence[Block]] | None = None) -> list[Block]:
    """Return the page of `review`; `assessed` are further blocks at the end of stages, such as a model's words."""
    blocks: list[Block] = [Heading(1, f"Review of `{review.title}`"), *_approach(review)]
    for number, stage in enumerate(review.stages, start=1):
        blocks += [Heading(2, f"{number}. {stage.stage.words}"), *_stage(stage)]
        blocks += (assessed or {}).get(stage.stage, ())
    blocks += _questions(review)
    blocks += _values(review)
    blocks += _environment(review)
    blocks += _verify(review)
    blocks += _next(review)
    blocks += _care(review)
    return blocks


def _title(section: Section) -> Heading:
    return Heading(2, part_of(section).title)


def _approach(review: Review) -> Iterator[Block]:
    yield _title(Section.APPROACH)
    yield Paragraph(review.summary)
    left = []
    if review.others:
        left.append(f"{_counted(review.others, 'file')} without a framework that is known here")
    if review.tests:
        left.append(f"{_counted(review.tests, 'test or benchmark file')}")
    if left:
        yield Paragraph(f"Nothing is stated about {' and '.join(left)}.")
    if len(review.files) > 1:
        yield Table(("File", "What it holds", "Findings"), tuple(_file(notes) for notes in review.files[:_MOST_FILES]))
        if len(review.files) > _MOST_FILES:
            yield Paragraph(f"{len(review.files) - _MOST_FILES} more files were read.")


def _file(notes: FileNotes) -> tuple[str, str, str]:
    stages = [stage.words.lower() for stage in Stage if any(item.stage is stage for item in notes.statements)]
    counts = Counter(note.severity for note in notes.findings)
    found = ", ".join(leveled(counts[level], level) for level in SEVERITIES if counts[level])
    return f"`{notes.path}`", ", ".join(stages) or "nothing that is stated here", found or "none"


def _stage(stage: StageReview) -> Iterator[Block]:
    if stage.statements:
        rows = tuple((item.text, _places(item.places)) for item in stage.statements[:_MOST_ROWS])
        yield Table(("What the code does", "Where"), rows)
        if len(stage.statements) > _MOST_ROWS:
            yield Paragraph(f"{len(stage.statements) - _MOST_ROWS} more statements are in the JSON form.")
    if stage.missing:
        yield Heading(3, "Missing")
        yield Bullets(stage.missing)
    if stage.findings:
        yield Heading(3, "Findings")
        found = stage.findings[:_MOST_ROWS]
        lines = tuple((note.severity, note.message, f"`{note.code}`", str(note.place)) for note in found)
        yield Table(("Severity", "Finding", "Rule", "Where"), lines)
        if len(stage.findings) > _MOST_ROWS:
            yield Paragraph(f"{len(stage.findings) - _MOST_ROWS} more findings are in the JSON form.")
    if stage.unknown:
        yield Heading(3, "Unknown")
        yield Bullets(tuple(_opens(stage.unknown))[:_MOST_ROWS])
    if not (stage.statements or stage.missing or stage.findings or stage.unknown):
        yield Paragraph("Nothing is known of this stage: no call in the code is one of those that tell.")


def _opens(unknown: Iterable[Open]) -> Iterator[str]:
    grouped: dict[str, list[Place]] = {}
    for item in unknown:
        grouped.setdefault(item.text, []).extend([item.place] if item.place else [])
    for text, places in grouped.items():
        yield f"{text} ({_places(places)})" if places else text


def _places(places: Sequence[Place]) -> str:
    shown: list[str] = []
    before: Place | None = None
    for place in places[:_MOST_PLACES]:
        again = before is not None and (before.path, before.cell) == (place.path, place.cell)
        shown.append(str(place.line) if again else str(place))
        before = place
    more = len(places) - _MOST_PLACES
    return f"{', '.join(shown)} and {more} more" if more > 0 else ", ".join(shown)


def _questions(review: Review) -> Iterator[Block]:
    yield Heading(2, "Questions")
    answers = review.profile.answers()
    if answers:
        yield Paragraph("What the project states already:")
        yield Table(("Setting", "Answer"), tuple((f"`{key}`", _answer(value)) for key, value in answers))
    if not review.questions:
        trains = "everything that matters here is answered" if answers else "nothing here trains, so nothing is asked"
        yield Paragraph(f"No question is open: {trains}.")
        return
    yield Paragraph("Only a person knows these. Answers in `pyproject.toml` are used from then on, by rules too.")
    rows = tuple((asked.text, asked.why, f"`{asked.key}`") for asked in review.questions)
    yield Table(("Question", "Why it matters here", "Setting"), rows)
    lines = "".join(f"# {asked.key} = {_EXAMPLES.get(asked.key, 'true')}\n" for asked in review.questions)
    yield Code("toml", f"[tool.ml-architect.project]\n{lines}")


_EXAMPLES = {
    "dataset-size": "10000",
    "dataset-gb": "4.5",
    "classes": "5",
    "task": '"image classification"',
    "metric": '"balanced accuracy"',
    "hardware": '"1x 24 GB GPU"',
    "gpu-memory-gb": "24",
    "gpus": "1",
    "deployment": '"web service"',
    "latency-ms": "50",
}
"""What an answer looks like; those that are not here are true or false."""


def _answer(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).replace("`", "'")


def _values(review: Review) -> Iterator[Block]:
    yield _title(Section.VALUES)
    if not review.values:
        yield Paragraph("No rule that found something states a starting value.")
        return
    rows = tuple((f"`{it.setting}`", f"`{it.value}`", it.range, it.reason, f"`{it.rule}`") for it in review.values)
    yield Table(("Setting", "Start with", "Range", "Why", "Rule"), rows)


def _environment(review: Review) -> Iterator[Block]:
    yield _title(Section.ENVIRONMENT)
    if not review.versions:
        yield Paragraph("No library that is known here is imported.")
        return
    rows = tuple((f"`{it.library}`", it.version or "not known", it.origin or "-") for it in review.versions)
    yield Table(("Library", "Version", "From"), rows)
    if any(not it.version for it in review.versions):
        yield Paragraph(
            "Pin what is not known in a lock file, or name it under `[tool.ml-architect.versions]`: "
            "some findings depend on the version."
        )


def _verify(review: Review) -> Iterator[Block]:
    yield _title(Section.VERIFY)
    target = _target(review)
    lines = [f"ml-architect check {_shell(target)}", f"ml-architect review {_shell(target)}"]
    yield Paragraph("The checks of this review, again after each change:")
    yield Code("sh", "\n".join(lines))
    scripts = [notes for notes in review.files if notes.runs and notes.path.endswith(".py")][:_MOST_SCRIPTS]
    if scripts:
        yield Paragraph("The project's own scripts; what they take, and where their time goes:")
        helps = [f"python {_shell(it.path)} --help" for it in scripts if "options" in it.topics]
        yield Code("sh", "\n".join([*helps, f"python -m cProfile -s cumulative {_shell(scripts[0].path)}"]))
    if any("deep" in notes.marks for notes in review.files) and not review.profile.without_gpu:
        yield Paragraph("How busy a GPU is while the training runs; much below 100 % says that it waits for data:")
        yield Code("sh", "nvidia-smi dmon -s u")


def _target(review: Review) -> str:
    """Return what to name on the command line to see all this again."""
    if not review.files:
        return "."
    if review.scope is not Scope.PROJECT:
        return review.files[0].path
    inside = all(notes.path.replace("\\", "/").startswith(f"{review.title}/") for notes in review.files)
    return review.title if inside else "."


_MOST_SCRIPTS = 3


def _shell(path: str) -> str:
    plain = all(sign.isalnum() or sign in "._-/\\" for sign in path)
    return path if plain else "'" + path.replace("'", "'\\''") + "'"


def _next(review: Review) -> Iterator[Block]:
    yield _title(Section.NEXT)
    steps = [*review.next_steps]
    if review.questions:
        keys = ", ".join(f"`{asked.key}`" for asked in review.questions[:3])
        steps.append(f"answer the questions above, first {keys}")
    yield Bullets(tuple(steps)) if steps else Paragraph("Nothing is found, missing or open.")


def _care(review: Review) -> Iterator[Block]:
    yield _title(Section.CARE)
    notes = list(review.care)
    if review.profile.personal_data is None and any(asked.key == "personal-data" for asked in review.questions):
        notes.append("Whether personal data are in the training set is not known: see the questions.")
    yield Bullets(tuple(notes)) if notes else Paragraph("Nothing in the code calls for a note.")


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
