"""The shape of an answer: one order, and parts that are asked for by name."""

import pytest

from ml_architect.page.shape import SHAPE, Kind, Section, missing, needed, part_of, sections_of


def test_every_section_is_one_part_in_one_order():
    assert [part.section for part in SHAPE] == list(Section)
    assert len({part.title for part in SHAPE}) == len(SHAPE)
    assert all(part.holds and part.title for part in SHAPE)


@pytest.mark.parametrize("kind", Kind)
def test_an_answer_leads_with_the_idea_and_lacks_what_is_not_there(kind):
    assert sections_of(kind)[0] is Section.APPROACH
    assert set(needed(kind)) <= set(sections_of(kind))
    assert missing(kind, sections_of(kind)) == ()
    assert [part.section for part in missing(kind, ())] == list(needed(kind))
    assert [part.section for part in missing(kind, set(needed(kind)) - {Section.VERIFY})] == [Section.VERIFY]


def test_a_part_is_found_by_its_name():
    assert part_of(Section.CARE).title == "Privacy, bias, security"


def test_what_an_explanation_holds_is_what_it_always_held():
    names = [section.value for section in sections_of(Kind.EXPLAIN)]
    assert names == ["approach", "values", "tradeoffs", "verify", "expect", "next"]
