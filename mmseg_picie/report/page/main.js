// Header, tabs, theme; puts the page together.
picie.main = (() => {
  const { data, names, state, cards, selection, merges, gallery, run, files, keys } = picie;
  const { byId, percent, say } = picie.dom;
  const TABS = ['clusters', 'gallery', 'run'];
  const THEME = 'mmseg-picie theme';
  const scrolls = {};
  let tab = null;

  function show(name) {
    if (tab === name) return;
    if (tab !== null) scrolls[tab] = window.scrollY;
    tab = name;
    for (const other of TABS) {
      byId(`tab-${other}`).hidden = other !== name;
      const link = document.querySelector(`[data-tab=${other}]`);
      if (other === name) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    }
    if (name === 'run') run.show();
    if (name === 'gallery') gallery.repaint();
    window.scrollTo(0, scrolls[name] || 0);
  }

  // The address says what is shown, so that the browser's back button works.
  function follow() {
    const hash = window.location.hash.slice(1);
    const card = /^cluster-(\d+)$/.exec(hash);
    if (card && Number(card[1]) < data.clusters.length) {
      show('clusters');
      cards.reveal(Number(card[1]));
    } else show(TABS.includes(hash) ? hash : 'clusters');
  }

  function open(name) {
    if (window.location.hash.slice(1) === name) show(name);
    else window.location.hash = name;
  }

  function goTo(id, field = false) {
    const hash = `#cluster-${id}`;
    if (window.location.hash !== hash) window.history.pushState(null, '', hash);
    show('clusters');
    cards.reveal(id, field);
  }

  function showProgress() {
    const { named, ignored, namedShare, ignoredShare, total } = names.progress();
    const bar = byId('progress').querySelector('.bar');
    bar.setAttribute('aria-valuenow', String(Math.round(100 * (namedShare + ignoredShare))));
    bar.style.setProperty('--named', `${100 * namedShare}%`);
    bar.style.setProperty('--ignored', `${100 * ignoredShare}%`);
    const rest = ignored ? `, ${ignored} ignored` : '';
    const text = `${named} of ${total} clusters named, ${percent(namedShare)} of pixels${rest}`;
    byId('progress').querySelector('.progress-text').textContent = text;
    byId('undo').disabled = !state.canUndo();
    byId('redo').disabled = !state.canRedo();
    byId('next').disabled = names.biggestUnnamed() === null;
    byId('notice').hidden = state.storage() === 'works';
    byId('notice').textContent = 'This browser does not let the page keep what you do: download the names before you close it.';
  }

  function stored(key) {
    try {
      return window.localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function switchTheme() {
    const isDark = window.matchMedia('(prefers-color-scheme: dark)').matches;
    const now = document.documentElement.dataset.theme || (isDark ? 'dark' : 'light');
    const next = now === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      window.localStorage.setItem(THEME, next);
    } catch {
      say('The browser does not keep this choice.');
    }
  }

  function start() {
    const theme = stored(THEME);
    if (['light', 'dark'].includes(theme)) document.documentElement.dataset.theme = theme;
    byId('run-name').textContent = data.run_name;
    for (const part of [cards, selection, merges, gallery, run, files, keys]) part.build();
    byId('next').addEventListener('click', () => cards.nextUnnamed());
    byId('undo').addEventListener('click', state.undo);
    byId('redo').addEventListener('click', state.redo);
    byId('theme').addEventListener('click', switchTheme);
    state.listen(showProgress);
    showProgress();
    window.addEventListener('hashchange', follow);
    follow();
  }

  return { start, open, goTo };
})();

picie.main.start();
