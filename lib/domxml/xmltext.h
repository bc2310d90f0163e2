/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xmltext.h - bytes from anywhere: accept them as XML, or refuse them
 */
#ifndef VTOPO_DOMXML_XMLTEXT_H
#define VTOPO_DOMXML_XMLTEXT_H

#include "domxml/document.h"

#include "vtopo/error.h"

#include <libxml/tree.h>

/*
 * Reads a UTF-8 document of at most VTOPO_DOMAIN_MAX bytes, without a DTD, within the
 * limits of scan.h.  @name is for messages.  Returns 0, VTOPO_ERR_DOMAIN, VTOPO_ERR_NOMEM; free the
 * results with scan_clear(), which is needed on failure, too, and document_free().
 */
int xmltext_read(const char *text, size_t length, const char *name, struct scan *ret_scan,
                 struct document *ret_document, struct vtopo_error **reterr);

/* The same for libxml2's tree; free it with xmlFreeDoc(). */
int xmltext_read_tree(const char *text, size_t length, const char *name, xmlDoc **ret_doc,
                      struct vtopo_error **reterr);

#endif
