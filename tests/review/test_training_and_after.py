"""What is stated of training, evaluation, tuning and persistence."""

LOOP = """\
import argparse
import random
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_

EPOCHS = 3

def train(model, loader, val_loader, amp):
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--name")
    args = parser.parse_args()
    torch.manual_seed(7)
    random.seed(None)
    torch.backends.cudnn.benchmark = True
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    criterion = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, momentum=0.9)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10)
    scaler = torch.amp.GradScaler("cuda", enabled=amp)
    for epoch in range(EPOCHS):
        for x, y in loader:
            optimizer.zero_grad()
            with torch.autocast("cuda", dtype=torch.bfloat16):
                loss = criterion(model(x), y)
            scaler.scale(loss).backward()
            clip_grad_norm_(model.parameters(), 1.0)
            scaler.step(optimizer)
            scaler.update()
        schedule.step()
        model.eval()
        with torch.no_grad():
            for x, y in val_loader:
                model(x)
        model.train()
    torch.save(model.state_dict(), "net.pt")
    torch.save({"model": model.state_dict(), "epoch": epoch}, "all.pt")
    torch.load("net.pt", weights_only=True)
"""


def test_a_training_loop(said):
    assert said("training", LOOP) == [
        "loss `CrossEntropyLoss`: label smoothing 0.1",
        "optimizer `SGD`: learning rate 0.01 by default, momentum 0.9",
        "learning-rate scheduler `StepLR`: step size 10",
        "a training loop in `train` (`for x, y in loader`): a backward pass in each pass",
        "a training loop runs inside `for epoch in range(EPOCHS)`, 3 times",
        "mixed precision with `autocast`: dtype `torch.bfloat16`",
        "makes a `GradScaler` for the loss: switched by `amp`",
        "clips gradients to the norm 1.0 (`clip_grad_norm_`)",
        "sets a seed with `torch.manual_seed`: 7",
        "takes a new seed from the operating system with `random.seed`",
        "`torch.backends.cudnn.benchmark = True`",
        "asks whether there is a CUDA device",
    ]


def test_evaluation_tuning_and_persistence_of_it(said):
    assert said("evaluation", LOOP) == [
        (
            "a loop in `train` (`for x, y in val_loader`) applies `model` without a backward pass: "
            "autograd is off, evaluation mode is set before"
        )
    ]
    assert said("tuning", LOOP) == ["hyperparameters on the command line: `--lr`"]
    assert said("persistence", LOOP) == [
        "saves what `model.state_dict()` gives with `torch.save`",
        "saves a dict with `torch.save`: `model`, `epoch`",
        "loads with `torch.load`: `weights_only` on",
    ]


def test_text_that_is_run_may_give_variables_other_values(said):
    code = """\
import torch

rate = 0.1
exec(open("settings.py").read())

def make(model):
    return torch.optim.SGD(model.parameters(), lr=rate), torch.optim.SGD(model.parameters(), lr=0.2)
"""
    assert said("training", code) == [
        "optimizer `SGD`: learning rate 0.1 by default",
        "optimizer `SGD`: learning rate 0.2",
    ]


def test_a_loop_that_generates_is_no_evaluation(said):
    code = """\
import torch

class Net(torch.nn.Module):
    @torch.no_grad()
    def generate(self, x):
        for _ in range(10):
            x = self(x)
        return x
"""
    assert said("evaluation", code) == []


SEARCH = """\
import joblib
from sklearn.metrics import SCORERS, f1_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.svm import SVC

def search(X, y, X_test, y_test):
    grid = GridSearchCV(SVC(), {"C": [1, 2]}, cv=KFold(5, shuffle=True, random_state=0))
    grid.fit(X, y)
    print(grid.score(X_test, y_test), f1_score(y_test, grid.predict(X_test)), SCORERS.keys())
    print(cross_val_score(SVC(), X, y, cv=3, scoring="f1"))
    joblib.dump(grid, "grid.joblib")
"""


def test_a_search(said):
    assert said("tuning", SEARCH) == [
        (
            "searches with `GridSearchCV`: folds or splitter `KFold(5, shuffle=True, random_state=0)`, "
            "the estimator's own score"
        )
    ]
    assert said("evaluation", SEARCH) == [
        "computes the metric `f1_score`",
        "cross-validates with `cross_val_score`: folds or splitter 3, scoring `'f1'`",
        "divides into folds or parts with `KFold`: number 5, shuffled, seed 0",
        "scores `GridSearchCV` on `X_test`",
    ]
    assert said("persistence", SEARCH) == ["saves with `joblib.dump` (a pickle)"]


TRAINER = """\
from transformers import AutoModelForSequenceClassification, Trainer, TrainingArguments
import wandb

def run(data):
    wandb.init(project="x")
    model = AutoModelForSequenceClassification.from_pretrained("bert-base-cased", num_labels=3, trust_remote_code=True)
    arguments = TrainingArguments(output_dir="out", learning_rate=2e-5, num_train_epochs=2, fp16=True, eval_strategy="epoch")
    trainer = Trainer(model=model, args=arguments, train_dataset=data)
    trainer.train()
    trainer.evaluate()
    trainer.save_model("out")
"""


def test_a_trainer(said, noted):
    assert said("training", TRAINER) == [
        "trainer settings `TrainingArguments`: learning rate 2e-05, epochs 2, float16",
        "makes a trainer `Trainer`",
    ]
    assert said("evaluation", TRAINER) == [
        "evaluates with the trainer's method `evaluate`",
        "the trainer: evaluates by `'epoch'`",
    ]
    assert said("persistence", TRAINER) == ["calls `save_model`", "starts a run of Weights & Biases"]
    assert noted(TRAINER).classes == {3}
    assert {"remote-code", "tracker", "text", "deep"} <= noted(TRAINER).marks


def test_a_backward_pass_without_a_step_is_no_training(said):
    code = """\
import torch

def measure(net, x, runs):
    for _ in range(runs):
        net(x).sum().backward()
"""
    assert said("training", code) == [
        "a loop in `measure` (`for _ in range(runs)`) with a backward pass, and no optimizer step in sight"
    ]


def test_a_limit_of_nothing_is_not_called_a_norm(said):
    code = """\
import torch

def step(model, limit=0):
    if limit > 0:
        torch.nn.utils.clip_grad_norm_(model.parameters(), limit)
"""
    assert said("training", code) == ["clips gradients to the norm `limit` (`clip_grad_norm_`)"]


def test_suggestions_whose_names_are_made_are_not_left_out_in_silence(said):
    code = """\
import optuna

def objective(trial):
    units = [trial.suggest_int(f"units{i}", 4, 8) for i in range(3)]
    return trial.suggest_float("lr", 0.1, 1) + sum(units)

optuna.create_study().optimize(objective)
import sklearn
"""
    assert said("tuning", code) == ["makes an Optuna study", "lets Optuna suggest values, among them `lr`"]
