// Several cards at once: one name for all of them.
picie.selection = (() => {
  const { actions } = picie;
  const { element, button, byId } = picie.dom;
  const chosen = new Set();
  let count;
  let field;

  function build() {
    count = element('strong', {});
    field = element('input', {
      type: 'text',
      list: 'names',
      placeholder: 'One name for all',
      autocomplete: 'off',
      'aria-label': 'Name of the selected clusters',
      onkeydown: (event) => {
        if (event.key === 'Enter') nameAll();
        if (event.key === 'Escape') clear();
      },
    });
    const all = (act) => () => {
      act([...chosen]);
      clear();
    };
    byId('selection').append(
      count,
      field,
      button('Name them', { class: 'primary', onclick: nameAll }),
      button('Ignore', { onclick: all(actions.toggleIgnored) }),
      button('Split', { onclick: all(actions.toggleSplit) }),
      button('Clear', { onclick: clear }),
    );
  }

  function nameAll() {
    if (field.value.trim() === '') {
      field.focus();
      picie.dom.say('Type the name that all of them get.');
    } else if (actions.assign([...chosen], field.value)) clear();
  }

  function show() {
    byId('selection').hidden = !chosen.size;
    document.body.classList.toggle('selecting', chosen.size > 0);
    count.textContent = `${chosen.size} selected`;
  }

  function set(id, on) {
    if (on) chosen.add(id);
    else chosen.delete(id);
    picie.cards.update(id);
    show();
  }

  function clear() {
    const ids = [...chosen];
    chosen.clear();
    for (const id of ids) picie.cards.update(id);
    field.value = '';
    show();
  }

  return {
    build,
    set,
    clear,
    has: (id) => chosen.has(id),
    size: () => chosen.size,
    toggle: (id) => set(id, !chosen.has(id)),
    focus: () => field.focus(),
  };
})();
