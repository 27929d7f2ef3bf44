"""Names with markup, and what is embedded in a page."""

import json
import re

WICKED_IMAGE = 'a</script><img src=x onerror=hack()>.jpg'
CLASSES = ('sky', '<b>road</b></script>', 'tree', '"car" & \'bus\'')


def data_of(page):
    """What is embedded in a page."""
    found = re.search(r' id="data">(.*?)</script>', page.read_text(), re.DOTALL)
    return json.loads(found[1])
