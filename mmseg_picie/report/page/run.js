// What the run did: curves, sizes, scores, settings.
picie.run = (() => {
  const { data, names, state } = picie;
  const { element, byId, percent } = picie.dom;
  const { lines, bars } = picie.charts;

  function section(title, ...children) {
    return element('section', { class: 'panel-box' }, element('h2', {}, title), children);
  }

  const note = (text) => element('p', { class: 'muted' }, text);

  // Curves that belong on one axis.
  function group(name) {
    if (name.startsWith('inertia')) return 'Inertia of the clusterings';
    if (name === 'lr') return 'Learning rate';
    if (/loss/.test(name)) return 'Losses';
    if (/IoU|Acc|aAcc/.test(name)) return 'Scores with labels';
    return name;
  }

  const FIRST = ['Losses', 'Scores with labels', 'Inertia of the clusterings'];

  function rank(title) {
    if (title === 'Learning rate') return 99;
    return FIRST.includes(title) ? FIRST.indexOf(title) : 50;
  }

  function curves() {
    const groups = new Map();
    for (const [name, curve] of Object.entries(data.history.curves)) {
      if (!groups.has(group(name))) groups.set(group(name), []);
      groups.get(group(name)).push([name, curve]);
    }
    if (!groups.size) {
      return [note('Nothing was trained: these are clusters of pretrained features.')];
    }
    const order = [...groups].sort(([a], [b]) => rank(a) - rank(b));
    const charts = order.map(([title, list]) => lines(title, list));
    return [
      element('div', { class: 'charts' }, charts),
      note('A high agreement of views does not mean that masks are useful: look at the cards. '
        + 'A loss may be negative: the correspondence loss rewards what is alike.'),
    ];
  }

  function sizes() {
    const list = [...data.clusters].sort((a, b) => b.pixels - a.pixels).map((cluster) => ({
      share: cluster.share,
      color: names.cardColor(cluster.id),
      title: `${names.title(cluster.id)}: ${percent(cluster.share)}`,
      onclick: () => picie.main.goTo(cluster.id),
    }));
    const empty = data.clusters.filter((cluster) => !cluster.pixels).length;
    const biggest = percent(Math.max(...data.clusters.map((c) => c.share)));
    return [
      bars('Share of all pixels, biggest first', list),
      note(`The biggest cluster has ${biggest} of the pixels; ${empty || 'none'} of ${list.length} ${empty === 1 || !empty ? 'is' : 'are'} empty in the images that were looked at.`),
    ];
  }

  function table(heads, rows, caption, kind = 'figures') {
    const head = element('tr', {}, heads.map((text) => element('th', { scope: 'col' }, text)));
    const cells = (row) => row.map((cell, at) => element(at ? 'td' : 'th', at ? {} : { scope: 'row' }, cell));
    const body = rows.map((row) => element('tr', {}, cells(row)));
    const parts = [element('thead', {}, head), element('tbody', {}, body)];
    const title = caption ? [element('caption', {}, caption)] : [];
    return element('div', { class: 'scroll', tabIndex: 0 }, element('table', { class: kind }, title, parts));
  }

  // Pixels by class and by what the names say now; the last column is the unnamed rest.
  function namedConfusion() {
    const { confusion } = data.labels;
    const columns = names.all();
    const counts = confusion.map((row) => {
      const sums = Array(columns.length + 1).fill(0);
      row.forEach((count, id) => {
        const name = names.of(id);
        const at = typeof name === 'string' ? columns.indexOf(name) : columns.length;
        sums[at] += count;
      });
      return sums;
    });
    return { columns, counts };
  }

  // IoU of a class under the name that is spelled like it; null if there is none.
  function namedIoU({ columns, counts }, at) {
    const wanted = names.spelled(data.labels.classes[at]);
    const column = columns.findIndex((name) => names.spelled(name) === wanted);
    if (column < 0) return null;
    const hit = counts[at][column];
    const said = counts.reduce((sum, row) => sum + row[column], 0);
    const true_ = counts[at].reduce((sum, count) => sum + count, 0);
    return said + true_ - hit ? (100 * hit) / (said + true_ - hit) : null;
  }

  function scores() {
    const { classes, iou, aAcc, mIoU, images, confusion } = data.labels;
    const found = namedConfusion();
    const total = confusion.flat().reduce((sum, count) => sum + count, 0);
    const own = classes.map((_, at) => namedIoU(found, at));
    const sum = (row) => row.reduce((all, count) => all + count, 0);
    const one = (value) => (value === null ? '' : value.toFixed(1));
    const rows = classes.map((name, at) => [
      name, percent(sum(confusion[at]) / total), one(iou[at]), one(own[at]),
    ]);
    const matrix = classes.map((name, at) => {
      const all = Math.max(1, sum(found.counts[at]));
      return [name, ...found.counts[at].map((count) => heat(count / all))];
    });
    return [
      note(`Counted on ${images} labeled images. If every cluster had the name of its most `
        + `frequent class: ${aAcc.toFixed(1)} % of pixels right, mIoU ${mIoU.toFixed(1)}. That is `
        + 'what perfect naming by pixels gives; it is no score of the names on this page.'),
      table(['class', 'pixels', 'IoU, named by majority', 'IoU, your name of this spelling'], rows),
      table(['class', ...found.columns, 'no name'], matrix, 'Where the pixels of each class are by your names, in %'),
    ];
  }

  function heat(share) {
    return element('span', { class: 'heat', vars: { '--share': share } }, share < 0.0005 ? '' : (100 * share).toFixed(1));
  }

  function clusters() {
    const labels = data.labels;
    const heads = ['cluster', 'name', 'pixels', 'images', 'row', 'column', 'color'];
    const rows = [...data.clusters].sort((a, b) => b.pixels - a.pixels).map((c) => {
      const name = names.of(c.id);
      const row = [
        element('a', { href: `#cluster-${c.id}` }, `#${c.id}`),
        name === null ? 'ignored' : name || '',
        percent(c.share), String(c.images), percent(c.row), percent(c.column), percent(c.content),
      ];
      if (labels) {
        const match = labels.cluster_class[c.id];
        row.push(match < 0 ? '' : `${labels.classes[match]} (${percent(labels.purity[c.id])})`);
      }
      return row;
    });
    return [
      table(labels ? [...heads, 'most frequent class'] : heads, rows),
      note('Row, column, color: how much of the variance of where a cluster is they explain, '
        + 'over 16 x 16 cells an image. A cluster for which row and column together explain more '
        + 'than the color there, and at least 15 %, is marked on its card.'),
    ];
  }

  function settings() {
    const rows = Object.entries(data.history.versions);
    return [
      table(['what', 'value'], [...rows, ['page written by mmseg_picie', data.history.written_by], ['checkpoint (SHA-256 of the weights)', data.checkpoint], ['folder', data.run]], null, 'values'),
      element('details', {}, element('summary', {}, 'The whole config'), element('pre', { tabIndex: 0 }, data.history.config)),
    ];
  }

  function show() {
    const parts = [section('Training', curves()), section('Cluster sizes', sizes())];
    if (data.labels) parts.push(section('Against labels', scores()));
    parts.push(section('Clusters', clusters()), section('Settings', settings()));
    byId('tab-run').replaceChildren(...parts);
  }

  function build() {
    state.listen(() => {
      if (!byId('tab-run').hidden) show();
    });
  }

  return { build, show };
})();
