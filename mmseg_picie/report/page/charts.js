// Line and bar charts as SVG.
picie.charts = (() => {
  const { element, svg } = picie.dom;
  const WIDTH = 420;
  const HEIGHT = 200;
  const BOX = { left: 52, right: 12, top: 12, bottom: 28 };
  const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b58900', '#56b4e9'];

  function nice(value) {
    const size = Math.abs(value);
    if (size >= 1000 || (size > 0 && size < 0.001)) return value.toExponential(1);
    return String(Number(value.toPrecision(3)));
  }

  // Round numbers that cover a range.
  function ticks(low, high, count) {
    const span = high - low || Math.abs(high) || 1;
    const rough = span / count;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((factor) => factor * power).find((s) => s >= rough);
    const found = [];
    for (let at = Math.ceil(low / step - 1e-9); at * step <= high + 1e-9 * span; at += 1) {
      found.push(at * step);
    }
    return found;
  }

  // curves: [name, [[x, y], ...]] each; xs are rounds or steps.
  function lines(title, curves) {
    const points = curves.flatMap(([, curve]) => curve);
    const [xs, ys] = [points.map((p) => p[0]), points.map((p) => p[1])];
    const range = { x: [Math.min(...xs), Math.max(...xs)], y: [Math.min(...ys), Math.max(...ys)] };
    const pad = (range.y[1] - range.y[0] || Math.abs(range.y[0]) || 1) * 0.06;
    range.y = [range.y[0] - pad, range.y[1] + pad];
    const across = (v, [low, high], from, to) => from + ((v - low) / (high - low || 1)) * (to - from);
    const x = (v) => across(v, range.x, BOX.left, WIDTH - BOX.right);
    const y = (v) => across(v, range.y, HEIGHT - BOX.bottom, BOX.top);
    const made = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${title} over rounds` });
    for (const tick of ticks(...range.y, 4)) {
      made.append(
        svg('line', { x1: BOX.left, x2: WIDTH - BOX.right, y1: y(tick), y2: y(tick), class: 'grid' }),
        svg('text', { x: BOX.left - 6, y: y(tick) + 4, 'text-anchor': 'end' }, nice(tick)),
      );
    }
    for (const tick of ticks(...range.x, 6).filter(Number.isInteger)) {
      made.append(svg('text', { x: x(tick), y: HEIGHT - 8, 'text-anchor': 'middle' }, String(tick)));
    }
    curves.forEach(([name, curve], index) => {
      const color = COLORS[index % COLORS.length];
      const path = curve.map(([a, b], at) => `${at ? 'L' : 'M'}${x(a).toFixed(1)} ${y(b).toFixed(1)}`);
      made.append(svg('path', { d: path.join(''), fill: 'none', stroke: color, 'stroke-width': 2 }));
      for (const [a, b] of curve.length > 40 ? [] : curve) {
        const hint = svg('title', {}, `${name}, round ${a}: ${nice(b)}`);
        made.append(svg('circle', { cx: x(a), cy: y(b), r: 3, fill: color }, hint));
      }
    });
    const keys = curves.map(([name, curve], index) => element(
      'span',
      { class: 'key', vars: { '--color': COLORS[index % COLORS.length] } },
      `${name} ${nice(curve.at(-1)[1])}`,
    ));
    return element('figure', { class: 'chart' }, element('figcaption', {}, title), made, element('div', { class: 'keys' }, keys));
  }

  // bars: { share, color, title, onclick } each.
  function bars(title, list) {
    const most = Math.max(...list.map((bar) => bar.share), 1e-9);
    const made = list.map((bar) => element('button', {
      type: 'button',
      class: 'bar-button',
      title: bar.title,
      'aria-label': bar.title,
      vars: { '--height': `${(100 * bar.share) / most}%`, '--color': bar.color },
      onclick: bar.onclick,
    }));
    return element('figure', { class: 'chart wide' }, element('figcaption', {}, title), element('div', { class: 'bars' }, made));
  }

  return { lines, bars };
})();
