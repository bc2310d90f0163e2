# SPDX-License-Identifier: GPL-2.0-or-later
# add_man_page(NAME.SECTION [FOLDER]): from NAME.SECTION.scd beside the caller or in FOLDER, if there is scdoc.
find_program(SCDOC scdoc)
if(NOT SCDOC)
    message(STATUS "scdoc is not there: no man pages are made")
endif()

function(add_man_page page)
    if(NOT SCDOC)
        return()
    endif()
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${page}.scd)
    if(ARGN)
        set(source ${ARGN}/${page}.scd)
    endif()
    string(REGEX REPLACE ".*\\." "" section ${page})
    add_custom_command(OUTPUT ${page} DEPENDS ${source} VERBATIM
        COMMAND sh -c "exec \"$0\" <\"$1\" >\"$2\"" ${SCDOC} ${source}
            ${CMAKE_CURRENT_BINARY_DIR}/${page})
    add_custom_target(man-${page} ALL DEPENDS ${page})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${page}
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endfunction()
