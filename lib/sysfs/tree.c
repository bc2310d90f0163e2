/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c - see tree.h
 *
 * Takes:  a root directory, and names below it that are known or come out of the tree itself.
 * Gives:  texts, bytes, names and taken-apart device paths.
 * Rule:   paths are opened beneath the root and through no symbolic link; links are interpreted
 *         here.
 * Not here: what the attributes mean (function.c, nodes.c).
 */
#include "sysfs/tree.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Attributes are at most a page, lists in the node and CPU directories and meminfo included. */
#define TEXT_MAX 65536
/* More entries than PCI functions in a domain times a few domains are not a sysfs directory. */
#define NAMES_MAX 1000000

int tree_open(const char *name, struct tree *ret_tree, struct vtopo_error **reterr)
{
    int fd = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return error_set(reterr, VTOPO_ERR_HOST, "cannot open '%s': %s", name, strerror(errno));
    *ret_tree = (struct tree){.fd = fd, .name = name, .reterr = reterr};
    return 0;
}

void tree_close(struct tree *tree)
{
    if (tree->fd >= 0)
        close(tree->fd);
    tree->fd = -1;
}

/* "cannot read": @name may be NULL for the place itself. */
static int cannot(const struct place *place, const char *name, int why)
{
    if (why == ENOMEM)
        return error_nomem(place->tree->reterr);
    return error_set(place->tree->reterr, VTOPO_ERR_HOST, "cannot read '%s/%s%s%s': %s",
                     place->tree->name, place->path, name ? "/" : "", name ? name : "",
                     why == ELOOP ? "is a symbolic link" : strerror(why));
}

int place_wrong(const struct place *place, const char *name, const char *value, const char *why)
{
    return error_set(place->tree->reterr, VTOPO_ERR_HOST, "'%s/%s/%s' says '%.80s': %s",
                     place->tree->name, place->path, name, value, why);
}

/* The same as open_beneath(), component by component. */
static int open_stepwise(int root, const char *path)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 0);

    while (at >= 0 && *path) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path, "/");
        int next = -1, why;

        if (length > NAME_MAX || (length == 2 && !memcmp(path, "..", 2))) {
            errno = length > NAME_MAX ? ENAMETOOLONG : EXDEV;
        } else {
            memcpy(name, path, length);
            name[length] = '\0';
            next = openat(at, name, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        }
        why = errno;
        close(at);
        errno = why;
        at = next;
        path += length + (path[length] == '/');
    }
    return at;
}

/* Linux before 5.6, valgrind and filters of containers do not know openat2(). */
static int open_beneath(int root, const char *path)
{
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_stepwise(root, path) : fd;
}

int place_open(const struct tree *tree, const char *path, struct place *ret_place)
{
    struct place place = {.tree = tree, .fd = -1, .path = strdup(path)};
    int why;

    if (!place.path)
        return error_nomem(tree->reterr);
    place.fd = open_beneath(tree->fd, path);
    if (place.fd < 0 && errno != ENOENT) {
        why = errno;
        cannot(&place, NULL, why);
        free(place.path);
        return why == ENOMEM ? VTOPO_ERR_NOMEM : VTOPO_ERR_HOST;
    }
    *ret_place = place;
    return 0;
}

void place_close(struct place *place)
{
    if (place->fd >= 0)
        close(place->fd);
    free(place->path);
    *place = (struct place){.fd = -1};
}

/* O_NONBLOCK: a FIFO in a made-up tree must not hold us up. */
static int open_file(const struct place *place, const char *name, int *ret_fd)
{
    struct stat status;
    int fd = openat(place->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);

    *ret_fd = -1;
    if (fd < 0)
        return errno == ENOENT ? 0 : cannot(place, name, errno);
    if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
        close(fd);
        return error_set(place->tree->reterr, VTOPO_ERR_HOST,
                         "cannot read '%s/%s/%s': is not a regular file", place->tree->name,
                         place->path, name);
    }
    *ret_fd = fd;
    return 0;
}

/* Reads until the end or until @size bytes are there; -1 and errno on failure. */
static ssize_t read_up_to(int fd, void *buffer, size_t size)
{
    size_t used = 0;
    ssize_t n;

    do {
        n = read(fd, (char *)buffer + used, size - used);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            used += (size_t)n;
    } while (n && used < size);
    return (ssize_t)used;
}

