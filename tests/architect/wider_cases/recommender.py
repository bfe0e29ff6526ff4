"""A two-tower recommender with sampled negatives, on synthetic purchases."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

USERS, ITEMS, WIDTH, EPOCHS = 500, 200, 16, 2


class TwoTowers(nn.Module):
    """Users and items as vectors; their product is the score."""

    def __init__(self, users: int, items: int, width: int) -> None:
        super().__init__()
        self.users = nn.Embedding(users, width)
        self.items = nn.Embedding(items, width)

    def forward(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Return the score of each user for each item of the batch."""
        return F.normalize(self.users(users), dim=1) @ F.normalize(self.items(items), dim=1).T / 0.1


def purchases(count: int) -> TensorDataset:
    """Users buy items of their own corner of the shop."""
    users = torch.randint(0, USERS, (count,))
    items = (users * ITEMS // USERS + torch.randint(0, 5, (count,))) % ITEMS
    return TensorDataset(users, items)


def main() -> None:
    torch.manual_seed(1)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = DataLoader(purchases(2048), batch_size=128, shuffle=True, drop_last=True)
    model = TwoTowers(USERS, ITEMS, WIDTH).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(EPOCHS):
        model.train()
        total = 0.0
        for users, items in loader:
            users, items = users.to(device), items.to(device)
            optimizer.zero_grad()
            scores = model(users, items)
            loss = F.cross_entropy(scores, torch.arange(len(users), device=device))
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / len(loader):.3f}")
    model.eval()
    with torch.no_grad():
        best = model(torch.tensor([0], device=device), torch.arange(ITEMS, device=device)).topk(5).indices
    print("best items for user 0:", best.tolist())


if __name__ == "__main__":
    main()
