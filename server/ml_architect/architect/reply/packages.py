"""Packages that an answer may name for installing: those that are known well. A made-up name may be somebody's trap."""

import re
import sys

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

__all__ = ["is_known_install", "is_known_requirement", "unknown_imports"]

_PACKAGES = frozenset(
    {
        *("torch", "torchvision", "torchaudio", "torchmetrics", "torchdata", "torch-geometric", "lightning"),
        *("pytorch-lightning", "timm", "monai", "kornia", "albumentations", "opencv-python", "pillow", "pydicom"),
        *("opencv-python-headless", "scikit-image", "nibabel", "transformers", "datasets", "accelerate", "peft"),
        *("sentence-transformers", "tokenizers", "safetensors", "huggingface-hub", "evaluate", "bitsandbytes"),
        *("deepspeed", "tensorflow", "tensorflow-datasets", "tensorflow-probability", "tensorflow-recommenders"),
        *("keras", "keras-tuner", "keras-cv", "keras-hub", "tf-keras", "scikit-learn", "imbalanced-learn", "skops"),
        *("joblib", "xgboost", "lightgbm", "catboost", "numpy", "scipy", "pandas", "polars", "pyarrow", "matplotlib"),
        *("seaborn", "plotly", "optuna", "ray", "hyperopt", "mlflow", "wandb", "tensorboard", "tqdm", "pyyaml"),
        *("pydantic", "click", "rich", "typer", "hydra-core", "omegaconf", "pytest", "onnx", "onnxruntime", "shap"),
        *(
            "captum",
            "lime",
            "fairlearn",
            "implicit",
            "faiss-cpu",
            "lightfm",
            "recbole",
            "fastapi",
            "uvicorn",
            "requests",
        ),
        *("statsmodels", "dask", "jax", "jaxlib", "flax", "optax", "torch-tb-profiler", "py-spy", "psutil", "h5py"),
        *("webdataset", "lmdb", "zarr", "opacus", "foolbox", "adversarial-robustness-toolbox", "evidently", "bentoml"),
    }
)
_MODULES = {
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "cv2": "opencv-python",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "imblearn": "imbalanced-learn",
    "hydra": "hydra-core",
    "faiss": "faiss-cpu",
    "mpl_toolkits": "matplotlib",
    "art": "adversarial-robustness-toolbox",
}
"""Modules that are called otherwise than their package."""
_PIP = re.compile(r"^(?:python3? -m )?pip3? install (?:(?:-U|--upgrade|-q|--quiet) )*(?P<what>[^-].*)$")


def is_known_install(line: str) -> bool:
    """Return whether a line is one call of pip that installs known packages from the usual index."""
    found = _PIP.match(" ".join(line.split()))
    parts = found["what"].replace('"', "").replace("'", "").split() if found else []
    return bool(parts) and all(part == "-U" or is_known_requirement(part) for part in parts)


def is_known_requirement(text: str) -> bool:
    """Return whether a line of a requirements file names a known package, from the usual index."""
    try:
        requirement = Requirement(text.partition("#")[0].strip())
    except InvalidRequirement:
        return False
    return requirement.url is None and canonicalize_name(requirement.name) in _PACKAGES


def unknown_imports(modules: set[str]) -> list[str]:
    """Return those top-level `modules` that are of no known package and not of Python itself, in order."""
    known = {*sys.stdlib_module_names, "__future__"}
    return sorted(name for name in modules - known if canonicalize_name(_MODULES.get(name, name)) not in _PACKAGES)
