// Whole images under their clusters, under the names and under the truth.
picie.gallery = (() => {
  const { data, names, state } = picie;
  const { element, button, byId, percent } = picie.dom;
  const NONE = 255; // of the truth: nothing is said
  const TOP = 6; // clusters in a legend
  const LABELS = { clusters: 'Clusters', names: 'Names', truth: 'Truth' };
  const hasTruth = Boolean(data.labels) && data.gallery.some((item) => item.truth);
  const items = [];
  let overlay = names.all().length ? 'names' : 'clusters';
  let isChosen = false; // the overlay, by a person
  let layout = 'slider';

  // Ids as Python packed them: low bytes, then high bytes, deflated, in base64.
  async function unpack(text) {
    const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate'));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const half = bytes.length / 2;
    return Uint16Array.from({ length: half }, (_, at) => bytes[at] | (bytes[half + at] << 8));
  }

  // A class has the color of the name that is spelled like it, so that they compare.
  function truthColors() {
    const { colors } = state.get();
    return data.labels.classes.map((called, id) => {
      const same = names.all().find((name) => names.spelled(name) === names.spelled(called));
      return same === undefined ? data.labels.palette[id] : colors[same];
    });
  }

  // What colors mean that no chip below an image explains.
  function showKey() {
    const key = (color, text) => element('span', { class: 'key', vars: { '--color': color } }, text);
    const shows = (kind) => layout === 'beside' || overlay === kind;
    const keys = [];
    if (shows('names')) {
      for (const [name, ids] of names.classes()) keys.push(key(names.color(ids[0]), name));
      keys.push(key('#98989a', 'no name yet'), key('#181a1e', 'ignored'));
    }
    if (hasTruth && shows('truth')) {
      const colors = truthColors();
      const classes = data.labels.classes.map((name, id) => key(colors[id], name));
      keys.push(element('span', { class: 'muted' }, 'Truth:'), ...classes);
    }
    byId('gallery-key').replaceChildren(element('div', { class: 'keys' }, keys));
  }

  // Pixels of each id, as 0xAABBGGRR.
  function lookup(kind) {
    const pixel = ([r, g, b], a = 255) => ((a << 24) | (b << 16) | (g << 8) | r) >>> 0;
    const ofHex = (hex) => pixel([1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
    const table = new Uint32Array(65536);
    if (kind === 'truth') {
      truthColors().forEach((color, id) => table.set([ofHex(color)], id));
      table[NONE] = 0;
      return table;
    }
    for (const { id, color } of data.clusters) {
      const shown = kind === 'names' ? names.color(id) : color;
      table[id] = shown === null ? pixel([24, 26, 30]) : ofHex(shown);
    }
    return table;
  }

  function paint(canvas, ids, table) {
    const context = canvas.getContext('2d');
    const image = context.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    for (let at = 0; at < ids.length; at += 1) pixels[at] = table[ids[at]];
    context.putImageData(image, 0, 0);
  }

  function build() {
    const kinds = hasTruth ? ['clusters', 'names', 'truth'] : ['clusters', 'names'];
    byId('gallery-toolbar').append(
      choice('Over the image', kinds.map((kind) => [kind, LABELS[kind]]), overlay, (value) => {
        overlay = value;
        isChosen = true;
        repaint();
      }, 'over-image'),
      choice('Layout', [['slider', 'Slider'], ['beside', 'Side by side']], layout, (value) => {
        layout = value;
        byId('gallery-items').dataset.layout = value;
        byId('gallery-toolbar').dataset.layout = value;
        repaint();
      }),
      element('label', { class: 'field over-image' }, element('span', {}, 'Strength'), element('input', {
        type: 'range',
        min: 10,
        max: 100,
        value: 75,
        oninput: (event) => byId('gallery-items').style.setProperty('--strength', event.target.value / 100),
      })),
      element('p', { class: 'count' }, galleryNote()),
    );
    byId('gallery-items').dataset.layout = layout;
    for (const item of data.gallery) items.push(makeItem(item, kinds));
    byId('gallery-items').append(...items.map((item) => item.figure));
    showKey();
    if (typeof DecompressionStream === 'undefined') {
      byId('gallery-key').textContent = 'This browser is too old to draw clusters over images.';
      return;
    }
    state.listen(() => {
      if (!isChosen && overlay === 'clusters' && names.all().length) {
        overlay = 'names'; // from the first name on they are what one wants to see
        document.querySelector('#gallery-toolbar [value=names]').checked = true;
      }
      repaint();
    });
    // Pictures are drawn when they come into view.
    const watch = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const item = items.find((one) => one.figure === entry.target);
        item.inView = entry.isIntersecting;
        if (item.inView) draw(item);
      }
    }, { rootMargin: '300px' });
    for (const item of items) watch.observe(item.figure);
  }

  function galleryNote() {
    const { total } = data.images;
    const which = data.gallery.length < total ? `${data.gallery.length} of ${total} images` : `${total} images`;
    return `${which}; click a pixel to go to its cluster`;
  }

  function choice(title, options, first, onchange, kind = '') {
    const group = `choice-${title}`;
    const made = options.map(([value, text]) => element('label', {}, element('input', {
      type: 'radio', name: group, value, checked: value === first, onchange: () => onchange(value),
    }), element('span', {}, text)));
    return element('fieldset', { class: `choice ${kind}` }, element('legend', {}, title), made);
  }

  function makeItem(source, kinds) {
    const size = { width: source.width, height: source.height };
    const item = { source, inView: false, canvases: {}, ids: null };
    const picture = () => element('img', { src: source.picture, alt: source.name, ...size });
    item.over = element('canvas', size);
    item.hint = element('span', { class: 'hint', hidden: true });
    item.stage = element('div', { class: 'stage' }, picture(), item.over, item.hint);
    const slider = element('input', {
      type: 'range',
      min: 0,
      max: 100,
      value: 50,
      class: 'compare',
      'aria-label': `Where the clusters begin on ${source.name}`,
      oninput: () => item.stage.style.setProperty('--at', `${slider.value}%`),
    });
    const panels = kinds.filter((kind) => kind !== 'truth' || source.truth).map((kind) => {
      item.canvases[kind] = element('canvas', size);
      listenTo(item.canvases[kind], item);
      return element('div', { class: 'panel' }, element('span', {}, LABELS[kind]), item.canvases[kind]);
    });
    listenTo(item.stage, item);
    item.legend = element('div', { class: 'legend' });
    item.figure = element(
      'figure',
      { class: 'shown', vars: { '--ratio': source.width / source.height } },
      element('div', { class: 'compared' }, item.stage, slider),
      element('div', { class: 'panels' }, element('div', { class: 'panel' }, element('span', {}, 'Image'), picture()), panels),
      element('figcaption', {}, source.name),
      item.legend,
    );
    return item;
  }

  function idAt(item, target, event) {
    const box = target.getBoundingClientRect();
    const place = (position, begin, length, count) => (
      Math.min(count - 1, Math.max(0, Math.floor(((position - begin) / length) * count))));
    const { width, height } = item.source;
    const x = place(event.clientX, box.left, box.width, width);
    const y = place(event.clientY, box.top, box.height, height);
    return item.ids[y * width + x];
  }

  function listenTo(target, item) {
    target.addEventListener('click', (event) => {
      if (item.ids) picie.main.goTo(idAt(item, target, event));
    });
    if (target !== item.stage) return;
    target.addEventListener('pointermove', (event) => {
      if (!item.ids) return;
      item.hint.hidden = false;
      item.hint.textContent = names.title(idAt(item, target, event));
    });
    target.addEventListener('pointerleave', () => {
      item.hint.hidden = true;
    });
  }

  async function draw(item) {
    if (!item.ids) {
      item.ids = await unpack(item.source.ids);
      item.truth = item.source.truth ? await unpack(item.source.truth) : null;
      item.counts = countIds(item.ids);
    }
    const pixels = (kind) => (kind === 'truth' ? item.truth : item.ids);
    if (layout === 'beside') {
      for (const [kind, canvas] of Object.entries(item.canvases)) {
        paint(canvas, pixels(kind), lookup(kind));
      }
    } else {
      const kind = overlay === 'truth' && !item.truth ? null : overlay;
      item.over.hidden = kind === null;
      if (kind !== null) paint(item.over, pixels(kind), lookup(kind));
    }
    showLegend(item);
  }

  function countIds(ids) {
    const counts = new Map();
    for (const id of ids) counts.set(id, (counts.get(id) || 0) + 1);
    return [...counts].sort((a, b) => b[1] - a[1]);
  }

  function showLegend(item) {
    const chips = item.counts.slice(0, TOP).map(([id, count]) => {
      const color = overlay === 'clusters' ? data.clusters[id].color : names.color(id) || '#181a1e';
      return button(`${names.title(id)} · ${percent(count / item.ids.length)}`, {
        class: 'near',
        vars: { '--color': color },
        onclick: () => picie.main.goTo(id),
      });
    });
    const more = item.counts.length - chips.length;
    item.legend.replaceChildren(...chips, ...(more > 0 ? [element('span', { class: 'muted' }, `and ${more} more`)] : []));
  }

  function repaint() {
    showKey();
    for (const item of items) if (item.inView) draw(item);
  }

  return { build, repaint };
})();
