"""Wilson's interval against values that others have computed."""

import pytest

from ml_architect.trial.wilson import Rate, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same
        (0, 20, 0.0, 0.1611),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
    ],
)
def test_known_values(hits, of, low, high):
    assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)


def test_nothing_is_known_without_a_trial():
    assert wilson(0, 0) == (0.0, 1.0)
    assert Rate(0, 0).share is None
    assert str(Rate(0, 0)) == "-"


@pytest.mark.parametrize(("hits", "of"), [(-1, 2), (3, 2)])
def test_what_is_no_share_is_refused(hits, of):
    with pytest.raises(ValueError, match="no share"):
        wilson(hits, of)


def test_a_rate_reads_well():
    assert str(Rate(5, 10)) == "5/10 50% (24% to 76%)"
    assert Rate(5, 10).as_json()["share"] == 0.5
