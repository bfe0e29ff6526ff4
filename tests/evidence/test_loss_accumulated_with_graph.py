"""loss-accumulated-with-graph: a running total of loss tensors keeps what each loss was computed from."""

import weakref

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks

BATCHES = 10


class Saved:
    """A tensor that autograd keeps for the backward pass."""

    def __init__(self, tensor):
        self.tensor = tensor


@pytest.fixture
def saved():
    """The tensors which autograd keeps alive at the moment."""
    alive = weakref.WeakSet()

    def pack(tensor):
        kept = Saved(tensor.detach())  # holding the graph itself here would make a cycle
        alive.add(kept)
        return kept

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept.tensor):
        yield alive


def graph_nodes(tensor):
    seen, waiting = set(), [tensor.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            waiting.extend(parent for parent, _ in node.next_functions)
    return len(seen)


def test_evaluation_total_keeps_the_activations_of_every_batch(saved):
    """Without backward, `total += loss` holds the saved tensors of all batches; `loss.item()` holds none."""
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

    loss = model(torch.ones(2, 4)).square().mean()
    per_batch = len(saved)
    del loss

    total = 0.0
    for _ in range(BATCHES):
        loss = model(torch.randn(2, 4)).square().mean()
        total += loss
    del loss
    assert per_batch > 0
    assert len(saved) == BATCHES * per_batch

    total = 0.0
    for _ in range(BATCHES):
        loss = model(torch.randn(2, 4)).square().mean()
        total += loss.item()
    del loss
    assert total > 0
    assert len(saved) == 0


def test_training_total_keeps_graph_nodes_but_no_activations(saved):
    """After backward, `total += loss` holds no activations, only graph nodes that `loss.detach()` does not have."""
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))

    total, detached_total, nodes = 0.0, 0.0, []
    for _ in range(BATCHES):
        loss = model(torch.randn(2, 4)).square().mean()
        loss.backward()
        total += loss
        detached_total += loss.detach()
        nodes.append(graph_nodes(total))

    assert len(saved) == 0
    assert nodes[-1] > 5 * nodes[0]
    assert detached_total.grad_fn is None
