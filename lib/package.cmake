# SPDX-License-Identifier: GPL-2.0-or-later
# What others build with: pkg-config's libvtopo.pc and CMake's package vtopo.  Both find headers and library from where
# they themselves are, so the installed tree can be moved, unless a folder was given as an absolute path.
include(CMakePackageConfigHelpers)

# The installed place of a folder as the .pc file gives it.
function(pkg_config_folder ret folder)
    set(path ${folder})
    if(NOT IS_ABSOLUTE ${folder})
        set(path "\${prefix}/${folder}")
    endif()
    set(${ret} ${path} PARENT_SCOPE)
endfunction()

set(PC_PREFIX ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE ${CMAKE_INSTALL_LIBDIR})
    file(RELATIVE_PATH up /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
    string(REGEX REPLACE "/$" "" up ${up})
    set(PC_PREFIX "\${pcfiledir}/${up}")
endif()
pkg_config_folder(PC_LIBDIR ${CMAKE_INSTALL_LIBDIR})
pkg_config_folder(PC_INCLUDEDIR ${CMAKE_INSTALL_INCLUDEDIR})
configure_file(libvtopo.pc.in libvtopo.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/libvtopo.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/vtopo)
install(TARGETS vtopo EXPORT vtopo LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT vtopo NAMESPACE vtopo:: FILE vtopoTargets.cmake DESTINATION ${package})
configure_package_config_file(vtopoConfig.cmake.in vtopoConfig.cmake INSTALL_DESTINATION ${package}
    NO_SET_AND_CHECK_MACRO)
# Until 1.0 a second number may break what the one before had.
write_basic_package_version_file(vtopoConfigVersion.cmake VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vtopoConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/vtopoConfigVersion.cmake
    DESTINATION ${package})
