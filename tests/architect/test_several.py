"""Several findings repaired by one reply: what is right is let through, and no broken reply is called proven."""

import ast
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fault_matrix.row import LOADER_CODE, LOOP_CODE, changed
from fault_matrix.several import ALL, BOTH, FILE, GOOD_SECOND, OTHERWISE, TWO
from oracle import SECTIONS, render_fix
from test_mutants_of_rules import equal, mutants, owned_by, place_of, repaired
from test_oracle import PROGRAMS, examined

from ml_architect.architect.checks.judge import judge, judge_text
from ml_architect.architect.question.briefing import Limits, at_once, brief_fix, brief_together, is_eligible, together
from ml_architect.architect.question.worked import render_blocks, render_reply
from ml_architect.architect.values import Brief, Tier
from ml_architect.engine import Analysis
from ml_architect.engine.difference import difference
from ml_architect.rules import all_rules, rule_named
from ml_architect.text import apply_edits

LOAD_CODE, LATE_CODE = "torch-load-allows-code-execution", "zero-grad-discards-gradients"
MOST_REFUSED = 0.01
MOST_PREVIEWED = 0.06
"""Shares of good replies: two rules in one question may own the same code, and then it is only previewed."""
FEWEST = 700
"""Broken replies."""


@dataclass(frozen=True)
class Case:
    """A document, some of its findings, and the text that repairs them all."""

    name: str
    analysis: Analysis
    brief: Brief
    after: str

    @property
    def best(self) -> Tier:
        """How far the rules let a reply get."""
        return Tier.STRUCTURAL if any(allowance.structural for allowance in self.allowances) else Tier.PROVEN

    @property
    def allowances(self):
        return [rule_named(target.code).architect for target in self.brief.targets]

    def reply(self) -> str | None:
        """Return the good reply, None where the repair needs a place that may not be edited."""
        edits = difference(self.analysis.source.text, self.after)
        try:
            return render_fix(self.brief, self.analysis.source, edits)
        except ValueError:
            return None


# --- documents ----------------------------------------------------------------------------------------------------


def pairs(step: int) -> Iterator[Case]:
    """Yield a case for each rule and the one `step` further: an example of each, one behind the other."""
    known = [(rule, rule.fires[0], repaired(rule, rule.fires[0])) for rule in all_rules() if rule.architect]
    found = [item for item in known if item[2] is not None]
    for index, (rule, example, one) in enumerate(found):
        other, second, two = found[(index + step) % len(found)]
        if shared_names(example.code, second.code):
            continue
        before, after = f"{example.code}\n\n{second.code}", f"{one}\n\n{two}"
        versions = {**example.versions, **second.versions}
        case = case_of(f"{rule.name} and {other.name}", examined(before, versions), {rule.name, other.name}, after)
        if case is not None and not unrepaired(case, versions) and case.reply() is not None:
            yield case


def shared_names(one: str, other: str) -> set[str]:
    """Return the names that the module of one text speaks of, and to which any part of the other gives a value."""
    trees = ast.parse(one), ast.parse(other)
    bound = [{node.id for node in names(tree) if isinstance(node.ctx, ast.Store)} for tree in trees]
    spoken = [
        {node.id for item in tree.body if not isinstance(item, ast.FunctionDef | ast.ClassDef) for node in names(item)}
        for tree in trees
    ]
    return (spoken[0] & bound[1]) | (bound[0] & spoken[1])


def names(tree: ast.AST) -> list[ast.Name]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Name)]


def case_of(name: str, analysis: Analysis, codes: set[str], after: str) -> Case | None:
    found = [item for item in analysis.diagnostics if item.code in codes and is_eligible(item)]
    brief = brief_fix(analysis, [item.fingerprint for item in found], "n0nce", Limits())
    complete = {item.code for item in found} == codes and isinstance(brief, Brief)
    return Case(name, analysis, brief, after) if complete else None


def unrepaired(case: Case, versions: dict[str, str], text: str | None = None) -> set[str]:
    """Return the rules of a case that still find something, seen by an analysis that knows of no change."""
    left = {item.code for item in examined(case.after if text is None else text, versions).diagnostics}
    return left & {target.code for target in case.brief.targets}


def units() -> Iterator[Case]:
    """Yield a case for each loop and file of the bundled programs, as far as our own engine repairs them."""
    for path in PROGRAMS:
        analysis = examined(path.read_text(encoding="utf-8"), {})
        seen = set()
        for item in filter(is_eligible, analysis.diagnostics):
            for scope in ("loop", "file"):
                related = together(analysis, item.fingerprint, scope)
                chosen = at_once(analysis, [name for name in related if analysis.fix(analysis.find(name))], Limits())
                if len(chosen) > 1 and chosen not in seen:
                    seen.add(chosen)
                    yield unit(f"{path.stem}, {scope} of {item.code}", analysis, chosen)


