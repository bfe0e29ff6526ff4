import pytest
import torch
from torch import nn
from transformers import Trainer, TrainingArguments

pytestmark = pytest.mark.frameworks


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2)

    def forward(self, x, labels):
        logits = self.layer(x)
        return {"loss": nn.functional.cross_entropy(logits, labels), "logits": logits}


def best_error_rate_kept(folder, **direction):
    """Train three epochs whose word error rate falls 0.9, 0.5, 0.1, and return the one kept as best."""
    falling = iter([0.9, 0.5, 0.1])
    rows = [{"x": torch.ones(2), "labels": 0}] * 4
    trainer = Trainer(
        model=Classifier(),
        args=TrainingArguments(
            output_dir=str(folder),
            num_train_epochs=3,
            eval_strategy="epoch",
            save_strategy="epoch",
            load_best_model_at_end=True,
            metric_for_best_model="wer",
            use_cpu=True,
            report_to=[],
            disable_tqdm=True,
            **direction,
        ),
        train_dataset=rows,
        eval_dataset=rows,
        compute_metrics=lambda _: {"wer": next(falling)},
    )
    trainer.train()
    return trainer.state.best_metric


def test_an_error_metric_without_a_direction_keeps_the_worst_checkpoint(tmp_path):
    """Without greater_is_better a larger error rate counts as better, and the worst checkpoint is kept."""
    assert best_error_rate_kept(tmp_path / "bad") == 0.9
    assert best_error_rate_kept(tmp_path / "good", greater_is_better=False) == 0.1


@pytest.mark.parametrize(
    ("metric", "greater_is_better"),
    [("rmse", True), ("mae", True), ("perplexity", True), ("eval_wer", True), ("loss", False), ("eval_loss", False)],
)
def test_only_names_ending_in_loss_are_minimised_by_default(tmp_path, metric, greater_is_better):
    """The default direction comes from the name alone: False for ...loss, True for everything else."""
    arguments = TrainingArguments(
        output_dir=str(tmp_path),
        eval_strategy="epoch",
        save_strategy="epoch",
        load_best_model_at_end=True,
        metric_for_best_model=metric,
        use_cpu=True,
    )
    assert arguments.greater_is_better is greater_is_better
