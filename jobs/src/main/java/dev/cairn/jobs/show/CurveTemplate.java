package dev.cairn.jobs.show;

/**
 * The page around the drawings: style for light and dark, wide and narrow screens, and the reading
 * under the pointer.
 */
final class CurveTemplate {
  static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>@TITLE@: training curve</title>
      <style>
      :root { --ink: #1c2430; --soft: #5d6776; --grid: #e4e7ec; --paper: #fdfdfc; --curve: #1f6f8b; --validation: #8a3ffc; --mark: #c2571a; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e8eaed; --soft: #9aa4b2; --grid: #2c333d; --paper: #14181d; --curve: #6cc3de; --validation: #be95ff; --mark: #f0935a; }
      }
      body { margin: 2.2rem auto; max-width: 1000px; padding: 0 1.2rem; background: var(--paper); color: var(--ink);
        font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
      h1 { font-size: 1.45rem; font-weight: 650; margin: 0; }
      p { margin: .2rem 0 1.2rem; color: var(--soft); }
      dl { display: flex; flex-wrap: wrap; gap: .7rem 2.2rem; margin: 0 0 1.4rem; }
      dt { color: var(--soft); font-size: .82rem; }
      dd { margin: 0; font-size: 1.12rem; font-variant-numeric: tabular-nums; }
      svg { width: 100%; height: auto; display: block; font-size: 12px; font-variant-numeric: tabular-nums; }
      text { fill: var(--soft); }
      .end { text-anchor: end; }
      .middle { text-anchor: middle; }
      .small { font-size: 11px; }
      .value { fill: var(--ink); font-weight: 600; }
      .grid { stroke: var(--grid); }
      .axis { stroke: var(--soft); }
      .epoch { stroke: var(--grid); stroke-dasharray: 2 3; }
      .reference { stroke: var(--soft); stroke-dasharray: 6 4; }
      .curve { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; }
      .mark { fill: var(--mark); stroke: var(--paper); stroke-width: 1.5; }
      .validation { fill: none; stroke: var(--validation); stroke-width: 2; stroke-linejoin: round; }
      .look { fill: var(--validation); }
      .cursor line { stroke: var(--soft); }
      .cursor circle { fill: var(--curve); stroke: var(--paper); stroke-width: 1.5; }
      .wide, .narrow { touch-action: pan-y; }
      .narrow { display: none; }
      .legend { display: flex; flex-wrap: wrap; gap: .1rem 1.4rem; margin: .5rem 0 0; font-size: .88rem; }
      .legend svg { display: inline-block; width: 14px; height: 14px; margin-right: .45rem; vertical-align: -2px; }
      h2 { font-size: 1.05rem; font-weight: 650; margin: 1.6rem 0 .4rem; }
      li { color: var(--soft); margin: 0 0 .5rem; overflow-wrap: anywhere; }
      #reading { height: 1.5em; margin: .4rem 0 0; text-align: right; font-variant-numeric: tabular-nums; }
      @media (max-width: 640px) {
        body { margin: 1.1rem auto; padding: 0 .8rem; }
        h1, p, dd, li { overflow-wrap: anywhere; }
        dl { gap: .5rem 1.5rem; }
        .wide { display: none; }
        .narrow { display: block; }
        #reading { height: 3em; text-align: left; }
      }
      </style>
      </head>
      <body>
      <h1>@TITLE@</h1>
      <p>@SUBTITLE@</p>
      <dl>
      @FACTS@</dl>
      @SVG@
      <p class="legend">
      @LEGEND@</p>
      <p id="reading"></p>
      @RECOVERIES@
      @DATA@
      <script>
      const d = JSON.parse(document.getElementById('data').textContent);
      const reading = document.getElementById('reading');
      const nearest = (points, step) => {
        let best = null;
        for (const p of points) if (!best || Math.abs(p[0] - step) < Math.abs(best[0] - step)) best = p;
        return best;
      };
      for (const svg of document.querySelectorAll('svg[data-box]')) {
        const [x0, x1, y0, y1] = svg.dataset.box.split(' ').map(Number);
        const cursor = svg.querySelector('.cursor');
        const hair = cursor.querySelector('line'), dot = cursor.querySelector('circle');
        const read = e => {
          const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
          const step = (at.x - x0) / (x1 - x0) * d.steps;
          const best = nearest(d.points, step), held = nearest(d.validation, step);
          if (!best) return;
          const x = x0 + best[0] / Math.max(1, d.steps) * (x1 - x0);
          const share = Math.min(1, Math.max(0, (best[1] - d.low) / (d.high - d.low)));
          for (const [k, v] of [['x1', x], ['x2', x], ['y1', y1], ['y2', y0]]) hair.setAttribute(k, v);
          dot.setAttribute('cx', x); dot.setAttribute('cy', y0 + share * (y1 - y0));
          cursor.setAttribute('visibility', 'visible');
          reading.textContent = 'step ' + best[0].toLocaleString('en') + ' \\u00b7 training log loss ' + best[1].toFixed(4)
            + (held ? ' \\u00b7 validation ' + held[1].toFixed(4) + ' (step ' + held[0].toLocaleString('en') + ')' : '');
        };
        svg.addEventListener('pointermove', read);
        svg.addEventListener('pointerdown', read);
        svg.addEventListener('pointerleave', e => {
          if (e.pointerType === 'mouse') { cursor.setAttribute('visibility', 'hidden'); reading.textContent = ''; }
        });
      }
      </script>
      </body>
      </html>
      """;

  private CurveTemplate() {}
}
