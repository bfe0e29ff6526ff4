"""Measure how long a training loop waits for its DataLoader, with and without worker processes."""

import time

import torch
from torch.utils.data import DataLoader, Dataset


class Decoded(Dataset):
    """Samples that take a while to decode, as images do."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> torch.Tensor:
        time.sleep(0.002)  # stands for reading and decoding one file
        return torch.full((8,), float(index))


def waiting(loader: DataLoader) -> float:
    """Return the seconds that one pass over the loader takes."""
    began = time.perf_counter()
    for _ in loader:
        time.sleep(0.001)  # stands for one step of the device
    return time.perf_counter() - began


def main() -> None:
    torch.manual_seed(0)
    data = Decoded(128)
    for workers in (0, 2):
        loader = DataLoader(
            data,
            batch_size=16,
            shuffle=True,
            num_workers=workers,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=workers > 0,
        )
        print(f"{workers} workers: {waiting(loader):.2f} s")


if __name__ == "__main__":
    main()
