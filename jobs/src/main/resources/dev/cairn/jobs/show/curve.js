'use strict';
(() => {
  const runs = JSON.parse(document.getElementById('data').textContent).runs;
  const alone = runs.length === 1;
  const box = document.getElementById('chart');
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const LIGHT = ['#1f6f8b', '#c2571a', '#3f7d3a', '#8a3ffc', '#b0256b', '#6b5b00', '#0f62fe', '#37474f'];
  const DARK = ['#6cc3de', '#f0935a', '#8fce8a', '#be95ff', '#ff7eb6', '#d8c24a', '#78a9ff', '#b0bec5'];
  const count = n => n.toLocaleString('en');
  const shade = name => getComputedStyle(document.body).getPropertyValue(name).trim();
  const colour = i =>
    (dark.matches ? DARK : LIGHT)[i] ?? `hsl(${Math.round(i * 137.5) % 360} 55% ${dark.matches ? 70 : 38}%)`;

  // One line for the training of each run, one for what it held out: a name, points, and how they look.
  const lines = [];
  runs.forEach((run, i) => {
    const of = alone ? '' : run.title + ', ';
    lines.push({ name: of + 'training', points: run.points, colour: i });
    if (run.validation.length > 0) {
      lines.push({ name: of + 'validation', points: run.validation, colour: alone ? 3 : i, held: true });
    }
  });
  const column = (points, at) => points.map(point => point[at]);
  const data =
    uPlot.join(lines.map(line => [column(line.points, 0), column(line.points, 1)]), lines.map(() => [0, 0]));
  const steps = [...data[0], ...runs.flatMap(run => [...column(run.checkpoints, 0), ...column(run.recoveries, 0)])];
  const last = steps.reduce((a, b) => Math.max(a, b), 1);
  const lastPoint = data[0].length > 0 ? data[0][data[0].length - 1] : 0;
  const references = alone ? runs[0].references.map(([name, loss]) => ({ name, loss })) : [];
  const epoch = runs.every(run => run.stepsPerEpoch === runs[0].stepsPerEpoch) ? runs[0].stepsPerEpoch : 0;
  let whole = true;

  const stepRange = (u, low, high) => {
    whole = low == null || (low <= data[0][0] && high >= lastPoint);
    return whole ? [0, last] : [low, high > low ? high : low + 1];
  };
  const lossRange = (u, low, high) => {
    const seen = whole ? references.map(line => line.loss) : [];
    if (low != null) seen.push(low, high);
    if (seen.length === 0) return [0, 1];
    const least = Math.min(...seen), most = Math.max(...seen);
    const room = (most - least) * 0.06 || Math.abs(most) * 0.1 || 1;
    return [least - room, most + room];
  };

  /** The nearest place from `at` on either side where a line has a value. */
  const nearest = (u, line, at, step) => {
    const values = u.data[line], xs = u.data[0];
    if (line === 0 || values[at] != null) return at;
    let before = at, after = at;
    while (before >= 0 && values[before] == null) before--;
    while (after < values.length && values[after] == null) after++;
    if (before < 0) return after < values.length ? after : at;
    if (after >= values.length) return before;
    return step - xs[before] <= xs[after] - step ? before : after;
  };

  const line = (context, x0, y0, x1, y1, dash) => {
    context.setLineDash(dash);
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  };

  /** Ends of epochs: as many lines as can be told apart, as many names as have room. */
  const drawEpochs = (u, context, px) => {
    const { left, top, width, height } = u.bbox;
    const { min, max } = u.scales.x;
    if (!(epoch > 0)) return;
    const room = epoch / (max - min) * width;
    const name = n => 'epoch ' + count(n);
    const wide = context.measureText(name(Math.ceil(max / epoch))).width + 10 * px;
    const round = least => {
      const power = 10 ** Math.floor(Math.log10(Math.max(1, least)));
      return [1, 2, 5, 10].map(n => n * power).find(n => n >= least);
    };
    const named = round(wide / room), drawn = room >= 6 * px ? 1 : named;
    context.strokeStyle = context.fillStyle = shade('--soft');
    context.textAlign = 'right';
    context.textBaseline = 'top';
    for (let n = Math.max(drawn, Math.ceil(min / epoch / drawn) * drawn); n * epoch <= max; n += drawn) {
      const x = u.valToPos(n * epoch, 'x', true);
      context.globalAlpha = 0.35;
      line(context, x, top, x, top + height, [2 * px, 3 * px]);
      context.globalAlpha = 1;
      if (n % named === 0 && x - wide >= left) context.fillText(name(n), x - 4 * px, top + 2 * px);
    }
  };

  /** Losses to compare with. */
  const drawReferences = (u, context, px) => {
    const { left, width } = u.bbox;
    context.strokeStyle = shade('--soft');
    for (const { loss } of references) {
      const y = u.valToPos(loss, 'y', true);
      line(context, left, y, left + width, y, [6 * px, 4 * px]);
    }
  };

  /** Their names stand on the right, over the curves, and never on one another. */
  const nameReferences = (u, context, px) => {
    const { left, top, width, height } = u.bbox;
    let free = top + 18 * px;
    context.setLineDash([]);
    context.lineWidth = 4 * px;
    context.lineJoin = 'round';
    context.strokeStyle = shade('--paper');
    context.fillStyle = shade('--soft');
    context.textAlign = 'right';
    context.textBaseline = 'bottom';
    for (const { name, loss } of [...references].sort((a, b) => b.loss - a.loss)) {
      const y = u.valToPos(loss, 'y', true);
      if (y < top || y > top + height) continue;
      const at = Math.max(y - 3 * px, free);
      free = at + 15 * px;
      context.strokeText(name + ' ' + loss.toFixed(4), left + width - 4 * px, at);
      context.fillText(name + ' ' + loss.toFixed(4), left + width - 4 * px, at);
    }
  };

  const onCanvas = (u, ...drawings) => {
    const context = u.ctx, px = uPlot.pxRatio;
    context.save();
    context.beginPath();
    context.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
    context.clip();
    context.lineWidth = px;
    context.font = 11 * px + 'px system-ui, sans-serif';
    drawings.forEach(drawing => drawing(u, context, px));
    context.restore();
  };

  /** What can be pointed at: committed checkpoints, recoveries, the best look at the rows held out. */
  const marks = () => {
    const all = [];
    for (const run of runs) {
      const best = run.validation.reduce((a, b) => (a && a[1] <= b[1] ? a : b), null);
      if (best) {
        const of = lines.findIndex(one => one.points === run.validation);
        const told = (alone ? '' : run.title + ', ') + 'best: step ' + count(best[0]) + ', validation loss ';
        all.push({ step: best[0], loss: best[1], told: told + best[1].toFixed(4), best: colour(lines[of].colour) });
      }
      if (!alone) continue; // beside one another they could not be told apart
      for (const [step, note] of run.checkpoints) {
        all.push({ step, low: 0, sign: '\u25cf', told: 'checkpoint of step ' + count(step) + ': ' + note });
      }
      for (const [step, note] of run.recoveries) {
        all.push({ step, low: 12, sign: '\u25bc', told: 'from step ' + count(step) + ': ' + note });
      }
    }
    for (const mark of all) {
      const element = document.createElement('span');
      element.className = mark.best ? 'best' : 'mark';
      element.title = mark.told;
      element.textContent = mark.sign ?? '';
      if (mark.best) element.style.background = mark.best;
      mark.element = element;
    }
    return all;
  };

  const placeMarks = (u, all) => {
    const wide = u.over.clientWidth, high = u.over.clientHeight;
    for (const { element, step, loss, low } of all) {
      const x = u.valToPos(step, 'x');
      const y = loss == null ? high - low : u.valToPos(loss, 'y');
      element.style.left = x + 'px';
      element.style.top = y + 'px';
      element.hidden = !(x >= 0 && x <= wide && y >= 0 && y <= high);
    }
  };

  const series = one => ({
    label: one.name,
    stroke: colour(one.colour),
    width: 2,
    dash: one.held ? [7, 4] : undefined,
    spanGaps: true,
    points: { show: one.points.length <= (one.held ? 80 : 1), size: 5, fill: colour(one.colour) },
    value: (u, loss, i, at) =>
      loss == null || at == null ? '' : loss.toFixed(4) + (at === u.cursor.idx ? '' : ' (step ' + count(u.data[0][at]) + ')'),
  });

  /** How many digits tell apart what lies a gap apart. */
  const digits = gap => {
    for (let n = 1; n < 6; n++) {
      const whole = gap * 10 ** n;
      if (whole > 0.9 && Math.abs(whole - Math.round(whole)) < 1e-6) return n;
    }
    return 6;
  };

  const size = () => ({ width: box.clientWidth, height: box.clientWidth < 640 ? 330 : 440 });
  const axis = (label, values) => ({
    label, values, stroke: shade('--soft'), labelSize: 22,
    grid: { stroke: shade('--grid'), width: 1 }, ticks: { stroke: shade('--grid'), width: 1 },
  });

  const draw = () => {
    const all = marks();
    return new uPlot({
      ...size(),
      scales: { x: { time: false, range: stepRange }, y: { range: lossRange } },
      axes: [
        axis('step', (u, at) => at.map(step => (Number.isInteger(step) ? count(step) : ''))),
        { ...axis('mean loss a row', (u, at, _, __, gap) => at.map(loss => loss.toFixed(digits(gap)))), size: 62 },
      ],
      series: [
        { label: 'step', value: (u, step) => (step == null ? '' : count(step)) },
        ...lines.map(series),
      ],
      legend: { markers: {
        width: 2,
        dash: (u, i) => (lines[i - 1]?.held ? 'dashed' : 'solid'),
        fill: (u, i) => (lines[i - 1]?.held ? 'transparent' : colour(lines[i - 1]?.colour)),
      } },
      cursor: { y: false, drag: { x: true, y: false }, dataIdx: nearest },
      hooks: {
        ready: [u => all.forEach(mark => u.over.appendChild(mark.element))],
        drawAxes: [u => onCanvas(u, drawEpochs, drawReferences)],
        draw: [u => { onCanvas(u, nameReferences); placeMarks(u, all); }],
      },
    }, data, box);
  };

  let chart = draw();
  new ResizeObserver(() => { if (chart.width !== box.clientWidth) chart.setSize(size()); }).observe(box);
  dark.addEventListener('change', () => { chart.destroy(); chart = draw(); });
})();
