"""Train a small character-level transformer on made-up stories.

Mixed precision (float16 on a GPU, bfloat16 on a CPU), gradient accumulation, clipping and a one-cycle schedule.

    python language_model.py --epochs 6 --out runs/stories
"""

import argparse
import json
import random
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

NAMES = ("mira", "tom", "ada", "leo", "nina", "omar")
THINGS = ("apples", "books", "coins", "shells", "stamps")
COLOURS = ("red", "blue", "green", "old", "tiny")


@dataclass
class Config:
    epochs: int = 6
    characters: int = 30_000
    batch_size: int = 16
    accumulation_steps: int = 2
    block_size: int = 64
    n_layer: int = 2
    n_head: int = 4
    n_embd: int = 48
    dropout: float = 0.1
    max_lr: float = 6e-3
    weight_decay: float = 0.05
    grad_clip: float = 1.0
    seed: int = 0


def make_text(characters: int, seed: int) -> str:
    """Stories whose second sentence can be told from the first."""
    rng = random.Random(seed)
    stories, length = [], 0
    while length < characters:
        giver, taker = rng.sample(NAMES, 2)
        have = rng.randint(4, 9)
        given = rng.randint(1, 3)
        thing = f"{rng.choice(COLOURS)} {rng.choice(THINGS)}"
        story = f"{giver} has {have} {thing}. {giver} gives {given} {thing} to {taker}. now {taker} has {given} {thing}"
        stories.append(f"{story} and {giver} has {have - given}.\n")
        length += len(stories[-1])
    return "".join(stories)[:characters]


class CharDataset(Dataset):
    def __init__(self, tokens, block_size, stride):
        self.tokens = tokens
        self.block_size = block_size
        self.stride = stride

    def __len__(self):
        return (len(self.tokens) - self.block_size - 1) // self.stride

    def __getitem__(self, index):
        start = index * self.stride
        chunk = self.tokens[start : start + self.block_size + 1]
        return chunk[:-1], chunk[1:]


class CausalSelfAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.n_head = config.n_head
        self.dropout = config.dropout
        self.qkv = nn.Linear(config.n_embd, 3 * config.n_embd)
        self.proj = nn.Linear(config.n_embd, config.n_embd)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(x).view(b, t, 3, self.n_head, c // self.n_head).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(b, t, c))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.ln1 = nn.LayerNorm(config.n_embd)
        self.attn = CausalSelfAttention(config)
        self.ln2 = nn.LayerNorm(config.n_embd)
        self.mlp = nn.Sequential(
            nn.Linear(config.n_embd, 4 * config.n_embd),
            nn.GELU(),
            nn.Linear(4 * config.n_embd, config.n_embd),
            nn.Dropout(config.dropout),
        )

    def forward(self, x):
        x = x + self.attn(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class CharGPT(nn.Module):
    def __init__(self, config, vocab_size):
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, config.n_embd)
        self.position_embedding = nn.Embedding(config.block_size, config.n_embd)
        self.drop = nn.Dropout(config.dropout)
        self.blocks = [Block(config) for _ in range(config.n_layer)]
        self.ln_f = nn.LayerNorm(config.n_embd)
        self.head = nn.Linear(config.n_embd, vocab_size)

    def forward(self, idx):
        positions = torch.arange(idx.shape[1]).to(idx.device)
        x = self.drop(self.token_embedding(idx) + self.position_embedding(positions))
        for block in self.blocks:
            x = block(x)
        return self.head(self.ln_f(x))


def sequence_loss(logits, targets):
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@torch.no_grad()
def estimate_loss(model, loader, device):
    total = 0.0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        total += sequence_loss(model(x), y).item()
    return total / len(loader)


@torch.no_grad()
def generate(model, idx, length, block_size):
    model.eval()
    for _ in range(length):
        logits = model(idx[:, -block_size:])[:, -1]
        idx = torch.cat([idx, logits.argmax(dim=-1, keepdim=True)], dim=1)
    return idx


def parse_config():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in asdict(Config()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    parser.add_argument("--out", type=Path, required=True)
    args = vars(parser.parse_args())
    out = args.pop("out")
    return Config(**args), out


def main():
    config, out = parse_config()
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    torch.autograd.set_detect_anomaly(True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    amp_dtype = torch.float16 if device == "cuda" else torch.bfloat16

    text = make_text(config.characters, config.seed)
    vocab = sorted(set(text))
    tokens = torch.tensor([vocab.index(character) for character in text])
    split = int(0.9 * len(tokens))
    train_set = CharDataset(tokens[:split], config.block_size, stride=config.block_size // 2)
    val_set = CharDataset(tokens[split:], config.block_size, stride=config.block_size)
    train_loader = DataLoader(train_set, batch_size=config.batch_size, shuffle=True)
    val_loader = DataLoader(val_set, batch_size=config.batch_size)

    model = CharGPT(config, len(vocab)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=config.max_lr, weight_decay=config.weight_decay)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=config.max_lr, epochs=config.epochs, steps_per_epoch=len(train_loader)
    )
    scaler = torch.amp.GradScaler(device)

    val_loss = float("inf")
    for epoch in range(config.epochs):
        torch.manual_seed(1337)
        model.train()
        train_loss = 0.0
        for step, (x, y) in enumerate(train_loader):
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            with torch.autocast(device_type=device, dtype=amp_dtype):
                loss = sequence_loss(model(x), y) / config.accumulation_steps
            scaler.scale(loss).backward()
            train_loss += loss * config.accumulation_steps
            if (step + 1) % config.accumulation_steps == 0:
                torch.nn.utils.clip_grad_norm_(model.parameters(), config.grad_clip)
                scaler.step(optimizer)
                scaler.update()
        scheduler.step()
        val_loss = estimate_loss(model, val_loader, device)
        lr = scheduler.get_lr()[0]
        print(f"epoch {epoch + 1}: train {train_loss / len(train_loader):.3f}, val {val_loss:.3f}, lr {lr:.2e}")

    torch.save({"model": model.state_dict(), "config": asdict(config), "vocab": vocab}, out / "model.pt")
    (out / "metrics.json").write_text(json.dumps({"val_loss": val_loss}))
    prompt = "mira has 7 blue coins. mira gives 2 blue coins"
    idx = torch.tensor([[vocab.index(character) for character in prompt]], device=device)
    print("".join(vocab[token] for token in generate(model, idx, 40, config.block_size)[0].tolist()))


if __name__ == "__main__":
    main()