def unit(name: str, analysis: Analysis, chosen: tuple[str, ...]) -> Case:
    after = analysis
    for fingerprint in chosen:
        found = after.find(fingerprint)
        fix = after.fix(found) if found else None
        after = after.with_text(apply_edits(after.source.text, fix.edits)) if fix else after
    brief = brief_fix(analysis, chosen, "n0nce", Limits())
    assert isinstance(brief, Brief)
    return Case(name, analysis, brief, after.source.text)


def loops() -> Iterator[Case]:
    """Yield the documents of the fault matrix."""
    both = {LOADER_CODE, LOOP_CODE}
    yield case_of("a loop", examined(TWO, {}), both, changed(TWO, *BOTH))
    yield case_of("a file", examined(FILE, {}), {*both, LOAD_CODE}, changed(FILE, *ALL))
    yield case_of("two loops", examined(OTHERWISE, {}), {*both, LATE_CODE}, changed(OTHERWISE, *BOTH, GOOD_SECOND))


# --- good replies -------------------------------------------------------------------------------------------------


def test_a_model_that_repairs_all_of_a_question_is_let_through():
    ends: Counter[str] = Counter()
    told = []
    for case in (*units(), *loops(), *(case for step in (1, 2, 3) for case in pairs(step))):
        verdict = judge(case.analysis, case.brief, case.reply())
        end = "as far as the rules allow" if verdict.tier is case.best else verdict.tier.value
        ends[end] += 1
        if verdict.tier is case.best:
            assert apply_edits(case.analysis.source.text, verdict.edits) == case.after, case.name
        else:
            told.append(f"{case.name}: {verdict.refusal or verdict.also}")
    print(dict(ends))
    total = sum(ends.values())
    assert total >= 200
    assert ends[Tier.EXPLAINED.value] <= MOST_REFUSED * total, told
    assert ends[Tier.STRUCTURAL.value] <= MOST_PREVIEWED * total, told


def test_a_finding_whose_repair_has_no_room_beside_the_others_is_left_for_another_question():
    """Our repair of the missing switch to training mode stands in another function than its finding."""
    analysis = examined(next(path for path in PROGRAMS if path.stem == "image_classifier").read_text(), {})
    switched = next(item for item in analysis.diagnostics if item.code == "train-mode-not-restored")
    brief = brief_together(analysis, switched.fingerprint, "file", "n0nce", Limits())
    assert isinstance(brief, Brief)
    (edit,) = analysis.fix(switched).edits
    assert any(region.span.contains(edit.span) for region in brief.regions)
    assert brief.left > 0


# --- broken replies -----------------------------------------------------------------------------------------------

Blocks = list[str]


def parts(block: str) -> tuple[str, list[str], list[str]]:
    """Return the first line of a block, its old lines and its new ones."""
    head, _, rest = block.removesuffix("\n<<<DONE>>>").partition("\n<<<OLD>>>\n")
    old, _, new = rest.partition("\n<<<NEW>>>\n")
    return head, old.split("\n"), new.split("\n")


def block_of(head: str, old: list[str], new: list[str]) -> str:
    return "\n".join([head, "<<<OLD>>>", *old, "<<<NEW>>>", *new, "<<<DONE>>>"])


def chosen(blocks: Blocks, dice: random.Random) -> tuple[int, int]:
    """Return two different blocks; the same twice where there is one."""
    one = dice.randrange(len(blocks))
    return one, (one + 1) % len(blocks)


def lose_block(blocks: Blocks, dice: random.Random) -> Blocks:
    del blocks[dice.randrange(len(blocks))]
    return blocks


def repeat_block(blocks: Blocks, dice: random.Random) -> Blocks:
    return [*blocks, dice.choice(blocks)]


def mix_up_news(blocks: Blocks, dice: random.Random) -> Blocks:
    one, two = chosen(blocks, dice)
    (head, old, new), (other_head, other_old, other_new) = parts(blocks[one]), parts(blocks[two])
    blocks[one], blocks[two] = block_of(head, old, other_new), block_of(other_head, other_old, new)
    return blocks


def move_line(blocks: Blocks, dice: random.Random) -> Blocks:
    one, two = chosen(blocks, dice)
    head, old, new = parts(blocks[one])
    line = new.pop(dice.randrange(len(new)))
    blocks[one] = block_of(head, old, new)
    head, old, new = parts(blocks[two])
    new.insert(dice.randrange(len(new) + 1), line)
    blocks[two] = block_of(head, old, new)
    return blocks


def copy_line(blocks: Blocks, dice: random.Random) -> Blocks:
    one, two = chosen(blocks, dice)
    line = dice.choice(parts(blocks[one])[2])
    head, old, new = parts(blocks[two])
    new.insert(dice.randrange(len(new) + 1), line)
    blocks[two] = block_of(head, old, new)
    return blocks


