"""dataloader-worker-only-argument: arguments about workers raise when there are no workers."""

import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    "argument",
    [{"persistent_workers": True}, {"prefetch_factor": 4}, {"multiprocessing_context": "spawn"}],
    ids=lambda argument: next(iter(argument)),
)
def test_worker_argument_raises_without_workers(argument):
    """Each argument raises with num_workers=0, and is accepted with workers or left out."""
    dataset = TensorDataset(torch.arange(4))

    with pytest.raises(ValueError, match=f"{next(iter(argument))}.*(num_workers|multi-process)"):
        DataLoader(dataset, **argument)

    DataLoader(dataset, num_workers=1, **argument)
    assert len(list(DataLoader(dataset))) == 4


def test_timeout_raises_at_the_first_batch_without_workers():
    """timeout= with num_workers=0 is accepted by the constructor and raises when iteration starts."""
    loader = DataLoader(TensorDataset(torch.arange(4)), timeout=5)

    with pytest.raises(AssertionError, match="requires timeout == 0"):
        next(iter(loader))