int place_read_bytes(const struct place *place, const char *name, size_t limit,
                     unsigned char **ret_bytes, size_t *ret_size)
{
    unsigned char *bytes, *fitting;
    ssize_t size;
    int fd, why;
    int code = open_file(place, name, &fd);

    *ret_bytes = NULL;
    *ret_size = 0;
    if (code || fd < 0)
        return code;
    bytes = malloc(limit + 1);
    size = bytes ? read_up_to(fd, bytes, limit) : -1;
    why = errno;
    close(fd);
    if (size < 0) {
        free(bytes);
        return bytes && why == EINVAL ? 0 : cannot(place, name, bytes ? why : ENOMEM);
    }
    fitting = realloc(bytes, (size_t)size + 1);
    *ret_bytes = fitting ? fitting : bytes;
    (*ret_bytes)[size] = '\0';
    *ret_size = (size_t)size;
    return 0;
}

int place_read(const struct place *place, const char *name, char **ret_text)
{
    unsigned char *bytes;
    size_t size;
    int code = place_read_bytes(place, name, TEXT_MAX, &bytes, &size);
    char *text = (char *)bytes;

    *ret_text = NULL;
    if (code || !text)
        return code;
    if (size && text[size - 1] == '\n')
        text[--size] = '\0';
    if (size >= TEXT_MAX - 1 || strlen(text) != size) {
        code = place_wrong(place, name, text, "not a text, or too long");
        free(text);
        return code;
    }
    *ret_text = text;
    return 0;
}

int place_read_link(const struct place *place, const char *name, char **ret_text)
{
    char text[PATH_MAX];
    ssize_t size = readlinkat(place->fd, name, text, sizeof(text));

    *ret_text = NULL;
    if (size < 0 && errno == ENOENT)
        return 0;
    if (size < 0 && errno == EINVAL)
        return error_set(place->tree->reterr, VTOPO_ERR_HOST, "'%s/%s/%s' is not a symbolic link",
                         place->tree->name, place->path, name);
    if (size < 0)
        return cannot(place, name, errno);
    if ((size_t)size == sizeof(text))
        return cannot(place, name, ENAMETOOLONG);
    *ret_text = strndup(text, (size_t)size);
    return *ret_text ? 0 : error_nomem(place->tree->reterr);
}

int place_read_link_name(const struct place *place, const char *name, char **ret_text)
{
    autofree char *text = NULL;
    const char *slash;
    int code = place_read_link(place, name, &text);

    *ret_text = NULL;
    if (code || !text)
        return code;
    slash = strrchr(text, '/');
    *ret_text = strdup(slash ? slash + 1 : text);
    return *ret_text ? 0 : error_nomem(place->tree->reterr);
}

void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->items[i]);
    free(names->items);
    *names = (struct names){0};
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* 0 or an errno. */
static int collect_names(DIR *stream, struct names *names)
{
    struct dirent *entry;
    char **name;

    while (errno = 0, entry = readdir(stream)) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        if (names->count >= NAMES_MAX)
            return E2BIG;
        name = vec_add(names);
        if (!name)
            return ENOMEM;
        *name = strdup(entry->d_name);
        if (!*name)
            return ENOMEM;
    }
    return errno;
}

