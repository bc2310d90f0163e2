/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * additions.h - what vtopo adds to a domain besides PCI controllers and addresses
 *
 * Takes:  elements that a step of the planner wants in the domain, as libvirt prints them.
 * Gives:  a list in a fixed order, and a digest of each by which it is known again.
 * Rule:   only what a domain lacks is added; what it says stays, but for values that are merged.
 *         What was added is remembered in the domain's record, by kind and digest, and is vtopo's
 *         as long as it means what vtopo wrote: attributes that libvirt fills in, and the order of
 *         attributes and children, do not count. What somebody changed is theirs from then on. A
 *         plan is made from the domain without what is vtopo's of it.
 * A new kind: a row of additions.def; a step of the planner that calls additions_add() with the
 *         text of one element, or additions_change() with a value for an attribute. Everything else
 *         (parents that are missing, where it goes, record, undo, --check, --explain) follows from
 *         the row.
 * Not here: the kinds (additions.def), writing them (domxml/additions.c), taking them out
 *         (domxml/additions_undo.c).
 */
#ifndef VTOPO_MODEL_ADDITIONS_H
#define VTOPO_MODEL_ADDITIONS_H

#include "base/bdf.h"
#include "base/mem.h"

#include <stdint.h>

/* The step of a path that is the controller pcie-root; it is never made. */
#define ADDITION_PCIE_ROOT "controller[pcie-root]"
/* Nor are these, of which a domain has several: a cell by its number, a host device of type pci by
 * its address on the host. */
#define ADDITION_CELL "cell[id]"
#define ADDITION_HOSTDEV "hostdev[source]"

enum addition_kind {
#define ADDITION(name, parent, element, attribute) ADDITION_##name,
#include "model/additions.def"
#undef ADDITION
    ADDITION_KINDS
};

struct addition_place {
    const char *parent;    /* "features/kvm"; "": <domain> */
    const char *element;   /* "hidden" */
    const char *attribute; /* of an element that is there; NULL: the element is added */
};

const struct addition_place *addition_place(enum addition_kind kind);
/* ADDITION_KINDS: there is no such kind. */
enum addition_kind addition_kind_of(const char *parent, const char *element, const char *attribute);
/* Is its parent, or one above that, one of several? */
bool addition_is_of_one(enum addition_kind kind);
/* How many names the path of its parent has. */
unsigned addition_depth(enum addition_kind kind);

/* Which of several it is that has it: "2", "0009:01:00.0"; "": there is only one. */
#define ADDITION_OF_SIZE BDF_TEXT_SIZE

struct addition {
    enum addition_kind kind;
    char of[ADDITION_OF_SIZE];
    char *text; /* of one element, as libvirt prints it: lines with "\n" between them, quotes ', a
                   level is two blanks, line ends inside a text are &#10;; QEMU's namespace has the
                   prefix "qemu". Of an attribute its value, without entities */
    char *
        old; /* the value that it takes the place of, or the element as it is written; NULL: none */
    uint64_t digest;
};

struct additions {
    struct addition *items; /* in the order of the kinds; of one kind as they were added */
    size_t count, cap;
};

/* Takes over @text, which may be NULL (out of memory); false: out of memory. */
bool additions_add(struct additions *additions, enum addition_kind kind, char *text);
/* The same with a word on which of several has it. */
bool additions_add_to(struct additions *additions, enum addition_kind kind, const char *of,
                      char *text);
/* The same for an attribute: of the last element of that kind whose value is @old (NULL: none). */
bool additions_change(struct additions *additions, enum addition_kind kind, const char *old,
                      char *value);
/* The same for an element in the place of the only one of its name there, which is written as @old.
 */
bool additions_replace(struct additions *additions, enum addition_kind kind, const char *old,
                       char *text);
/* Is @text one element of that name with digits in it, and at most an attribute unit? Only such a
 * one is replaced, and put back. */
bool addition_may_replace(const char *text, const char *element);
bool additions_have(const struct additions *additions, enum addition_kind kind);
void additions_clear(struct additions *additions);

/* An element that the domain's record says vtopo added, or one whose attribute it changed. */
struct record_addition {
    enum addition_kind kind;
    char of[ADDITION_OF_SIZE]; /* as in struct addition */
    uint64_t digest;
    size_t element; /* where it is in the text; SIZE_MAX: it is not there as vtopo made it */
    unsigned made;  /* so many of its parents are vtopo's, too */
    bool was_closed, was_empty; /* the parent that was there was <e/>, or <e></e> */
    bool declared;              /* the prefix of QEMU's namespace is vtopo's, too */
    bool given; /* it is as vtopo made it, and counts as the domain's own: element is SIZE_MAX */
    char *was; /* of an attribute: its former bytes; NULL: it was not there. Of an element: those of
                  the one that was in its place; NULL: none was */
};

struct record_additions {
    struct record_addition *items; /* kinds ascend */
    size_t count, cap;
};

void record_additions_clear(struct record_additions *recorded);
/*
 * Guest cells and what binds them stand together: memnodes without their cells are no domain, and
 * from one pin that somebody changed other cells would follow.  Where one of these is no longer as
 * vtopo made it, the others are given to the domain, too; and so is what of its devices names them.
 *
 * @named  somebody's device names one of them: they are given in any case
 */
void record_additions_give_cells(struct record_additions *recorded, bool named);
/* Are exactly these additions in the domain, as vtopo made them? */
bool additions_are_recorded(const struct additions *additions,
                            const struct record_additions *recorded);

/*
 * A digest of what an element means.  What libvirt fills in counts nothing, nor does the order of
 * attributes and children, nor do blanks around a text, nor the text beside children.
 */
bool addition_digest(const char *text, uint64_t *ret_digest); /* of a struct addition's text; false:
                                                                 out of memory */
/* The same in parts: the digests of the attributes are added up, and so are those of the children.
 */
uint64_t addition_digest_attribute(const char *element, const char *name, const char *value);
uint64_t addition_digest_element(const char *name, uint64_t attributes, uint64_t children,
                                 const char *text, size_t length);
/* Is it what libvirt writes where nothing is said? */
bool addition_is_default(const char *element, const char *attribute, const char *value);

#endif
