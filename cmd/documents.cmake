# SPDX-License-Identifier: GPL-2.0-or-later
# install_document(FILE): below the folder of documents, with the paths of this installation in it.
#
# In the tree documents name /usr/share/vtopo and link ../../schemas.
function(install_document file)
    cmake_path(GET file PARENT_PATH folder)
    file(RELATIVE_PATH schemas ${CMAKE_INSTALL_FULL_DOCDIR}/${folder}
        ${CMAKE_INSTALL_FULL_DATADIR}/vtopo/schemas)
    file(READ ${file} text)
    string(REPLACE "/usr/share/vtopo" "${CMAKE_INSTALL_FULL_DATADIR}/vtopo" text "${text}")
    string(REPLACE "../../schemas" "${schemas}" text "${text}")
    file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    install(FILES ${PROJECT_BINARY_DIR}/${file} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
endfunction()
