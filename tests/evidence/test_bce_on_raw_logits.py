"""bce-on-raw-logits: BCELoss accepts probabilities only and raises at the first logit outside of [0, 1]."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_bce_loss_raises_on_logits():
    """BCELoss raises for logits, and BCEWithLogitsLoss gives what BCELoss gives for their sigmoid."""
    logits, labels = torch.tensor([-1.5, 0.3, 2.0]), torch.tensor([0.0, 1.0, 1.0])

    with pytest.raises(RuntimeError, match="between 0 and 1"):
        nn.BCELoss()(logits, labels)

    torch.testing.assert_close(nn.BCEWithLogitsLoss()(logits, labels), nn.BCELoss()(logits.sigmoid(), labels))
