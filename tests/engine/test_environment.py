"""What a version range certainly says about a requirement."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import InvalidRequirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from ml_architect.facts.environment import Environment, LibraryVersion

RANGE = Environment({"torch": LibraryVersion("", minimum="2.0", maximum="2.5")})
EXACT = Environment({"torch": LibraryVersion("", exact="2.4.1+cu121")})
OPEN = Environment({"scikit-learn": LibraryVersion("", minimum="1.3")})


@pytest.mark.parametrize(
    ("environment", "requirement", "expected"),
    [
        (RANGE, "", True),
        (RANGE, "torch", True),
        (RANGE, "torch<2.6", True),
        (RANGE, "torch<2.5", True),
        (RANGE, "torch<2.4", None),
        (RANGE, "torch>=2.0", True),
        (RANGE, "torch>2.0", None),
        (RANGE, "torch>=2.5", False),
        (RANGE, "torch<2.0", False),
        (RANGE, "torch<=2.0", None),
        (RANGE, "torch==2.*", True),
        (RANGE, "torch~=2.1", None),
        (RANGE, "torch==2.1", None),
        (RANGE, "torch==3.0", False),
        (RANGE, "torch!=2.1", None),
        (RANGE, "torch>=1.0,<2.6", True),
        (RANGE, "torch>=1.0,<2.0", False),
        (EXACT, "torch<2.6", True),
        (EXACT, "torch==2.4.1", True),
        (EXACT, "torch>=2.5", False),
        (OPEN, "sklearn>=1.2", True),
        (OPEN, "scikit-learn<1.3", False),
        (OPEN, "Scikit_Learn<2", None),
        (OPEN, "keras<3", None),
        (OPEN, "keras", True),
    ],
)
def test_answers_are_three_valued(environment, requirement, expected):
    assert environment.allows(requirement) is expected


def test_a_nightly_build_counts_as_its_release():
    nightly = Environment({"torch": LibraryVersion("", exact="2.6.0.dev20250101")})
    assert nightly.allows("torch>=2.6") is True
    assert nightly.allows("torch<2.6") is False


def test_no_requirement_at_all_is_refused():
    with pytest.raises(InvalidRequirement):
        RANGE.allows("torch << 2")


def test_the_lowest_version_is_the_exact_one_or_the_minimum():
    assert RANGE.versions["torch"].lowest == "2.0"
    assert EXACT.versions["torch"].lowest == "2.4.1+cu121"
    assert RANGE.version("Torch") is RANGE.versions["torch"]
    assert RANGE.version("keras") is None


VERSIONS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda pair: f"{pair[0]}.{pair[1]}")
OPERATORS = st.sampled_from(["<", "<=", ">", ">=", "==", "!=", "~="])


@given(VERSIONS, VERSIONS, st.lists(st.tuples(OPERATORS, VERSIONS), min_size=1, max_size=3), VERSIONS)
def test_a_certain_answer_holds_for_every_version_of_the_range(low, high, clauses, probe):
    specifier = ",".join(operator + version for operator, version in clauses)
    environment = Environment({"torch": LibraryVersion("", minimum=low, maximum=high)})
    answer = environment.allows(f"torch{specifier}")
    if Version(low) <= Version(probe) < Version(high) and answer is not None:
        assert SpecifierSet(specifier).contains(probe) is answer
