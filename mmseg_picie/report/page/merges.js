// Two clusters that look alike and touch: are they one thing?
picie.merges = (() => {
  const { data, names, state, actions } = picie;
  const { element, button, byId, percent } = picie.dom;
  const SHOWN = 5; // crops of each of the two

  // A question that is answered already is not asked.
  function isOpen([first, second]) {
    if (state.get().dismissed.includes(`${first}-${second}`)) return false;
    const [one, other] = [names.of(first), names.of(second)];
    if (one === null || other === null) return false;
    if (one !== undefined && one === other) return false;
    return !(names.isDecided(first) && names.isDecided(second));
  }

  const open = () => data.suggestions.filter(isOpen);

  function side(id) {
    const pictures = data.clusters[id].crops.slice(0, SHOWN).map((source, at) => (
      element('img', { src: source, alt: `Cluster ${id}, picture ${at + 1}` })));
    const title = button(names.title(id), {
      class: 'link',
      onclick: () => picie.main.goTo(id),
    });
    const dot = element('span', { class: 'dot', vars: { '--color': names.cardColor(id) } });
    return element('div', { class: 'merge-side' }, element('p', {}, dot, title), element('div', { class: 'strip' }, pictures));
  }

  function show() {
    const left = open();
    const box = byId('merges');
    if (!left.length) {
      box.replaceChildren();
      return;
    }
    const [first, second, cosine, border] = left[0];
    const why = `Alike (cosine ${cosine.toFixed(2)}) and touching: ${percent(border)} of the `
      + `border of #${second} is with #${first}.`;
    const more = left.length > 1 ? `${left.length - 1} more` : 'the last one';
    box.replaceChildren(element(
      'section',
      { class: 'merge', 'aria-label': 'Suggestion to merge' },
      element(
        'div',
        { class: 'merge-text' },
        element('h2', {}, 'One thing?'),
        element('p', {}, why),
        element(
          'div',
          { class: 'buttons' },
          button('Yes, merge', { class: 'primary', id: 'merge-yes', title: 'M', onclick: accept }),
          button('No', { id: 'merge-no', title: 'D', onclick: refuse }),
          element('span', { class: 'muted' }, more),
        ),
      ),
      side(first),
      side(second),
    ));
  }

  // Rebuilding the box drops the button that was pressed: its successor gets the focus.
  function answer(act, id) {
    const [pair] = open();
    if (!pair) {
      picie.dom.say('No two clusters are left that look alike and touch.');
      return;
    }
    const had = document.activeElement && document.activeElement.id === id;
    act(pair[0], pair[1]);
    if (had && byId(id)) byId(id).focus();
  }

  const accept = () => answer(actions.merge, 'merge-yes');
  const refuse = () => answer(actions.dismiss, 'merge-no');

  function build() {
    show();
    state.listen(show);
  }

  return { build, accept, refuse };
})();
