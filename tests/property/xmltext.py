# SPDX-License-Identifier: GPL-2.0-or-later
"""
xmltext.py - an XML reader that keeps the place of everything in the text

Takes:  the text of a domain XML (str, exactly as it was read).
Gives:  a tree of elements, each with the offsets of its tags, attributes and children.
Rule:   small and strict enough for what the tests write and libvirt prints; it is the tests' own, so that
        it cannot share a mistake with the program under test.
Not here: what the elements mean (domain.py).
"""
import re


class XmlError(Exception):
    """The text is not well-formed."""


class Attribute:
    __slots__ = ("name", "value", "quote", "start", "end")

    def __init__(self, name, value, quote, start, end):
        self.name, self.value, self.quote, self.start, self.end = name, value, quote, start, end


class Element:
    """start..open_end is the start tag, close_start..end the end tag (empty for <a/>)."""

    def __init__(self, name, attributes, start, open_end, parent):
        self.name, self.attributes, self.parent = name, attributes, parent
        self.start, self.open_end = start, open_end
        self.close_start = self.end = open_end
        self.children = []
        self.comments = []
        self.text = ""

    def get(self, name, default=None):
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute.value
        return default

    def find(self, *path):
        """The first element at this path of names, or None."""
        here = self
        for name in path:
            here = next((child for child in here.children if child.name == name), None)
            if here is None:
                return None
        return here

    def all(self, name):
        return [child for child in self.children if child.name == name]

    def walk(self):
        yield self
        for child in self.children:
            yield from child.walk()


NAME = r"[A-Za-z_:\u0080-\uffff][-A-Za-z0-9._:\u0080-\uffff]*"
TAG = re.compile(r"<(%s)((?:\s+%s\s*=\s*(?:'[^'<]*'|\"[^\"<]*\"))*)\s*(/?)>" % (NAME, NAME))
ATTRIBUTE = re.compile(r"(%s)\s*=\s*('[^'<]*'|\"[^\"<]*\")" % NAME)
END = re.compile(r"</(%s)\s*>" % NAME)
ENTITY = re.compile(r"&(#x[0-9a-fA-F]+|#[0-9]+|[a-z]+);")
ENTITIES = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}


def unescape(text):
    def one(match):
        name = match.group(1)
        if name.startswith("#x"):
            return chr(int(name[2:], 16))
        if name.startswith("#"):
            return chr(int(name[1:]))
        if name not in ENTITIES:
            raise XmlError("entity %s" % name)
        return ENTITIES[name]
    return ENTITY.sub(one, text)


def start_tag(text, at, parent):
    match = TAG.match(text, at)
    if not match:
        raise XmlError("a broken tag at offset %d: %r" % (at, text[at:at + 40]))
    attributes = []
    for found in ATTRIBUTE.finditer(text, match.start(2), match.end(2)):
        value = found.group(2)
        attributes.append(Attribute(found.group(1), unescape(value[1:-1]), value[0],
                                    found.start(), found.end()))
    names = [attribute.name for attribute in attributes]
    if len(names) != len(set(names)):
        raise XmlError("an attribute twice at offset %d" % at)
    element = Element(match.group(1), attributes, match.start(), match.end(), parent)
    return element, bool(match.group(3))


SKIPPED = (("<!--", "-->"), ("<?", "?>"), ("<![CDATA[", "]]>"))


def skip(text, at):
    """The end of a comment, processing instruction or CDATA section that starts at @at, or None."""
    for opening, closing in SKIPPED:
        if text.startswith(opening, at):
            end = text.find(closing, at + len(opening))
            if end < 0:
                raise XmlError("%s without an end at offset %d" % (opening, at))
            return end + len(closing)
    return None


def parse(text):
    """The root element of @text."""
    here, root, at = None, None, 0
    if text.startswith("\ufeff"):
        at = 1
    while at < len(text):
        if text[at] != "<":
            stop = text.find("<", at)
            stop = len(text) if stop < 0 else stop
            if here is not None:
                here.text += unescape(text[at:stop])
            elif text[at:stop].strip():
                raise XmlError("text outside the root element")
            at = stop
            continue
        end = skip(text, at)
        if end is not None:
            if here is not None and text.startswith("<!--", at):
                here.comments.append((at, end))
            at = end
            continue
        if text.startswith("</", at):
            match = END.match(text, at)
            if not match or here is None or match.group(1) != here.name:
                raise XmlError("a wrong end tag at offset %d: %r" % (at, text[at:at + 40]))
            here.close_start, here.end = match.start(), match.end()
            at, here = match.end(), here.parent
            continue
        element, empty = start_tag(text, at, here)
        if here is None and root is not None:
            raise XmlError("two root elements")
        if here is None:
            root = element
        else:
            here.children.append(element)
        at = element.open_end
        if not empty:
            here = element
    if here is not None or root is None:
        raise XmlError("the text ends too early")
    return root


def with_space_before(text, element):
    """The range of an element and of the white space before it."""
    start = element.start
    while start > 0 and text[start - 1] in " \t\r\n":
        start -= 1
    return start, element.end


def cut(text, ranges):
    """@text without @ranges, and a function from offsets in the result to offsets in @text."""
    out, starts, at = [], [], 0
    for start, end in sorted(ranges):
        if start > at:
            starts.append((sum(map(len, out)), at))
            out.append(text[at:start])
        at = max(at, end)
    starts.append((sum(map(len, out)), at))
    out.append(text[at:])

    def original(offset):
        base = max((pair for pair in starts if pair[0] <= offset), key=lambda pair: pair[0])
        return base[1] + offset - base[0]
    return "".join(out), original
