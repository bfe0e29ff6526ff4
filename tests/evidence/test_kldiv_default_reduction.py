"""kldiv-default-reduction: the default "mean" also divides by the number of classes."""

import pytest
import torch
from torch import nn

pytestmark = pytest.mark.frameworks


def test_default_is_the_divergence_divided_by_the_number_of_classes():
    """With ten classes the default gives a tenth of the Kullback-Leibler divergence, "batchmean" all of it."""
    torch.manual_seed(0)
    student, teacher = torch.randn(4, 10), torch.randn(4, 10)
    log_probabilities, targets = student.log_softmax(dim=1), teacher.softmax(dim=1)
    definition = (targets * (targets.log() - log_probabilities)).sum(dim=1).mean()

    with pytest.warns(UserWarning, match="'batchmean' divides only by the batch size"):
        default = nn.KLDivLoss()(log_probabilities, targets)
    batchmean = nn.KLDivLoss(reduction="batchmean")(log_probabilities, targets)

    torch.testing.assert_close(default, definition / 10)
    torch.testing.assert_close(batchmean, definition)
