"""A run of four clusters, its images and labels, some with wicked names."""

import json
import shutil

import pytest
from report_pages import CLASSES, WICKED_IMAGE, data_of

from mmseg_picie.report import write_report

BROWSERS = ('chromium', 'chromium-browser', 'google-chrome')


@pytest.fixture(scope='session')
def labeled_images(camvid_root, tmp_path_factory):
    """Folders img and ann, one image with markup in its name, and a table."""
    root = tmp_path_factory.mktemp('labeled')
    for folder, suffix in (('img', '.jpg'), ('ann', '.png')):
        shutil.copytree(camvid_root / folder, root / folder)
        first = root / folder / f'train_00{suffix}'
        wicked = (root / folder / WICKED_IMAGE).with_suffix(suffix)
        wicked.parent.mkdir(parents=True)
        first.rename(wicked)
    (root / 'classes.json').write_text(json.dumps(CLASSES))
    return root


@pytest.fixture(scope='session')
def run(trained, tmp_path_factory):
    """A copy of a finished run, to write to."""
    return shutil.copytree(trained, tmp_path_factory.mktemp('report') / 'my run')


@pytest.fixture(scope='session')
def page(run, labeled_images):
    """The page of the run with labels."""
    return write_report(
        run,
        labels=labeled_images / 'ann',
        images=labeled_images / 'img',
        table=labeled_images / 'classes.json',
        device='cpu',
    )


@pytest.fixture(scope='session')
def data(page):
    """What is embedded in the page."""
    return data_of(page)


# After the run and of one module: what a training forks would hold on to the pipes of a
# browser, whose end would wait for ever.
@pytest.fixture(scope='module')
def browser(page):
    api = pytest.importorskip('playwright.sync_api', reason='pip install playwright')
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f'none of {", ".join(BROWSERS)} is installed')
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=['--no-sandbox']
        )
        yield started
        started.close()


@pytest.fixture
def context(browser):
    made = browser.new_context(viewport=dict(width=1280, height=900))
    yield made
    made.close()


@pytest.fixture
def tab(context, page):
    """The page in a fresh profile; whatever goes wrong in it fails the test."""
    tab, problems = context.new_page(), []
    tab.on('pageerror', lambda error: problems.append(str(error)))
    tab.on('console', lambda m: problems.append(m.text) if m.type == 'error' else None)
    tab.on('request', lambda r: note_request(r, page, problems))
    tab.goto(page.as_uri())
    yield tab
    assert problems == []


def note_request(request, page, problems):
    own = request.url.split('#')[0] == page.as_uri()
    if not own and not request.url.startswith(('data:', 'blob:')):
        problems.append(f'loads {request.url}')
