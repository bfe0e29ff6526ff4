"""Cross-validate a small PyTorch network that screens blood samples, and save the model.

python kfold_screening.py --folds 5 --epochs 15 --out runs/screening
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

MARKERS = 20


def make_samples(count, seed):
    """Marker levels (count, MARKERS) and diagnoses; one diagnosis in six is wrong."""
    rng = np.random.default_rng(seed)
    levels = rng.lognormal(0.0, 0.5, size=(count, MARKERS))
    evidence = 2.0 * levels[:, 0] - 1.5 * levels[:, 1] + levels[:, 2] * levels[:, 3] - levels[:, 4] + 0.1
    ill = (evidence > np.median(evidence)).astype(np.float32)
    wrong = rng.random(count) < 1 / 6
    return levels.astype(np.float32), np.where(wrong, 1 - ill, ill).astype(np.float32)


class ScreeningNet(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.hidden1 = nn.Linear(MARKERS, width)
        self.hidden2 = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        x = F.relu(self.hidden1(x))
        x = F.dropout(F.relu(self.hidden2(x)), 0.5)
        return torch.sigmoid(self.out(x)).squeeze(1)


def accuracy(model, x, y):
    model.eval()
    with torch.no_grad():
        predicted = model(x) > 0.5
    return (predicted == (y > 0.5)).float().mean().item()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--samples", type=int, default=800)
    parser.add_argument("--lr", type=float, default=0.002)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    np.random.seed(args.seed)

    levels, labels = make_samples(args.samples, args.seed)
    scaler = StandardScaler()
    levels = scaler.fit_transform(levels)
    order = torch.randperm(len(levels)).numpy()
    levels, labels = levels[order], labels[order]

    model = ScreeningNet()
    criterion = nn.BCEWithLogitsLoss()
    params = model.parameters()
    optimizer = torch.optim.Adam(params, lr=args.lr)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9995)

    scores = []
    folds = StratifiedKFold(n_splits=args.folds, shuffle=True, random_state=args.seed)
    for fold, (train_index, val_index) in enumerate(folds.split(levels, labels)):
        x_train, y_train = torch.from_numpy(levels[train_index]), torch.from_numpy(labels[train_index])
        x_val, y_val = torch.from_numpy(levels[val_index]), torch.from_numpy(labels[val_index])
        loader = DataLoader(TensorDataset(x_train, y_train), batch_size=32, shuffle=True)
        optimizer.lr = args.lr
        for _ in range(args.epochs):
            model.train()
            for x, y in loader:
                optimizer.zero_grad()
                loss = criterion(model(x), y)
                loss.backward()
                nn.utils.clip_grad_norm_(params, 1.0)
                scheduler.step()
                optimizer.step()
        scores.append(accuracy(model, x_val, y_val))
        print(f"fold {fold + 1}: train {accuracy(model, x_train, y_train):.3f}, validation {scores[-1]:.3f}")

    print(f"cross-validated accuracy {np.mean(scores):.3f} +- {np.std(scores):.3f}")
    state = {"model": model.state_dict(), "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()}
    torch.save(state, args.out / "model.pt")
    (args.out / "metrics.json").write_text(json.dumps({"accuracy": float(np.mean(scores)), "folds": scores}))
