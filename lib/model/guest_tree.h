/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest_tree.h - the PCI controllers of a guest by index, and the ways up from them
 *
 * Takes:  the controllers of a domain, and what others add to them.
 * Gives:  for each index the controller there, what it is on, and the expander that it is below.
 * Rule:   a controller whose address is not known is below nothing. Domains with a loop of
 *         controllers are refused when they are read (domxml/parse_controllers.c); here such a
 *         controller is below nothing, and a way up ends after DOMAIN_INDEXES steps.
 * Not here: which numbers buses get in the guest (plan/guest_bdf.c).
 */
#ifndef VTOPO_MODEL_GUEST_TREE_H
#define VTOPO_MODEL_GUEST_TREE_H

#include "model/domain.h"

/* Small, because a tree has room for all of them and is cleared when it is made. */
struct guest_controller {
    const struct domain_controller *own; /* of the domain; NULL: somebody else added it */
    uint16_t planned;                    /* without .own: place where it comes from */
    uint8_t bus, slot, function;         /* placed; bus: index of the controller that it is on */
    uint8_t expander;                    /* index of the one that it is or is below; 0: none */
    enum controller_model model : 8;
    bool there : 1;
    bool placed : 1; /* its address is known; never of pcie.0 */
    bool looped : 1; /* in a loop of controllers, or below one */
};

struct guest_tree {
    struct guest_controller at[DOMAIN_INDEXES];
    unsigned end; /* behind the highest index that is there */
};

/* The tree points into the domain. */
void guest_tree_make(const struct domain *domain, struct guest_tree *ret_tree);
/* Adds controllers, or puts others in their places: first all of them, then find_expanders(). */
void guest_tree_add(struct guest_tree *tree, unsigned index,
                    const struct guest_controller *controller);
void guest_tree_find_expanders(struct guest_tree *tree);

/* Is the bus that of the controller with index @top, or below it? */
bool guest_tree_is_below(const struct guest_tree *tree, unsigned bus, unsigned top);
/* Is the controller on pcie.0, or will libvirt put it there? */
bool guest_tree_is_on_root(const struct guest_controller *controller);
/* Is it a root bus, pcie.0 or that of an expander? */
bool model_is_root_bus(enum controller_model model);
/* Is it an expander, of PCI Express or (i440fx) of conventional PCI? */
bool model_is_expander(enum controller_model model);
/* What vtopo makes others in place of, and can put back: expanders, and what is below them. */
bool model_can_be_taken_over(enum controller_model model);
/* Is it a bridge to a conventional bus? */
bool model_is_bridge(enum controller_model model);

#endif
