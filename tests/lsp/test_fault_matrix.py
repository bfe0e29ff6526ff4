"""Each row of the fault matrix, through an editor's session, the real model process and the real litellm."""

import pytest
from fault_matrix import ROWS

GROUPS = "TSPAXHKJMW"


def test_the_matrix_has_all_groups_and_no_row_twice():
    assert len(ROWS) >= 120
    assert {row.group for row in ROWS} == set(GROUPS)
    assert len({row.id for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", sorted(ROWS, key=lambda row: row.last), ids=lambda row: row.id)
def test_each_fault_has_its_one_end(bench, row):
    bench.run(row)
