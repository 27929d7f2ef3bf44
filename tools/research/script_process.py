"""A script in a process of its own, its output in a file."""

import subprocess
import time
from collections.abc import Sequence
from pathlib import Path


def run_script(command: Sequence[str], log: Path, title: str) -> float:
    """Runs a command to its end.

    Args:
        command: The program and its arguments.
        log: File of its output; replaced.
        title: What the message of an error begins with.

    Returns:
        Wall-clock time in seconds.

    Raises:
        RuntimeError: If it fails, with the last line that it printed.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    with log.open('w') as file:
        code = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        ).returncode
    seconds = time.monotonic() - start
    if code:
        lines = [line for line in log.read_text().splitlines() if line.strip()]
        reason = lines[-1].strip() if lines else 'no output'
        raise RuntimeError(f'{title}: exit code {code}, see {log}: {reason}')
    return seconds
