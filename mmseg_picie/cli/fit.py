"""mmseg-picie fit: from a folder of images to clusters."""

from typing import Any

from ..inference import describe_plan, make_plan
from ..inference import fit as run_fit


def fit(say, **options: Any) -> None:
    """Runs the command.

    Args:
        say: Takes a line for a person.
        **options: As for :func:`~mmseg_picie.inference.make_plan`.
    """
    plan = make_plan(**options)
    for line in describe_plan(plan):
        say(line)
    model = run_fit(plan, say)
    say('')
    say(f'{plan.out}:')
    for name, what in (
        ('clusters.pth', 'the model'),
        ('clusters/', 'a picture of each cluster: look at these to name them'),
        ('contact_sheet.png', '12 images beside their clusters'),
        ('overlays/', 'images beside their clusters, with a legend'),
        ('masks/', 'cluster of each pixel'),
        ('clusters.csv', 'size, color and spread of each cluster'),
        ('config.py', 'all settings, for tools/train.py'),
    ):
        say(f'  {name:18} {what}')
    say('')
    say('Next, with names for what you see:')
    say(f'  mmseg-picie name {plan.out} --set 3=nucleus --set 1,4=cytoplasm')
    say(f'  mmseg-picie predict {model.parent}/named.pth IMAGES --out MASKS')