def lose_new_line(blocks: Blocks, dice: random.Random) -> Blocks:
    one = dice.randrange(len(blocks))
    head, old, new = parts(blocks[one])
    new.pop(dice.randrange(len(new)))
    blocks[one] = block_of(head, old, new)
    return blocks


def lose_old_line(blocks: Blocks, dice: random.Random) -> Blocks:
    one = dice.randrange(len(blocks))
    head, old, new = parts(blocks[one])
    old.pop(dice.randrange(len(old)))
    blocks[one] = block_of(head, old, new)
    return blocks


def undo_block(blocks: Blocks, dice: random.Random) -> Blocks:
    one = dice.randrange(len(blocks))
    head, old, _ = parts(blocks[one])
    blocks[one] = block_of(head, old, old)
    return blocks


def other_region(blocks: Blocks, dice: random.Random) -> Blocks:
    one = dice.randrange(len(blocks))
    number = dice.randrange(1, 5)
    blocks[one] = f"<<<EDIT R{number}{blocks[one][blocks[one].index(' line=') :]}"
    return blocks


def other_line(blocks: Blocks, dice: random.Random) -> Blocks:
    one = dice.randrange(len(blocks))
    head, old, new = parts(blocks[one])
    blocks[one] = block_of(f"{head.partition('=')[0]}={dice.randrange(1, 40)}>>>", old, new)
    return blocks


FAULTS = {
    function.__name__: function
    for function in (
        *(lose_block, repeat_block, mix_up_news, move_line, copy_line, lose_new_line, lose_old_line, undo_block),
        *(other_region, other_line),
    )
}


def broken_texts(case: Case, count: int) -> Iterator[tuple[str, str]]:
    """Yield repaired texts with one fault each, and the kind of the fault."""
    owned = {key.rpartition(":")[2] for allowance in case.allowances for key in allowance.keywords}
    place = place_of(case.analysis.source.text, case.after, owned)
    for mutant in mutants(place, case.name, count):
        yield mutant.operator, mutant.text


def broken_replies(case: Case, count: int) -> Iterator[tuple[str, str]]:
    """Yield replies in which blocks are gone, mixed up, or cut, and the kind of the fault."""
    edits = difference(case.analysis.source.text, case.after)
    blocks = render_blocks(case.analysis.source, case.brief.regions, edits)
    dice = random.Random(case.name)
    for number in range(count):
        name = sorted(FAULTS)[number % len(FAULTS)]
        mixed = FAULTS[name](list(blocks), dice)
        if mixed != blocks:
            yield name, render_reply(case.brief.nonce, SECTIONS, mixed)


OWNED = re.compile(r"\n *(?:\w+\.zero_grad\([^()\n]*\)|torch\.autograd\.set_detect_anomaly\(False\))(?=\n)")
"""Statements that rules let a repair put anywhere: what they are good for is checked by the analysis alone."""


def means_the_same(case: Case, text: str) -> bool:
    """Return whether a text repairs all that it should and is the good repair but for what the rules own."""
    owned = [owned_by(allowance) for allowance in case.allowances]
    keywords, places = (frozenset().union(*items) for items in zip(*owned, strict=True))
    return (
        not unrepaired(case, {}, text)
        and len(OWNED.findall(text)) <= len(OWNED.findall(case.after))
        and equal(OWNED.sub("", text), OWNED.sub("", case.after), keywords, places)
    )


def test_no_broken_reply_to_a_question_about_several_findings_is_proven():
    count, proven = 0, 0
    for case, number in (*((case, 60) for case in loops()), *((case, 10) for case in (*units(), *list(pairs(4))[::4]))):
        texts = [judge_text(case.analysis, case.brief, text) for _, text in broken_texts(case, number)]
        verdicts = [*texts, *(judge(case.analysis, case.brief, reply) for _, reply in broken_replies(case, number))]
        count += len(verdicts)
        for verdict in verdicts:
            if verdict.tier is Tier.PROVEN:
                proven += 1
                text = apply_edits(case.analysis.source.text, verdict.edits)
                assert means_the_same(case, text), (case.name, text)
    print(f"{count} broken replies, {proven} of them proven: they mean what the good reply means")
    assert count >= FEWEST
    assert proven < count / 10


def test_every_fault_of_a_reply_can_be_told_from_the_good_one():
    case = next(loops())
    assert {name for name, _ in broken_replies(case, 10 * len(FAULTS))} == set(FAULTS)
    assert means_the_same(case, case.after)
    assert not means_the_same(case, changed(TWO, *BOTH[:1]))
    assert not means_the_same(case, case.after.replace("lr=0.1", "lr=0.2"))
