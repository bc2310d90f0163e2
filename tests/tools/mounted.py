# SPDX-License-Identifier: GPL-2.0-or-later
"""
mounted.py - a command with other files in place of this machine's

Takes:  pairs of files, or folders: what is put, and where; a command.
Gives:  the words of a command that runs it so, as root.
Rule:   in a mount namespace of its own: nobody else sees it.
"""

INSIDE = r"""
set -e
while [ "$1" != -- ]; do
    mount --bind "$1" "$2"
    shift 2
done
shift
exec "$@"
"""


def words(binds, *command):
    return ["unshare", "-m", "sh", "-c", INSIDE, "sh", *(str(path) for pair in binds for path in pair), "--",
            *map(str, command)]
