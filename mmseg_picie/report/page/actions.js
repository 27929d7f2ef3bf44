// What a person can do to clusters; each is one step of undo.
picie.actions = (() => {
  const { names, state } = picie;
  const { say } = picie.dom;

  function edit(change) {
    return state.change((next) => {
      change(next);
      names.settleColors(next);
    });
  }

  // A merged group that nobody named yet gets its name as a whole.
  function withGroup(ids) {
    const groups = ids.map(names.of).filter(names.isProvisional);
    const rest = groups.flatMap((name) => names.classes().get(name));
    return [...new Set([...ids, ...rest])];
  }

  // Gives clusters a name; an empty one takes their names away. False if refused.
  function assign(ids, text) {
    const { name, problem } = names.clean(text, withGroup(ids));
    if (problem) {
      say(problem, 'problem');
      return false;
    }
    const all = name === '' ? ids : withGroup(ids);
    edit((next) => {
      for (const id of all) {
        if (name === '') delete next.names[id];
        else next.names[id] = name;
      }
    });
    return true;
  }

  function toggleIgnored(ids) {
    const off = ids.every((id) => names.of(id) === null);
    edit((next) => {
      for (const id of ids) {
        if (off) delete next.names[id];
        else next.names[id] = null;
      }
    });
  }

  function toggleSplit(ids) {
    const marked = new Set(state.get().split);
    const off = ids.every((id) => marked.has(id));
    for (const id of ids) {
      if (off) marked.delete(id);
      else marked.add(id);
    }
    edit((next) => {
      next.split = [...marked].sort((a, b) => a - b);
    });
  }

  // One name for two clusters: the one that a person gave, of two that of the larger.
  function merge(first, second) {
    const [one, other] = [names.of(first), names.of(second)];
    const real = [one, other].find((n) => typeof n === 'string' && !names.isProvisional(n));
    const made = [one, other].find(names.isProvisional);
    const name = real || made || `merged_${Math.min(first, second)}`;
    const all = withGroup([first, second]);
    edit((next) => {
      for (const id of all) next.names[id] = name;
    });
    say(`${all.map((id) => `#${id}`).join(', ')} are ${name}`);
  }

  function dismiss(first, second) {
    edit((next) => next.dismissed.push(`${first}-${second}`));
  }

  function setColor(name, color) {
    const other = names.all().find(
      (known) => known !== name && state.get().colors[known] === color,
    );
    if (other !== undefined) {
      say(`${other} has this color; two names need two colors.`, 'problem');
      return false;
    }
    edit((next) => {
      next.colors[name] = color;
    });
    return true;
  }

  // Takes what a names file says in place of all names.
  function takeFile(file) {
    edit((next) => {
      next.names = {};
      next.colors = Object.create(null);
      next.split = file.split;
      for (const entry of file.clusters) {
        next.names[entry.id] = entry.name;
        if (entry.name !== null && entry.color) next.colors[entry.name] = entry.color;
      }
    });
  }

  return {
    assign, toggleIgnored, toggleSplit, merge, dismiss, setColor, takeFile,
  };
})();
