/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c - see tree.h
 *
 * Takes:  a root directory, and names below it that are known or come out of the tree itself.
 * Gives:  texts, bytes, numbers and names.
 * Rule:   paths are opened beneath the root and through no symbolic link.
 * Not here: what the attributes mean (function.c, nodes.c), where links lead (device_path.c).
 */
#include "sysfs/tree.h"

#include "base/error.h"
#include "base/hex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Nearly every attribute is at most a page; lists of CPUs and types may be longer. */
#define PAGE 4096
#define TEXT_MAX 65536
/* More entries than PCI functions in a domain times a few domains are not a sysfs directory. */
#define NAMES_MAX 1000000

#define DIRECTORY (O_DIRECTORY | O_CLOEXEC)

int tree_open(const char *name, struct tree *ret_tree, struct vtopo_error **reterr)
{
    int fd = open(name, O_PATH | DIRECTORY);

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

int place_unreadable(const struct place *place, const char *name, int why)
{
    if (why == ENOMEM)
        return error_nomem(place->tree->reterr);
    return error_set(place->tree->reterr, VTOPO_ERR_HOST, "cannot read '%s/%.*s%s%s': %s",
                     place->tree->name, (int)place->length, place->path, name ? "/" : "",
                     name ? name : "", why == ELOOP ? "is a symbolic link" : strerror(why));
}

int place_wrong(const struct place *place, const char *name, const char *value, const char *why)
{
    return error_set(place->tree->reterr, VTOPO_ERR_HOST, "'%s/%.*s/%s' says '%.80s': %s",
                     place->tree->name, (int)place->length, place->path, name, value, why);
}

/* --- directories --- */

/* The same as open_beneath(), component by component. */
static int open_stepwise(int root, const char *path, int flags)
{
    int at = fcntl(root, F_DUPFD_CLOEXEC, 0);

    while (at >= 0 && *path) {
        char name[NAME_MAX + 1];
        size_t length = strcspn(path, "/");
        int next = -1, why;

        if (length > NAME_MAX || (length == 2 && !memcmp(path, "..", 2))) {
            errno = length > NAME_MAX ? ENAMETOOLONG : EXDEV;
        } else {
            bool last = !path[length];

            memcpy(name, path, length);
            name[length] = '\0';
            next = openat(at, name, (last ? flags : O_PATH) | DIRECTORY | O_NOFOLLOW);
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
static int open_beneath(int root, const char *path, int flags)
{
    struct open_how how = {
        .flags = (uint64_t)(flags | DIRECTORY),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
    };
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

    return fd < 0 && (errno == ENOSYS || errno == EPERM) ? open_stepwise(root, path, flags) : fd;
}

/* Sets place->fd to what was opened, or -1 if it is absent. */
static int set_opened(struct place *place, int fd)
{
    int why = errno;

    place->fd = fd;
    if (fd >= 0 || why == ENOENT)
        return 0;
    return place_unreadable(place, NULL, why);
}

int place_open(const struct tree *tree, const char *path, size_t length, struct place *ret_place)
{
    char copy[PATH_MAX];

    *ret_place = (struct place){.tree = tree, .fd = -1, .path = path, .length = length};
    if (length >= sizeof(copy))
        return place_unreadable(ret_place, NULL, ENAMETOOLONG);
    memcpy(copy, path, length);
    copy[length] = '\0';
    return set_opened(ret_place, open_beneath(tree->fd, copy, O_PATH));
}

int place_open_below(const struct place *above, const char *path, size_t length,
                     struct place *ret_place)
{
    char name[NAME_MAX + 1];
    size_t begin = above->length + 1;

    *ret_place = (struct place){.tree = above->tree, .fd = -1, .path = path, .length = length};
    if (length - begin >= sizeof(name))
        return place_unreadable(ret_place, NULL, ENAMETOOLONG);
    memcpy(name, path + begin, length - begin);
    name[length - begin] = '\0';
    return set_opened(ret_place, openat(above->fd, name, O_PATH | DIRECTORY | O_NOFOLLOW));
}

void place_close(struct place *place)
{
    if (place->fd >= 0)
        close(place->fd);
    *place = (struct place){.fd = -1};
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
static int add_name(struct names *names, const char *text)
{
    char **name;

    if (!strcmp(text, ".") || !strcmp(text, ".."))
        return 0;
    if (names->count >= NAMES_MAX)
        return E2BIG;
    name = vec_add(names);
    if (name)
        *name = strdup(text);
    return name && *name ? 0 : ENOMEM;
}

/* 0 or an errno.  Not readdir(): its opendir() asks for the status and the flags first. */
static int collect_names(int fd, struct names *names)
{
    _Alignas(struct dirent64) char buffer[8 * PAGE];
    ssize_t size;
    int why = 0;

    while (!why && (size = getdents64(fd, buffer, sizeof(buffer))) != 0) {
        const struct dirent64 *entry;

        if (size < 0)
            return errno;
        for (ssize_t at = 0; !why && at < size; at += entry->d_reclen) {
            entry = (const struct dirent64 *)(buffer + at);
            why = add_name(names, entry->d_name);
        }
    }
    return why;
}

int tree_list(const struct tree *tree, const char *path, struct names *ret_names)
{
    const struct place place = {.tree = tree, .path = path, .length = strlen(path)};
    struct names names = {0};
    int fd = open_beneath(tree->fd, path, O_RDONLY), why;

    *ret_names = names;
    if (fd < 0)
        return errno == ENOENT ? 0 : place_unreadable(&place, NULL, errno);
    why = collect_names(fd, &names);
    close(fd);
    if (why) {
        names_clear(&names);
        return place_unreadable(&place, NULL, why);
    }
    if (names.count)
        qsort(names.items, names.count, sizeof(*names.items), compare_names);
    *ret_names = names;
    return 0;
}

/* --- attributes --- */

/* O_NONBLOCK: a FIFO in a made-up tree must not hold us up. */
int place_open_file(const struct place *place, const char *name, int *ret_fd)
{
    *ret_fd = openat(place->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    return *ret_fd >= 0 || errno == ENOENT ? 0 : place_unreadable(place, name, errno);
}

static ssize_t read_once(int fd, void *buffer, size_t size)
{
    ssize_t n;

    do
        n = read(fd, buffer, size);
    while (n < 0 && errno == EINTR);
    return n;
}

/*
 * What a first read of nothing, or one that failed, means: an attribute may be empty, or have no
 * value now, but a FIFO and a directory show themselves in this way, too.
 */
static int explain_nothing(const struct place *place, const char *name, int fd, ssize_t n)
{
    int why = errno;
    struct stat status;

    if (fstat(fd, &status) || !S_ISREG(status.st_mode))
        return error_set(place->tree->reterr, VTOPO_ERR_HOST,
                         "cannot read '%s/%.*s/%s': is not a regular file", place->tree->name,
                         (int)place->length, place->path, name);
    return n < 0 && why != EINVAL ? place_unreadable(place, name, why) : 0;
}

/* Opens and reads once.  *ret_size is -1 where the attribute is absent, then *ret_fd is, too. */
static int open_and_read(const struct place *place, const char *name, void *buffer, size_t size,
                         int *ret_fd, ssize_t *ret_size)
{
    int code = place_open_file(place, name, ret_fd);

    *ret_size = -1;
    if (code || *ret_fd < 0)
        return code;
    *ret_size = read_once(*ret_fd, buffer, size);
    if (*ret_size <= 0)
        code = explain_nothing(place, name, *ret_fd, *ret_size);
    if (code || *ret_size < 0) {
        close(*ret_fd);
        *ret_fd = -1;
    }
    return code;
}

int place_read_bytes(const struct place *place, const char *name, void *ret_bytes, size_t limit,
                     ssize_t *ret_size)
{
    int fd, code = open_and_read(place, name, ret_bytes, limit, &fd, ret_size);

    if (fd >= 0)
        close(fd);
    return code;
}

/* Takes the newline off; false: a NUL is in it. */
static bool finish_text(char *text, size_t size)
{
    if (size && text[size - 1] == '\n')
        size--;
    text[size] = '\0';
    return strlen(text) == size;
}

int place_read_short(const struct place *place, const char *name, char ret_text[SHORT_TEXT],
                     bool *ret_found)
{
    ssize_t size;
    int fd, code = open_and_read(place, name, ret_text, SHORT_TEXT, &fd, &size);

    if (fd >= 0)
        close(fd);
    *ret_found = !code && size >= 0;
    if (!*ret_found)
        return code;
    if (size < SHORT_TEXT && finish_text(ret_text, (size_t)size))
        return 0;
    ret_text[SHORT_TEXT - 1] = '\0';
    return place_wrong(place, name, ret_text, "not a text, or too long");
}

/* Reads on behind the @used bytes of *text that a first read has filled; 0 or an errno. */
static int read_rest(int fd, char **text, size_t *used)
{
    char *grown = realloc(*text, TEXT_MAX + 1);
    ssize_t n;

    if (!grown)
        return ENOMEM;
    *text = grown;
    do {
        n = read_once(fd, grown + *used, TEXT_MAX - *used);
        if (n < 0)
            return errno;
        *used += (size_t)n;
    } while (n && *used < TEXT_MAX);
    return 0;
}

static char *copy_bytes(const char *bytes, size_t size)
{
    char *copy = malloc(size + 1);

    if (copy)
        memcpy(copy, bytes, size);
    return copy;
}

int place_read(const struct place *place, const char *name, char **ret_text)
{
    char page[PAGE];
    autofree char *text = NULL;
    ssize_t first;
    size_t size;
    int fd, why = 0, code = open_and_read(place, name, page, sizeof(page), &fd, &first);

    *ret_text = NULL;
    if (code || fd < 0)
        return code;
    size = (size_t)first;
    text = copy_bytes(page, size);
    if (text && size == sizeof(page))
        why = read_rest(fd, &text, &size);
    close(fd);
    if (!text || why)
        return place_unreadable(place, name, text ? why : ENOMEM);
    if (!finish_text(text, size) || size >= TEXT_MAX - 1)
        return place_wrong(place, name, text, "not a text, or too long");
    *ret_text = steal(text);
    return 0;
}

int place_read_link(const struct place *place, const char *name, char ret_text[PATH_MAX])
{
    ssize_t size = readlinkat(place->fd, name, ret_text, PATH_MAX);

    if (size < 0 && errno == ENOENT)
        size = 0;
    if (size < 0 && errno == EINVAL)
        return error_set(place->tree->reterr, VTOPO_ERR_HOST, "'%s/%.*s/%s' is not a symbolic link",
                         place->tree->name, (int)place->length, place->path, name);
    if (size < 0 || size == PATH_MAX)
        return place_unreadable(place, name, size < 0 ? errno : ENAMETOOLONG);
    ret_text[size] = '\0';
    return 0;
}

int place_read_link_name(const struct place *place, const char *name, char text[PATH_MAX],
                         const char **ret_name)
{
    const char *slash;
    int code = place_read_link(place, name, text);

    *ret_name = NULL;
    if (code || !*text)
        return code;
    slash = strrchr(text, '/');
    *ret_name = slash ? slash + 1 : text;
    return 0;
}

static bool parse_hex(const char *text, uint32_t max, uint32_t *ret_value)
{
    uint64_t value = 0;

    if (text[0] != '0' || text[1] != 'x' || !text[2])
        return false;
    for (text += 2; *text; text++) {
        int digit = hex_digit(*text);

        if (digit < 0)
            return false;
        value = value << 4 | (uint64_t)digit;
        if (value > max)
            return false;
    }
    *ret_value = (uint32_t)value;
    return true;
}

int place_read_hex(const struct place *place, const char *name, uint32_t max, uint32_t *ret_value)
{
    char text[SHORT_TEXT];
    bool found;
    int code = place_read_short(place, name, text, &found);

    if (code || !found || parse_hex(text, max, ret_value))
        return code;
    return place_wrong(place, name, text, "not a hexadecimal number of this size");
}

static bool parse_int(const char *text, int min, int max, int *ret_value)
{
    bool negative = *text == '-';
    int64_t value = 0;

    text += negative;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9' || value > INT32_MAX)
            return false;
        value = value * 10 + (*text - '0');
    }
    if (negative)
        value = -value;
    if (value < min || value > max)
        return false;
    *ret_value = (int)value;
    return true;
}

int place_read_int(const struct place *place, const char *name, int min, int max, int *ret_value)
{
    char text[SHORT_TEXT];
    bool found;
    int code = place_read_short(place, name, text, &found);

    if (code || !found || parse_int(text, min, max, ret_value))
        return code;
    return place_wrong(place, name, text, "not a number in range");
}

bool is_printable_name(const char *name)
{
    size_t length = strlen(name);

    for (const char *c = name; *c; c++) {
        if (*c < ' ' || *c >= 0x7f)
            return false;
    }
    return length && length <= 64;
}

bool is_plain_name(const char *name)
{
    return is_printable_name(name) && !strchr(name, ' ') && strcmp(name, ".") && strcmp(name, "..");
}
