/**
 * The page's whole style. Colours have a contrast of 3 : 1 and more (text 4.5 : 1) on both backgrounds, and no state is
 * shown by colour alone: bars differ in height, states in shape and word.
 */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1a1f27;--soft:#525c6a;--edge:#d5dae1;
--good:#1f7a53;--failed:#8a6100;--degraded:#a8480a;--down:#b3261e;--unknown:#667080;--none:#8a94a1;--line:#2f5fc4;--link:#1f4fb0}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#171c23;--text:#e6eaef;--soft:#a3adba;--edge:#323b46;
--good:#3fb984;--failed:#d9ac3a;--degraded:#f0914d;--down:#f4737e;--unknown:#8f99a6;--none:#6d7784;--line:#7aa5f5;--link:#8fb4ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:56rem;margin:0 auto;padding:1.5rem 1rem 3rem}
header{display:flex;align-items:center;gap:.75rem;margin:0 0 1rem}
.logo{max-height:2.5rem;max-width:10rem}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:2rem 0 .5rem;overflow-wrap:anywhere}
h3{font-size:1rem;margin:0}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.overall{padding:.9rem 1rem;border-radius:.6rem;background:var(--card);border:1px solid var(--edge);border-left:.4rem solid var(--good);font-weight:600}
.overall.PENDING{border-left-color:var(--none)}
.overall.DEGRADED,.overall.UNKNOWN{border-left-color:var(--degraded)}.overall.DOWN{border-left-color:var(--down)}
.stale{margin-top:.75rem;padding:.75rem 1rem;border-radius:.6rem;border:1px solid var(--degraded)}
.card{background:var(--card);border:1px solid var(--edge);border-radius:.6rem;padding:1rem;margin:.75rem 0;overflow-wrap:anywhere}
.head{display:flex;flex-wrap:wrap;gap:.15rem .75rem;align-items:baseline;justify-content:space-between}
.name{font-weight:600;overflow-wrap:anywhere}
.address,.soft,figcaption,.scale{color:var(--soft);font-size:.875rem;overflow-wrap:anywhere}
.state{font-weight:600;white-space:nowrap}
.state::before{content:"";display:inline-block;width:.7em;height:.7em;margin-right:.4em;border-radius:50%;background:var(--unknown)}
.UP .state::before{background:var(--good)}.DEGRADED .state::before{background:var(--degraded);border-radius:0}
.DOWN .state::before{background:var(--down);border-radius:0;transform:rotate(45deg)}
.DOWN .state{color:var(--down)}
svg{display:block;width:100%}
.bars{height:2rem;margin-top:.75rem}.line{height:3rem}
.bars path,.key path{stroke-width:4}
.good{stroke:var(--good)}.failed{stroke:var(--failed)}.degraded{stroke:var(--degraded)}.down{stroke:var(--down)}.unknown{stroke:var(--unknown)}.none{stroke:var(--none)}
.line path{fill:none;stroke:var(--line);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0 0;padding:0}
.legend li{display:flex;align-items:flex-end;gap:.35rem}
.key{width:.4rem;height:1.5rem}
.scale,figcaption{display:flex;justify-content:space-between;gap:1rem}
figure{margin:.75rem 0 0}
.incident{border-left:.4rem solid var(--down)}.incident.DEGRADED{border-left-color:var(--degraded)}
.announcement{border-left:.4rem solid var(--line)}.announcement.warning{border-left-color:var(--degraded)}
.incident ul{margin:.25rem 0 0;padding-left:1.1rem;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
details{margin-top:.75rem}
summary{cursor:pointer}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--edge)}
tbody th{font-weight:600;overflow-wrap:break-word;min-width:5rem;max-width:16rem}
footer{margin-top:2rem}
label{display:inline-block;padding:.25rem 0}
`.replace(/\n/g, "");
