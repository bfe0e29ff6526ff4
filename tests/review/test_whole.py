"""What is missing, unknown and asked, and the reviews of the bundled programs."""

from pathlib import Path

import pytest

from ml_architect.page import as_html, as_markdown
from ml_architect.review.document import blocks_of
from ml_architect.review.machine import as_values
from ml_architect.review.notes import STAGE_OF
from ml_architect.review.values import Scope, Stage
from ml_architect.rules import all_rules
from ml_architect.rules.api import Category

FIT = "from sklearn.linear_model import Ridge\n\ndef f(X, y):\n    return Ridge(alpha=2).fit(X, y)\n"


def of(review, stage):
    return next(item for item in review.stages if item.stage is Stage(stage))


def test_every_category_has_its_stage():
    assert set(STAGE_OF) == set(Category)
    assert {STAGE_OF[rule.category] for rule in all_rules()} <= set(Stage)


def test_missing_needs_a_whole_project_without_a_word_of_it(reviewed):
    assert len(of(reviewed({"a.py": FIT}), "evaluation").missing) == 1
    assert of(reviewed({"a.py": FIT}, Scope.FILE), "evaluation").missing == ()
    hinted = reviewed({"a.py": FIT, "b.py": "print('evaluation')\n"})
    assert of(hinted, "evaluation").missing == ()
    assert "words in the code speak of it" in of(hinted, "evaluation").unknown[0].text
    answered = reviewed({"a.py": FIT, "b.py": "from sklearn.metrics import f1_score\n\nprint(f1_score(1, 2))\n"})
    assert of(answered, "evaluation").missing == of(answered, "evaluation").unknown == ()


def test_nothing_is_missing_where_nothing_trains(reviewed):
    review = reviewed({"net.py": "from torch import nn\n\nclass Net(nn.Module):\n    pass\n"})
    assert all(not stage.missing and not stage.unknown for stage in review.stages)
    assert review.questions == ()


def test_questions_are_not_asked_where_code_or_project_answers(reviewed):
    code = """\
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.head = nn.Linear(8, {units})

    def forward(self, x):
        return self.head(x)

def train(loader, classes):
    model = Net(classes)
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        criterion(model(x), y).backward()
        optimizer.step()
"""
    keys = lambda review: {asked.key for asked in review.questions}  # noqa: E731
    open_, fixed = code.replace("{units}", "classes"), code.replace("{units}", "7")
    assert "classes" in keys(reviewed({"a.py": open_}))
    assert "classes" not in keys(reviewed({"a.py": open_}, classes=4))
    assert "classes" not in keys(reviewed({"a.py": fixed}))
    contradicting = reviewed({"a.py": fixed}, classes=4)
    assert "states 4 classes, the code has outputs for 7" in of(contradicting, "architecture").unknown[-1].text


def test_notes_of_care_apply_or_are_not_there(reviewed):
    assert reviewed({"a.py": FIT}).care == ()
    loading = "import pickle\nimport torch\n\nmodel = pickle.load(open('x', 'rb'))\n"
    assert "pickle" in reviewed({"a.py": loading}).care[0]
    assert len(reviewed({"a.py": FIT}, personal_data=True, regulated=True).care) == 3


@pytest.mark.parametrize(
    "text", ["", "print(1)\n", "import torch\n", "import torch\n\ndef f(:\n", "import torch\n\x00", "\ufeff"]
)
def test_any_text_has_a_review(reviewed, text):
    review = reviewed({"a`|<b>.py": text})
    assert as_markdown(blocks_of(review)).startswith("# Review of")
    assert "<b>" not in as_html("x", blocks_of(review))
    assert len(as_values(review)["stages"]) == 7


EXPECTED = {
    "churn_pipeline.py": [
        "resamples rows with `sklearn.utils.resample`",
        "`SelectKBest`: best 12, fitted outside of a pipeline on `X`",
        "`StandardScaler`, fitted outside of a pipeline on `X_train` and `X_test`",
        "makes `RandomForestClassifier`: trees or rounds 100",
        "computes the metric `roc_auc_score`",
        "saves with `joblib.dump` (a pickle)",
    ],
    "image_classifier.py": [
        "defines the dataset class `ShapeDataset`",
        "optimizer `Adam`: learning rate 0.001 by default",
        "learning-rate scheduler `ReduceLROnPlateau`: patience 1, factor 0.5",
        (
            "a loop in `evaluate` (`for images, labels in loader`) applies `model` without a backward pass: "
            "evaluation mode is set before"
        ),
        "loads with `torch.load`: `weights_only` off",
        "hyperparameters on the command line: `--epochs`, `--batch-size`, `--lr`",
    ],
    "keras_tabular.py": [
        "a tf.data step `cache`",
        "a compiled model ends with 1 unit, sigmoid activation",
        "fits a Keras model with `fit`: epochs 40 by default",
        "stops early: `EarlyStopping`: watches `'val_acc'`, patience 8, best weights restored",
        "validates during training on `val_ds`",
    ],
    "kfold_screening.py": [
        "divides into folds or parts with `StratifiedKFold`: number 5 by default, shuffled, seed 0 by default",
        "a training loop runs inside `for _ in range(args.epochs)`, 15 times by default",
        "saves a dict with `torch.save`: `model`, `mean`, `scale`",
    ],
    "language_model.py": [
        "optimizer `AdamW`: learning rate 0.006 by default, weight decay 0.05 by default",
        "clips gradients to the norm 1.0 by default (`clip_grad_norm_`)",
        "makes a `GradScaler` for the loss",
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_bundled_programs(noted, examples, name):
    texts = [item.text for item in noted((examples / "mistakes" / name).read_text(), name).statements]
    assert [text for text in EXPECTED[name] if text not in texts] == []


def test_places_are_where_the_statement_says(noted, examples):
    for path in sorted((examples / "mistakes").glob("*.py")):
        lines = path.read_text().splitlines()
        for item in noted(path.read_text(), path.name).statements:
            named = item.text.partition("`")[2].partition("`")[0].rpartition(".")[2]
            here = [line for place in item.places for line in lines[place.line - 1 : place.line + 8]]
            if (
                item.topic in {"loader", "optimizer", "save", "load", "transformer", "estimator"}
                and named.isidentifier()
            ):
                assert any(named in line for line in here), (path.name, item)


def test_the_bundled_project_as_a_whole(reviewed, examples):
    files = {path.name: path.read_text() for path in sorted(Path(examples / "mistakes").glob("*.py"))}
    review = reviewed(files)
    assert review.summary.startswith(
        "`it` is a project of 5 files with code for PyTorch, TensorFlow, Keras, scikit-learn"
    )
    assert all(stage.missing == () for stage in review.stages), "each of these is in one of the programs, or spoken of"
    assert review.findings[0].severity == "error"
    assert review.next_steps[0].startswith(str(review.findings[0].place))
