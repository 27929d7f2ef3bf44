// What a person decided: names, colors, splits. Kept in this browser, with undo.
picie.data = JSON.parse(document.getElementById('data').textContent);

picie.state = (() => {
  const { data } = picie;
  const KEY = `mmseg-picie names ${data.checkpoint}`;
  const MOST_UNDOS = 500;
  const listeners = [];
  let past = [];
  let future = [];
  let storage = 'works';
  let current = stored() || given();

  // names: by cluster id, null to ignore it; a cluster without an entry is unnamed.
  // colors: '#rrggbb' by name. split: ids. dismissed: 'id-id' of refused merges.
  function empty() {
    // A name may be any text, also that of a property which objects have.
    return { names: {}, colors: Object.create(null), split: [], dismissed: [] };
  }

  function given() {
    const made = empty();
    for (const entry of data.names) {
      made.names[entry.id] = entry.name;
      if (entry.name !== null && entry.color) made.colors[entry.name] = entry.color;
    }
    return made;
  }

  function stored() {
    let text = null;
    try {
      text = window.localStorage.getItem(KEY);
    } catch {
      storage = 'refused';
    }
    return text === null ? null : read(text);
  }

  // Anything may be in a browser's storage: what does not fit is left out.
  function read(text) {
    let found;
    try {
      found = JSON.parse(text);
    } catch {
      return null;
    }
    if (found === null || typeof found !== 'object') return null;
    const isId = (id) => Number.isInteger(id) && id >= 0 && id < data.clusters.length;
    const made = empty();
    for (const [id, name] of Object.entries(found.names || {})) {
      const isName = name === null || typeof name === 'string';
      if (isId(Number(id)) && isName) made.names[id] = name;
    }
    for (const [name, color] of Object.entries(found.colors || {})) {
      if (/^#[0-9a-f]{6}$/.test(color)) made.colors[name] = color;
    }
    made.split = (found.split || []).filter(isId);
    made.dismissed = (found.dismissed || []).filter((p) => /^\d+-\d+$/.test(p));
    return made;
  }

  function save() {
    try {
      window.localStorage.setItem(KEY, JSON.stringify(current));
      storage = 'works';
    } catch {
      storage = 'refused';
    }
  }

  function replace(next) {
    current = next;
    save();
    for (const listener of listeners) listener();
  }

  // One step that undo takes back. `edit` changes a copy.
  function change(edit) {
    const next = structuredClone(current);
    edit(next);
    if (JSON.stringify(next) === JSON.stringify(current)) return false;
    past.push(current);
    past = past.slice(-MOST_UNDOS);
    future = [];
    replace(next);
    return true;
  }

  function undo() {
    if (!past.length) return;
    future.push(current);
    replace(past.pop());
  }

  function redo() {
    if (!future.length) return;
    past.push(current);
    replace(future.pop());
  }

  // Another window with the same page changed something.
  window.addEventListener('storage', (event) => {
    const other = event.key === KEY && event.newValue ? read(event.newValue) : null;
    if (other === null) return;
    current = other;
    for (const listener of listeners) listener();
  });

  return {
    change,
    undo,
    redo,
    get: () => current,
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    storage: () => storage,
    listen: (listener) => listeners.push(listener),
  };
})();
