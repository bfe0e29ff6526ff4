"""Which static pages a question finds."""

import pytest

from ml_architect.architect.wider.shelf import matching

FOUND = [
    ("why is my PyTorch training slow with this DataLoader", "num_workers of data loader"),
    ("how many num_workers should I use", "num_workers of data loader"),
    (
        "my validation accuracy is too good, is there leakage in my cross-validation?",
        "supervised-selection-before-split",
    ),
    ("early stopping in keras watches the wrong metric", "monitor of EarlyStopping"),
    ("in which order do shuffle, cache and batch belong in tf.data", "tfdata-cache-freezes-randomness"),
    ("how do I choose the learning rate for Adam", "learning-rate-implausible"),
    ("gradient clipping with a scaler", "clip-before-unscale"),
    ("how do I make runs reproducible with seeds", "partial-seeding"),
    ("load a checkpoint safely, can the file run code?", "torch-load-allows-code-execution"),
    ("softmax and cross entropy", "softmax-before-cross-entropy"),
    ("when do I call model.eval()?", "missing-eval-mode"),
    ("number of trees in a random forest", "n_estimators of RandomForestClassifier"),
    ("My loss becomes NaN after a few hundred steps with fp16", "fp16-autocast-without-gradscaler"),
    ("How should I split time series data for cross validation?", "kfold-seed-without-shuffle"),
    ("How do I handle a 1:100 class imbalance in fraud detection with XGBoost?", "resampling-before-split"),
    ("the OneCycleLR scheduler", "onecycle-stepped-per-epoch"),
]


@pytest.mark.parametrize(("question", "title"), FOUND, ids=[title for _, title in FOUND])
def test_the_page_that_answers_is_among_the_best(question, title):
    pages = matching(question)
    assert title in [page.title for page in pages], [page.title for page in pages]
    assert len(pages) <= 5 and all(page.summary and page.url.startswith(("file:", "https:")) for page in pages)


@pytest.mark.parametrize(
    "question",
    [
        "what is the weather in Paris tomorrow",
        "bake a chocolate cake",
        "",
        "the and of",
        "please help me",
        "\u4f60\u597d",
        "Design a recommender for a shop with a million users and implicit feedback",
        "Design a classifier for 10,000 medical images in 5 classes",
        "How can I explain the predictions of my model to a regulator?",
        "Set up an MLOps pipeline with Airflow and Kubernetes",
        "Quantize my model to int8 for mobile deployment",
    ],
)
def test_where_none_fits_none_is_shown(question):
    assert matching(question) == []


def test_equal_questions_find_equal_pages():
    assert matching("DataLoader workers") == matching("DataLoader workers")
