"""mmseg-picie convert: the authors' weights for the backbone of a config."""

from pathlib import Path

from ..checkpoints import convert_weights


def convert(method: str, file: str | Path, out: str | Path, say) -> None:
    """Runs the command.

    Args:
        method: What the weights are of, such as 'dino' or 'moco'.
        file: The authors' file.
        out: File to write.
        say: Takes a line for a person.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is not exactly of such a network.
    """
    converted = convert_weights(method, Path(file), Path(out))
    say(f'{out} has {converted.count} entries; in a config:')
    settings = ', '.join(f'{k}={v!r}' for k, v in converted.backbone.items())
    say(f'backbone=dict(_delete_=True, {settings})')
    if converted.has_classifier:
        say(
            'the file also has a classifier of 1000 classes, which was left out: ask '
            'its author whether labels trained the network below it'
        )
