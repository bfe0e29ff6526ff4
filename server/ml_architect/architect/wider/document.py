"""What came of a wider question as a page: an answer, questions to the user, or the static pages that match."""

from collections.abc import Iterator, Sequence
from typing import Any

from ml_architect.architect.answers import Answer, CodeFile
from ml_architect.architect.reply.cleaning import Cleaner
from ml_architect.architect.reply.rendering import parts, writer
from ml_architect.architect.values import Section
from ml_architect.architect.wider.running import Ran
from ml_architect.architect.wider.shelf import StaticPage
from ml_architect.page import Block, Bullets, Code, Heading, Link, Paragraph, Table
from ml_architect.page.shape import Kind, part_of
from ml_architect.rules.api import StartingValue

__all__ = ["answer_page", "as_data", "pages_page", "questions_page", "title_of"]

_TITLE = 90
_OWN_NUMBERS = (
    "These numbers are the model's own. Where a rule of ours states a range for a setting of the same name, the "
    "starting value was compared with it; what lies outside is among the remarks."
)


def title_of(question: str) -> str:
    """Return a question as the title of a page."""
    words = Cleaner().line(question, _TITLE).replace("`", "")
    return words or "A question"


def answer_page(question: str, answer: Answer, model: str, ran: Ran | None = None) -> tuple[Block, ...]:
    """Return the page of a checked answer; `ran` is how a run of its code ended, if there was one."""
    more: dict[Section, Sequence[Block]] = {Section.CODE: tuple(_files(answer.files))}
    texts = dict(answer.sections)
    if Section.VALUES in texts:
        more[Section.VALUES] = (Paragraph(_OWN_NUMBERS),)
    if ran is not None:
        more[Section.EXPECT] = tuple(_run(ran))
    blocks: list[Block] = [
        Heading(1, title_of(question)),
        Paragraph(f"Written by {writer(model)}, checked by ml-architect: {_checked(answer, ran)}."),
        *parts(Kind.ASK, texts, answer.missing, more),
    ]
    if answer.remarks:
        blocks += [Heading(2, "Remarks"), Bullets(answer.remarks)]
    return tuple(blocks)


def questions_page(question: str, answer: Answer, model: str) -> tuple[Block, ...]:
    """Return the page on which the model asks for what it has to know first, and how that is answered."""
    rows = tuple((f"`{item.key}`", item.question, item.decides) for item in answer.questions)
    lines = "\n".join(f"{item.key} = ..." for item in answer.questions)
    options = " ".join(f"--answer {item.key}=..." for item in answer.questions)
    return (
        Heading(1, title_of(question)),
        Paragraph(f"Before it answers, {writer(model)} asks for what decides most:"),
        Table(("Key", "Question", "What it decides"), rows),
        Heading(2, "How to answer"),
        Paragraph("For this project, once and for all, in `pyproject.toml` (texts in quotes, numbers without):"),
        Code("toml", f"[tool.ml-architect.project]\n{lines}"),
        Paragraph("Or for this question alone, on the command line:"),
        Code("text", options),
        Paragraph("Or ask with `--no-questions`, and the model takes the usual case for granted."),
    )


def pages_page(question: str, pages: Sequence[StaticPage], reason: str) -> tuple[Block, ...]:
    """Return the page that is shown where no model can be asked: why, and the static pages that match."""
    blocks: list[Block] = [Heading(1, title_of(question)), Paragraph(f"No model can be asked: {reason}.")]
    if not pages:
        return (*blocks, Paragraph("None of the static pages matches this question."))
    rows = tuple((Link(page.title, page.url), page.summary) for page in pages)
    blocks += [Heading(2, "Pages that match"), Table(("Page", "What it says"), rows)]
    starts: dict[str, StartingValue] = {}
    for start in (start for page in pages if page.rule for start in page.rule.starting_values):
        starts.setdefault(start.setting, start)  # the page that matches best says it
    if starts:
        values = tuple((f"`{item.setting}`", f"`{item.value}`", item.range, item.reason) for item in starts.values())
        blocks += [Heading(2, "Starting values"), Table(("Setting", "Start with", "Range", "Reason"), values)]
    return tuple(blocks)


def as_data(question: str, answer: Answer, model: str, ran: Ran | None = None) -> dict[str, Any]:
    """Return a checked answer as plain data, for JSON."""
    texts = dict(answer.sections)
    return {
        "question": question,
        "model": model,
        "state": "questions" if answer.questions else "answered",
        "sections": [{"name": name.value, "title": part_of(name).title, "text": text} for name, text in texts.items()],
        "files": [
            {
                "name": file.name,
                "text": file.text,
                "unsafe": file.is_unsafe,
                "faults": [
                    {"kind": item.kind.name.lower(), "line": item.line, "message": item.message} for item in file.faults
                ],
            }
            for file in answer.files
        ],
        "missing": [name.value for name in answer.missing],
        "remarks": list(answer.remarks),
        "questions": [
            {"key": item.key, "question": item.question, "decides": item.decides} for item in answer.questions
        ],
        "run": None if ran is None else _run_data(ran),
    }


def _checked(answer: Answer, ran: Ran | None) -> str:
    wrong = [file for file in answer.files if file.faults]
    if not answer.files:
        told = "it holds no code"
    elif not wrong:
        told = f"its {_counted(len(answer.files), 'file')} passed all checks"
    else:
        which = "its only file" if len(answer.files) == 1 else f"{len(wrong)} of its {len(answer.files)} files"
        told = f"{which} did not pass our checks, see there"
    if answer.missing:
        told += f"; {_counted(len(answer.missing), 'part')} missing"
    return f"{told}; {'it was run' if ran is not None else 'nothing of it was run'}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _files(files: Sequence[CodeFile]) -> Iterator[Block]:
    for file in files:
        yield Heading(3, file.name)
        if file.is_unsafe:
            yield Paragraph("Do not run this file: it is not safe. What our checks found wrong:")
        elif file.faults:
            yield Paragraph("Repair this before you use it. What our checks found wrong:")
        if file.faults:
            yield Bullets(tuple(str(fault) for fault in file.faults))
        yield Code("python" if file.is_python else "text", file.text)


def _run(ran: Ran) -> Iterator[Block]:
    yield Heading(3, f"What happened when {ran.name} was run")
    ended = ran.problem or f"exit code {ran.code}"
    yield Paragraph(f"{ended}, after {ran.seconds:.1f} seconds; {'; '.join(ran.open_ends)}.")
    if ran.lines:
        yield Code("text", "\n".join(ran.lines))


def _run_data(ran: Ran) -> dict[str, Any]:
    return {
        "file": ran.name,
        "exit_code": ran.code,
        "seconds": round(ran.seconds, 2),
        "problem": ran.problem,
        "lines": list(ran.lines),
        "not_isolated": list(ran.open_ends),
    }
