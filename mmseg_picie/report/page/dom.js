'use strict';
// Everything that the files of this page share hangs on this object.
const picie = {};

// Makes elements. Names of files and classes are only ever text: nothing here, and
// nothing that uses it, reads markup.
picie.dom = (() => {
  const PROPERTIES = new Set(['value', 'checked', 'disabled', 'hidden', 'tabIndex']);

  function set(made, options) {
    for (const [key, value] of Object.entries(options)) {
      if (value === undefined || value === null) continue;
      if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
      else if (key === 'vars') {
        for (const [name, text] of Object.entries(value)) {
          made.style.setProperty(name, text);
        }
      } else if (PROPERTIES.has(key)) made[key] = value;
      else made.setAttribute(key, value);
    }
    return made;
  }

  function element(tag, options = {}, ...children) {
    const made = set(document.createElement(tag), options);
    made.append(...children.flat(Infinity).filter((child) => child !== null));
    return made;
  }

  function svg(tag, options = {}, ...children) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    set(made, options).append(...children.flat(Infinity));
    return made;
  }

  function button(text, options = {}) {
    return element('button', { type: 'button', ...options }, text);
  }

  // A select with a visible label.
  function select(label, choices, onchange) {
    const options = choices.map(([value, text]) => element('option', { value }, text));
    const made = element('select', { onchange: () => onchange(made.value) }, options);
    return element('label', { class: 'field' }, element('span', {}, label), made);
  }

  function byId(id) {
    return document.getElementById(id);
  }

  // A sentence that goes away by itself; screen readers say it.
  function say(text, kind = 'plain') {
    const toast = element('p', { class: `toast ${kind}` }, text);
    byId('toasts').replaceChildren(toast);
    window.setTimeout(() => toast.remove(), kind === 'problem' ? 9000 : 4500);
  }

  function percent(share) {
    const value = 100 * share;
    return `${value.toFixed(value === 0 || value >= 10 ? 0 : value >= 1 ? 1 : 2)} %`;
  }

  return { element, svg, button, select, byId, say, percent };
})();
