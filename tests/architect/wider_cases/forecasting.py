"""Forecast a series with an LSTM; validation comes later in time than training."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

WINDOW, EPOCHS = 12, 3


class Forecaster(nn.Module):
    """The last state of an LSTM, then one number."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(input_size=1, hidden_size=width, batch_first=True)
        self.head = nn.Linear(width, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        states, _ = self.lstm(windows)
        return self.head(states[:, -1]).squeeze(1)


def windows(series: torch.Tensor) -> TensorDataset:
    """Return each window of the series with the value behind it."""
    pieces = series.unfold(0, WINDOW + 1, 1)
    return TensorDataset(pieces[:, :-1].unsqueeze(2), pieces[:, -1])


def main() -> None:
    torch.manual_seed(2)
    series = torch.sin(torch.arange(400) / 8) + 0.05 * torch.randn(400)
    train, valid = windows(series[:300]), windows(series[300:])
    loader = DataLoader(train, batch_size=32, shuffle=True)
    model = Forecaster(16)
    criterion = nn.MSELoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(EPOCHS):
        model.train()
        for inputs, targets in loader:
            optimizer.zero_grad()
            loss = criterion(model(inputs), targets)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)
            optimizer.step()
        model.eval()
        with torch.no_grad():
            error = criterion(model(valid.tensors[0]), valid.tensors[1]).item()
        print(f"epoch {epoch + 1}: validation MSE {error:.4f}")


if __name__ == "__main__":
    main()
