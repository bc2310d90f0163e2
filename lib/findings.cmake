# SPDX-License-Identifier: GPL-2.0-or-later
# VTOPO_FINDING_IDS: the lines of enum vtopo_finding_id in vtopo/findings.h, from the register model/findings.def.
set(register ${CMAKE_CURRENT_SOURCE_DIR}/model/findings.def)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${register})
file(STRINGS ${register} lines REGEX "^FINDING")
set(VTOPO_FINDING_IDS "")
foreach(line IN LISTS lines)
    if(NOT line MATCHES "^FINDING\\(([0-9]+), ([A-Z0-9_]+), SEVERITY_[A-Z]+, [01], \"([^\"]*)\"\\)$")
        message(FATAL_ERROR "${register}: not understood: ${line}")
    endif()
    string(APPEND VTOPO_FINDING_IDS "    VTOPO_FINDING_${CMAKE_MATCH_2} = ${CMAKE_MATCH_1}, /**< ${CMAKE_MATCH_3} */\n")
endforeach()
