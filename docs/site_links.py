"""Hook of mkdocs: a link to a file that is no page of the site becomes its name.

On a page of the repository such links work; the site has no configs and no README.
"""

import re

OUTSIDE = re.compile(
    r'\[([^\]]*)\]\((?:\.\./)+(?:README|CHANGELOG|configs|mmseg_picie|tools)[^)]*\)'
)


def on_page_markdown(markdown: str, **_) -> str:
    """The text of a page with links to files outside docs/ as plain text."""
    return OUTSIDE.sub(r'\1', markdown)
