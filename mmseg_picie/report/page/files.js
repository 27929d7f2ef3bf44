// Names files in and out, and what to type next.
picie.files = (() => {
  const { data, names, state, actions, namesFile } = picie;
  const { element, button, byId, say } = picie.dom;
  const FILE = 'names.yaml';
  const MOST_CLASSES = 255; // that a mask holds

  function build() {
    byId('download').addEventListener('click', download);
    byId('load').addEventListener('click', () => byId('file').click());
    byId('file').addEventListener('change', async () => {
      const [file] = byId('file').files;
      byId('file').value = '';
      if (file) load(await file.text(), file.name);
    });
  }

  function load(text, title) {
    let found;
    try {
      found = namesFile.read(text);
      checkNames(found.clusters);
    } catch (error) {
      show(`${title} was not read`, element('p', {}, error.message), element('p', {}, 'Nothing was changed.'));
      return;
    }
    actions.takeFile(found);
    say(`${title}: ${found.clusters.length} clusters`);
  }

  // Two spellings of one name would be refused by the command, too.
  function checkNames(entries) {
    const seen = new Map();
    for (const { id, name } of entries) {
      if (name === null) continue;
      if (name.trim() !== name || name === '') throw new Error(`Cluster ${id}: a name has no spaces at its ends.`);
      const key = names.spelled(name);
      if (seen.has(key) && seen.get(key) !== name) {
        throw new Error(`${seen.get(key)} and ${name} are the same but for case and spaces.`);
      }
      seen.set(key, name);
    }
  }

  function download() {
    const text = namesFile.write(state.get());
    const link = element('a', {
      href: URL.createObjectURL(new Blob([text], { type: 'application/yaml' })),
      download: FILE,
    });
    document.body.append(link);
    link.click();
    link.remove();
    window.setTimeout(() => URL.revokeObjectURL(link.href), 60000);
    explain();
  }

  // A word of a command line, in quotes where the shell needs them.
  function word(text) {
    return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
  }

  function explain() {
    const progress = names.progress();
    const classes = names.all();
    const left = progress.total - progress.named - progress.ignored;
    const split = state.get().split;
    const body = [element('p', {}, `${classes.length} names of ${progress.named} clusters, ${progress.ignored} ignored. Move ${FILE} from your downloads to where you type this:`)];
    if (split.length) {
      body.push(
        command(`mmseg-picie refine ${word(data.run)} ${FILE}`),
        element('p', {}, `It clusters the pixels of ${split.map((id) => `#${id}`).join(', ')} again and writes a new page; names are kept. Without splitting:`),
      );
    }
    body.push(
      command(`mmseg-picie name ${word(data.run)} ${FILE}`),
      command(`mmseg-picie predict ${word(`${data.run.replace(/\/$/, '')}/named.pth`)} IMAGES --out MASKS`),
    );
    for (const text of remarks(classes, left)) body.push(element('p', { class: 'muted' }, text));
    show(`${FILE} is downloaded`, ...body);
  }

  function remarks(classes, left) {
    const found = [];
    const merged = classes.filter(names.isProvisional);
    if (merged.length) found.push(`${merged.join(', ')}: merged, not named yet; these words become names of classes.`);
    if (left) found.push(`${left} clusters without a name become classes of their own, such as cluster_${names.biggestUnnamed()}; --ignore rest leaves them out.`);
    if (classes.length + left > MOST_CLASSES) found.push(`A mask holds ${MOST_CLASSES} classes: name, merge or ignore more, or add --ignore rest.`);
    if (!classes.length && !left) found.push('Every cluster is ignored: give at least one a name.');
    return found;
  }

  function command(text) {
    const copy = button('Copy', {
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          copy.textContent = 'Copied';
        } catch {
          window.getSelection().selectAllChildren(code);
          copy.textContent = 'Press Ctrl+C';
        }
      },
    });
    const code = element('code', {}, text);
    return element('div', { class: 'command' }, code, copy);
  }

  function show(title, ...body) {
    const dialog = byId('dialog');
    dialog.replaceChildren(
      element('h2', { id: 'dialog-title' }, title),
      ...body,
      element('div', { class: 'buttons end' }, button('Close', { class: 'primary', onclick: () => dialog.close() })),
    );
    if (!dialog.open) dialog.showModal();
  }

  return { build, show, download };
})();
