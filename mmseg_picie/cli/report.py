"""mmseg-picie report: the page of a run, where its clusters get names."""

import webbrowser
from pathlib import Path

from ..report import write_report


def report(
    run: str | Path,
    say,
    open_page: bool = False,
    labels: str | Path | None = None,
    images: str | Path | None = None,
    table: str | Path | None = None,
    names: str | Path | None = None,
    device: str | None = None,
) -> None:
    """Runs the command.

    Args:
        run: A folder of a run or a checkpoint file.
        say: Takes a line for a person.
        open_page: Whether to open the page in a browser.
        labels: Folder of labels, for classes and scores of clusters.
        images: Folder of the images; None for those of the run.
        table: What ids or colors of labels mean.
        names: Names file whose names the page begins with.
        device: What the network runs on.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If the images of the run are not there, or the labels or names
            cannot be meant.
    """
    path = write_report(run, labels, images, table, names, device, say)
    say(f'{path}: open it in a browser, name the clusters, download names.yaml')
    if open_page and not webbrowser.open(path.resolve().as_uri()):
        say('  no browser could be opened from here')
