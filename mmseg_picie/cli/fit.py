"""mmseg-picie fit: from a folder of images to clusters."""

from typing import Any

from ..inference import describe_plan, make_plan
from ..inference import fit as run_fit
from ..report import REPORT, write_report


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
    write_report(model.parent, say=say)
    say('')
    say(f'{plan.out}:')
    for name, what in (
        (REPORT, 'open it in a browser: look at the clusters and name them'),
        ('clusters.pth', 'the model'),
        ('clusters/', 'a picture of each cluster'),
        ('contact_sheet.png', '12 images beside their clusters'),
        ('overlays/', 'images beside their clusters, with a legend'),
        ('masks/', 'cluster of each pixel'),
        ('clusters.csv', 'size, color and spread of each cluster'),
        ('config.py', 'all settings, for tools/train.py'),
    ):
        say(f'  {name:18} {what}')
    say('')
    say(f'Next, with the names file that {REPORT} makes (or --set 3=nucleus ...):')
    say(f'  mmseg-picie name {plan.out} names.yaml')
    say(f'  mmseg-picie predict {model.parent}/named.pth IMAGES --out MASKS')
