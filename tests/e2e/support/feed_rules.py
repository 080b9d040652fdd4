"""What the specifications of Atom (RFC 4287, 5005), RSS 2.0 and JSON Feed 1.1 demand of a document, as checks.

Each check gives a list of what is wrong: empty for a valid document.
"""

import email.utils
import json
import re
import xml.etree.ElementTree as ElementTree
from urllib.parse import urlsplit

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
RFC3339 = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-]\d\d:\d\d)$")
RFC822 = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$")
MEDIA_TYPE = re.compile(r"[^/\s]+/[^/\s]+(;.*)?$")
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$")


def is_url(text):
    """Absolute, http or https, and written as RFC 3986 has it."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(text) and parts.scheme in ("http", "https") and bool(parts.netloc) and re.fullmatch(r"[!#-;=?-\[\]_a-z~%]+|[^\x00-\x20<>\"{}|\\^`\x7f]+", text) is not None


class Findings(list):
    def need(self, true, what):
        if not true:
            self.append(what)


def one(findings, parent, name, at, least=1):
    found = parent.findall(name)
    findings.need(least <= len(found) <= 1, f"{at}: {len(found)} {name.split('}')[-1]}")
    return found[0] if found else None


def check_atom_date(findings, parent, name, at, least):
    element = one(findings, parent, ATOM + name, at, least)
    if element is not None:
        findings.need(RFC3339.match(element.text or ""), f"{at}: {name} {element.text!r}")


def check_atom_people(findings, parent, at):
    for person in parent.findall(ATOM + "author") + parent.findall(ATOM + "contributor"):
        name = one(findings, person, ATOM + "name", at + " person")
        findings.need(name is not None and (name.text or "").strip(), f"{at}: a person without a name")
        uri, mail = one(findings, person, ATOM + "uri", at, 0), one(findings, person, ATOM + "email", at, 0)
        findings.need(uri is None or is_url(uri.text), f"{at}: uri {uri is not None and uri.text!r}")
        findings.need(mail is None or re.fullmatch(r".+@.+", mail.text or ""), f"{at}: email {mail is not None and mail.text!r}")


def check_atom_links(findings, parent, at):
    seen = set()
    for link in parent.findall(ATOM + "link"):
        rel, kind = link.get("rel", "alternate"), link.get("type")
        findings.need(is_url(link.get("href")), f"{at}: href {link.get('href')!r}")
        findings.need(kind is None or MEDIA_TYPE.match(kind), f"{at}: link type {kind!r}")
        findings.need(link.get("length") is None or link.get("length").isdigit(), f"{at}: length {link.get('length')!r}")
        if rel in ("alternate", "self", "first", "next"):
            findings.need((rel, kind, link.get("hreflang")) not in seen, f"{at}: two links {rel} {kind}")  # 4.1.1, 4.1.2
        seen.add((rel, kind, link.get("hreflang")))


def check_atom_entry(findings, entry, at, feed_has_author):
    identity = one(findings, entry, ATOM + "id", at)
    findings.need(identity is not None and re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identity.text or ""), f"{at}: id")
    title = one(findings, entry, ATOM + "title", at)
    findings.need(title is None or title.get("type", "text") in ("text", "html", "xhtml"), f"{at}: title type")
    check_atom_date(findings, entry, "updated", at, 1)
    check_atom_date(findings, entry, "published", at, 0)
    check_atom_people(findings, entry, at)
    findings.need(feed_has_author or entry.findall(ATOM + "author") or entry.findall(f"{ATOM}source/{ATOM}author"), f"{at}: no author")
    check_atom_links(findings, entry, at)
    content, summary = one(findings, entry, ATOM + "content", at, 0), one(findings, entry, ATOM + "summary", at, 0)
    findings.need(content is not None or any(l.get("rel", "alternate") == "alternate" for l in entry.findall(ATOM + "link")), f"{at}: neither content nor link")
    for text in (content, summary):
        findings.need(text is None or text.get("type", "text") in ("text", "html") and len(text) == 0, f"{at}: text construct")
    for category in entry.findall(ATOM + "category"):
        findings.need(category.get("term"), f"{at}: a category without term")
    source = one(findings, entry, ATOM + "source", at, 0)
    if source is not None:
        one(findings, source, ATOM + "title", at + " source")
        one(findings, source, ATOM + "id", at + " source", 0)
        check_atom_links(findings, source, at + " source")
    for thumbnail in entry.iter(MEDIA + "thumbnail"):
        findings.need(is_url(thumbnail.get("url")), f"{at}: thumbnail")
    language = entry.get("{http://www.w3.org/XML/1998/namespace}lang")
    findings.need(language is None or LANGUAGE.match(language), f"{at}: xml:lang {language!r}")


def atom(document):
    """RFC 4287: elements demanded and how often, dates, people, links; RFC 5005: one next and one first at most."""
    findings = Findings()
    feed = ElementTree.fromstring(document)
    findings.need(feed.tag == ATOM + "feed", "no feed")
    identity = one(findings, feed, ATOM + "id", "feed")
    findings.need(identity is not None and is_url(identity.text), "feed: id")
    one(findings, feed, ATOM + "title", "feed")
    check_atom_date(findings, feed, "updated", "feed", 1)
    check_atom_people(findings, feed, "feed")
    check_atom_links(findings, feed, "feed")
    findings.need(len([l for l in feed.findall(ATOM + "link") if l.get("rel") == "self"]) == 1, "feed: no link to itself")
    for element in feed:
        findings.need(element.tag.startswith((ATOM, MEDIA)), f"feed: {element.tag}")
    entries = feed.findall(ATOM + "entry")
    for i, entry in enumerate(entries):
        check_atom_entry(findings, entry, f"entry {i}", bool(feed.findall(ATOM + "author")))
    identities = [e.findtext(ATOM + "id") for e in entries]
    findings.need(len(identities) == len(set(identities)), "two entries with one id")
    return findings


def check_rfc822(findings, text, at):
    findings.need(RFC822.match(text or "") and email.utils.parsedate_to_datetime(text), f"{at}: date {text!r}")
    if RFC822.match(text or ""):
        moment = email.utils.parsedate_to_datetime(text)
        findings.need(text.startswith(moment.strftime("%a,")), f"{at}: the wrong day of the week in {text}")


ITEM_ONCE = ["title", "link", "description", "author", "comments", "enclosure", "guid", "pubDate", "source", CONTENT + "encoded", DC + "language"]
ITEM_KNOWN = {*ITEM_ONCE, "category", DC + "creator", MEDIA + "content", MEDIA + "thumbnail", "{http://purl.org/dc/terms/}modified"}


def check_item(findings, item, at):
    for name in ITEM_ONCE:
        one(findings, item, name, at, 0)
    for element in item:
        findings.need(element.tag in ITEM_KNOWN, f"{at}: {element.tag}")
    findings.need((item.findtext("title") or "").strip() or (item.findtext("description") or "").strip(), f"{at}: neither title nor description")
    findings.need(item.find("title") is None or item.findtext("title").strip(), f"{at}: an empty title")
    findings.need(item.find("link") is None or is_url(item.findtext("link")), f"{at}: link {item.findtext('link')!r}")
    guid = one(findings, item, "guid", at)
    findings.need(guid is not None and guid.text and (guid.get("isPermaLink", "true") == "false" or is_url(guid.text)), f"{at}: guid")
    if item.find("pubDate") is not None:
        check_rfc822(findings, item.findtext("pubDate"), at)
    author = item.findtext("author")
    findings.need(author is None or re.fullmatch(r"\S+@\S+( \(.+\))?", author), f"{at}: author {author!r}")
    findings.need(author is None or item.find(DC + "creator") is None, f"{at}: author and dc:creator")
    enclosure, source = item.find("enclosure"), item.find("source")
    if enclosure is not None:
        findings.need(is_url(enclosure.get("url")) and enclosure.get("length", "").isdigit() and MEDIA_TYPE.match(enclosure.get("type", "")), f"{at}: enclosure {enclosure.attrib}")
    findings.need(source is None or is_url(source.get("url")) and source.text, f"{at}: source")
    for element in item.findall("category"):
        findings.need(element.text, f"{at}: an empty category")
    for element in [*item.iter(MEDIA + "content"), *item.iter(MEDIA + "thumbnail")]:
        findings.need(is_url(element.get("url")), f"{at}: {element.tag} {element.get('url')!r}")
        findings.need(element.get("fileSize") is None or element.get("fileSize").isdigit(), f"{at}: fileSize")


def rss(document):
    """RSS 2.0 and the best practices of its advisory board."""
    findings = Findings()
    root = ElementTree.fromstring(document)
    findings.need(root.tag == "rss" and root.get("version") == "2.0" and len(root) == 1, "no rss 2.0")
    channel = root[0]
    for name in ("title", "link", "description"):
        element = one(findings, channel, name, "channel")
        findings.need(element is not None and element.text, f"channel: an empty {name}")
    findings.need(is_url(channel.findtext("link")), "channel: link")
    check_rfc822(findings, channel.findtext("lastBuildDate"), "channel")
    check_atom_links(findings, channel, "channel")
    findings.need(len([l for l in channel.findall(ATOM + "link") if l.get("rel") == "self"]) == 1, "channel: no atom:link to itself")
    items = channel.findall("item")
    for i, item in enumerate(items):
        check_item(findings, item, f"item {i}")
    guids = [item.findtext("guid") for item in items]
    findings.need(len(guids) == len(set(guids)), "two items with one guid")
    return findings


def check_keys(findings, value, known, at):
    for key, part in value.items():
        if key.startswith("_"):
            findings.need(isinstance(part, dict), f"{at}: {key} is no object")
            continue
        findings.need(key in known, f"{at}: {key} is not of the format")
        if key in known:
            findings.need(isinstance(part, known[key]) and not isinstance(part, bool), f"{at}: {key} is {part!r}")


AUTHOR = {"name": str, "url": str, "avatar": str}
ITEM = {"id": str, "url": str, "external_url": str, "title": str, "content_html": str, "content_text": str, "summary": str, "image": str,
        "banner_image": str, "date_published": str, "date_modified": str, "authors": list, "tags": list, "language": str, "attachments": list}
ATTACHMENT = {"url": str, "mime_type": str, "title": str, "size_in_bytes": int, "duration_in_seconds": (int, float)}
FEED = {"version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "user_comment": str, "next_url": str,
        "icon": str, "favicon": str, "authors": list, "language": str, "expired": bool, "hubs": list, "items": list}


def json_feed(document):
    """JSON Feed 1.1: keys, types, what is demanded, URLs and dates."""
    findings = Findings()
    feed = json.loads(document)
    check_keys(findings, feed, FEED, "feed")
    findings.need(feed.get("version") == "https://jsonfeed.org/version/1.1" and feed.get("title") and isinstance(feed.get("items"), list), "feed: what is demanded")
    for key in ("home_page_url", "feed_url", "next_url"):
        findings.need(key not in feed or is_url(feed[key]), f"feed: {key}")
    for i, item in enumerate(feed["items"]):
        at = f"item {i}"
        check_keys(findings, item, ITEM, at)
        findings.need(item.get("id"), f"{at}: no id")
        findings.need("content_html" in item or "content_text" in item, f"{at}: no content")
        for key in ("url", "image"):
            findings.need(key not in item or is_url(item[key]), f"{at}: {key} {item.get(key)!r}")
        for key in ("date_published", "date_modified"):
            findings.need(key not in item or RFC3339.match(item[key]), f"{at}: {key} {item.get(key)!r}")
        findings.need("language" not in item or LANGUAGE.match(item["language"]), f"{at}: language")
        findings.need(all(isinstance(tag, str) and tag for tag in item.get("tags", [])), f"{at}: tags")
        for author in item.get("authors", []):
            check_keys(findings, author, AUTHOR, at + " author")
            findings.need(author, f"{at}: an empty author")
        for attachment in item.get("attachments", []):
            check_keys(findings, attachment, ATTACHMENT, at + " attachment")
            findings.need(is_url(attachment.get("url")) and attachment.get("mime_type") and attachment.get("size_in_bytes", 0) >= 0, f"{at}: attachment")
    ids = [item["id"] for item in feed["items"]]
    findings.need(len(ids) == len(set(ids)), "two items with one id")
    return findings
