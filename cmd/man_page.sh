#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# man_page.sh SCDOC SOURCE OUTPUT: a man page; one with a table says so in its first line, as man(1) wants it.
set -eu
{
    ! grep -q '^[[|]' "$2" || printf '%s\n' "'\\\" t"
    "$1" <"$2"
} >"$3"
