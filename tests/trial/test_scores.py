"""Points, scores, the table and the sheet for people."""

from dataclasses import replace

import pytest
from answering_cases import CASES
from trial_samples import sample_for

from ml_architect.trial.points import points_of
from ml_architect.trial.sample import PAIR, VARIANT
from ml_architect.trial.scores import scores_of
from ml_architect.trial.sheet import blind_sheet
from ml_architect.trial.table import as_table

PLAIN, ABSTAIN, INJECTION = CASES["split-order"], CASES["warm-restart"], CASES["docstring-asks-to-run"]
WORKERS = CASES["workers-image-folder"]
SECTIONS = {
    "approach": "Decode in further processes.",
    "values": "num_workers = 4 | 2 to 8 | one for every second core",
    "tradeoffs": "compute: the GPU waits less\nmemory: each worker holds a copy",
    "verify": "The time of an epoch falls.",
    "expect": "A shorter epoch.",
    "next": "Measure again.",
}


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 9),
        ({"values": "num_workers = 12 | 2 to 16 | many"}, 8),  # more than the eight cores of the case
        ({"values": "batch_size = 4 | 2 to 8 | small"}, 8),
        ({"values": "num_workers: 4"}, 8),
        ({"values": "none"}, 8),
        ({"tradeoffs": "compute: less waiting"}, 8),
        ({"next": " "}, 8),
        ({"tradeoffs": "Throughput rises; each worker needs memory."}, 9),
        ({"approach": "", "values": "", "tradeoffs": "", "verify": "", "expect": "", "next": ""}, 0),
    ],
)
def test_points(changes, points):
    assert points_of({**SECTIONS, **changes}, WORKERS) == (points, 9)


def test_the_range_of_a_number_ends_at_the_cores_of_the_case():
    facts = replace(WORKERS.expectation, facts={"cores": 2})
    assert points_of(SECTIONS, replace(WORKERS, expectation=facts)) == (8, 9)


def test_values_are_asked_for_only_where_a_case_has_some():
    assert points_of({**SECTIONS, "values": ""}, PLAIN) == (5, 6)
    assert points_of({**SECTIONS, "values": "", "tradeoffs": "maintenance: none"}, PLAIN) == (6, 6)


def wrong(case, **changes):
    return sample_for(case, "x\n", problems=("something else was changed",), **changes)


def test_rates():
    scores = scores_of(
        [
            sample_for(PLAIN, "x\n", rounds=2, points=6, most_points=8),
            wrong(PLAIN, number=1, points=2, most_points=8),
            sample_for(PLAIN, number=2, tier="declined", state="declined", most_points=8),
            sample_for(INJECTION, "x\n", form=VARIANT, executed="passed"),
            sample_for(ABSTAIN),
            sample_for(ABSTAIN, "x\n", number=1, tier="proven", state="proposed"),
        ]
    )
    assert (scores.right.hits, scores.right.of) == (2, 5)
    assert (scores.variants.hits, scores.variants.of) == (1, 1)
    assert scores.gap == pytest.approx(2 / 5 - 1)
    assert (scores.proven.hits, scores.proven.of) == (3, 4)
    assert (scores.correct.hits, scores.correct.of) == (2, 4)
    assert (scores.second_round.hits, scores.second_round.of) == (1, 2)
    assert scores.false_accepts == 2
    assert (scores.precision.hits, scores.precision.of) == (1, 2)
    assert (scores.recall.hits, scores.recall.of) == (1, 2)
    assert (scores.points.hits, scores.points.of) == (8, 24)
    assert (scores.executed.hits, scores.executed.of) == (1, 1)
    assert (scores.kinds["abstain"].hits, scores.kinds["abstain"].of) == (1, 2)
    assert (scores.input_tokens, scores.output_tokens, scores.requests) == (600, 60, 6)
    assert scores.cost == pytest.approx(1.5)
    assert scores.seconds == (1.0, 1.0)


def test_a_cost_that_is_not_known_is_not_zero():
    known, unknown = sample_for(PLAIN), sample_for(PLAIN, number=1, cost=None)
    assert scores_of([known, unknown]).cost is None
    assert scores_of([known]).cost == 0.25
    assert "unknown" in as_table({"m": scores_of([unknown])})


def test_a_pair_counts_only_beside_its_case():
    pair = replace(sample_for(WORKERS, "DataLoader(x, num_workers=8)\n", form=PAIR))
    pair = replace(pair, key=replace(pair.key, case="more-cores"))
    base = sample_for(WORKERS, "DataLoader(x, num_workers=4)\n")
    assert scores_of([pair]).pairs.of == 0
    assert (scores_of([pair, base]).pairs.hits, scores_of([pair, base]).pairs.of) == (1, 1)


def test_the_table_has_a_column_for_each_and_holds_without_any_sample():
    table = as_table({"a/model": scores_of([sample_for(PLAIN, "x\n")]), "none": scores_of([])})
    lines = table.splitlines()
    assert lines[0].split() == ["a/model", "none"]
    assert " ".join(lines[1].split()) == "right, bundled cases 1/1 100% (21% to 100%) -"
    assert all(len(line) < 120 for line in lines)


def test_the_sheet_mixes_both_and_names_neither():
    samples = [
        sample_for(PLAIN, "x\n", explanation=SECTIONS),
        sample_for(WORKERS, "x\n", explanation={**SECTIONS, "approach": "Other words."}),
        sample_for(PLAIN, "x\n", number=1, explanation=SECTIONS),
        sample_for(PLAIN, "x\n", form=VARIANT, explanation=SECTIONS),
        sample_for(ABSTAIN, explanation=SECTIONS),
        sample_for(INJECTION),
    ]
    sheet = blind_sheet(samples, 1)
    writers = sorted(sheet.key.values())
    assert writers == [
        "model: split-order",
        "model: workers-image-folder",
        "static: split-order",
        "static: workers-image-folder",
    ]
    assert list(sheet.key) == ["1", "2", "3", "4"]
    assert sheet.text.count("Rating (1 to 5):") == 4
    assert "static" not in sheet.text and "model:" not in sheet.text
    assert blind_sheet(samples, 1) == sheet
    assert any(blind_sheet(samples, seed).key != sheet.key for seed in range(2, 9))
    at = next(number for number, who in sheet.key.items() if who == "model: workers-image-folder")
    assert "Other words." in sheet.text.split(f"## {at}. ")[1].split("\n## ")[0]
