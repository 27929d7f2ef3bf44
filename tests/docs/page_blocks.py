"""Fenced blocks of the pages, for tests that run or read them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / 'README.md', *(ROOT / 'docs').rglob('*.md')])
BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Blocks of a language on a page, in their order."""
    return [text for kind, text in BLOCK.findall(page.read_text()) if kind == language]
