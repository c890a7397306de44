/** The page's whole style. Colours are chosen to differ in lightness too, and no state is shown by colour alone. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1a1f27;--soft:#5b6675;--edge:#e1e5ea;
--good:#2f9e6e;--degraded:#d69a12;--down:#c9303e;--unknown:#8b95a3;--none:#e1e5ea;--line:#3a6fd8}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#171c23;--text:#e6eaef;--soft:#9aa5b3;--edge:#29313b;
--good:#3fb984;--degraded:#e3b341;--down:#f0626e;--unknown:#77818e;--none:#29313b;--line:#7aa5f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.5rem;margin:0 0 1rem}
h2{font-size:1.1rem;margin:2rem 0 .5rem}
.overall{padding:.9rem 1rem;border-radius:.6rem;background:var(--card);border:1px solid var(--edge);border-left:.4rem solid var(--good);font-weight:600}
.overall.DEGRADED,.overall.UNKNOWN{border-left-color:var(--degraded)}.overall.DOWN{border-left-color:var(--down)}
.stale{display:none;margin-top:.75rem;padding:.75rem 1rem;border-radius:.6rem;border:1px solid var(--degraded)}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1rem;margin:.75rem 0}
.head{display:flex;flex-wrap:wrap;gap:.15rem .75rem;align-items:baseline;justify-content:space-between}
.name{font-weight:600;overflow-wrap:anywhere}
.address,.soft,figcaption,.scale{color:var(--soft);font-size:.85rem;overflow-wrap:anywhere}
.state{font-weight:600;white-space:nowrap}
.state::before{content:"";display:inline-block;width:.7em;height:.7em;margin-right:.4em;border-radius:50%;background:var(--unknown)}
.UP .state::before{background:var(--good)}.DEGRADED .state::before{background:var(--degraded);border-radius:0}
.DOWN .state::before{background:var(--down);border-radius:0;transform:rotate(45deg)}
.DOWN .state{color:var(--down)}
svg{display:block;width:100%}
.bars{height:2rem;margin-top:.75rem}.line{height:3rem}
.bars path{stroke-width:4}
.good{stroke:var(--good)}.degraded{stroke:var(--degraded)}.down{stroke:var(--down)}.unknown{stroke:var(--unknown)}.none{stroke:var(--none)}
.line path{fill:none;stroke:var(--line);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.scale,figcaption{display:flex;justify-content:space-between;gap:1rem}
figure{margin:.75rem 0 0}
.incident{border-left:.4rem solid var(--down)}.incident.DEGRADED{border-left-color:var(--degraded)}
.incident ul{margin:.25rem 0 0;padding-left:1.1rem;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;padding:.4rem .5rem .4rem 0;border-bottom:1px solid var(--edge)}
td:first-child{overflow-wrap:anywhere}
td:last-child,th:last-child{text-align:right;padding-right:0}
footer{margin-top:2rem}
`.replace(/\n/g, "");
