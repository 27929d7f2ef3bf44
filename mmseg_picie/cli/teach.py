"""mmseg-picie teach: classes from a few labeled images."""

from pathlib import Path

from ..checkpoints import check_out, find_checkpoint
from ..inference import Segmenter, save_taught
from ..inference import teach as learn
from .labeled_folder import open_labels

TAUGHT = 'taught.pth'


def teach(
    run: str | Path,
    labels: str | Path,
    say,
    images: str | Path | None = None,
    table: str | Path | None = None,
    out: str | Path | None = None,
    device: str | None = None,
) -> None:
    """Runs the command.

    Args:
        run: A folder of a run or a checkpoint file.
        labels: Folder of labels, 255 where nothing is said.
        say: Takes a line for a person.
        images: Folder of their images; None for those of the run.
        table: What ids or colors of labels mean.
        out: File to write; None for taught.pth beside the checkpoint.
        device: What the network runs on.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If the labels cannot be meant, or no pixel is labeled.
    """
    checkpoint = find_checkpoint(Path(run))
    out = checkpoint.with_name(TAUGHT) if out is None else Path(out)
    check_out(checkpoint, out)
    segmenter = Segmenter(checkpoint, device)
    found = open_labels(segmenter, labels, images, table, say)
    probe = learn(segmenter, found)
    save_taught(checkpoint, probe, found.classes, found.palette, out)
    say(f'{out}: {len(found.classes)} classes from {len(found.names)} images')
    say(f'  mmseg-picie predict {out} IMAGES --out MASKS')
