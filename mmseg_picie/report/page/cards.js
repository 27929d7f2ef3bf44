// The cards of clusters: what each looks like, and the fields to name it.
picie.cards = (() => {
  const { data, names, state, actions } = picie;
  const { element, button, select, byId, percent } = picie.dom;
  const cards = new Map();
  let sorting = 'similar';
  let filter = 'all';
  let wanted = '';

  const SORTS = [
    ['similar', 'similar side by side'],
    ['size', 'biggest first'],
    ['number', 'by number'],
    ['name', 'by name'],
  ];
  const FILTERS = [
    ['all', 'all'],
    ['unnamed', 'unnamed'],
    ['named', 'named'],
    ['ignored', 'ignored'],
    ['split', 'marked to split'],
    ['follows', 'following row or column'],
  ];

  function build() {
    const toolbar = byId('cards-toolbar');
    toolbar.append(
      select('Order', SORTS, (value) => {
        sorting = value;
        arrange();
      }),
      select('Show', FILTERS, (value) => {
        filter = value;
        arrange();
      }),
      element('label', { class: 'field grow' }, element('span', {}, 'Find'), element('input', {
        type: 'search',
        placeholder: 'number or name',
        oninput: (event) => {
          wanted = event.target.value.trim().toLowerCase();
          arrange();
        },
      })),
      element('p', { class: 'count', id: 'count' }),
      button('Select these', {
        title: 'Select all cards that are shown, to give them one name',
        onclick: () => visible().forEach((card) => picie.selection.set(Number(card.dataset.id), true)),
      }),
    );
    for (const cluster of data.clusters) cards.set(cluster.id, makeCard(cluster));
    arrange();
    state.listen(() => {
      updateAll();
      if (filter !== 'all' || sorting === 'name') arrange();
    });
  }

  function makeCard(cluster) {
    const { id } = cluster;
    const parts = {
      color: element('input', {
        type: 'color',
        class: 'swatch',
        'aria-label': `Color of the name of cluster ${id}`,
        onchange: () => {
          if (!actions.setColor(names.of(id), parts.color.value)) update(id);
        },
      }),
      dot: element('span', { class: 'swatch plain', vars: { '--color': cluster.color } }),
      pick: element('input', {
        type: 'checkbox',
        'aria-label': `Select cluster ${id}`,
        onchange: () => picie.selection.set(id, parts.pick.checked),
      }),
      name: nameField(id),
      ignore: button('Ignore', { onclick: () => actions.toggleIgnored([id]) }),
      split: button('Split', {
        title: 'Mark a cluster that mixes two things',
        onclick: () => actions.toggleSplit([id]),
      }),
      near: nearest(id),
    };
    parts.card = element(
      'article',
      { class: 'card', id: `cluster-${id}`, tabIndex: -1, 'aria-label': `Cluster ${id}`, 'data-id': id },
      element(
        'header',
        {},
        parts.color,
        parts.dot,
        element('h3', {}, `#${id}`),
        element('span', { class: 'share', title: 'Share of all pixels' }, percent(cluster.share)),
        element('label', { class: 'pick', title: 'Select (S)' }, parts.pick),
      ),
      parts.name,
      crops(cluster),
      tags(cluster),
      facts(cluster),
      parts.near.box,
      element('footer', {}, parts.ignore, parts.split),
    );
    return parts;
  }

  function nameField(id) {
    const field = element('input', {
      type: 'text',
      class: 'name',
      list: 'names',
      placeholder: 'Name it',
      autocomplete: 'off',
      spellcheck: 'false',
      'aria-label': `Name of cluster ${id}`,
      onchange: () => {
        if (!actions.assign([id], field.value)) update(id);
      },
      onkeydown: (event) => {
        if (event.key === 'Enter') {
          event.preventDefault();
          const done = field.value === shown(id) || actions.assign([id], field.value);
          if (done && event.shiftKey) nextUnnamed(id);
          else if (done) cards.get(id).card.focus();
        } else if (event.key === 'Escape') {
          field.value = shown(id);
          cards.get(id).card.focus();
        }
      },
    });
    return field;
  }

  function crops(cluster) {
    const made = cluster.crops.map((source, at) => element('img', {
      src: source,
      alt: `Cluster ${cluster.id}, picture ${at + 1}`,
      decoding: 'async',
      width: 112,
      height: 112,
    }));
    const none = element('p', { class: 'none' }, 'In none of the images that were looked at.');
    return element('div', { class: 'crops' }, made.length ? made : none);
  }

  function tags(cluster) {
    if (!cluster.follows) return null;
    const share = Math.round(100 * (cluster.row + cluster.column));
    const text = `follows the image's ${cluster.follows} (${share} %)`;
    const rule = `Row and column of the image explain ${share} % of the variance of where this `
      + `cluster is (16 x 16 cells an image), the color there ${Math.round(100 * cluster.content)} %: `
      + 'it may follow its place more than what is seen there.';
    return element('p', { class: 'tag', title: rule }, text);
  }

  function facts(cluster) {
    const { surveyed } = data.images;
    const chip = element('span', { class: 'chip', vars: { '--color': cluster.mean } });
    const rows = [
      element('span', {}, `in ${cluster.images} of ${surveyed} images`),
      element('span', { title: `Mean color ${cluster.mean}` }, chip, 'mean color'),
    ];
    const found = data.labels ? data.labels.cluster_class[cluster.id] : -1;
    if (found >= 0) {
      const { classes, purity, iou } = data.labels;
      rows.push(element(
        'span',
        {
          class: 'truth',
          title: 'Most frequent class of its labeled pixels, its share of them, and the IoU of '
            + 'that class once every cluster has the name of its most frequent class',
        },
        `labels say ${classes[found]} (${percent(purity[cluster.id])}), class IoU ${iou[found].toFixed(1)}`,
      ));
    }
    return element('div', { class: 'facts' }, rows);
  }

  function nearest(id) {
    const buttons = data.nearest[id].slice(0, 3).map(([other, cosine]) => ({
      other,
      made: button(`#${other}`, {
        class: 'near',
        title: `Cosine of the centroids ${cosine}`,
        onclick: () => picie.main.goTo(other),
      }),
    }));
    const made = buttons.map((near) => near.made);
    const box = element('div', { class: 'nearest' }, element('span', {}, 'near'), made);
    box.hidden = !made.length;
    return { box, buttons };
  }

  const shown = (id) => (typeof names.of(id) === 'string' ? names.of(id) : '');

  function update(id) {
    const parts = cards.get(id);
    const name = names.of(id);
    const isNamed = typeof name === 'string';
    const kind = name === null ? 'ignored' : names.isDecided(id) ? 'named' : 'unnamed';
    const isSplit = state.get().split.includes(id);
    parts.card.dataset.kind = kind;
    parts.card.classList.toggle('to-split', isSplit);
    parts.card.style.setProperty('--color', names.cardColor(id));
    parts.color.hidden = !isNamed;
    parts.dot.hidden = isNamed;
    if (isNamed) {
      parts.color.value = names.color(id);
      parts.color.title = `Color of ${name}`;
    }
    parts.name.value = shown(id);
    parts.name.placeholder = name === null ? 'Ignored' : 'Name it';
    parts.name.classList.toggle('provisional', names.isProvisional(name));
    parts.ignore.setAttribute('aria-pressed', String(name === null));
    parts.split.setAttribute('aria-pressed', String(isSplit));
    parts.pick.checked = picie.selection.has(id);
    parts.card.classList.toggle('selected', parts.pick.checked);
    for (const { other, made } of parts.near.buttons) {
      made.textContent = names.title(other);
      made.style.setProperty('--color', names.cardColor(other));
    }
  }

  function updateAll() {
    for (const id of cards.keys()) update(id);
    const options = names.suggestions().map((value) => element('option', { value }));
    byId('names').replaceChildren(...options);
  }

  function sorted() {
    const list = data.order.map((id) => data.clusters[id]);
    const label = (c) => `${names.isDecided(c.id) ? 0 : 1}${shown(c.id).toLowerCase()}`;
    if (sorting === 'size') list.sort((a, b) => b.pixels - a.pixels);
    if (sorting === 'number') list.sort((a, b) => a.id - b.id);
    if (sorting === 'name') list.sort((a, b) => label(a).localeCompare(label(b)));
    return list;
  }

  function isWanted(cluster) {
    const { id } = cluster;
    const { kind } = cards.get(id).card.dataset;
    const fits = {
      all: true,
      split: state.get().split.includes(id),
      follows: Boolean(cluster.follows),
    };
    if (!(filter in fits ? fits[filter] : kind === filter)) return false;
    return !wanted || `#${id} ${shown(id)}`.toLowerCase().includes(wanted);
  }

  // Puts the cards in order; the one being worked on stays where the eyes are.
  function arrange() {
    updateAll();
    const list = sorted();
    const focused = document.activeElement;
    byId('cards').append(...list.map((cluster) => cards.get(cluster.id).card));
    let visible = 0;
    for (const cluster of list) {
      const { card } = cards.get(cluster.id);
      card.hidden = !isWanted(cluster);
      visible += card.hidden ? 0 : 1;
    }
    keepFocus(focused);
    byId('no-cards').hidden = visible > 0;
    byId('count').textContent = `${visible} of ${list.length} clusters`;
    const first = byId('cards').querySelector('.card:not([hidden])');
    if (first && !byId('cards').querySelector('.card[tabindex="0"]:not([hidden])')) first.tabIndex = 0;
  }

  // Moving a card drops the focus in it; a hidden card hands it to the next one.
  function keepFocus(focused) {
    const held = focused && focused.closest('.card');
    if (!held) return;
    let card = held;
    while (card && card.hidden) card = card.nextElementSibling;
    if (card === held) focused.focus();
    else if (card) reveal(Number(card.dataset.id));
  }

  // Shows a card, also one that a filter hides.
  function reveal(id, field = false) {
    const { card, name } = cards.get(id);
    card.hidden = false;
    for (const other of cards.values()) other.card.tabIndex = -1;
    card.tabIndex = 0;
    card.scrollIntoView({ block: 'center', behavior: 'instant' });
    (field ? name : card).focus({ preventScroll: true });
    card.classList.remove('flash');
    window.requestAnimationFrame(() => card.classList.add('flash'));
  }

  function nextUnnamed(after = -1) {
    const id = names.biggestUnnamed(after);
    if (id === null) picie.dom.say('Every cluster has a name or is ignored.');
    else picie.main.goTo(id, true);
  }

  const visible = () => [...byId('cards').children].filter((card) => !card.hidden);

  return { build, update, updateAll, reveal, nextUnnamed, visible };
})();
