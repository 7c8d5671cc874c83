package dev.cairn.jobs.show;

/**
 * The page around the drawing: style for light and dark screens, and the reading under the pointer.
 */
final class CurveTemplate {
  static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>@TITLE@</title>
      <style>
      :root { --ink: #1c2430; --soft: #5d6776; --grid: #e4e7ec; --paper: #fdfdfc; --curve: #1f6f8b; --mark: #c2571a; }
      @media (prefers-color-scheme: dark) {
        :root { --ink: #e8eaed; --soft: #9aa4b2; --grid: #2c333d; --paper: #14181d; --curve: #6cc3de; --mark: #f0935a; }
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
      .name { fill: var(--soft); }
      .value { fill: var(--ink); font-weight: 600; }
      .grid { stroke: var(--grid); }
      .axis { stroke: var(--soft); }
      .epoch { stroke: var(--grid); stroke-dasharray: 2 3; }
      .reference { stroke: var(--soft); stroke-dasharray: 6 4; }
      .curve { fill: none; stroke: var(--curve); stroke-width: 2; stroke-linejoin: round; }
      .mark { fill: var(--mark); stroke: var(--paper); stroke-width: 1.5; }
      #hair { stroke: var(--soft); }
      #dot { fill: var(--curve); stroke: var(--paper); stroke-width: 1.5; }
      #reading { height: 1.5em; margin: .4rem 0 0; text-align: right; font-variant-numeric: tabular-nums; }
      </style>
      </head>
      <body>
      <h1>@TITLE@</h1>
      <p>@SUBTITLE@</p>
      <dl>
      @FACTS@</dl>
      @SVG@
      <p id="reading"></p>
      @DATA@
      <script>
      const d = JSON.parse(document.getElementById('data').textContent);
      const svg = document.querySelector('svg'), cursor = document.getElementById('cursor');
      const hair = document.getElementById('hair'), dot = document.getElementById('dot');
      const reading = document.getElementById('reading');
      const px = s => d.x0 + (s - d.s0) / Math.max(1, d.s1 - d.s0) * (d.x1 - d.x0);
      const py = l => d.y0 + (l - d.l0) / (d.l1 - d.l0) * (d.y1 - d.y0);
      svg.addEventListener('pointermove', e => {
        const at = new DOMPoint(e.clientX, e.clientY).matrixTransform(svg.getScreenCTM().inverse());
        const step = d.s0 + (at.x - d.x0) / (d.x1 - d.x0) * (d.s1 - d.s0);
        let best = null;
        for (const p of d.points) if (!best || Math.abs(p[0] - step) < Math.abs(best[0] - step)) best = p;
        if (!best) return;
        const x = px(best[0]), y = py(best[1]);
        hair.setAttribute('x1', x); hair.setAttribute('x2', x);
        hair.setAttribute('y1', d.y1); hair.setAttribute('y2', d.y0);
        dot.setAttribute('cx', x); dot.setAttribute('cy', y);
        cursor.setAttribute('visibility', 'visible');
        reading.textContent = 'step ' + best[0].toLocaleString('en') + ' \\u00b7 training log loss ' + best[1].toFixed(4);
      });
      svg.addEventListener('pointerleave', () => {
        cursor.setAttribute('visibility', 'hidden'); reading.textContent = '';
      });
      </script>
      </body>
      </html>
      """;

  private CurveTemplate() {}
}
