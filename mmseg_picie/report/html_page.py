"""One HTML file of template, styles, scripts and data."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

PAGE = Path(__file__).resolve().parent / 'page'
TEMPLATE = 'report.html'
STYLES = ('base.css', 'cards.css', 'gallery.css', 'run.css')
# In the order in which they run; each adds its functions to one object, `picie`.
SCRIPTS = (
    *('dom.js', 'state.js', 'names.js', 'names_file.js', 'actions.js'),
    *('cards.js', 'selection.js', 'merges.js', 'gallery.js', 'charts.js', 'run.js'),
    *('files.js', 'keys.js', 'main.js'),
)


def render_page(title: str, data: dict[str, Any]) -> str:
    """The page as text.

    Nothing is loaded, whatever names of files and classes hold: a policy in the page
    forbids the browser every connection and every script but the page's own, which is
    named by its hash; data is JSON whose ``<`` are escaped.

    Args:
        title: Of the window.
        data: What the scripts read, plain values.

    Raises:
        ValueError: If the data holds a NaN or an infinity.
    """
    script = _joined(SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(PAGE), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template(TEMPLATE).render(
        title=title.encode(errors='replace').decode(),
        styles=Markup(_joined(STYLES)),
        script=Markup(script),
        script_hash=digest,
        data=embedded_json(data),
    )


def embedded_json(data: Any) -> Markup:
    """JSON that can stand in a script element: no text in it ends or begins one.

    Examples:
        >>> str(embedded_json('</script>'))
        '"\\\\u003c/script\\\\u003e"'
    """
    text = json.dumps(data, allow_nan=False, separators=(',', ':'))
    for character in '<>&':
        text = text.replace(character, f'\\u{ord(character):04x}')
    return Markup(text)


def _joined(names: tuple[str, ...]) -> str:
    # A file's text must not end the element that it stands in.
    return '\n'.join((PAGE / name).read_text(encoding='utf-8') for name in names)
