/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h - one or many hosts as a page: which GPUs are free, who has the others, which VMs are not
 * as their host is, and every host
 */
#ifndef VTOPO_REPORT_PAGE_H
#define VTOPO_REPORT_PAGE_H

#include "base/buffer.h"
#include "model/host.h"

enum page_state {
    PAGE_FREE,
    PAGE_USED,     /* a VM has it, or is defined with it */
    PAGE_CONFLICT, /* several VMs are defined with it */
    PAGE_HOST,     /* the host's driver is bound to it */
    PAGE_UNKNOWN,  /* nobody asked libvirt */
    PAGE_STATES,
};

/* A GPU that is no virtual function. */
struct page_gpu {
    char *address, *model;
    char *near; /* "node 0, switch 0000:3b:00.0" */
    enum page_state state;
    char *owner; /* "vm1, running", "free"... */
};

/* A VM that is not as its host is, or a device that several VMs are defined with. */
struct page_problem {
    char *subject; /* "vm1", "0000:41:00.0" */
    char *what;
};

struct page_host {
    char *name;
    bool asked; /* libvirt was, when it was saved */
    size_t vms;
    VEC(struct page_gpu) gpus;
    VEC(struct page_problem) problems;
    char *picture, *tree; /* SVG for a page, text */
};

struct page {
    struct page_host *items;
    size_t count, cap;
};

/* False: out of memory; the page is then good for page_clear() only. */
bool page_add_host(struct page *page, const char *name, const struct vtopo_host *host);
/* A failure stays in the buffer. */
void page_print(const struct page *page, struct buffer *out);
void page_clear(struct page *page);

/* page_style.c: the style sheet; models: how many there are to choose from. */
void page_add_style(size_t models, struct buffer *out);
/* "free", "used"...: a class, and a word for people. */
const char *page_state_class(enum page_state state);

#endif
