"""Writes docs/configs.md: what a config may say, from the docstrings of the classes.

    python docs/make_config_reference.py

A class is on the page if the package registers it. Say it better in its docstring.
"""

import inspect
import re
import textwrap
from pathlib import Path

import mmseg.registry
from mmengine.registry import Registry

import mmseg_picie
from mmseg_picie.models import (
    PairLoss,
    PairSegmentor,
    RoundSegmentor,
    TrainedSegmentor,
)

PAGE = Path(__file__).resolve().parent / 'configs.md'
BEGIN, END = (
    '<!-- classes: written by docs/make_config_reference.py -->',
    '<!-- end of classes -->',
)
# Where in a config, and which folders of the package have the classes.
SECTIONS = (
    ('Segmentors, `model`', 'models.segmentors'),
    ('Data preprocessors, `model.data_preprocessor`', 'models.data_preprocessors'),
    ('Backbones, `model.backbone`', 'models.backbones'),
    ('Necks, `model.neck`', 'models.necks'),
    ('Heads, `model.decode_head`', 'models.decode_heads'),
    (
        'Losses, `model.decode_head.loss`, `correspondence` and `pair_loss`',
        'models.losses',
    ),
    (
        'Steps of a pipeline, `train_dataloader.dataset.pipeline` and others',
        'datasets.transforms',
    ),
    ('Data sets and samplers, `train_dataloader` and others', 'datasets'),
    ('Hooks, `default_hooks`', 'engine.hooks'),
    ('Loops, `train_cfg`', 'engine.loops'),
    ('Metrics, `val_evaluator` and `test_evaluator`', 'evaluation'),
    ('Pictures, `visualizer`', 'visualization'),
    ('Weights to begin with, `init_cfg`', 'checkpoints'),
)
# Whose options others take; no config names it.
SHARED = {
    kind.__name__: kind
    for kind in (PairLoss, PairSegmentor, RoundSegmentor, TrainedSegmentor)
}
SECTION = re.compile(r'^([A-Z]\w*):$')
ARGUMENT = re.compile(r'^(\*{0,2}\w+): ?(.*)$')


def registered() -> dict[str, type]:
    """Classes of the package that a config can name, by name."""
    registries = [
        value for value in vars(mmseg.registry).values() if isinstance(value, Registry)
    ]
    found = {
        name: kind
        for registry in registries
        for name, kind in registry.module_dict.items()
        if inspect.isclass(kind) and kind.__module__.startswith(mmseg_picie.__name__)
    }
    return dict(sorted({**found, **SHARED}.items()))


def markdown(text: str) -> str:
    """Docstring markup as Markdown: references by their last name, code in ticks."""
    text = re.sub(r':\w+:`~?(?:[\w.]*\.)?(\w+)`', r'`\1`', text)
    return text.replace('``', '`')


def split_docstring(text: str) -> tuple[str, dict[str, str]]:
    """What a docstring says first, and its arguments.

    Args:
        text: A docstring in Google's style, without its indent.

    Returns:
        The paragraphs before the first section, and a text by argument.
    """
    lead: list[str] = []
    arguments: dict[str, str] = {}
    section = last = None
    for line in text.splitlines():
        if heading := SECTION.match(line):
            section = heading[1]
        elif section is None:
            lead.append(line)
        elif section == 'Args' and line.strip():
            inner = line.removeprefix('    ')
            if (found := ARGUMENT.match(inner)) and not inner.startswith(' '):
                last, rest = found[1].lstrip('*'), found[2]
                arguments[last] = rest
            elif last is not None:
                arguments[last] += f' {line.strip()}'
    return '\n'.join(lead).strip(), arguments


def default(kind: type, name: str) -> str:
    """The default of an argument as it would be written, 'required' without one."""
    for base in kind.__mro__:
        if '__init__' not in vars(base):
            continue
        parameter = inspect.signature(base.__init__).parameters.get(name)
        if parameter is None:
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            return ''
        if parameter.default is inspect.Parameter.empty:
            return 'required'
        return f'`{parameter.default!r}`'
    return ''


def describe(name: str, kind: type) -> list[str]:
    """Lines of the page on a class."""
    lead, arguments = split_docstring(inspect.cleandoc(kind.__doc__ or ''))
    lines = [f'### {name}', '', markdown(textwrap.dedent(lead)), '']
    if arguments:
        lines += ['| option | default | what it does |', '| --- | --- | --- |']
    for option, text in arguments.items():
        cell = markdown(text).replace('|', r'\|').strip()
        lines.append(f'| `{option}` | {default(kind, option)} | {cell} |')
    return [*lines, ''] if arguments else lines


def make_page() -> str:
    """The page as it stands, with its classes made anew."""
    left = registered()
    lines = []
    for title, folder in SECTIONS:
        start = f'{mmseg_picie.__name__}.{folder}.'
        here = {n: k for n, k in left.items() if k.__module__.startswith(start)}
        left = {n: k for n, k in left.items() if n not in here}
        lines += [f'## {title}', '']
        for name, kind in here.items():
            lines += describe(name, kind)
    if left:
        raise ValueError(f'no section of {PAGE.name} has {", ".join(left)}')
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    return before + '\n'.join([BEGIN, '', *lines, END]) + after


if __name__ == '__main__':
    PAGE.write_text(make_page())
