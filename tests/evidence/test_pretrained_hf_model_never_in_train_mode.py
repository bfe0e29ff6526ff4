"""pretrained-hf-model-never-in-train-mode: from_pretrained returns a model in evaluation mode."""

import pytest
import torch
from transformers import BertConfig, BertModel

pytestmark = pytest.mark.frameworks

TOKENS = torch.tensor([[1, 2, 3, 4]])


@pytest.fixture
def checkpoint(tmp_path):
    """A tiny randomly initialised BERT with its usual dropout of 0.1, saved on disk."""
    config = BertConfig(vocab_size=10, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(tmp_path)
    return tmp_path


def outputs(model):
    torch.manual_seed(0)
    return [model(TOKENS).last_hidden_state for _ in range(2)]


def test_fine_tuning_without_train_uses_no_dropout(checkpoint):
    """Two forward passes after from_pretrained are bit-identical, as dropout is off; after train() they differ."""
    model = BertModel.from_pretrained(checkpoint)
    assert not model.training
    assert torch.equal(*outputs(model))

    model.train()
    assert not torch.equal(*outputs(model))


def test_model_built_from_a_config_starts_in_training_mode(checkpoint):
    """The near miss: the same model built from its configuration starts in training mode."""
    assert BertModel(BertConfig.from_pretrained(checkpoint)).training
