"""The page in a browser: names, merges, undo, reload, files in and out."""

import numpy as np
import pytest
from report_pages import CLASSES, WICKED_IMAGE, data_of
from small_run import CLUSTERS

from mmseg_picie.checkpoints import read_names
from mmseg_picie.cli.name import name as name_command
from mmseg_picie.inference import Predictor

pytestmark = pytest.mark.slow


def progress(tab):
    return tab.inner_text('.progress-text')


def shown_names(tab):
    """Name of each cluster as its card shows it."""
    return [tab.input_value(f'#cluster-{k} input.name') for k in range(CLUSTERS)]


def write_name(tab, cluster, text):
    tab.fill(f'#cluster-{cluster} input.name', text)
    tab.press(f'#cluster-{cluster} input.name', 'Enter')


def download(tab, folder):
    with tab.expect_download() as waiting:
        tab.click('#download')
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def by_size(page):
    clusters = data_of(page)['clusters']
    return [c['id'] for c in sorted(clusters, key=lambda c: -c['pixels'])]


def test_names_are_kept_undone_and_loaded(tab, context, page, tmp_path):
    first, second, third, fourth = by_size(page)
    assert progress(tab) == f'0 of {CLUSTERS} clusters named, 0 % of pixels'
    tab.keyboard.press('n')  # the biggest one
    tab.keyboard.type('sky')
    tab.keyboard.press('Enter')
    assert progress(tab).startswith('1 of 4')
    for cluster in (second, third):  # several at once
        tab.check(f'#cluster-{cluster} .pick input')
    tab.fill('#selection input', 'ground')
    tab.click('#selection .primary')
    tab.click(f'#cluster-{fourth} footer button:text("Ignore")')
    assert progress(tab).startswith('3 of 4') and '1 ignored' in progress(tab)
    tab.click('#undo')
    tab.click('#undo')
    assert [name for name in shown_names(tab) if name] == ['sky']
    tab.click('#redo')
    tab.click(f'#cluster-{third} footer button:text("Split")')
    names = shown_names(tab)
    assert (names[second], names[third]) == ('ground', 'ground')
    tab.reload()
    assert shown_names(tab) == names
    assert progress(tab).startswith('3 of 4')

    path = download(tab, tmp_path)
    text = path.read_text()
    assert f'split: [{third}]\n' in text
    plain = tmp_path / 'plain.yaml'  # as read_names without that key takes it
    plain.write_text(text.replace(f'split: [{third}]\n', ''))
    given = read_names(plain)
    assert given.checkpoint == data_of(page)['checkpoint']
    found = {entry.id: entry.name for entry in given.clusters}
    assert found == {first: 'sky', second: 'ground', third: 'ground'}
    assert 'mmseg-picie name' in tab.inner_text('#dialog')
    assert 'mmseg-picie refine' in tab.inner_text('#dialog')

    tab.click('#dialog .primary')
    tab.evaluate('localStorage.clear()')
    tab.reload()
    assert shown_names(tab) == [''] * CLUSTERS
    tab.set_input_files('#file', path)
    tab.wait_for_selector('.toast')
    assert shown_names(tab) == names
    other = tmp_path / 'other.yaml'
    other.write_text(text.replace(given.checkpoint, 64 * 'a'))
    tab.set_input_files('#file', other)
    tab.wait_for_selector('#dialog[open]')
    assert 'another model' in tab.inner_text('#dialog')
    assert shown_names(tab) == names


def test_masks_are_those_of_the_downloaded_names(
    tab, run, page, labeled_images, tmp_path
):
    first, second, third, fourth = by_size(page)
    name = 'Grüße: "a" #1 \\ {x} 木🌳'
    write_name(tab, first, name)
    write_name(tab, second, f'  {name.upper().replace("SS", "ß")}  ')  # the same
    write_name(tab, third, '__proto__')
    tab.keyboard.press('i')
    tab.keyboard.press('u')
    tab.click(f'#cluster-{fourth} footer button:text("Ignore")')
    path = download(tab, tmp_path)
    given = read_names(path)
    assert given.classes in ((name, '__proto__'), ('__proto__', name))
    out = tmp_path / 'named.pth'
    name_command(run, path, (), (), say=lambda line: None, out=out)
    clusters = Predictor(run / 'epoch_1.pth', 'cpu', predict_as='clusters')
    named = Predictor(out, 'cpu')
    lookup = np.full(CLUSTERS, 255)
    for entry in given.clusters:
        if entry.name is not None:
            lookup[entry.id] = named.classes.index(entry.name)
    assert (lookup != 255).sum() == 3
    for image in sorted((labeled_images / 'img').rglob('*.jpg')):
        expected = lookup[clusters.predict(image)]
        assert np.array_equal(named.predict(image), expected)


