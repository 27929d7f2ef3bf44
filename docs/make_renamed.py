"""Writes the tables of docs/renamed.md that the tools' errors are made of.

    python docs/make_renamed.py

The rows are those of mmseg_picie/cli/old_names.py.
"""

from pathlib import Path

from mmseg_picie.cli import old_names

PAGE = Path(__file__).parent / 'renamed.md'
BEGIN, END = '<!-- names: written by docs/make_renamed.py -->', '<!-- end of names -->'


def table(title: str, rows: list[tuple[str, str]]) -> list[str]:
    """Lines of a titled table of old and new names."""
    cells = [' | '.join(('', f'`{old}`', new, '')).strip() for old, new in rows]
    return [f'## {title}', '', '| old | new |', '| --- | --- |', *cells, '']


def config_file(file: str, options: str) -> str:
    """A new config file and the options that it needs."""
    name = f'`configs/{file}`' if file else ''
    return ' with '.join(filter(None, [name, options and f'`{options}`']))


def make_page() -> str:
    """The page as it stands, with its tables made anew."""
    options, values = old_names.OPTIONS, old_names.VALUES
    lines = table('Classes', [(k, f'`{v}`') for k, v in old_names.TYPES.items()])
    lines += table('Options', [(f'{k}.{o}', f'`{v}`') for (k, o), v in options.items()])
    lines += table('Values', [(f'{o}={v}', f'`{n}`') for (o, v), n in values.items()])
    lines += table(
        'Hooks that lay in `custom_hooks`',
        [
            (f'custom_hooks.{index}, {kind}', f'`default_hooks.{name}`')
            for index, (kind, name) in enumerate(old_names.HOOKS.items())
        ],
    )
    lines += table(
        'Variables of base configs',
        [(f'_base_.{old}', new) for old, new in old_names.VARIABLES.items()],
    )
    lines += table(
        'Config files',
        [
            (f'configs/{old}', config_file(*new))
            for old, new in sorted(old_names.CONFIG_FILES.items())
        ],
    )
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    return before + '\n'.join([BEGIN, '', *lines, END]) + after


if __name__ == '__main__':
    PAGE.write_text(make_page())
