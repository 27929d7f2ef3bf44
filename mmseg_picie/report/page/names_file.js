// The names file: YAML as `mmseg-picie name` reads it, and no more of YAML than that.
picie.namesFile = (() => {
  const { data } = picie;
  const HEADER = [
    '# What the clusters of a checkpoint are called. Clusters of one name are merged;',
    '# name: null ignores a cluster; one without an entry keeps its anonymous name.',
  ];

  function write(state) {
    const lines = [...HEADER];
    const ids = Object.keys(state.names).map(Number).sort((a, b) => a - b);
    lines.push(ids.length ? 'clusters:' : 'clusters: []');
    for (const id of ids) {
      const name = state.names[id];
      lines.push(`- id: ${id}`, `  name: ${name === null ? 'null' : JSON.stringify(name)}`);
      if (name !== null) lines.push(`  color: '${state.colors[name]}'`);
    }
    lines.push(`checkpoint: '${data.checkpoint}'`);
    if (state.split.length) lines.push(`split: [${state.split.join(', ')}]`);
    return `${lines.join('\n')}\n`;
  }

  class Unreadable extends Error {}

  function fail(line, text) {
    throw new Unreadable(`Line ${line}: ${text}`);
  }

  // One value. Text that YAML might read as something else must be in quotes.
  function scalar(text, line) {
    if (text.startsWith('"')) return quoted(text, line);
    if (text.startsWith("'")) {
      if (!/^'(?:[^']|'')*'$/.test(text)) fail(line, `no end of the quotes: ${text}`);
      return text.slice(1, -1).replaceAll("''", "'");
    }
    const plain = text.replace(/\s+#.*$/, '');
    if (plain === 'null' || plain === '~') return null;
    if (plain === '' || plain.startsWith('#')) fail(line, 'a value is left blank');
    if (/^\d+$/.test(plain)) return Number(plain);
    if (/^(true|false|yes|no|on|off|y|n|[-+.]?\d[\d_.,:eE+-]*|0x[\da-f]+)$/i.test(plain)
        || /^[[\]{}&*!|>%@`,?:-]/.test(plain) || /:(\s|$)/.test(plain)) {
      fail(line, `put ${plain} in quotes`);
    }
    return plain;
  }

  function quoted(text, line) {
    const plain = text.replace(/("(?:[^"\\]|\\.)*")\s+#.*$/, '$1');
    const letter = (code) => JSON.stringify(String.fromCodePoint(parseInt(code, 16))).slice(1, -1);
    const wide = plain.replace(/\\(?:x([\da-fA-F]{2})|U([\da-fA-F]{8})|.)/g, (all, two, eight) => {
      if (all === '\\ ') return ' ';
      return two || eight ? letter(two || eight) : all;
    });
    try {
      return JSON.parse(wide);
    } catch {
      return fail(line, `these quotes cannot be read here: ${text}`);
    }
  }

  // 'a: 1, b: "x, y"' cut at commas outside quotes.
  function parts(text) {
    return text.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^,"'])+/g) || [];
  }

  function pair(text, line) {
    const found = /^\s*([a-z]+):(?:\s+(.*?))?\s*$/.exec(text);
    if (!found) fail(line, `expected "key: value", got ${text.trim()}`);
    return [found[1], scalar(found[2] || '', line)];
  }

  function put(entry, text, line) {
    const [key, value] = pair(text, line);
    if (!['id', 'name', 'color'].includes(key)) fail(line, `a cluster has no ${key}`);
    if (Object.hasOwn(entry, key)) fail(line, `${key} stands twice: is a "-" missing?`);
    entry[key] = value;
  }

  function idList(text, line) {
    const inside = /^\[(.*)\]\s*(?:#.*)?$/.exec(text);
    if (!inside) fail(line, 'split must be a list such as [3, 12]');
    return parts(inside[1]).map((part) => scalar(part.trim(), line));
  }

  // Lines with a key or item each: a long value goes on in lines that begin further right.
  function joinLines(text) {
    const found = [];
    text.replace(/^\ufeff/, '').split(/\r?\n/).forEach((raw, at) => {
      if (/^\s*(#.*)?$/.test(raw)) return;
      const last = found.at(-1);
      const goesOn = last && !/:\s*(#.*)?$/.test(last.raw) && !/^\s*- /.test(raw);
      if (goesOn && raw.search(/\S/) > last.column) {
        const isCut = last.raw.endsWith('\\');
        last.raw = isCut ? last.raw.slice(0, -1) + raw.trim() : `${last.raw} ${raw.trim()}`;
      } else {
        const column = /^\s*(?:-\s+)?/.exec(raw)[0].length;
        found.push({ raw: raw.trimEnd(), line: at + 1, column });
      }
    });
    return found;
  }

  // The entries of a file, line by line.
  function collect(text) {
    const found = { clusters: [], split: [], lines: [], keys: new Set() };
    let part = null;
    joinLines(text).forEach(({ raw, line }) => {
      const top = /^([a-z]+):\s*(.*)$/.exec(raw);
      if (top) part = openPart(found, top[1], top[2], line);
      else if (part === 'clusters') addToCluster(found, raw, line);
      else if (part === 'split' && /^\s*- /.test(raw)) {
        found.split.push(scalar(raw.replace(/^\s*- +/, '').trim(), line));
      } else fail(line, `cannot be read: ${raw.trim()}`);
    });
    return found;
  }

  function openPart(found, key, value, line) {
    if (!['clusters', 'checkpoint', 'split'].includes(key)) {
      fail(line, `the file has a key that is not known here: ${key}`);
    }
    if (found.keys.has(key)) fail(line, `${key} stands twice`);
    found.keys.add(key);
    if (key === 'checkpoint') found.checkpoint = scalar(value, line);
    else if (value.startsWith('[') && key === 'split') found.split = idList(value, line);
    else if (value && !value.startsWith('#') && value !== '[]') {
      fail(line, `${key} must be a list below this line`);
    }
    return key;
  }

  function addToCluster(found, raw, line) {
    const item = /^\s*-\s+(.*)$/.exec(raw);
    if (item) {
      found.clusters.push({});
      found.lines.push(line);
    }
    const entry = found.clusters.at(-1);
    if (!entry) fail(line, 'a cluster begins with "- id: ..."');
    const text = (item ? item[1] : raw).trim();
    const flow = /^\{(.*)\}\s*(?:#.*)?$/.exec(text);
    for (const one of flow ? parts(flow[1]) : [text]) put(entry, one, line);
  }

  // Reads a file; throws with a sentence that says what could not be read.
  function read(text) {
    const found = collect(text);
    for (const key of ['clusters', 'checkpoint']) {
      if (!found.keys.has(key)) throw new Unreadable(`The file has no ${key}.`);
    }
    if (String(found.checkpoint).toLowerCase() !== data.checkpoint) {
      throw new Unreadable('The file names the clusters of another model: its checkpoint '
        + `is ${found.checkpoint}, this page is of ${data.checkpoint}.`);
    }
    found.clusters.forEach((entry, at) => check(entry, found.lines[at]));
    const ids = found.clusters.map((entry) => entry.id);
    const twice = ids.find((id, at) => ids.indexOf(id) !== at);
    if (twice !== undefined) throw new Unreadable(`Cluster ${twice} has two entries.`);
    const strange = found.split.find((id) => !isId(id));
    if (strange !== undefined) throw new Unreadable(`split: there is no cluster ${strange}.`);
    return found;
  }

  const isId = (id) => Number.isInteger(id) && id >= 0 && id < data.clusters.length;

  function check(entry, line) {
    if (!isId(entry.id)) fail(line, `there is no cluster ${entry.id}`);
    if (entry.name !== null && typeof entry.name !== 'string') {
      fail(line, 'a name must be text (in quotes) or null');
    }
    if (entry.color === undefined || entry.color === null) return;
    entry.color = String(entry.color).toLowerCase();
    if (!/^#[0-9a-f]{6}$/.test(entry.color)) fail(line, "a color is '#rrggbb' in quotes");
  }

  return { write, read };
})();