def test_all_cards_that_are_shown_get_one_name(tab, page):
    first, *others = by_size(page)
    write_name(tab, first, 'sky')
    tab.select_option('#cards-toolbar select >> nth=1', 'unnamed')
    tab.click('#cards-toolbar button:text("Select these")')
    tab.fill('#selection input', 'ground')
    tab.click('#selection .primary')
    names = shown_names(tab)
    assert names[first] == 'sky'
    assert {names[k] for k in others} == {'ground'}


def test_next_goes_from_big_to_small_and_filters_keep_the_place(tab, page):
    sizes = by_size(page)
    seen = []
    for _ in range(CLUSTERS + 1):
        tab.keyboard.press('n')
        seen.append(tab.evaluate('document.activeElement.closest(".card").dataset.id'))
        tab.keyboard.press('Escape')
    assert [int(cluster) for cluster in seen] == [*sizes, sizes[0]]
    tab.select_option('#cards-toolbar select >> nth=1', 'unnamed')
    first, second = data_of(page)['order'][:2]
    write_name(tab, first, 'sky')
    assert not tab.is_visible(f'#cluster-{first}')
    assert tab.evaluate('document.activeElement.id') == f'cluster-{second}'


def test_suggestions_merge_with_one_key(tab, page):
    suggestions = data_of(page)['suggestions']
    assert len(suggestions) > 1
    one, other = suggestions[0][:2]
    tab.keyboard.press('m')
    names = shown_names(tab)
    assert names[one] == names[other] == f'merged_{min(one, other)}'
    assert progress(tab).startswith('0 of 4')  # merged, still without a name
    write_name(tab, other, 'car')
    assert shown_names(tab)[one] == 'car'
    tab.keyboard.press('u')
    tab.keyboard.press('u')
    assert shown_names(tab) == [''] * CLUSTERS
    tab.keyboard.press('d')
    tab.keyboard.press('m')
    names = shown_names(tab)
    assert names[one] != names[other] or not names[one]


def test_colors_are_distinct_and_can_be_changed(tab, page, tmp_path):
    for cluster in range(3):
        write_name(tab, cluster, f'class {cluster}')
    swatches = [tab.input_value(f'#cluster-{k} .swatch') for k in range(3)]
    assert len(set(swatches)) == 3
    set_color = '(input, color) => {{ input.value = color; {} }}'.format(
        "input.dispatchEvent(new Event('change'))"
    )
    tab.eval_on_selector('#cluster-1 .swatch', set_color, '#123456')
    tab.eval_on_selector('#cluster-2 .swatch', set_color, '#123456')  # refused
    entries = read_names(download(tab, tmp_path)).clusters
    colors = {entry.id: entry.color for entry in entries}
    assert colors == {0: swatches[0], 1: '#123456', 2: swatches[2]}


def test_gallery_recolors_and_leads_to_cards(tab, page):
    cluster = by_size(page)[0]
    write_name(tab, cluster, 'sky')
    color = tab.input_value(f'#cluster-{cluster} .swatch')
    wanted = [*bytes.fromhex(color[1:]), 255]
    tab.goto(page.as_uri() + '#gallery')
    pixels = (
        'canvas => { const d = canvas.getContext("2d").getImageData(0, 0,'
        ' canvas.width, canvas.height).data; return Array.from(d); }'
    )
    canvas = '.shown:first-child .stage canvas'
    tab.wait_for_selector('.shown:first-child .legend button')
    found = np.reshape(tab.eval_on_selector(canvas, pixels), (-1, 4))
    assert (found == wanted).all(1).any()
    tab.click('.shown:first-child .stage')
    assert '#cluster-' in tab.url
    assert tab.is_visible('#tab-clusters') and not tab.is_visible('#tab-gallery')
    focused = tab.evaluate('document.activeElement.id')
    assert f'#{focused}' == '#' + tab.url.split('#')[1]


def test_names_with_markup_stay_text(tab, page):
    for part in ('#gallery', '#run'):
        tab.goto(page.as_uri() + part)
        tab.wait_for_timeout(200)
    assert tab.evaluate('typeof hack') == 'undefined'
    assert tab.locator('#tab-run b').count() == 0
    tab.goto(page.as_uri() + '#gallery')
    assert WICKED_IMAGE in tab.inner_text('#gallery-items')
    tab.goto(page.as_uri() + '#run')
    assert CLASSES[1] in tab.inner_text('#tab-run')
    options = tab.eval_on_selector_all('#names option', 'all => all.map(o => o.value)')
    assert options == list(CLASSES)


@pytest.mark.parametrize('width', [390, 1280])
def test_nothing_is_wider_than_the_screen(tab, page, width):
    tab.set_viewport_size(dict(width=width, height=844))
    for part in ('#clusters', '#gallery', '#run'):
        tab.goto(page.as_uri() + part)
        tab.wait_for_timeout(100)
        assert tab.evaluate('document.documentElement.scrollWidth') <= width
