import pytest
from transformers import TrainingArguments

pytestmark = pytest.mark.frameworks


@pytest.mark.parametrize(
    ("removed", "current"),
    [
        ({"evaluation_strategy": "epoch"}, {"eval_strategy": "epoch"}),
        ({"no_cuda": True}, {"use_cpu": True}),
        ({"per_gpu_train_batch_size": 4}, {"per_device_train_batch_size": 4}),
        ({"per_gpu_eval_batch_size": 4}, {"per_device_eval_batch_size": 4}),
    ],
)
def test_renamed_argument_raises_and_its_new_name_works(tmp_path, removed, current):
    """A keyword that transformers 5 has renamed raises TypeError; the current name with the same value is taken."""
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        TrainingArguments(output_dir=str(tmp_path), **removed)  # bad

    arguments = TrainingArguments(output_dir=str(tmp_path), **current)  # good
    for name, value in current.items():
        assert getattr(arguments, name) == value


@pytest.mark.parametrize(
    "removed",
    [
        "adafactor",
        "dispatch_batches",
        "fp16_backend",
        "fp16_opt_level",
        "group_by_length",
        "half_precision_backend",
        "include_inputs_for_metrics",
        "jit_mode_eval",
        "logging_dir",
        "overwrite_output_dir",
        "past_index",
        "push_to_hub_token",
        "ray_scope",
        "save_safetensors",
        "sharded_ddp",
        "torchdynamo",
        "tpu_num_cores",
        "use_mps_device",
        "warmup_ratio",
    ],
)
def test_removed_argument_raises(tmp_path, removed):
    """A keyword that transformers 5 has dropped raises TypeError."""
    with pytest.raises(TypeError, match="unexpected keyword argument"):
        TrainingArguments(output_dir=str(tmp_path), **{removed: None})
