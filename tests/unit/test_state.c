/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_state.c - what programs remember: spool, notes and locks in folders of the test's own */
#include "state/lock.h"
#include "state/notes.h"
#include "state/spool.h"

#include "base/mem.h"
#include "suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vtopo/error.h>

#define VM "6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e01"
#define OTHER_VM "6d1f8f2c-9a53-4a7e-8b62-0d6f3a5c1e02"

static char work[] = "/tmp/vtopo-state-XXXXXX", folder[64];

static void setup(void)
{
    strcpy(work + strlen(work) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(work));
    snprintf(folder, sizeof(folder), "%s/a/b", work);
}

static void teardown(void)
{
    char command[100];

    snprintf(command, sizeof(command), "rm -rf %s", work);
    ck_assert_int_eq(system(command), 0);
}

static const char *digest(unsigned n)
{
    static char text[DIGEST_LENGTH + 1];

    snprintf(text, sizeof(text), "%032x", n);
    return text;
}

static struct spooled find(unsigned n)
{
    struct spooled state;

    ck_assert_int_eq(spool_find(folder, VM, digest(n), &state, NULL), 0);
    return state;
}

static void write_spool(const char *text)
{
    char path[128];
    FILE *file;

    snprintf(path, sizeof(path), "%s/" VM, folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* --- the spool --- */

START_TEST(nothing_is_known_at_first)
{
    struct spooled state = find(1);

    ck_assert(!state.done && !state.tries);
    ck_assert_int_ne(access(folder, F_OK), 0);
}
END_TEST

START_TEST(a_rewrite_is_begun_and_done)
{
    ck_assert_int_eq(spool_begin(folder, VM, digest(1), NULL), 0);
    ck_assert(!find(1).done && find(1).tries == 1);
    ck_assert_int_eq(spool_begin(folder, VM, digest(1), NULL), 0);
    ck_assert_uint_eq(find(1).tries, 2);
    ck_assert_int_eq(spool_begin(folder, VM, digest(2), NULL), 0);
    ck_assert_int_eq(spool_finish(folder, VM, digest(1), NULL), 0);
    ck_assert(find(1).done && !find(2).done && !find(3).done);
    ck_assert_int_eq(spool_cancel(folder, VM, digest(2), NULL), 0);
    ck_assert_int_eq(spool_cancel(folder, VM, digest(2), NULL), 0);
    ck_assert_uint_eq(find(2).tries, 0);
}
END_TEST

START_TEST(what_was_begun_is_settled)
{
    ck_assert_int_eq(spool_settle(folder, VM, NULL), 0);
    ck_assert_int_ne(access(folder, F_OK), 0);
    ck_assert_int_eq(spool_begin(folder, VM, digest(1), NULL), 0);
    ck_assert_int_eq(spool_settle(folder, VM, NULL), 0);
    ck_assert(find(1).done && !find(2).done);
}
END_TEST

START_TEST(the_oldest_goes)
{
    for (unsigned i = 0; i <= SPOOL_DEFINITIONS; i++)
        ck_assert_int_eq(spool_finish(folder, VM, digest(i), NULL), 0);
    ck_assert(!find(0).done && find(1).done && find(SPOOL_DEFINITIONS).done);
}
END_TEST

START_TEST(other_lines_are_passed_over)
{
    ck_assert_int_eq(spool_finish(folder, VM, digest(1), NULL), 0);
    write_spool("done 00000000000000000000000000000001\n\n# a\nbegun x\ndone "
                "0000000000000000000000000000002\ndone 000000000000000000000000000000030\nbegun "
                "00000000000000000000000000000004");
    ck_assert(find(1).done && !find(2).done && !find(3).done);
    ck_assert_uint_eq(find(4).tries, 1);
    write_spool("");
    ck_assert(!find(1).done);
}
END_TEST

START_TEST(a_spool_that_is_too_large_is_an_error)
{
    struct vtopo_error *error = NULL;
    struct spooled state;
    autofree char *text = malloc(100001);

    ck_assert_int_eq(spool_finish(folder, VM, digest(1), NULL), 0);
    memset(text, '\n', 100000);
    text[100000] = '\0';
    write_spool(text);
    ck_assert_int_eq(spool_find(folder, VM, digest(1), &state, &error), VTOPO_ERR_FILE);
    ck_assert(!state.done);
    vtopo_error_free(error);
    ck_assert_int_eq(spool_begin(folder, VM, digest(1), NULL), VTOPO_ERR_FILE);
}
END_TEST

static bool is_vm(const void *data, const char *uuid)
{
    (void)data;
    return !strcmp(uuid, VM);
}

START_TEST(vms_that_are_gone_are_forgotten)
{
    char path[128];

    ck_assert_int_eq(spool_keep_only(folder, is_vm, NULL, NULL), 0);
    ck_assert_int_eq(spool_finish(folder, VM, digest(1), NULL), 0);
    ck_assert_int_eq(spool_finish(folder, OTHER_VM, digest(1), NULL), 0);
    snprintf(path, sizeof(path), "%s/" OTHER_VM ".new", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    ck_assert_int_eq(spool_keep_only(folder, is_vm, NULL, NULL), 0);
    ck_assert(find(1).done);
    ck_assert_int_ne(access(path, F_OK), 0);
    path[strlen(path) - 4] = '\0';
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(folders_of_others_are_not_used)
{
    struct vtopo_error *error = NULL;
    struct spooled state;

    ck_assert_int_eq(spool_finish(folder, VM, digest(1), NULL), 0);
    chmod(folder, 0710);
    ck_assert_int_eq(spool_find(folder, VM, digest(1), &state, &error), VTOPO_ERR_FILE);
    ck_assert_ptr_nonnull(strstr(vtopo_error_message(error), "is open to others"));
    vtopo_error_free(error);
    ck_assert_int_eq(spool_begin(folder, VM, digest(1), NULL), VTOPO_ERR_FILE);
}
END_TEST

/* --- notes --- */

static const char *read_note(enum note note)
{
    static char text[NOTE_SIZE];

    ck_assert_int_eq(note_read(folder, VM, note, text, NULL), 0);
    return text;
}

START_TEST(notes_come_and_go)
{
    ck_assert_str_eq(read_note(NOTE_PENDING), "");
    ck_assert_int_eq(note_write(folder, VM, NOTE_PENDING, "a b", NULL), 0);
    ck_assert_int_eq(note_write(folder, VM, NOTE_STOPPED, "c", NULL), 0);
    ck_assert_int_eq(note_write(folder, OTHER_VM, NOTE_PENDING, "d", NULL), 0);
    ck_assert_str_eq(read_note(NOTE_PENDING), "a b");
    ck_assert_str_eq(read_note(NOTE_ARRIVES), "");
    ck_assert_int_eq(notes_remove(folder, NOTE_PENDING, NULL), 0);
    ck_assert_str_eq(read_note(NOTE_PENDING), "");
    ck_assert_str_eq(read_note(NOTE_STOPPED), "c");
    ck_assert_int_eq(note_remove(folder, VM, NOTE_STOPPED, NULL), 0);
    ck_assert_int_eq(note_remove(folder, VM, NOTE_STOPPED, NULL), 0);
    ck_assert_str_eq(read_note(NOTE_STOPPED), "");
}
END_TEST

START_TEST(a_note_is_a_line)
{
    char path[128], text[NOTE_SIZE];
    FILE *file;

    ck_assert_int_eq(note_write(folder, VM, NOTE_PENDING, "a", NULL), 0);
    snprintf(path, sizeof(path), "%s/" VM ".pending", folder);
    file = fopen(path, "w");
    fputs("one\ntwo\n", file);
    fclose(file);
    ck_assert_str_eq(read_note(NOTE_PENDING), "one");
    file = fopen(path, "w");
    for (int i = 0; i < 2 * NOTE_SIZE; i++)
        fputc('x', file);
    fclose(file);
    ck_assert_int_eq(note_read(folder, VM, NOTE_PENDING, text, NULL), VTOPO_ERR_FILE);
    ck_assert_str_eq(text, "");
}
END_TEST

/* --- locks --- */

static bool is_held(enum lock lock)
{
    bool held;

    ck_assert_int_eq(lock_is_held(folder, lock, &held, NULL), 0);
    return held;
}

START_TEST(locks_end_with_their_process)
{
    int pipes[2], fd, status;
    char byte;
    pid_t child;

    ck_assert(!is_held(LOCK_RUNS));
    ck_assert_int_eq(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        bool ok = !lock_open(folder, &fd, NULL) && lock_take(fd, LOCK_RUNS);

        close(pipes[0]);
        if (ok)
            ok = write(pipes[1], "x", 1) == 1;
        pause();
        _exit(ok);
    }
    ck_assert_int_eq(read(pipes[0], &byte, 1), 1);
    ck_assert(is_held(LOCK_RUNS) && !is_held(LOCK_WATCHES));
    ck_assert_int_eq(lock_open(folder, &fd, NULL), 0);
    ck_assert(!lock_take(fd, LOCK_RUNS) && lock_take(fd, LOCK_WATCHES));
    ck_assert(is_held(LOCK_WATCHES));
    lock_give(fd, LOCK_WATCHES);
    ck_assert(!is_held(LOCK_WATCHES));
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(!is_held(LOCK_RUNS) && lock_take(fd, LOCK_RUNS));
    close(fd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("state");
    TCase *all = tcase_create("all");

    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, nothing_is_known_at_first);
    tcase_add_test(all, a_rewrite_is_begun_and_done);
    tcase_add_test(all, what_was_begun_is_settled);
    tcase_add_test(all, the_oldest_goes);
    tcase_add_test(all, other_lines_are_passed_over);
    tcase_add_test(all, a_spool_that_is_too_large_is_an_error);
    tcase_add_test(all, vms_that_are_gone_are_forgotten);
    tcase_add_test(all, folders_of_others_are_not_used);
    tcase_add_test(all, notes_come_and_go);
    tcase_add_test(all, a_note_is_a_line);
    tcase_add_test(all, locks_end_with_their_process);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
