/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icu_stub.c - ICU's converters, of which there are none
 *
 * Takes:  the calls of libxml2.a, if it was built with ICU (as Debian's).
 * Gives:  "unsupported".
 * Rule:   libicuuc, its 30 MB of data and libstdc++ take the dynamic loader longer than a program
 *         takes to read a domain and to plan. libxml2 reads UTF-8 and UTF-16 itself and asks iconv
 *         first for everything else; only what neither knows comes here (libxml2 2.9.14,
 *         xmlFindCharEncodingHandler() in encoding.c), and a domain has to be UTF-8 anyway.
 * Not here: whether it is needed (static.cmake).
 *
 * unicode/ucnv.h gives the functions the names that have ICU's version in them.
 */
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>

UConverter *ucnv_open(const char *name, UErrorCode *ret_error)
{
    (void)name;
    *ret_error = U_UNSUPPORTED_ERROR;
    return NULL;
}

void ucnv_close(UConverter *converter)
{
    (void)converter;
}

void ucnv_setToUCallBack(UConverter *converter, UConverterToUCallback action, const void *context,
                         UConverterToUCallback *ret_old, const void **ret_old_context,
                         UErrorCode *ret_error)
{
    (void)converter, (void)action, (void)context, (void)ret_old, (void)ret_old_context;
    *ret_error = U_UNSUPPORTED_ERROR;
}

void ucnv_setFromUCallBack(UConverter *converter, UConverterFromUCallback action,
                           const void *context, UConverterFromUCallback *ret_old,
                           const void **ret_old_context, UErrorCode *ret_error)
{
    (void)converter, (void)action, (void)context, (void)ret_old, (void)ret_old_context;
    *ret_error = U_UNSUPPORTED_ERROR;
}

void ucnv_convertEx(UConverter *to, UConverter *from, char **target, const char *target_end,
                    const char **source, const char *source_end, UChar *pivot_start,
                    UChar **pivot_source, UChar **pivot_target, const UChar *pivot_end, UBool reset,
                    UBool flush, UErrorCode *ret_error)
{
    (void)to, (void)from, (void)target, (void)target_end, (void)source, (void)source_end;
    (void)pivot_start, (void)pivot_source, (void)pivot_target, (void)pivot_end;
    (void)reset, (void)flush;
    *ret_error = U_UNSUPPORTED_ERROR;
}

void UCNV_TO_U_CALLBACK_STOP(const void *context, UConverterToUnicodeArgs *arguments,
                             const char *units, int32_t length, UConverterCallbackReason reason,
                             UErrorCode *error)
{
    (void)context, (void)arguments, (void)units, (void)length, (void)reason, (void)error;
}

void UCNV_FROM_U_CALLBACK_STOP(const void *context, UConverterFromUnicodeArgs *arguments,
                               const UChar *units, int32_t length, UChar32 character,
                               UConverterCallbackReason reason, UErrorCode *error)
{
    (void)context, (void)arguments, (void)units, (void)length, (void)character;
    (void)reason, (void)error;
}
