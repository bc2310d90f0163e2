# SPDX-License-Identifier: GPL-2.0-or-later
# add_man_page(NAME.SECTION [FOLDER folder] [COMPONENT name]): from NAME.SECTION.scd beside the caller or in the folder, if
# there is scdoc.
find_program(SCDOC scdoc)
if(NOT SCDOC)
    message(STATUS "scdoc is not there: no man pages are made")
endif()

function(add_man_page page)
    if(NOT SCDOC)
        return()
    endif()
    cmake_parse_arguments(PARSE_ARGV 1 of "" "FOLDER;COMPONENT" "")
    set(source ${CMAKE_CURRENT_SOURCE_DIR}/${page}.scd)
    if(of_FOLDER)
        set(source ${of_FOLDER}/${page}.scd)
    endif()
    set(component)
    if(of_COMPONENT)
        set(component COMPONENT ${of_COMPONENT})
    endif()
    string(REGEX REPLACE ".*\\." "" section ${page})
    add_custom_command(OUTPUT ${page} DEPENDS ${source} VERBATIM
        COMMAND sh ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/man_page.sh ${SCDOC} ${source} ${CMAKE_CURRENT_BINARY_DIR}/${page})
    add_custom_target(man-${page} ALL DEPENDS ${page})
    install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${page}
        DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} ${component})
endfunction()
