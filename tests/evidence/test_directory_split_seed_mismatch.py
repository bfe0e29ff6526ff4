import keras
import pytest

pytestmark = pytest.mark.frameworks


@pytest.fixture
def folder(tmp_path):
    """Two classes of twenty small text files; each file holds its own name."""
    for label in ("cats", "dogs"):
        (tmp_path / label).mkdir()
        for number in range(20):
            (tmp_path / label / f"{number:02}.txt").write_text(f"{label} {number}")
    return tmp_path


def part(folder, subset, seed):
    dataset = keras.utils.text_dataset_from_directory(
        folder, validation_split=0.25, subset=subset, seed=seed, verbose=False
    )
    return {text for texts, _ in dataset for text in texts.numpy().tolist()}


def test_different_seeds_put_training_files_into_validation(folder):
    """Two calls with different seeds shuffle the files differently and overlap; the same seed keeps them apart."""
    bad = part(folder, "training", seed=1) & part(folder, "validation", seed=2)
    good = part(folder, "training", seed=1) & part(folder, "validation", seed=1)

    assert len(bad) >= 5
    assert not good


def test_a_shuffled_directory_split_needs_a_seed(folder):
    """Without any seed the shuffled split is refused."""
    with pytest.raises(ValueError, match="seed"):
        part(folder, "training", seed=None)
