/**
 * Hostile documents, each one attack: on the reader's address (a request to `at`), on the viewer (a script that says so), on
 * where the frame is. Known bypasses of sanitisers have their source beside them.
 */

export interface HostileCase {
  readonly name: string;
  readonly type: 'text/html' | 'image/svg+xml' | 'text/css' | 'text/markdown';
  readonly body: string;
}

/** What a script does to be seen: in the document that it runs in, and in the one above. */
const RUN = "document.documentElement.setAttribute('data-ran','1');try{top.document.title='ran'}catch(e){}";

/** `at`: an address that nothing may ask for, without a slash at its end; each case asks for a path of its own. */
export function hostileCases(at: string): HostileCase[] {
  const host = at.replace(/^http:/, '');
  const cases: HostileCase[] = [];
  const add = (type: HostileCase['type'], name: string, body: (url: string, scheme: string) => string): void => {
    const path = `/case-${cases.length + 1}`;
    cases.push({ name, type, body: body(`${at}${path}`, `${host}${path}`) });
  };
  const html = (name: string, body: (url: string, scheme: string) => string): void => add('text/html', name, body);

  // Scripts.
  html('script', () => `<script>${RUN}</script>`);
  html('script from elsewhere', (url) => `<script src="${url}"></script><script type=module src="${url}/m"></script>`);
  html(
    'handlers',
    () => `<body onload="${RUN}"><img src=x onerror="${RUN}"><svg onload="${RUN}"><details open ontoggle="${RUN}">`,
  );
  html('handlers without spaces', () => `<img/src=x/onerror=${RUN.replaceAll('"', '')}><svg/onload=${RUN}>`);
  html(
    'focus and animation',
    () =>
      `<style>@keyframes k{}p{animation:k 1s}</style><p onanimationstart="${RUN}"><input autofocus onfocus="${RUN}"><video oncanplay="${RUN}" src="data:video/mp4,">`,
  );
  html(
    'javascript: in a frame, an object, a form',
    () =>
      `<iframe src="javascript:${RUN}"></iframe><object data="javascript:${RUN}"></object><embed src="javascript:${RUN}"><form action="javascript:${RUN}"><button autofocus>a</button></form>`,
  );
  html('srcdoc', () => `<iframe srcdoc="<script>parent.${RUN}</script>"></iframe>`);
  html(
    'data: document in a frame',
    () => `<iframe src="data:text/html,<script>parent.postMessage(1,'*')</script>"></iframe>`,
  );
  html(
    'import maps and speculation',
    (url) =>
      `<script type=importmap>{"imports":{"x":"${url}"}}</script><script type=speculationrules>{"prefetch":[{"source":"list","urls":["${url}"]}]}</script>`,
  );
  html(
    'template and declarative shadow tree',
    (url) =>
      `<div><template shadowrootmode=open><img src="${url}" onerror="${RUN}"><script>${RUN}</script></template></div>`,
  );
  html('xml processing instruction in HTML', () => `<?xml-stylesheet href="javascript:${RUN}"?><?php echo 1 ?><p>a`);

  // Requests.
  html(
    'pictures',
    (url, host) =>
      `<img src="${url}"><img srcset="${url}/s 2x"><picture><source srcset="${host}/p"><img></picture><input type=image src="${url}/i"><image src="${url}/im">`,
  );
  html(
    'addresses that look relative',
    (url) =>
      `<img src="\\\\${url.slice(7)}"><img src="/\\${url.slice(7)}/b"><img src="ht\ntp:${url.slice(5)}/c"><img src=" \u0001${url}/d">`,
  );
  html(
    'media',
    (url) =>
      `<video src="${url}" poster="${url}/p" autoplay><source src="${url}/s"><track default src="${url}/t"></video><audio src="${url}/a" preload=auto></audio>`,
  );
  html(
    'backgrounds of old',
    (url) => `<body background="${url}"><table background="${url}/t"><tr><td background="${url}/d">a`,
  );
  html(
    'low-resolution and dynamic sources',
    (url) => `<img lowsrc="${url}" dynsrc="${url}/d"><bgsound src="${url}/b"><isindex action="${url}/i">`,
  );
  html(
    'style sheets',
    (url, host) =>
      `<link rel=stylesheet href="${url}"><link rel="alternate stylesheet" href="${host}/a"><style>@import "${url}/i";@import url(${host}/u);</style>`,
  );
  html(
    'icons and manifests',
    (url) =>
      `<link rel=icon href="${url}"><link rel="shortcut icon" href="${url}/s"><link rel=apple-touch-icon href="${url}/t"><link rel=manifest href="${url}/m">`,
  );
  html(
    'connections ahead',
    (url, host) =>
      `<link rel=preconnect href="${url}"><link rel=dns-prefetch href="${host}"><link rel=prefetch href="${url}/p"><link rel=preload as=image href="${url}/l"><link rel=modulepreload href="${url}/m"><link rel=prerender href="${url}/r">`,
  );
  html(
    'a relation spelt with references',
    (url) => `<link rel="pre&#99;onnect" href="${url}"><LINK/REL=preconnect/HREF=${url}>`,
  );
  html(
    'links in a body, in MathML and SVG',
    (url) =>
      `<math><mtext><link rel=preconnect href="${url}"></mtext></math><svg><desc><link rel=preload as=image href="${url}/s"></desc></svg>`,
  );
  html(
    'objects and plug-ins',
    (url) => `<object data="${url}"></object><embed src="${url}/e"><applet code="${url}/a" codebase="${url}"></applet>`,
  );
  html(
    'frames',
    (url) => `<iframe src="${url}"></iframe><portal src="${url}/p"></portal><fencedframe src="${url}/f"></fencedframe>`,
  );
  html('framesets', (url) => `<frameset><frame src="${url}"></frameset>`);
  html('a base', (url) => `<base href="${url}/"><img src="x.png"><a href="y">a</a>`);
  html('attribution and reports', (url) => `<img attributionsrc="${url}" src=x><a href="#" ping="${url}/p">a</a>`);
  html(
    'SVG in HTML',
    (url) =>
      `<svg><image href="${url}"/><image xlink:href="${url}/x"/><use href="${url}/u#a"/><feImage href="${url}/f"/><filter id=f><feImage href="${url}/g"/></filter></svg>`,
  );
  html(
    'paint of SVG',
    (url) =>
      `<svg><rect fill="url(${url})" mask="url(${url}/m)" filter="url(${url}/f)" clip-path="url(${url}/c)" cursor="url(${url}/u),auto" width=9 height=9 /></svg>`,
  );
  html(
    'MathML',
    (url) =>
      `<math href="${url}" xlink:href="javascript:${RUN}"><maction actiontype="statusline#${url}" xlink:href="${url}">a</maction><annotation-xml encoding="text/html"><img src="${url}/a"></annotation-xml></math>`,
  );
  html(
    'the popover and the invoker',
    (url) =>
      `<button popovertarget=p commandfor=p command=show-popover autofocus>a</button><div popover id=p><img src="${url}"></div>`,
  );

  // Away.
  html(
    'it sends its reader on',
    (url) => `<meta http-equiv=refresh content="0;url=${url}"><META HTTP-EQUIV=' refresh' CONTENT="0; ${url}/2">`,
  );
  html('refresh by references', (url) => `<meta http-equiv="re&#102;resh" content="0&semi;url=${url}">`);
  html(
    'refresh in what stands in for scripts',
    (url) => `<noscript><meta http-equiv=refresh content="0;url=${url}"></noscript>`,
  );
  html(
    'cookies, policies and prefetch by meta',
    (url) =>
      `<meta http-equiv=set-cookie content=a=b><meta http-equiv=x-dns-prefetch-control content=on><meta http-equiv=content-security-policy content="report-uri ${url}"><a href="${url}">a</a>`,
  );
  html(
    'a form that is sent by itself',
    (url) =>
      `<form action="${url}" id=f><input name=a autofocus value=b></form><button form=f formaction="${url}/b">a</button>`,
  );

  // Style sheets.
  html(
    'sheets with escapes',
    (url) =>
      `<style>a{background:u\\72l(${url})}b{background:\\75\\72\\6c("${url}/b")}p{background:url(\\68ttp:${url.slice(5)}/c)}</style><a>a</a><b>b</b><p>p`,
  );
  html('fonts', (url) => `<style>@font-face{font-family:x;src:url(${url})}*{font-family:x}</style><p>words`);
  html(
    'values put together',
    (url) =>
      `<style>:root{--a:"${url}";--b:url(${url}/b)}p{background:image-set(var(--a) 1x);content:var(--b)}i{background:var(--b)}</style><p>a<i>b</i>`,
  );
  html(
    'registered properties and functions',
    (url) =>
      `<style>@property --u{syntax:"<url>";inherits:false;initial-value:url(${url})}@function --f(){result:url(${url}/f)}p{background:var(--u);mask:--f()}</style><p>a`,
  );
  html(
    'sets and cross-fades',
    (url) =>
      `<style>p{background:image-set("${url}" 1x,url(${url}/u) 2x)}i{background:-webkit-cross-fade(url(${url}/c),url(${url}/d),50%)}b{background:image("${url}/i")}</style><p>a<i>b</i><b>c</b>`,
  );
  html(
    'lists, cursors and counters',
    (url) =>
      `<style>ul{list-style:url(${url})}*{cursor:url(${url}/c),auto}p::after{content:url(${url}/a)}p{border-image:url(${url}/b) 1;shape-outside:url(${url}/s);mask-image:url(${url}/m)}</style><ul><li>a</ul><p>a`,
  );
  html(
    'style attributes',
    (url) =>
      `<p style="background:url(${url})">a<p style="background:&#117;rl(&quot;${url}/q&quot;)">b<p style='list-style:url("${url}/l");display:list-item'>c`,
  );
  html(
    'selectors that read values out',
    (url) => `<style>input[value^=a]{background:url(${url})}</style><input type=checkbox value=ab>`,
  );
  html(
    'scripts of old sheets',
    () => `<style>p{behavior:url(x.htc);-moz-binding:url(x#y);width:expression(${RUN})}</style><p>a`,
  );
  html('a sheet that ends early', () => `<style>a{content:"</style><img src=x onerror=${RUN}>"}</style>`);
  html('a sheet in CDATA', (url) => `<svg><style><![CDATA[*{background:url(${url})}]]></style></svg><p>a`);
  html(
    'a sheet with references in SVG',
    (url) => `<svg><style>*{background:url(&quot;${url}&quot;)}&lt;img src=x onerror=${RUN}&gt;</style></svg><p>a`,
  );
  html(
    'comments in import',
    (url) => `<style>@import/**/"${url}";@\\69mport "${url}/e";<!-- @import "${url}/c"; --></style>`,
  );

  // Parsers that disagree (mXSS). https://github.com/SonarSource/mxss-cheatsheet
  html('DOMPurify 2.0.0: style in SVG', () => `<svg></p><style><a id="</style><img src=1 onerror=${RUN}>">`);
  html(
    'DOMPurify 2.0.17: math, mglyph',
    () => `<form><math><mtext></form><form><mglyph><style></math><img src onerror=${RUN}>`,
  );
  html(
    'DOMPurify 2.2.0: math in SVG',
    () => `<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=${RUN} src>">`,
  );
  html(
    'DOMPurify 2.2.3: desc, noscript',
    () =>
      `<svg><xss><desc><noscript>&lt;/noscript>&lt;/desc>&lt;p>&lt;/p>&lt;style>&lt;a title="&lt;/style>&lt;img src onerror=${RUN}>">`,
  );
  html(
    'DOMPurify 3.0.8: annotation-xml',
    () =>
      `<svg><annotation-xml><foreignobject><style><!--</style><p id="--><img src='x' onerror='${RUN.replaceAll("'", '&apos;')}'>">`,
  );
  html(
    'DOMPurify 3.1.0: deep nesting',
    () =>
      `${'<div>'.repeat(506)}<table><caption><svg><desc><table><caption></caption></table></desc><style><a title="</style><img src onerror=${RUN}>"></a></style></svg></caption></table>${'</div>'.repeat(506)}`,
  );
  html(
    'table, mglyph and a comment',
    () => `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=${RUN}&gt;">`,
  );
  html('closure-library: noscript and title', () => `<noscript><p title="</noscript><img src=x onerror=${RUN}>">`);
  html(
    'sanitize-html 2.17.3: xmp (CVE-2026-44990)',
    () => `<xmp><img src=x onerror=${RUN}></xmp><listing>&lt;img src=x onerror=${RUN}&gt;</listing>`,
  );
  html(
    'sanitize-html: text areas and options',
    () =>
      `<textarea>&lt;/textarea&gt;&lt;svg/onload=${RUN}&gt;</textarea><select><option>&lt;script&gt;${RUN}&lt;/script&gt;</select>`,
  );
  html(
    'sanitize-html: a text area closed with a slash',
    () => `<textarea></textarea/><img src=x onerror=${RUN}></textarea>`,
  );
  html(
    'sanitize-html: text of frames',
    () =>
      `<iframe><img src=x onerror=${RUN}></iframe><noembed><img src=x onerror=${RUN}></noembed><noframes><img src=x onerror=${RUN}></noframes>`,
  );
  html('a tag within a tag', () => `<<img src=x onerror=${RUN}//<a/><scr<script>ipt>${RUN}</script>`);
  html(
    'ends of comments',
    () =>
      `<!--!> <img title="--!><img src=x onerror=${RUN}>"><!-->  <img src=x onerror=${RUN}> --><!---><img src=x onerror=${RUN}>-->`,
  );
  html(
    'CDATA in HTML',
    () => `<![CDATA[<img title="]]><img src=x onerror=${RUN}>"><svg><![CDATA[</svg><img src=x onerror=${RUN}>]]></svg>`,
  );
  html('plaintext', () => `<plaintext><img title="</plaintext><img src=x onerror=${RUN}>">`);
  html(
    'a title that ends',
    () =>
      `<title><a title="</title><img src=x onerror=${RUN}>"></title><svg><title><style><a title="</style><img src=x onerror=${RUN}>">`,
  );
  html(
    'attributes twice, and with equals signs',
    (url) => `<img src=x src="${url}" =onerror=${RUN} "onerror=${RUN}" \`onerror=${RUN}\`>`,
  );
  html('nothing ends', () => `<p title="<img src=x onerror=${RUN}><a href='`);
  html(
    'NUL and other controls',
    (url) => `<im\0g src="${url}"><img\0src="${url}/b"><scr\0ipt>${RUN}</script><a href="java\0script:${RUN}">a</a>`,
  );
  html('another encoding (UTF-7)', () => `<meta charset=utf-7>+ADw-script+AD4-${RUN}+ADw-/script+AD4-`);
  html(
    'another encoding (ISO-2022-JP)',
    () => `<meta charset=iso-2022-jp><p title="\u001b$B"><p title="\u001b(B onerror=x><script>${RUN}</script>">`,
  );

  // SVG as a document and as a picture.
  const svg = (name: string, body: (url: string) => string): void =>
    add(
      'image/svg+xml',
      name,
      (url) =>
        `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="99" height="99">${body(url)}</svg>`,
    );
  svg('script', (url) => `<script>${RUN}</script><script href="${url}"/><script xlink:href="${url}/x"/>`);
  svg(
    'pictures',
    (url) => `<image href="${url}" width="9" height="9"/><image xlink:href="${url}/x" width="9" height="9"/>`,
  );
  svg(
    'HTML inside',
    (url) =>
      `<foreignObject width="99" height="99"><body xmlns="http://www.w3.org/1999/xhtml" onload="${RUN}"><img src="${url}"/><iframe src="${url}/f"/></body></foreignObject>`,
  );
  svg(
    'animated links',
    (url) =>
      `<a><set attributeName="href" to="javascript:${RUN}"/><animate attributeName="xlink:href" values="${url}" begin="0s"/><text y="20">a</text></a><set attributeName="onmouseover" to="${RUN}"/>`,
  );
  svg(
    'what is drawn again',
    (url) =>
      `<use href="${url}#a"/><use xlink:href="data:image/svg+xml,%3Csvg id='a' onload='${RUN}'/%3E#a"/><textPath href="${url}/t"/>`,
  );
  svg(
    'sheets',
    (url) =>
      `<style>@import "${url}";*{fill:url(${url}/f)}@font-face{font-family:x;src:url(${url}/g)}text{font-family:x}</style><text y="20">a</text>`,
  );
  svg(
    'another namespace',
    () =>
      `<h:script xmlns:h="http://www.w3.org/1999/xhtml">${RUN}</h:script><script xmlns="http://www.w3.org/1999/xhtml">${RUN}</script>`,
  );
  add(
    'image/svg+xml',
    'a document type with entities',
    (url) =>
      `<!DOCTYPE svg PUBLIC "x" "${url}" [<!ENTITY e SYSTEM "${url}/e"><!ENTITY s "&#60;script>${RUN}&#60;/script>"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg" onload="${RUN}"><text y="20">&e;&s;&b;</text></svg>`,
  );
  add(
    'image/svg+xml',
    'a style sheet by instruction',
    (url) =>
      `<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="${url}"?><svg xmlns="http://www.w3.org/2000/svg"/>`,
  );

  // Style sheets of their own, shown by a page.
  add(
    'text/css',
    'a sheet of its own',
    (url) =>
      `@charset "utf-7";@import "${url}";@namespace url(${url}/n);body{background:url(${url}/b)}p{background:u\\52L( '${url}/p' )}@font-face{font-family:x;src:url(${url}/f)}p{font-family:x}`,
  );
  add(
    'text/css',
    'a sheet that is broken',
    (url) => `a{background:url(${url} x);}p{background:url("${url}\n/b);}}}@media{p{background:url(${url}/m)}`,
  );

  // Markdown.
  add(
    'text/markdown',
    'HTML in Markdown',
    (url) =>
      `<script>${RUN}</script>\n\n<img src="${url}" onerror="${RUN}">\n\n![a](${url}/p) ![b][c]\n\n[c]: ${url}/r`,
  );
  add(
    'text/markdown',
    'links in Markdown',
    (url) =>
      `[a](javascript:${RUN.replaceAll('(', '%28')}) [b](data:text/html,x) <${url}> [c](&#106;avascript:x) [d](${url} "x' onmouseover='${RUN}")`,
  );
  return cases;
}
