"""host-sync-in-hot-loop: every .item() makes the host wait for the device."""

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

pytestmark = pytest.mark.frameworks

BATCHES = 20


class HostReads(TorchDispatchMode):
    """Counts how often a tensor's value is read back by Python, a device synchronization on a GPU."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


def train(model, optimizer):
    optimizer.zero_grad()
    logits, labels = model(torch.ones(8, 4)), torch.ones(8, dtype=torch.long)
    loss = nn.functional.cross_entropy(logits, labels)
    loss.backward()
    optimizer.step()
    return loss, (logits.argmax(1) == labels).sum()


def test_item_per_batch_synchronizes_per_batch():
    """Two `.item()` per batch read back twice per batch; totals kept as tensors read back twice per epoch."""
    model = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)

    with HostReads() as per_batch:
        total_loss, correct = 0.0, 0
        for _ in range(BATCHES):
            loss, hits = train(model, optimizer)
            total_loss += loss.item()
            correct += hits.item()

    with HostReads() as per_epoch:
        total_loss, correct = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for _ in range(BATCHES):
            loss, hits = train(model, optimizer)
            total_loss += loss.detach()
            correct += hits
        total_loss.item(), correct.item()

    assert per_batch.count == 2 * BATCHES
    assert per_epoch.count == 2


@pytest.mark.parametrize(
    "read",
    [lambda loss: loss.item(), float, lambda loss: f"{loss:.3f}", lambda loss: bool(loss > 1)],
    ids=["item", "float", "format", "comparison"],
)
def test_every_way_to_a_python_value_synchronizes(read):
    """item, float, formatting and comparing each read a value back; arithmetic on tensors does not."""
    loss = torch.tensor(2.0)

    with HostReads() as reading:
        read(loss)
    with HostReads() as computing:
        loss + 2 * loss

    assert reading.count == 1
    assert computing.count == 0
