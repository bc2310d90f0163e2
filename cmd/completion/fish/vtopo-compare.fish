# fish completion for vtopo-compare
# SPDX-License-Identifier: GPL-2.0-or-later
complete -c vtopo-compare -l host -r -F -d 'a sysfs root, or a host description (default /sys)'
complete -c vtopo-compare -l json -d 'print JSON'
complete -c vtopo-compare -s h -l help -d 'print this help'
complete -c vtopo-compare -l version -d 'print the version'
