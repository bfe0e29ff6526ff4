"""missing-no-grad-in-eval: eval() does not stop autograd from keeping activations for a backward pass."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_forward_in_eval_mode_keeps_activations(context):
    """After eval() a forward pass still saves tensors of every layer; inside no_grad it saves none."""
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)).eval()
    x = torch.randn(32, 64)
    kept = []

    def remember(tensor):
        kept.append(tensor.shape)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(remember, lambda tensor: tensor):
        assert model(x).requires_grad
        assert len(kept) >= len(model)

        kept.clear()
        with context():
            assert not model(x).requires_grad
        assert kept == []


def test_collected_predictions_hold_the_graph_of_every_batch():
    """A list of predictions made without no_grad holds a graph per batch; made with it, plain tensors."""
    model = nn.Linear(4, 2).eval()

    predictions = [model(torch.randn(8, 4)) for _ in range(3)]
    assert all(batch.grad_fn is not None for batch in predictions)

    with torch.no_grad():
        predictions = [model(torch.randn(8, 4)) for _ in range(3)]
    assert all(batch.grad_fn is None for batch in predictions)
