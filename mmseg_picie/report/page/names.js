// What follows from the names: classes, colors, what is left to name.
picie.names = (() => {
  const { data } = picie;
  const COUNT = data.clusters.length;
  // What two merged clusters are called until a person says what they are.
  const PROVISIONAL = /^merged_\d+$/;
  const hex = (c) => '#' + c.map((v) => v.toString(16).padStart(2, '0')).join('');
  const palette = data.palette.map(hex);

  // Name of a cluster; null if ignored, undefined if it has none.
  const of = (id) => picie.state.get().names[id];
  const isProvisional = (name) => typeof name === 'string' && PROVISIONAL.test(name);
  const isDecided = (id) => of(id) !== undefined && !isProvisional(of(id));

  // As the reader of names files compares: without case, width and extra spaces.
  function spelled(name) {
    return name.normalize('NFKC').toUpperCase().toLowerCase().trim().split(/\s+/).join(' ');
  }

  // What a person typed as the name of some clusters, or what is wrong with it.
  function clean(text, ids) {
    const name = text.trim().replace(/ +/g, ' ');
    if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name) || /[^\P{Zs} ]/u.test(name)) {
      return { problem: 'A name cannot have characters that cannot be printed.' };
    }
    if (/^cluster_\d+$/.test(name)) {
      return { problem: `${name} is what a cluster without a name is called.` };
    }
    const others = [...classes()].filter(([, own]) => own.some((id) => !ids.includes(id)));
    const known = others.map(([other]) => other).find((o) => spelled(o) === spelled(name));
    return { name: known === undefined ? name : known };
  }

  // Clusters of each name, in the order of ids.
  function classes(state = picie.state.get()) {
    const found = new Map();
    for (let id = 0; id < COUNT; id += 1) {
      const name = state.names[id];
      if (typeof name !== 'string') continue;
      if (!found.has(name)) found.set(name, []);
      found.get(name).push(id);
    }
    return found;
  }

  const all = () => [...classes().keys()];

  // Gives each name a color of its own, and forgets those of names that are gone.
  function settleColors(state) {
    const used = [...classes(state).keys()];
    const kept = Object.create(null);
    const taken = new Set();
    for (const name of used) {
      const color = Object.hasOwn(state.colors, name) ? state.colors[name] : null;
      if (color && !taken.has(color)) {
        kept[name] = color;
        taken.add(color);
      }
    }
    for (const name of used) {
      if (Object.hasOwn(kept, name)) continue;
      kept[name] = palette.find((color) => !taken.has(color));
      taken.add(kept[name]);
    }
    state.colors = kept;
  }

  // Color in the view of names: of the name, gray without one, null if ignored.
  function color(id) {
    const name = of(id);
    if (name === null) return null;
    if (name === undefined) return hex(Array(3).fill(128 + 12 * (id % 5)));
    return picie.state.get().colors[name];
  }

  // Color on cards: that of the name, else the cluster's own.
  function cardColor(id) {
    return typeof of(id) === 'string' ? color(id) : data.clusters[id].color;
  }

  function title(id) {
    const name = of(id);
    if (name === null) return `#${id} ignored`;
    return name === undefined ? `#${id}` : `#${id} ${name}`;
  }

  function progress() {
    const sum = { named: 0, ignored: 0, namedShare: 0, ignoredShare: 0, total: COUNT };
    for (const cluster of data.clusters) {
      if (!isDecided(cluster.id)) continue;
      const kind = of(cluster.id) === null ? 'ignored' : 'named';
      sum[kind] += 1;
      sum[`${kind}Share`] += cluster.share;
    }
    return sum;
  }

  function biggestUnnamed(except = -1) {
    const left = data.clusters.filter((c) => !isDecided(c.id) && c.id !== except);
    left.sort((a, b) => b.pixels - a.pixels || a.id - b.id);
    return left.length ? left[0].id : null;
  }

  // Names used already, then the classes of the labels.
  function suggestions() {
    const used = all().filter((name) => !isProvisional(name));
    const more = data.labels ? data.labels.classes : [];
    return [...new Set([...used, ...more])];
  }

  settleColors(picie.state.get());

  return {
    of, clean, classes, all, settleColors, color, cardColor, title, progress, spelled,
    biggestUnnamed, suggestions, isProvisional, isDecided,
  };
})();
