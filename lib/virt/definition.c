/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * definition.c - see definition.h
 *
 * Takes:  a connection, the name or UUID of a VM.
 * Gives:  its definition (that of its next start, with the passwords, which would be lost
 *         otherwise), and puts another one into its place.
 * Rule:   libvirt has no "replace it if it is still the same": whoever replaces reads it again
 *         directly before, and the moment in between stays.
 * Not here: what the definition should be; where the old one is kept (history.c).
 */
#include "virt/definition.h"

#include <libvirt/virterror.h>
#include <string.h>

#define XML_FLAGS (VIR_DOMAIN_XML_INACTIVE | VIR_DOMAIN_XML_SECURE)

static void clear(struct definition *definition)
{
    if (definition->domain)
        virDomainFree(definition->domain);
    free(definition->name);
    free(definition->xml);
    free(definition->live_xml);
    *definition = (struct definition){0};
}

void definitions_clear(struct definitions *definitions)
{
    for (size_t i = 0; i < definitions->count; i++)
        clear(&definitions->items[i]);
    free(definitions->items);
    *definitions = (struct definitions){0};
}

static int read_state(struct definition *d, struct vtopo_error **reterr)
{
    int running = virDomainIsActive(d->domain), persistent = virDomainIsPersistent(d->domain);
    int saved = persistent == 1 ? virDomainHasManagedSaveImage(d->domain, 0) : 0;

    if (running < 0 || persistent < 0 || saved < 0)
        return connection_error(reterr, "VM '%s' cannot be read", d->name);
    d->running = running;
    d->has_managed_save = saved;
    d->xml = persistent ? virDomainGetXMLDesc(d->domain, XML_FLAGS) : NULL;
    if (persistent && !d->xml)
        return connection_error(reterr, "the definition of VM '%s' cannot be read", d->name);
    return 0;
}

/* Owns @domain from here on. */
static int add(virDomainPtr domain, struct definitions *definitions, struct vtopo_error **reterr)
{
    struct definition *d = vec_add(definitions);

    if (!d) {
        virDomainFree(domain);
        return error_nomem(reterr);
    }
    d->domain = domain;
    d->name = strdup(virDomainGetName(domain));
    if (!d->name)
        return error_nomem(reterr);
    if (virDomainGetUUIDString(domain, d->uuid) < 0)
        return connection_error(reterr, "VM '%s' has no UUID", d->name);
    return read_state(d, reterr);
}

/* It may be named by its name and by its UUID. */
static bool is_there(const struct definitions *definitions, virDomainPtr domain)
{
    char uuid[VIR_UUID_STRING_BUFLEN];

    if (virDomainGetUUIDString(domain, uuid) < 0)
        return false;
    for (size_t i = 0; i < definitions->count; i++) {
        if (!strcmp(definitions->items[i].uuid, uuid))
            return true;
    }
    return false;
}

/* Libvirt's last answer: there is no such VM, or the word is no UUID. */
static bool is_unknown(void)
{
    const virError *why = virGetLastError();

    return why && (why->code == VIR_ERR_NO_DOMAIN || why->code == VIR_ERR_INVALID_ARG);
}

static int add_one(virConnectPtr conn, const char *name, struct definitions *definitions,
                   struct vtopo_error **reterr)
{
    virDomainPtr domain = virDomainLookupByName(conn, name);

    if (!domain && is_unknown())
        domain = virDomainLookupByUUIDString(conn, name);
    if (!domain && !is_unknown())
        return connection_error(reterr, "VM '%s' cannot be looked up", name);
    if (!domain)
        return error_set(reterr, VTOPO_ERR_FILE,
                         "libvirt knows no VM '%s' (virsh list --all names them)", name);
    if (is_there(definitions, domain)) {
        virDomainFree(domain);
        return 0;
    }
    return add(domain, definitions, reterr);
}

static int compare(const void *left, const void *right)
{
    const struct definition *a = left, *b = right;

    return strcmp(a->name, b->name);
}

/* One that is gone since it was listed is none. */
static bool is_gone(const struct definitions *definitions)
{
    const virError *why = virGetLastError();

    return definitions->count && why && why->code == VIR_ERR_NO_DOMAIN;
}

static void forget(struct vtopo_error **reterr)
{
    if (!reterr)
        return;
    vtopo_error_free(*reterr);
    *reterr = NULL;
}

static int add_if_there(virDomainPtr domain, struct definitions *definitions,
                        struct vtopo_error **reterr)
{
    int r;

    virResetLastError();
    r = add(domain, definitions, reterr);
    if (r != VTOPO_ERR_FILE || !is_gone(definitions))
        return r;
    clear(&definitions->items[--definitions->count]);
    forget(reterr);
    return 0;
}

int definitions_add_uuid(virConnectPtr conn, const char *uuid, struct definitions *definitions,
                         struct vtopo_error **reterr)
{
    virDomainPtr domain = virDomainLookupByUUIDString(conn, uuid);
    const virError *why = domain ? NULL : virGetLastError();

    if (domain)
        return add_if_there(domain, definitions, reterr);
    if (why && why->code == VIR_ERR_NO_DOMAIN)
        return 0;
    return connection_error(reterr, "VM %s cannot be looked up", uuid);
}

static int add_all(virConnectPtr conn, struct definitions *definitions, struct vtopo_error **reterr)
{
    autofree virDomainPtr *domains = NULL;
    int count = virConnectListAllDomains(conn, &domains, 0), r = 0;

    if (count < 0)
        return connection_error(reterr, "the VMs cannot be listed");
    for (int i = 0; i < count; i++) {
        if (r)
            virDomainFree(domains[i]);
        else
            r = add_if_there(domains[i], definitions, reterr);
    }
    if (!r && definitions->count)
        qsort(definitions->items, definitions->count, sizeof(*definitions->items), compare);
    return r;
}

int definitions_add(virConnectPtr conn, const char *name, struct definitions *definitions,
                    struct vtopo_error **reterr)
{
    return name ? add_one(conn, name, definitions, reterr) : add_all(conn, definitions, reterr);
}

/* One that has ended meanwhile has none. */
int definitions_read_live(struct definitions *definitions, struct vtopo_error **reterr)
{
    for (size_t i = 0; i < definitions->count; i++) {
        struct definition *d = &definitions->items[i];
        const virError *why;

        if (!d->running)
            continue;
        free(d->live_xml);
        d->live_xml = virDomainGetXMLDesc(d->domain, 0);
        why = d->live_xml ? NULL : virGetLastError();
        if (why && why->code != VIR_ERR_NO_DOMAIN)
            return connection_error(reterr, "what VM '%s' runs with cannot be read", d->name);
    }
    return 0;
}

int definition_is_unchanged(const struct definition *definition, bool *ret_unchanged,
                            struct vtopo_error **reterr)
{
    autofree char *xml = virDomainGetXMLDesc(definition->domain, XML_FLAGS);

    if (!xml)
        return connection_error(reterr, "the definition of VM '%s' cannot be read again",
                                definition->name);
    *ret_unchanged = !strcmp(xml, definition->xml);
    return 0;
}

int definition_replace(const struct definition *definition, const char *xml,
                       struct vtopo_error **reterr)
{
    virConnectPtr conn = virDomainGetConnect(definition->domain);
    virDomainPtr domain = virDomainDefineXMLFlags(conn, xml, VIR_DOMAIN_DEFINE_VALIDATE);

    if (!domain)
        return connection_error(reterr, "the new definition of VM '%s' is not taken",
                                definition->name);
    virDomainFree(domain);
    return 0;
}
