"""mmseg-picie convert: the authors' weights for the backbone of a config."""

from pathlib import Path

from ..checkpoints import convert_stego_checkpoint, convert_weights

STEGO = 'stego'


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
    (_stego if method == STEGO else _backbone)(method, Path(file), Path(out), say)


def _backbone(method: str, file: Path, out: Path, say) -> None:
    converted = convert_weights(method, file, out)
    say(f'{out} has {converted.count} entries; in a config:')
    say(f'backbone={_config(dict(_delete_=True, **converted.backbone))}')
    if converted.has_classifier:
        say(
            'the file also has a classifier of 1000 classes, which was left out: ask '
            'its author whether labels trained the network below it'
        )


def _stego(_: str, file: Path, out: Path, say) -> None:
    model = convert_stego_checkpoint(file, out).model
    say(f'{out} is a checkpoint of STEGO of these sizes; in its config:')
    for part, settings in model.items():
        say(f'{part}={_config(settings)}')


def _config(settings: dict) -> str:
    return f'dict({", ".join(f"{k}={v!r}" for k, v in settings.items())})'
