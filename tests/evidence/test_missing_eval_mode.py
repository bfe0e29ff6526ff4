"""missing-eval-mode: in training mode, validation uses dropout and changes the batch norm statistics."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_validation_changes_batch_norm_statistics_even_under_no_grad():
    """A no_grad forward in training mode moves running_mean towards the validation data; after eval() it does not."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    validation_batch = torch.randn(8, 4) + 5

    before = model[1].running_mean.clone()
    with torch.no_grad():
        model(validation_batch)
    assert not torch.equal(model[1].running_mean, before)

    before = model[1].running_mean.clone()
    model.eval()
    with torch.no_grad():
        model(validation_batch)
    assert torch.equal(model[1].running_mean, before)


def test_predictions_are_random_with_dropout():
    """In training mode two passes over one batch disagree, after eval() they agree bit for bit."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(4, 64), nn.Dropout(0.5), nn.Linear(64, 2)), torch.randn(8, 4)

    with torch.no_grad():
        assert not torch.equal(model(x), model(x))

    model.eval()
    with torch.no_grad():
        assert torch.equal(model(x), model(x))


def test_prediction_depends_on_the_rest_of_the_batch():
    """With batch norm in training mode a sample's prediction changes with its neighbours, after eval() it does not."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    sample, neighbours = torch.randn(1, 4), torch.randn(7, 4)

    def prediction(others):
        with torch.no_grad():
            return model(torch.cat([sample, others]))[0]

    assert not torch.allclose(prediction(neighbours), prediction(neighbours + 3))
    model.eval()
    torch.testing.assert_close(prediction(neighbours), prediction(neighbours + 3))