int place_list(const struct place *place, struct names *ret_names)
{
    struct names names = {0};
    int fd = openat(place->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    int why = stream ? 0 : errno;

    if (!stream && fd >= 0)
        close(fd);
    if (stream) {
        why = collect_names(stream, &names);
        closedir(stream);
    }
    if (why) {
        names_clear(&names);
        return cannot(place, NULL, why);
    }
    if (names.count)
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    *ret_names = names;
    return 0;
}

int place_read_hex(const struct place *place, const char *name, uint32_t max, uint32_t *ret_value)
{
    autofree char *text = NULL;
    unsigned long value;
    char *end;
    int code = place_read(place, name, &text);

    if (code || !text)
        return code;
    errno = 0;
    value = strncmp(text, "0x", 2) ? 0 : strtoul(text, &end, 16);
    if (strncmp(text, "0x", 2) || !strchr("0123456789abcdefABCDEF", text[2]) || !text[2] || *end ||
        errno || value > max)
        return place_wrong(place, name, text, "not a hexadecimal number of this size");
    *ret_value = (uint32_t)value;
    return 0;
}

int place_read_int(const struct place *place, const char *name, int min, int max, int *ret_value)
{
    autofree char *text = NULL;
    char *end;
    long value;
    int code = place_read(place, name, &text);

    if (code || !text)
        return code;
    errno = 0;
    value = strtol(text, &end, 10);
    if ((*text != '-' && (*text < '0' || *text > '9')) || *end || end == text || errno ||
        value < min || value > max)
        return place_wrong(place, name, text, "not a number in range");
    *ret_value = (int)value;
    return 0;
}

bool is_bdf_name(const char *name, struct bdf *ret_bdf)
{
    struct bdf bdf;

    if (!bdf_parse(name, &bdf) || strcmp(name, BDF_TEXT(&bdf)))
        return false;
    *ret_bdf = bdf;
    return true;
}

bool is_plain_name(const char *name)
{
    size_t length = strlen(name);

    for (const char *c = name; *c; c++) {
        if (*c <= ' ' || *c >= 0x7f)
            return false;
    }
    return length && length <= 64 && strcmp(name, ".") && strcmp(name, "..");
}

/* "pci0000:3a" is the root complex 0000:3a. */
static bool is_root_name(const char *name, struct bdf *ret_root)
{
    char text[BDF_TEXT_SIZE + 8];

    if (strncmp(name, "pci", 3) || strlen(name + 3) > strlen("ffffffff:ff"))
        return false;
    snprintf(text, sizeof(text), "%s:00.0", name + 3);
    return is_bdf_name(text, ret_root);
}

/*
 * The path below the root that the link text @link in the directory @base means: pure text, as
 * links of sysfs name real directories only. @ret_path stays NULL if it is absolute or leads out.
 */
static int resolve(const struct place *place, const char *link, char **ret_path)
{
    autofree char *path = malloc(strlen(place->path) + strlen(link) + 2);
    size_t used = strlen(place->path);

    *ret_path = NULL;
    if (!path)
        return error_nomem(place->tree->reterr);
    memcpy(path, place->path, used + 1);
    for (;; link++) {
        size_t length = strcspn(link, "/");

        if (!length || (length == 1 && *link == '.'))
            return 0; /* "/" first or last, "//", ".": never in a link of sysfs */
        if (length == 2 && !memcmp(link, "..", 2)) {
            if (!used)
                return 0;
            while (used && path[--used] != '/')
                ;
        } else {
            if (used)
                path[used++] = '/';
            memcpy(path + used, link, length);
            used += length;
        }
        path[used] = '\0';
        link += length;
        if (!*link)
            break;
    }
    *ret_path = steal(path);
    return 0;
}

/* Takes one component into @path; @end is where it ends. False: out of memory. */
static bool take_component(struct device_path *path, const char *name, size_t end, bool *in_rest)
{
    struct bdf bdf, *last;

    if (is_root_name(name, &bdf)) {
        path->has_root = true;
        path->root = bdf;
        path->chain.count = 0;
        *in_rest = false;
        return true;
    }
    if (!path->has_root || *in_rest || !is_bdf_name(name, &bdf)) {
        *in_rest = true;
        return true;
    }
    last = vec_add(&path->chain);
    if (!last)
        return false;
    *last = bdf;
    path->chain_end = end;
    return true;
}

static bool take_apart(struct device_path *path)
{
    autofree char *copy = strdup(path->path);
    char *save = NULL;
    bool in_rest = false;

    if (!copy)
        return false;
    for (char *name = strtok_r(copy, "/", &save); name; name = strtok_r(NULL, "/", &save)) {
        if (!take_component(path, name, (size_t)(name - copy) + strlen(name), &in_rest))
            return false;
    }
    return true;
}

int device_path_read(const struct place *place, const char *name, struct device_path *ret_path)
{
    struct device_path path = {0};
    autofree char *link = NULL;
    int code = place_read_link(place, name, &link);

    *ret_path = path;
    if (code || !link)
        return code;
    code = resolve(place, link, &path.path);
    if (!code && (!path.path || strncmp(path.path, "devices/", strlen("devices/"))))
        code = place_wrong(place, name, link, "leads to no device of the tree");
    if (!code && !take_apart(&path))
        code = error_nomem(place->tree->reterr);
    if (code) {
        device_path_clear(&path);
        return code;
    }
    *ret_path = path;
    return 0;
}

void device_path_clear(struct device_path *path)
{
    free(path->path);
    free(path->chain.items);
    *path = (struct device_path){0};
}

bool is_printable_name(const char *text)
{
    size_t length = strlen(text);

    for (const char *c = text; *c; c++) {
        if (*c < ' ' || *c >= 0x7f)
            return false;
    }
    return length && length <= 64;
}
