# fish completion for vtopo-guest
# SPDX-License-Identifier: GPL-2.0-or-later
complete -c vtopo-guest -f
complete -c vtopo-guest -l host -x -a '(__fish_complete_directories)' -d 'a sysfs root (default /sys)'
complete -c vtopo-guest -l run -x -a '(__fish_complete_directories)' -d 'where nvidia-topologyd/virtualTopology.xml goes (default /var/run)'
complete -c vtopo-guest -s h -l help -d 'print this help'
complete -c vtopo-guest -l version -d 'print the version'
