/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * branch.h - what trees are drawn with
 */
#ifndef VTOPO_REPORT_BRANCH_H
#define VTOPO_REPORT_BRANCH_H

/* A level of a tree, all of one width. */
#define BRANCH_NEXT "├─ "    /* a node; more of its level follow */
#define BRANCH_LAST "└─ "    /* the last node of its level */
#define BRANCH_THROUGH "│  " /* a level that goes on further down */
#define BRANCH_NONE "   "    /* a level that has ended */
#define BRANCH_WIDTH 3       /* columns */

#endif
