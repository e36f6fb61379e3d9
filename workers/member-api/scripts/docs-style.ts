// How the page of documentation looks, by day and by night.
export const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--accent:#0a6e5c}
@media (prefers-color-scheme:dark){:root{--accent:#5fd3bc}}
*{box-sizing:border-box}
html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.6 system-ui,"Noto Sans TC","PingFang TC",sans-serif;display:grid;grid-template-columns:17rem minmax(0,1fr)}
nav{position:sticky;top:0;height:100vh;overflow:auto;padding:1.5rem 1rem;border-right:1px solid var(--line);font-size:.875rem}
nav ul{list-style:none;margin:0;padding:0}nav ul ul{padding:0 0 .75rem .75rem}nav .name{font-weight:700;margin:0 0 1rem}
nav a{color:inherit;text-decoration:none;display:block;padding:.1rem 0}nav a:hover{color:var(--accent)}
nav>ul>li>a{font-weight:600}
main{padding:2rem clamp(1rem,4vw,4rem);max-width:64rem}
h1{line-height:1.2}h2{margin-top:4rem;border-bottom:1px solid var(--line)}
h3{margin:0 0 .5rem;font-size:1.05rem;overflow-wrap:anywhere}
article{margin:2.5rem 0;padding-top:.5rem}
a{color:var(--accent)}
.method{font-weight:700;color:var(--accent)}
.needs{font-size:.875rem;opacity:.8}
code{font:.875em ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
pre{background:var(--soft);border:1px solid var(--line);border-radius:6px;padding:.75rem 1rem;overflow:auto}
table{border-collapse:collapse;width:100%;font-size:.875rem}
td,th{border-top:1px solid var(--line);padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top}
td:first-child{white-space:nowrap}tr:target{background:var(--soft)}
details{margin:.75rem 0}summary{cursor:pointer;font-weight:600;font-size:.875rem}
dt{font-weight:600;margin-top:.75rem}dd{margin:0}
@media (max-width:60rem){body{display:block}nav{position:static;height:auto;border:0;border-bottom:1px solid var(--line)}nav ul ul{display:none}td:first-child{white-space:normal}}
`;
