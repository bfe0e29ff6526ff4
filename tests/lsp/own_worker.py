"""The real server with a model process that runs some code of a test first; a script for the tests.

The arguments are the code for the model process, and code for the server itself.
"""

import sys

from ml_architect.architect.model import process
from ml_architect.architect.model.launch import command
from ml_architect.lsp.start import start

if __name__ == "__main__":
    *options, worker = command()
    boot = f"import sys, runpy\n{sys.argv[1]}\nrunpy.run_path({worker!r}, run_name='__main__')"
    process.command = lambda: (*options, "-c", boot)
    exec(sys.argv[2])
    start()
