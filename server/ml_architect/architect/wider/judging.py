"""What becomes of an answer: its parts made harmless, its files inspected, what is missing named."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ml_architect.architect.answers import Answer, CodeFile
from ml_architect.architect.reply.packages import unknown_imports
from ml_architect.architect.values import Refusal, Rung, Section, Tier, Verdict
from ml_architect.architect.wider.inspection import inspected
from ml_architect.architect.wider.letter import Letter, Questions, read_letter
from ml_architect.architect.wider.probe import probed
from ml_architect.architect.wider.prose import Prose
from ml_architect.engine.guard import GUARD
from ml_architect.facts.environment import Environment
from ml_architect.page.shape import Form, Kind, missing, part_of, sections_of, wanted

__all__ = ["Ground", "judged", "said_wrong"]

_MOST_REMARKS = 16
_MOST_TOLD = 2400
"""Characters of what is wrong that a model is told."""
_LANGUAGES = frozenset({"py", "python", "python3"})
_FENCED = re.compile(r"^```([\w+-]*)[ \t]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Ground:
    """What an answer is judged by: the versions of the project, and what may still be asked."""

    environment: Environment
    answered: frozenset[str] = frozenset()
    """Keys of questions that are answered already."""
    may_ask: bool = True
    words: str = ""
    """Question and files of the user: names that stand there are known."""
    interpreter: Path | None = None
    """Whose packages are asked what they know; None where no code may be run, and asking them runs theirs."""


def judged(reply: str, nonce: str, ground: Ground) -> Verdict:
    """Return what becomes of `reply`. It never raises."""
    failed = Refusal(Rung.REANALYSIS, "our own checks failed on this reply, see the log", final=True)
    broken = Verdict(Tier.EXPLAINED, refusal=failed)
    return GUARD.run("judging an answer", lambda: _judged(reply, nonce, ground), broken)


def said_wrong(verdict: Verdict) -> str | None:
    """Return what a model is told for its one other attempt, None where it makes no sense."""
    if verdict.refusal is not None:
        return None if verdict.refusal.final else verdict.refusal.message
    answer = verdict.answer
    if answer is None or answer.questions:
        return None
    lines = [f"- {file.name}: {fault}" for file in answer.files for fault in file.faults]
    if answer.missing:
        lines.append(f"- {wanted(answer.missing)}")
    if not lines:
        return None
    text = "\n".join(lines)
    return text if len(text) <= _MOST_TOLD else f"{text[:_MOST_TOLD]}\n- (and more of the same kind)"


def _judged(reply: str, nonce: str, ground: Ground) -> Verdict:
    read = read_letter(reply, nonce)
    if isinstance(read, Refusal):
        return Verdict(Tier.EXPLAINED, refusal=read)
    if isinstance(read, Questions):
        return _asked(read, ground)
    if isinstance(read, Letter):
        return Verdict(Tier.ANSWERED, answer=_answer(read, ground))
    return Verdict(Tier.DECLINED, reason=read.reason)


def _asked(read: Questions, ground: Ground) -> Verdict:
    """Return the questions that are new; a model that asks again is told to answer."""
    new = tuple(item for item in read.items if item.key not in ground.answered)
    if ground.may_ask and new:
        return Verdict(Tier.QUESTIONS, answer=Answer(questions=new))
    message = (
        "no further questions: what was asked is answered, or the user does not want to be asked; answer with what is "
        "known, and say under ## approach what you take for granted"
    )
    return Verdict(Tier.EXPLAINED, refusal=Refusal(Rung.PROTOCOL, message))


def _answer(letter: Letter, ground: Ground) -> Answer:
    sections, loose = _without_code(letter)
    texts = {**letter.files, **loose}
    files = tuple(inspected(name, text, ground.environment) for name, text in texts.items())
    if ground.interpreter is not None:
        files = probed(files, ground.interpreter)
    prose = Prose(f"{ground.words}\n" + "\n".join(texts.values()))
    shown = {section: text for section, given in sections.items() if (text := prose.part(section, given))}
    if any(file.is_python for file in files):
        shown.setdefault(Section.CODE, "")
    lacking = tuple(part.section for part in missing(Kind.ASK, shown))
    remarks = [*prose.remarks, *_strangers(files)]
    kept = tuple((section, shown[section]) for section in sections_of(Kind.ASK) if shown.get(section))
    return Answer(kept, files, lacking, tuple(dict.fromkeys(remarks))[:_MOST_REMARKS])


def _without_code(letter: Letter) -> tuple[Mapping[Section, str], Mapping[str, str]]:
    """Return the sections without their fenced Python, and that Python as files of its own: it is checked as well."""
    found: dict[str, str] = {}
    rest: dict[Section, str] = {}
    for section, text in letter.sections.items():
        pieces: list[str] = []
        position = 0
        for match in _FENCED.finditer(text):
            if match.group(1).lower() not in _LANGUAGES:
                continue
            name = f"{'answer' if part_of(section).form is Form.CODE else section.value}_{len(found) + 1}.py"
            found[name] = match.group(2)
            pieces += [text[position : match.start()], f"(see the file `{name}`)"]
            position = match.end()
        rest[section] = "".join([*pieces, text[position:]])
    return rest, {name: text for name, text in found.items() if name not in letter.files}


def _strangers(files: Sequence[CodeFile]) -> Iterator[str]:
    """Yield a remark for each module that no known package brings, and no file of the answer is."""
    own = {file.name.removesuffix(".py").partition("/")[0] for file in files}
    modules = {name for file in files if file.is_python for name in _imports(file.text)}
    for name in unknown_imports(modules - own):
        yield f"`{name}` is imported, which is no package that we know: make sure that it is what you want to install"


def _imports(text: str) -> Collection[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {item.name.partition(".")[0] for item in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found
