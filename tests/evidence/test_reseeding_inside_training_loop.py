import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

pytestmark = pytest.mark.frameworks


def orders_and_dropout_masks(*, reseed_in_loop):
    loader = DataLoader(torch.arange(32), batch_size=8, shuffle=True)
    dropout = nn.Dropout(0.5)
    orders, masks = set(), set()
    torch.manual_seed(0)
    for _ in range(3):
        if reseed_in_loop:
            torch.manual_seed(0)
        orders.add(tuple(torch.cat(list(loader)).tolist()))
        masks.add(tuple(dropout(torch.ones(32)).tolist()))
    return len(orders), len(masks)


def test_reseeding_in_every_epoch_repeats_order_and_dropout():
    """A constant seed inside the epoch loop gives three equal epochs; set once before the loop, all three differ."""
    assert orders_and_dropout_masks(reseed_in_loop=True) == (1, 1)  # bad
    assert orders_and_dropout_masks(reseed_in_loop=False) == (3, 3)  # good
