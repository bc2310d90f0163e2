/* SPDX-License-Identifier: GPL-2.0-or-later */
/* enable.h - put 50-vtopo where libvirt looks for hooks, and take it away again */
#ifndef VTOPO_HOOKS_ENABLE_H
#define VTOPO_HOOKS_ENABLE_H

/* Both tell what they did in a line on stderr, and return an exit status (cmd/common.h). */
int enable_hook(const char *program);
int disable_hook(const char *program);

#endif
