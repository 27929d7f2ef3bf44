// The page by keys.
picie.keys = (() => {
  const { actions, cards, selection, merges, files, state } = picie;
  const { element, byId } = picie.dom;
  const HELP = [
    ['N', 'biggest unnamed cluster, ready to type'],
    ['Enter', 'in a name: done; on a card: type its name'],
    ['Shift Enter', 'in a name: done, and on to the biggest unnamed one'],
    ['Arrows, J, K', 'from card to card'],
    ['S', 'select the card; with several selected, type one name below'],
    ['A', 'to the name of all selected cards'],
    ['I', 'ignore the card'],
    ['X', 'mark the card to split: it mixes two things'],
    ['M, D', 'the suggestion to merge: yes, no'],
    ['U, R', 'undo, redo (also Ctrl Z, Ctrl Shift Z)'],
    ['1, 2, 3', 'Clusters, Gallery, Run'],
    ['?', 'this help'],
  ];

  function build() {
    document.addEventListener('keydown', onKey);
    byId('help').addEventListener('click', help);
  }

  function help() {
    const rows = HELP.map(([keys, what]) => element('tr', {}, element('th', { scope: 'row' }, keys.split(', ').map((key) => element('kbd', {}, key))), element('td', {}, what)));
    files.show(
      'Name what you see',
      element('p', {}, 'A card shows one cluster: its outlined pixels in pictures of different images. Say what they are. Clusters of one name become one class.'),
      element('table', { class: 'keys-table' }, element('tbody', {}, rows)),
      element('p', { class: 'muted' }, 'What you do stays in this browser. Download the names to use them.'),
    );
  }

  const isTyping = (target) => target.matches('input:not([type=checkbox], [type=radio], [type=range], [type=color]), select, textarea');

  function onKey(event) {
    const { target } = event;
    if (byId('dialog').open || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() !== 'z' || isTyping(target)) return;
      event.preventDefault();
      if (event.shiftKey) state.redo();
      else state.undo();
      return;
    }
    if (isTyping(target)) return;
    const act = actionOf(event, target.closest('.card'), target);
    if (!act) return;
    event.preventDefault();
    act();
  }

  function actionOf(event, card, target) {
    const anywhere = {
      n: () => cards.nextUnnamed(card ? Number(card.dataset.id) : -1),
      m: merges.accept,
      d: merges.refuse,
      u: state.undo,
      r: state.redo,
      a: () => selection.size() && selection.focus(),
      1: () => picie.main.open('clusters'),
      2: () => picie.main.open('gallery'),
      3: () => picie.main.open('run'),
      '?': help,
      Escape: selection.size() ? selection.clear : undefined,
    };
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (Object.hasOwn(anywhere, key)) return anywhere[key];
    if (!card) return undefined;
    const id = Number(card.dataset.id);
    const onCard = {
      s: () => selection.toggle(id),
      i: () => actions.toggleIgnored([id]),
      x: () => actions.toggleSplit([id]),
      j: () => step(card, 1),
      k: () => step(card, -1),
    };
    if (Object.hasOwn(onCard, key)) return onCard[key];
    if (target !== card) return undefined;
    const onlyCard = {
      Enter: () => card.querySelector('input.name').focus(),
      ArrowRight: () => step(card, 1),
      ArrowLeft: () => step(card, -1),
      ArrowDown: () => step(card, columns()),
      ArrowUp: () => step(card, -columns()),
    };
    return onlyCard[key];
  }

  const columns = () => window.getComputedStyle(byId('cards')).gridTemplateColumns.split(' ').length;

  function step(card, by) {
    const list = cards.visible();
    const next = list[list.indexOf(card) + by];
    if (next) cards.reveal(Number(next.dataset.id));
  }

  return { build };
})();
