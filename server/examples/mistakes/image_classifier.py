"""Train a small convolutional network to tell drawn shapes apart.

The images are made on the fly: five kinds of shape with random place, size, contrast, light and noise.

    python image_classifier.py --epochs 8 --out runs/shapes
    python image_classifier.py --epochs 12 --out runs/shapes --resume runs/shapes/last.pt
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset

SHAPES = ("disc", "square", "ring", "cross", "triangle")
SIZE = 20


def draw(label: int, rng: np.random.Generator) -> np.ndarray:
    """One grey image of the given shape, float32, SIZE x SIZE."""
    rows, columns = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    row, column = rng.uniform(7.0, 13.0, size=2)
    radius = rng.uniform(4.0, 6.5)
    down, right = rows - row, columns - column
    distance = np.sqrt(down**2 + right**2)
    masks = (
        distance < radius,
        np.maximum(np.abs(down), np.abs(right)) < radius * 0.85,
        np.abs(distance - radius * 0.8) < 1.4,
        (np.minimum(np.abs(down), np.abs(right)) < 1.4) & (distance < radius),
        (down > -radius) & (down < radius * 0.8) & (np.abs(right) < (down + radius) * 0.6),
    )
    image = masks[label] * rng.uniform(0.5, 1.0) + rng.normal(0.0, 0.3, size=(SIZE, SIZE))
    return image.astype(np.float32)


def make_images(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and labels, one recording session of 50 after the other, each with its own light and favourite shapes."""
    rng = np.random.default_rng(seed)
    images, labels = [], []
    for start in range(0, samples, 50):
        light = rng.normal(0.0, 0.2)
        shares = rng.dirichlet(np.full(len(SHAPES), 3.0))
        for label in rng.choice(len(SHAPES), size=min(50, samples - start), p=shares):
            images.append(draw(label, rng) + np.float32(light))
            labels.append(label)
    return np.stack(images), np.array(labels)


class ShapeDataset(Dataset):
    def __init__(self, images, labels, augment=False):
        self.images = images
        self.labels = labels
        self.augment = augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = self.images[index]
        if self.augment:
            if np.random.rand() < 0.5:
                image = image[:, ::-1]
            image = np.roll(image, np.random.randint(-2, 3), axis=0)
            image = image + np.random.normal(0.0, 0.1, size=image.shape)
        image = torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32))
        return image.unsqueeze(0), int(self.labels[index])


class ShapeNet(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(2 * width)
        self.dropout = nn.Dropout(0.3)
        self.fc1 = nn.Linear(2 * width * (SIZE // 4) ** 2, 64)
        self.fc2 = nn.Linear(64, len(SHAPES))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        x = F.max_pool2d(F.relu(self.bn2(self.conv2(x))), 2)
        x = self.dropout(torch.flatten(x, 1))
        x = F.relu(self.fc1(x))
        return F.softmax(self.fc2(x), dim=1)


def train_one_epoch(model, loader, criterion, optimizer, device):
    running_loss = 0.0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = criterion(model(images), labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    return running_loss / len(loader)


def evaluate(model, loader, criterion, device):
    model.eval()
    total_loss = 0.0
    correct = 0
    for images, labels in loader:
        images, labels = images.to(device), labels.to(device)
        outputs = model(images)
        total_loss += criterion(outputs, labels)
        correct += (outputs.argmax(dim=1) == labels).sum().item()
    return total_loss / len(loader), correct / len(loader)


def save_checkpoint(path, model, optimizer, epoch, best_acc):
    torch.save({"epoch": epoch, "model": model, "optimizer": optimizer.state_dict(), "best_acc": best_acc}, path)


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--samples", type=int, default=2000, help="training images")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.001)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--resume", type=Path)
    return parser.parse_args()


def main():
    args = parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")

    train_set = ShapeDataset(*make_images(args.samples, args.seed), augment=True)
    val_set = ShapeDataset(*make_images(args.samples // 4, args.seed + 1))
    train_loader = DataLoader(train_set, batch_size=args.batch_size)
    val_loader = DataLoader(val_set, batch_size=args.batch_size, drop_last=True)

    model = ShapeNet().to(device)
    criterion = nn.CrossEntropyLoss()
    optimizer = optim.Adam(model.parameters(), lr=args.lr)
    scheduler = optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)

    start_epoch, best_acc, best_state = 0, 0.0, None
    if args.resume:
        checkpoint = torch.load(args.resume, map_location=device, weights_only=False)
        model.load_state_dict(checkpoint["model"].state_dict())
        optimizer.load_state_dict(checkpoint["optimizer"])
        start_epoch, best_acc = checkpoint["epoch"] + 1, checkpoint["best_acc"]

    model.train()
    for epoch in range(start_epoch, args.epochs):
        train_loss = train_one_epoch(model, train_loader, criterion, optimizer, device)
        val_loss, val_acc = evaluate(model, val_loader, criterion, device)
        scheduler.step(val_acc)
        if val_acc > best_acc:
            best_acc = val_acc
            best_state = model.state_dict()
        save_checkpoint(args.out / "last.pt", model, optimizer, epoch, best_acc)
        lr = optimizer.param_groups[0]["lr"]
        print(f"epoch {epoch + 1}: train loss {train_loss:.3f}, val loss {val_loss:.3f}, acc {val_acc:.1f}, lr {lr:g}")

    if best_state is not None:
        model.load_state_dict(best_state)
    torch.save(model.state_dict(), args.out / "best.pt")
    metrics = {"accuracy": best_acc, "samples": args.samples, "seed": args.seed}
    (args.out / "metrics.json").write_text(json.dumps(metrics))
    print(f"best accuracy {best_acc:.1f}, weights in {args.out / 'best.pt'}")


if __name__ == "__main__":
    main()
