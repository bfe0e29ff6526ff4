"""Teach a small network what a large one knows."""

import torch
from torch import nn
from torch.nn import functional as F

EPOCHS = 4
HEAT = 3.0


def small(features, classes):
    return nn.Sequential(nn.Linear(features, 24), nn.ReLU(), nn.Dropout(0.5), nn.Linear(24, classes))


def large(features, classes):
    return nn.Sequential(nn.Linear(features, 256), nn.ReLU(), nn.Dropout(0.2), nn.Linear(256, classes))


def soft_loss(logits, wanted):
    """Return how far the two distributions are apart; HEAT squared keeps the size of the gradients."""
    given = F.log_softmax(logits / HEAT, dim=1)
    return F.kl_div(given, F.softmax(wanted / HEAT, dim=1), reduction="batchmean") * HEAT**2


def accuracy(student: nn.Module, loader):
    right, seen = 0, 0
    with torch.no_grad():
        for images, labels in loader:
            right += (student(images).argmax(dim=1) == labels).sum().item()
            seen += labels.numel()
    return right / seen


def distil(teacher: nn.Module, loader, held_out, sizes, epochs=EPOCHS):
    student = small(*sizes)
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-3)
    teacher.eval()  # it only answers, and never changes
    scores = []
    for _ in range(epochs):
        student.train()
        for images, _labels in loader:
            with torch.no_grad():
                wanted = teacher(images)
            optimizer.zero_grad()
            soft_loss(student(images), wanted).backward()
            optimizer.step()
        scores.append(accuracy(student, held_out))
    return student, scores
