"""``python -m ml_architect``."""

from ml_architect.cli.main import run

if __name__ == "__main__":
    run()
