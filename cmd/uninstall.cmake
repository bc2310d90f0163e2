# SPDX-License-Identifier: GPL-2.0-or-later
# Take away what "install" has put where, and the folders that only held that. DESTDIR counts, as with install.
#
# Takes: BUILD (its install_manifest.txt, and those of components), PREFIX. Folders that systems have by themselves stay,
# even if empty.
cmake_minimum_required(VERSION 3.25)
set(standing bin etc include lib libexec sbin share share/doc share/man src)

file(GLOB manifests ${BUILD}/install_manifest*.txt)
if(NOT manifests)
    message(FATAL_ERROR "nothing is installed from ${BUILD}")
endif()
set(files)
foreach(manifest ${manifests})
    file(STRINGS ${manifest} more)
    list(APPEND files ${more})
endforeach()
set(root $ENV{DESTDIR}${PREFIX})

function(remove_empty_above path)
    while(TRUE)
        cmake_path(GET path PARENT_PATH path)
        cmake_path(IS_PREFIX root "${path}" below)
        cmake_path(RELATIVE_PATH path BASE_DIRECTORY "${root}" OUTPUT_VARIABLE name)
        file(GLOB left "${path}/*" "${path}/.[!.]*")
        if(NOT below OR left OR name STREQUAL "." OR name IN_LIST standing OR NOT IS_DIRECTORY "${path}")
            return()
        endif()
        file(REMOVE_RECURSE "${path}")
    endwhile()
endfunction()

foreach(file ${files})
    file(REMOVE "$ENV{DESTDIR}${file}")
    remove_empty_above("$ENV{DESTDIR}${file}")
endforeach()
