import pytest
import tensorflow as tf

pytestmark = pytest.mark.frameworks


def test_dataset_method_without_assignment_changes_nothing():
    """A tf.data transformation returns a new dataset: as a bare statement it leaves the elements as they were."""
    dataset = tf.data.Dataset.range(8)

    dataset.batch(4)  # bad: the result is thrown away
    assert [element.shape for element in dataset] == [()] * 8

    dataset = dataset.batch(4)  # good
    assert [element.shape for element in dataset] == [(4,), (4,)]
