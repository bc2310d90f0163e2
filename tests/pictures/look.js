// SPDX-License-Identifier: GPL-2.0-or-later
// look.js - looks at the pictures of a page as the browser has drawn them: is anything cut off, or over something else?
"use strict";

// What the browser says of an element, in the picture's own pixels.
function boxOf(element) {
    const box = element.getBBox();
    return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height, element };
}

function describe(box) {
    return box.element.tagName + " " + JSON.stringify((box.element.textContent || "").slice(0, 60)) + " at " +
        [box.left, box.top, box.right, box.bottom].map(Math.round);
}

function isIn(inner, outer, margin) {
    return inner.left >= outer.left + margin && inner.right <= outer.right - margin &&
        inner.top >= outer.top + margin && inner.bottom <= outer.bottom - margin;
}

// By more than rounding.
function meet(a, b) {
    return a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
}

function everyPair(boxes, wrong) {
    const sorted = [...boxes].sort((a, b) => a.top - b.top);
    sorted.forEach((a, i) => {
        for (let k = i + 1; k < sorted.length && sorted[k].top < a.bottom; k++)
            wrong(a, sorted[k]);
    });
}

// Lines and their rects: text has to be inside the box that it is of.
function lookAtTexts(svg, all, complain) {
    const texts = [...svg.querySelectorAll("text")].map(boxOf);
    for (const text of texts) {
        const rect = text.element.parentElement.querySelector(":scope > rect");
        if (text.element.parentElement.classList.contains("vt-leaf") || (rect && rect.parentElement !== svg)) {
            if (!isIn(text, boxOf(rect), 1))
                complain("text leaves its box: " + describe(text));
        }
    }
    everyPair(texts, (a, b) => meet(a, b) && complain("texts meet: " + describe(a) + " and " + describe(b)));
    return texts;
}

// Boxes are beside each other or in each other.
function lookAtBoxes(svg, complain) {
    const boxes = [...svg.querySelectorAll("rect.vt-box")].map(boxOf);
    everyPair(boxes, (a, b) => {
        if (meet(a, b) && !isIn(a, b, 2) && !isIn(b, a, 2))
            complain("boxes overlap: " + describe(a) + " and " + describe(b));
    });
    return boxes;
}

// What a link carries is written where no card is, no port and no line.
function lookAtLinks(svg, boxes, complain) {
    const links = [...svg.querySelectorAll(".vt-link, .vt-link-mark")].map(boxOf);
    const leaves = boxes.filter(box => box.element.parentElement.classList.contains("vt-leaf"));
    const lines = [...svg.querySelectorAll("line.vt-bus")].filter(line => line.x1.baseVal.value === line.x2.baseVal.value);
    const others = [...leaves, ...[...svg.querySelectorAll("rect.vt-port"), ...lines].map(boxOf)];
    for (const link of links) {
        for (const other of others) {
            const wide = { ...other, left: other.left - 0.5, right: other.right + 0.5 };
            if (meet(link, wide))
                complain("a link is over something: " + describe(link) + " and " + describe(other));
        }
    }
}

// From a card to its place nothing is in the way.
function lookAtJoins(svg, boxes, texts, complain) {
    const leaves = boxes.filter(box => box.element.parentElement.classList.contains("vt-leaf"));
    for (const line of svg.querySelectorAll(".vt-join-group line")) {
        const box = boxOf(line);
        const path = { ...box, top: box.top - 1, bottom: box.bottom + 1, left: box.left + 1, right: box.right - 1 };
        for (const other of [...leaves, ...texts]) {
            if (meet(path, other))
                complain("a line crosses: " + describe(box) + " and " + describe(other));
        }
    }
}

function lookAt(svg) {
    const problems = [];
    const complain = text => problems.push(text);
    const view = svg.viewBox.baseVal;
    const all = { left: 0, top: 0, right: view.width, bottom: view.height };
    for (const element of svg.querySelectorAll("rect:not(.vt-paper), line, path, text")) {
        if (!isIn(boxOf(element), all, 1))
            complain("cut off: " + describe(boxOf(element)));
    }
    const texts = lookAtTexts(svg, all, complain);
    const boxes = lookAtBoxes(svg, complain);
    lookAtLinks(svg, boxes, complain);
    lookAtJoins(svg, boxes, texts, complain);
    return { problems: problems.slice(0, 10), texts: texts.length, boxes: boxes.length,
             joins: svg.querySelectorAll(".vt-join-group").length };
}

function answer(value) {
    const element = document.createElement("script");
    element.type = "application/json";
    element.id = "answer";
    element.textContent = JSON.stringify(value).replaceAll("<", "\\u003c");
    document.body.append(element);
}
