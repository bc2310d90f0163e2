/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vgpu.c - the name of the type of a virtual function that is a vGPU
 *
 * Takes:  the directories of the function and of the others of its card.
 * Gives:  the name that NVIDIA's driver has for the type, if one of them knows it.
 */
#include "sysfs/function.h"

#include "base/error.h"

#include <stdio.h>
#include <string.h>

#define VFS_MAX 256 /* more than any GPU has */

/* "558   : NVIDIA A40-2B": sets *ret_type to the rest of the line of this number.  False: out of
 * memory. */
static bool find_type(const char *list, unsigned long id, char **ret_type)
{
    for (const char *line = list; line; line = strchr(line, '\n')) {
        char *end;
        unsigned long number;

        line += *line == '\n';
        number = strtoul(line, &end, 10);
        end += strspn(end, " ");
        if (*line < '0' || *line > '9' || number != id || *end != ':')
            continue;
        end += 1 + strspn(end + 1, " ");
        *ret_type = strndup(end, strcspn(end, "\n"));
        return *ret_type;
    }
    return true;
}

/* The name of type @id in the list of types that @function, a directory, could become now. */
static int find_type_of(const struct tree *tree, const char *function, int id, char **ret_type)
{
    struct place nvidia;
    autofree char *list = NULL;
    autofree char *path = mem_printf("%s/nvidia", function);
    int code = path ? place_open(tree, path, strlen(path), &nvidia) : error_nomem(tree->reterr);

    if (code)
        return code;
    if (nvidia.fd >= 0)
        code = place_read(&nvidia, "creatable_vgpu_types", &list);
    place_close(&nvidia);
    if (code || !list)
        return code;
    return find_type(list, (unsigned long)id, ret_type) ? 0 : error_nomem(tree->reterr);
}

static int length_of_folder(const struct place *place)
{
    size_t length = place->length;

    while (place->path[length - 1] != '/')
        length--;
    return (int)length - 1;
}

/* The same of the function @name, which is in one directory with @place. */
static int find_type_beside(const struct place *place, const char *name, int id, char **ret_type)
{
    autofree char *function = mem_printf("%.*s/%s", length_of_folder(place), place->path, name);

    return function ? find_type_of(place->tree, function, id, ret_type)
                    : error_nomem(place->tree->reterr);
}

/* The same of its card's virtual functions, which are in one directory with it, until one knows the
 * type. */
static int find_type_of_card(const struct place *place, const struct bdf *physfn, int id,
                             char **ret_type)
{
    int folder = length_of_folder(place);
    autofree char *path = mem_printf("%.*s/%s", folder, place->path, BDF_TEXT(physfn));
    struct place card;
    int code = path ? place_open(place->tree, path, strlen(path), &card)
                    : error_nomem(place->tree->reterr);
    bool more = !code && card.fd >= 0;

    if (code)
        return code;
    for (unsigned i = 0; more && !*ret_type && i < VFS_MAX; i++) {
        char link[sizeof("virtfn") + 10], text[PATH_MAX];
        const char *name;
        struct bdf bdf;

        snprintf(link, sizeof(link), "virtfn%u", i);
        code = place_read_link_name(&card, link, text, &name);
        more = !code && name && bdf_parse_name(name, strlen(name), &bdf);
        if (more)
            code = find_type_beside(place, name, id, ret_type);
        more &= !code;
    }
    place_close(&card);
    return code;
}

/*
 * What NVIDIA's driver says of a virtual function that is a vGPU (its Virtual GPU Software User
 * Guide).  The number of its type has a name in the list of what can be made; with every vGPU that
 * list gets shorter, but not at once for all.
 */
int function_read_vgpu_type(const struct place *place, struct host_function *function)
{
    struct place nvidia;
    autofree char *type = NULL, *own = mem_printf("%.*s", (int)place->length, place->path);
    autofree char *path = own ? mem_printf("%s/nvidia", own) : NULL;
    int current = 0;
    int code = path ? place_open_below(place, path, strlen(path), &nvidia)
                    : error_nomem(place->tree->reterr);

    if (code)
        return code;
    if (nvidia.fd >= 0)
        code = place_read_int(&nvidia, "current_vgpu_type", 0, INT32_MAX, &current);
    place_close(&nvidia);
    if (code || !current)
        return code;
    code = find_type_of(place->tree, own, current, &type);
    if (!code && !type)
        code = find_type_of_card(place, &function->physfn, current, &type);
    if (!code && type && is_printable_name(type))
        function->vgpu_type = steal(type);
    return code;
}
