# fish completion for vtopod
# SPDX-License-Identifier: GPL-2.0-or-later
complete -c vtopod -f
complete -c vtopod -s c -l connect -x -d 'libvirt\'s address (qemu:///system)'
complete -c vtopod -l host -r -F -d 'a sysfs tree or a host description (/sys)'
complete -c vtopod -l config -r -F -d 'policy'
complete -c vtopod -l history -x -a '(__fish_complete_directories)' -d 'replaced definitions'
complete -c vtopod -l spool -x -a '(__fish_complete_directories)' -d 'what was rewritten'
complete -c vtopod -l run -x -a '(__fish_complete_directories)' -d 'notes for libvirt\'s hook'
complete -c vtopod -s h -l help -d 'print this help'
complete -c vtopod -l version -d 'print the version'
